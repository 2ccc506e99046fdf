//! Behaviours 40 to 44: what fails a test, and what it is told.

use std::thread;
use std::time::Duration;

use mockbird_testkit::prelude::*;

use crate::client::{PATIENCE, ask, panic_of};

/// 40: too few or too many calls fail the test, with the name, the place, both numbers and what came instead.
#[test]
fn counts_are_told_with_what_came() {
    for (expected, requests, parts) in [
        (
            Times::from(1..),
            &[][..],
            &["at least 1 call", "got 0", "received no request"][..],
        ),
        (
            Times::from(1..),
            &["GET /stray"],
            &["at least 1 call", "got 0", "#1 GET /stray"],
        ),
        (Times::from(0), &["GET /a"], &["expected no call", "got 1"]),
        (Times::from(2), &["GET /a"], &["expected 2 calls", "got 1"]),
        (
            Times::from(..=1),
            &["GET /a", "GET /a"],
            &["at most 1 call", "got 2"],
        ),
        (Times::from(2..=3), &["GET /a"], &["2 to 3 calls", "got 1"]),
    ] {
        let told = panic_of(|| {
            let server = MockServer::start();
            server.mount(get("/a").named("the birds").expect(expected).text("x"));
            for request in requests {
                ask(request).of(&server);
            }
        });
        let place = format!("{}:", file!());
        for part in parts.iter().chain(&["the birds", place.as_str()]) {
            assert!(told.contains(part), "{part}\n{told}");
        }
    }
}

/// 41: a test that fails already fails once, for its own reason.
#[test]
fn a_failing_test_fails_once() {
    let told = panic_of(|| {
        let server = MockServer::start();
        server.mount(get("/a").expect(1).text("x"));
        ask("GET /stray").of(&server);
        panic!("the test's own reason");
    });
    assert_eq!(told, "the test's own reason");
}

/// 42: a call too many is answered, and fails the test at its end; so does a request that nobody answers.
#[test]
fn what_was_not_expected_fails_the_test() {
    let told = panic_of(|| {
        let server = MockServer::start();
        server.mount(get("/a").expect(1).text("x"));
        for _ in 0..2 {
            assert_eq!(ask("GET /a").of(&server).status, 200);
        }
    });
    assert!(
        told.contains("expected 1 call") && told.contains("got 2"),
        "{told}"
    );
    let told = panic_of(|| {
        let server = MockServer::start();
        server.mount(get("/a").text("x"));
        assert_eq!(ask("GET /b").of(&server).status, 404);
    });
    assert!(told.contains("GET /b"), "{told}");
}

/// All that is wrong is told together.
#[test]
fn everything_is_told_at_once() {
    let told = panic_of(|| {
        let server = MockServer::start();
        server.mount(get("/a").expect(1).text("x"));
        server.mount(get("/b").never().text("x"));
        server.mount(post("/c").check(header("x-key", exists())).text("x"));
        ask("GET /b").of(&server);
        ask("GET /d").of(&server);
        assert_eq!(ask("POST /c").of(&server).status, 200);
    });
    for part in ["`GET /a`", "`GET /b`", "GET /d", "`POST /c`", "x-key"] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

/// 44: waiting ends at once if all is there, and wakes when it comes.
#[test]
fn waiting_ends_when_the_call_comes() {
    let server = MockServer::start();
    let mock = server.mount(get("/a").text("x"));
    mock.wait_for(0, Duration::ZERO);
    let address = server.address();
    thread::scope(|scope| {
        for n in 1..=50 {
            let caller = scope.spawn(move || ask("GET /a").at(address).status);
            mock.wait_for(n, PATIENCE);
            assert_eq!(caller.join().unwrap(), 200);
        }
    });
    mock.wait_for(50, Duration::ZERO);
    let told = panic_of(|| {
        mock.wait_for(51, Duration::from_millis(10));
    });
    assert!(
        told.contains("for 51 calls") && told.contains("got 50"),
        "{told}"
    );
}

/// A body of a megabyte with one value wrong is told by where it is, not by what it is.
#[test]
fn the_one_wrong_value_of_a_large_body_is_named() {
    let items = |wrong: usize| {
        let items = (0..30_000).map(|n| {
            let quantity = if n == wrong { 1 } else { 2 };
            format!(r#"{{"sku": "bird-{n:05}", "qty": {quantity}, "note": "tweet"}}"#)
        });
        format!("[{}]", items.collect::<Vec<_>>().join(","))
    };
    let server = MockServer::start().lenient();
    server.mount(
        post("/orders")
            .body(json_equals(items(usize::MAX)))
            .text("x"),
    );
    let sent = items(17_345);
    assert!(sent.len() > 1_000_000);
    let reply = ask("POST /orders").json(&sent).of(&server);
    assert_eq!(reply.status, 404);
    let told = panic_of(|| server.verify());
    for (text, name) in [(&reply.body, "the reply"), (&told, "the report")] {
        assert!(
            text.contains("/17345/qty"),
            "{name}: {}",
            &text[..text.len().min(2000)]
        );
        assert!(text.len() < 10_000, "{name}: {} bytes", text.len());
    }
}
