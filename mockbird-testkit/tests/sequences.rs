//! Which reply a request gets: in turn, and then none; by weight.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "not every test needs all of the client")]

mod client;

use std::panic::{AssertUnwindSafe, catch_unwind};

use client::{get as ask, send};
use mockbird_testkit::{
    MockServer, chunks, file, get, json, respond_with, respond_with_async, status, text,
};

#[test]
fn a_sequence_may_fail_after_its_last_reply() {
    let server = MockServer::start();
    let job = server.mount(
        get("/job")
            .named("the job")
            .replies([status(202), text("done")])
            .then_fail(),
    );
    assert_eq!(
        [
            ask(server.address(), "/job").0,
            ask(server.address(), "/job").0
        ],
        [202, 200]
    );
    let (status, body) = ask(server.address(), "/job");
    assert_eq!(status, 500);
    assert!(
        body.contains("`the job` (mockbird-testkit/tests/sequences.rs:"),
        "{body}"
    );
    assert!(
        body.contains("has no reply left for #3 GET /job: it has 2 and then fails"),
        "{body}"
    );
    assert_eq!(job.calls(), 3);
    let panic = catch_unwind(AssertUnwindSafe(|| drop(server))).unwrap_err();
    let said = panic.downcast_ref::<String>().unwrap();
    assert!(said.contains("has no reply left for #3 GET /job"), "{said}");
}

fn drawn(seed: u64) -> String {
    let server = MockServer::builder().seed(seed).start();
    server.mount(get("/draw").replies([
        text("a").weight(50),
        chunks(["b"]).weight(50),
        text("never").weight(0),
    ]));
    let draw = |_| ask(server.address(), "/draw").1;
    (0..40)
        .map(draw)
        .map(|body| if body == "a" { 'a' } else { 'b' })
        .collect()
}

#[test]
fn weights_draw_the_same_with_the_same_seed() {
    let first = drawn(7);
    assert_eq!(first, drawn(7));
    assert_ne!(first, drawn(8));
    assert!(first.contains('a') && first.contains('b'), "{first}");
}

#[test]
fn a_draw_goes_on_when_a_mock_is_mounted() {
    let server = MockServer::builder().seed(7).start();
    server.mount(get("/draw").replies([text("a").weight(50), text("b").weight(50)]));
    let mut all = String::new();
    for n in 0..40 {
        server.mount(get(format!("/other/{n}")).text("x"));
        all.push_str(&ask(server.address(), "/draw").1);
    }
    assert!(all.contains('a') && all.contains('b'), "{all}");
}

#[test]
fn a_draw_and_a_sequence_do_not_mix() {
    let server = MockServer::start();
    let mixed = get("/a").replies([text("a").weight(1), text("b")]);
    let said = server.try_mount(mixed).unwrap_err().to_string();
    assert!(
        said.contains("reply 2: it has no weight, and others have"),
        "{said}"
    );
    let endless = get("/a").replies([text("a").weight(1)]).then_fail();
    let said = server.try_mount(endless).unwrap_err().to_string();
    assert!(
        said.contains("they are drawn by weight, so that none is the last"),
        "{said}"
    );
}

#[test]
fn a_file_is_what_it_holds() {
    let server = MockServer::start();
    server.mount(
        get("/manifest").reply(file("Cargo.toml").header("content-type", "application/toml")),
    );
    let reply = send(server.address(), "GET /manifest").unwrap();
    assert!(
        reply.contains("content-type: application/toml\r\n"),
        "{reply}"
    );
    assert!(reply.contains("name = \"mockbird-testkit\""), "{reply}");
    let panic = catch_unwind(|| file("no/such.json")).unwrap_err();
    let said = panic.downcast_ref::<String>().unwrap();
    assert!(
        said.starts_with("cannot read the file of a reply, no/such.json: "),
        "{said}"
    );
}

#[test]
fn what_is_said_of_a_closure_holds_for_its_replies() {
    let server = MockServer::start();
    let made = respond_with(|request| match request.path().as_ref() {
        "/nested" => {
            respond_with_async(|request| async move { text(request.target()).status(203) })
        }
        _ => json("{}").header("x-own", "1"),
    });
    server.mount(get("/{what}").reply(made.status(202).header("x-said", "1")));
    let plain = send(server.address(), "GET /plain").unwrap();
    assert!(
        plain.starts_with("HTTP/1.1 202") && plain.ends_with("{}"),
        "{plain}"
    );
    assert!(
        plain.contains("x-said: 1\r\n") && plain.contains("x-own: 1\r\n"),
        "{plain}"
    );
    let nested = send(server.address(), "GET /nested").unwrap();
    assert!(
        nested.starts_with("HTTP/1.1 203") && nested.ends_with("/nested"),
        "{nested}"
    );
}

#[test]
fn a_closure_that_fails_is_told_and_leaves_the_server_whole() {
    let server = MockServer::start();
    server.mount(get("/sync").reply(respond_with(|_| panic!("sync went wrong"))));
    server.mount(
        get("/early").reply(respond_with_async(|_| -> std::future::Ready<_> {
            panic!("early went wrong")
        })),
    );
    server.mount(get("/late").reply(respond_with_async(|_| async {
        tokio::task::yield_now().await;
        panic!("late went wrong")
    })));
    server.mount(get("/faulty").reply(respond_with(|_| status(99))));
    for (path, why) in [
        ("/sync", "sync went"),
        ("/early", "early went"),
        ("/late", "late went"),
        ("/faulty", "statusCode"),
    ] {
        let (status, body) = ask(server.address(), path);
        assert_eq!(status, 500);
        assert!(body.contains(why), "{body}");
    }
    server.mount(get("/sync").text("fine"));
    assert_eq!(ask(server.address(), "/sync").1, "fine");
    let panic = catch_unwind(AssertUnwindSafe(|| drop(server))).unwrap_err();
    let said = panic.downcast_ref::<String>().unwrap();
    for part in [
        "sync went wrong",
        "early went wrong",
        "late went wrong",
        "statusCode",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
