//! What the server does beyond answering: sequences, limits, closures, gates, faults, verification, isolation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod client;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use client::{PATIENCE, get as ask, send, send_with, split};
use mockbird_testkit::{
    Fault, Gate, MockServer, any, bytes, get, json, json_contains, matches, post, respond_with,
    status, text,
};

/// What a panic says.
fn panic_of(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("a panic");
    panic.downcast_ref::<String>().expect("its text").clone()
}

#[test]
fn replies_come_in_sequence_and_the_last_goes_on() {
    let server = MockServer::start();
    let flaky = server.mount(
        get("/flaky")
            .replies([status(503), status(503), text("ok {{ request.query.n }}")])
            .expect(4),
    );
    let replies: Vec<_> = (0..4)
        .map(|n| ask(server.address(), &format!("/flaky?n={n}")))
        .collect();
    let statuses: Vec<_> = replies.iter().map(|reply| reply.0).collect();
    assert_eq!(statuses, [503, 503, 200, 200]);
    assert_eq!(replies[3].1, "ok 3");
    assert_eq!(flaky.calls(), 4);
}

#[test]
fn a_used_up_mock_lets_the_next_answer() {
    let server = MockServer::start();
    server.mount(get("/a").text("base"));
    let once = server.mount(get("/a").text("first").at_most(1));
    let replies = [1, 2, 3].map(|_| ask(server.address(), "/a").1);
    assert_eq!(replies, ["first", "base", "base"]);
    assert_eq!(once.calls(), 1);
    once.remove();
    assert_eq!(ask(server.address(), "/a").1, "base");
}

#[test]
fn a_limit_is_exact_under_many_callers() {
    let server = MockServer::start();
    let (base, twice) = (
        server.mount(get("/a").text("base")),
        server.mount(get("/a").text("twice").at_most(2)),
    );
    let address = server.address();
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..64)
            .map(|_| scope.spawn(move || ask(address, "/a").1))
            .collect();
        let replies = callers.into_iter().map(|caller| caller.join().unwrap());
        assert_eq!(replies.filter(|reply| reply == "twice").count(), 2);
    });
    assert_eq!((base.calls(), twice.calls()), (62, 2));
}

#[test]
fn conditions_say_who_answers() {
    let server = MockServer::start().lenient();
    server.mount(
        post("/pay/{id}")
            .query("dry", "1")
            .header("x-key", "k")
            .cookie("sid", "s")
            .bearer("t")
            .body(json_contains(r#"{"items": [{"sku": "a"}]}"#))
            .json_path("total", "12")
            .body(matches("sku"))
            .json(r#"{"paid": "{{ request.params.id }}"}"#),
    );
    let headers = "x-key: k\r\ncookie: b=c; sid=s\r\nauthorization: Bearer t\r\ncontent-type: application/json\r\n";
    let body = r#"{"total": 12, "items": [{"qty": 1, "sku": "a"}, {"sku": "b"}]}"#;
    let pay = |target: &str, headers: &str, body: &str| {
        split(&send_with(server.address(), &format!("POST {target}"), headers, body).unwrap())
    };
    assert_eq!(
        pay("/pay/7?dry=1&x=y", headers, body),
        (200, r#"{"paid":"7"}"#.to_owned())
    );
    for (target, headers, body) in [
        ("/pay/7", headers, body),
        ("/pay/7?dry=1", "", body),
        ("/pay/7?dry=1", headers, "{}"),
        ("/pay/7?dry=1", headers, "not json"),
        ("/pay/7?dry=1", headers, ""),
    ] {
        assert_eq!(pay(target, headers, body).0, 404, "{target} {body}");
    }
}

#[test]
fn closures_see_the_request() {
    let server = MockServer::start();
    server.mount(
        any("/echo/{*rest}")
            .matching(|request| request.header("x-a") == Some("b"))
            .reply(respond_with(|request| {
                json(format!(
                    r#"{{"method": "{}", "path": "{}", "body": "{}"}}"#,
                    request.method(),
                    request.path(),
                    request.text()
                ))
                .status(201)
            })),
    );
    let reply = send_with(server.address(), "PUT /echo/a%20b", "x-a: b\r\n", "hi").unwrap();
    let expected = r#"{"method":"PUT","path":"/echo/a b","body":"hi"}"#.to_owned();
    assert_eq!(split(&reply), (201, expected));
}

#[test]
fn panics_of_closures_harm_nobody_else() {
    let server = MockServer::start();
    server.mount(get("/a").text("fine"));
    server.mount(get("/b").reply(respond_with(|_| panic!("out of ideas"))));
    server.mount(
        get("/a")
            .matching(|_| -> bool { panic!("cannot say") })
            .text("never"),
    );
    let (code, body) = ask(server.address(), "/b");
    assert!(code == 500 && body.contains("out of ideas"), "{body}");
    assert_eq!(ask(server.address(), "/a").1, "fine");
    let said = panic_of(|| drop(server));
    assert!(
        said.contains("a responder panicked on #1 GET /b: out of ideas"),
        "{said}"
    );
    assert!(
        said.contains("a closure of `GET /a`") && said.contains("cannot say"),
        "{said}"
    );
}

#[test]
fn a_responder_that_blocks_holds_up_nobody() {
    let server = MockServer::start();
    server.mount(get("/quick").text("quick"));
    server.mount(get("/slow").reply(respond_with(|_| {
        std::thread::sleep(Duration::from_millis(1500));
        text("slow")
    })));
    let address = server.address();
    std::thread::scope(|scope| {
        let slow: Vec<_> = (0..8)
            .map(|_| scope.spawn(move || ask(address, "/slow").1))
            .collect();
        std::thread::sleep(Duration::from_millis(100));
        let began = Instant::now();
        assert_eq!(ask(address, "/quick").1, "quick");
        assert!(began.elapsed() < Duration::from_secs(1));
        assert!(slow.into_iter().all(|slow| slow.join().unwrap() == "slow"));
    });
}

#[test]
fn a_gate_holds_replies_back() {
    let gate = Gate::new();
    let server = MockServer::start();
    let slow = server.mount(get("/slow").reply(text("at last").behind(&gate)));
    let address = server.address();
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..3)
            .map(|_| scope.spawn(move || ask(address, "/slow").1))
            .collect();
        assert!(gate.wait_for(3, PATIENCE));
        slow.wait_for(3, PATIENCE);
        assert!(waiting.iter().all(|waiting| !waiting.is_finished()));
        gate.open();
        assert!(
            waiting
                .into_iter()
                .all(|waiting| waiting.join().unwrap() == "at last")
        );
    });
    assert_eq!(gate.arrived(), 3);
}

#[test]
fn faults_are_seen_on_the_wire() {
    let server = MockServer::start();
    let fault = |path: &str, fault| {
        server.mount(get(path).reply(text("0123456789").broken(fault)));
        send(server.address(), &format!("GET {path}"))
    };
    let reset = fault("/reset", Fault::Reset).unwrap_err();
    assert_eq!(reset.kind(), ErrorKind::ConnectionReset);
    assert_eq!(fault("/close", Fault::Close).unwrap(), "");
    let cut = fault("/cut", Fault::CloseAfter(4)).unwrap();
    assert!(
        cut.contains("content-length: 10\r\n") && cut.ends_with("\r\n\r\n0123"),
        "{cut}"
    );
    let wrong = fault("/wrong", Fault::ContentLength(3)).unwrap();
    assert!(
        wrong.contains("content-length: 3\r\n") && wrong.ends_with("\r\n\r\n0123456789"),
        "{wrong}"
    );
    let garbage = fault("/garbage", Fault::Garbage("\u{0}?!".into())).unwrap();
    assert_eq!(garbage, "\u{0}?!");
}

#[test]
fn a_stalled_reply_ends_with_the_server() {
    let server = MockServer::start();
    server.mount(get("/stall").fault(Fault::Stall));
    server.mount(get("/half").reply(bytes("0123456789").broken(Fault::StallAfter(4))));
    let mut streams = ["/stall", "/half"].map(|path| {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    });
    let mut some = [0; 4096];
    let mut half = String::new();
    while !half.ends_with("0123") {
        let count = streams[1].read(&mut some).unwrap();
        assert_ne!(count, 0, "{half}");
        half.push_str(&String::from_utf8_lossy(&some[..count]));
    }
    let began = Instant::now();
    drop(server);
    for stream in &mut streams {
        // Closed or reset, but over.
        assert!(matches!(stream.read(&mut some), Ok(0) | Err(_)));
    }
    assert!(began.elapsed() < Duration::from_secs(4));
}

#[test]
fn a_dropped_server_refuses_and_says_what_was_wrong() {
    let server = MockServer::start();
    server.mount(get("/birds").text("x").named("the birds").expect(2));
    server.mount(get("/never").text("x").never());
    let address = server.address();
    assert_eq!(ask(address, "/birds").0, 200);
    assert_eq!(ask(address, "/never").0, 200);
    assert_eq!(split(&send(address, "PUT /birds").unwrap()).0, 404);
    let said = panic_of(|| drop(server));
    for part in [
        "`the birds` (mockbird-testkit/tests/behaviour.rs:",
        "expected 2 calls, got 1",
        "answered  #1 GET /birds -> 200",
        "expected no call, got 1",
        "near miss #3 PUT /birds: 1 of 2 did not match",
        "method is PUT, not GET",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let refused = TcpStream::connect(address).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn a_failing_test_panics_once() {
    let said = panic_of(|| {
        let server = MockServer::start();
        server.mount(get("/a").text("x").expect(1));
        panic!("{}", "the test's own reason");
    });
    assert_eq!(said, "the test's own reason");
}

#[test]
fn lenient_servers_say_nothing() {
    let server = MockServer::start().lenient();
    server.mount(get("/a").text("x").expect(1));
    assert_eq!(ask(server.address(), "/b").0, 404);
    let said = panic_of(|| server.verify());
    assert!(said.contains("expected 1 call, got 0"), "{said}");
}

#[test]
fn waiting_in_vain_tells_what_came() {
    let server = MockServer::start().lenient();
    let birds = server.mount(get("/birds").text("x"));
    assert_eq!(ask(server.address(), "/bird").0, 404);
    let said = panic_of(|| birds.wait_for(1, Duration::from_millis(50)));
    assert!(
        said.contains("waited 50ms for 1 call (mockbird-testkit/tests/behaviour.rs:")
            && said.contains("#1 GET /bird"),
        "{said}"
    );
}

#[test]
fn servers_side_by_side_never_meet() {
    let work = |number: usize| {
        let servers = [0, 1].map(|part| {
            let server = MockServer::start();
            let own = format!("{number}-{part}");
            server.mount(get("/who").text(&own).expect(2));
            (server, own)
        });
        for (server, own) in &servers {
            assert_eq!(ask(server.address(), "/who").1, *own);
            assert_eq!(ask(server.address(), "/who").1, *own);
        }
    };
    std::thread::scope(|scope| {
        for thread in 0..10 {
            scope.spawn(move || (0..20).for_each(|n| work(thread * 20 + n)));
        }
    });
}

#[test]
fn a_server_may_end_on_the_runtime_it_runs_on() {
    let server = MockServer::start();
    let address = server.address();
    let inner = std::sync::Mutex::new(Some(server));
    let outer = MockServer::start();
    // The closure runs on a thread of the servers' own runtime.
    outer.mount(get("/end").reply(respond_with(move |_| {
        drop(inner.lock().unwrap().take());
        text("ended")
    })));
    assert_eq!(ask(outer.address(), "/end").1, "ended");
    let began = Instant::now();
    while TcpStream::connect(address).is_ok() {
        assert!(began.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(5));
    }
}
