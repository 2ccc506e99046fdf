//! Behaviours 26 to 32: which mock and which reply.

use std::sync::atomic::{AtomicUsize, Ordering};

use mockbird_testkit::prelude::*;

use crate::client::ask;

/// 26: each of many mocks answers for itself.
#[test]
fn many_mocks_answer_each_for_itself() {
    let server = MockServer::start();
    let mocks: Vec<_> = (0..1000)
        .map(|i| server.mount(get(format!("/r{i}/{{id}}")).text(format!("r{i}")).expect(1)))
        .collect();
    for i in 0..mocks.len() {
        assert_eq!(
            ask(&format!("GET /r{i}/7")).of(&server).body,
            format!("r{i}")
        );
    }
}

/// 27: a priority goes first, then the more specific path, then the newest.
#[test]
fn the_order_of_mocks_is_known() {
    let server = MockServer::start();
    server.mount(get("/a/{x}").text("old"));
    server.mount(get("/a/{x}").text("new"));
    assert_eq!(ask("GET /a/b").of(&server).body, "new");
    server.mount(get("/a/b").text("specific"));
    server.mount(get("/a/{x}").text("newest"));
    assert_eq!(ask("GET /a/b").of(&server).body, "specific");
    server.mount(get("/{*rest}").priority(1).text("first"));
    server.mount(get("/a/b").text("too late"));
    assert_eq!(ask("GET /a/b").of(&server).body, "first");
}

/// 28: a handle speaks of its own mock, whatever its priority, and takes only that away.
#[test]
fn handles_are_of_one_mock() {
    let server = MockServer::start();
    let low = server.mount(get("/a").priority(1).text("low"));
    let high = server.mount(get("/a").priority(2).text("high"));
    let other = server.mount(get("/b").priority(3).text("other"));
    assert_eq!(ask("GET /a").of(&server).body, "high");
    assert_eq!(ask("GET /b").of(&server).body, "other");
    high.remove();
    assert_eq!(ask("GET /a").of(&server).body, "low");
    assert_eq!(ask("GET /b").of(&server).body, "other");
    assert_eq!((low.calls(), high.calls(), other.calls()), (1, 1, 2));
    assert_eq!(low.requests()[0].path(), "/a");
}

/// 29: a mock that is used up lets the next answer; one for no call at all never does.
#[test]
fn limits_let_the_next_answer() {
    let server = MockServer::start();
    server.mount(get("/a").text("ok"));
    server.mount(get("/a").at_most(2).status(503));
    server.mount(get("/a").at_most(0).status(500));
    let statuses = [(); 4].map(|()| ask("GET /a").of(&server).status);
    assert_eq!(statuses, [503, 503, 200, 200]);
}

/// 30: a circle of replies is a closure that counts.
#[test]
fn replies_may_go_round() {
    let server = MockServer::start();
    let calls = AtomicUsize::new(0);
    server.mount(get("/a").reply(respond_with(move |_| {
        let codes = [200, 404];
        status(codes[calls.fetch_add(1, Ordering::Relaxed) % codes.len()])
    })));
    let statuses = [(); 4].map(|()| ask("GET /a").of(&server).status);
    assert_eq!(statuses, [200, 404, 200, 404]);
}

/// 31: replies in sequence, of which the last stays.
#[test]
fn the_last_reply_stays() {
    let server = MockServer::start();
    server.mount(get("/a").replies([status(200), status(404), status(500)]));
    let statuses = [(); 5].map(|()| ask("GET /a").of(&server).status);
    assert_eq!(statuses, [200, 404, 500, 500, 500]);
}

/// 32: what is removed answers no more; its handle goes on telling what it did.
#[test]
fn removed_mocks_are_gone() {
    let server = MockServer::start().lenient();
    let mock = server.mount(get("/a").text("x"));
    assert_eq!(ask("GET /a").of(&server).status, 200);
    mock.remove();
    mock.remove();
    assert_eq!(ask("GET /a").of(&server).status, 404);
    assert_eq!(mock.calls(), 1);
}

/// 46: a file says all that a mock does, or none of it.
#[test]
fn what_no_file_can_say_is_refused() {
    let server = MockServer::start();
    server.mount(get("/a").text("x"));
    assert!(server.export().unwrap().contains("/a"));
    server.mount(get("/b").named("by closure").matching(|_| true).text("x"));
    let told = server.export().unwrap_err().to_string();
    for part in ["by closure", file!()] {
        assert!(told.contains(part), "{part}: {told}");
    }
}
