//! A mock of a test with a rate limit.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "not every test needs all of the client")]

mod client;

use std::time::Duration;

use client::get as ask;
use mockbird_testkit::{MockServer, get, status, text};

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn calls_beyond_the_limit_are_refused_and_are_calls() {
    let server = MockServer::start();
    let birds = server.mount(
        get("/birds")
            .named("birds")
            .text("wren")
            .rate_limit(2, HOUR),
    );
    let replies: Vec<_> = (0..3).map(|_| ask(server.address(), "/birds")).collect();
    assert_eq!(replies[0], (200, "wren".to_owned()));
    assert_eq!((replies[1].0, replies[2].0), (200, 429));
    assert!(
        replies[2]
            .1
            .contains("mock `birds` takes 2 requests per hour"),
        "{}",
        replies[2].1
    );
    assert_eq!(birds.calls(), 3);
    let refused = server.received_requests().pop().unwrap();
    assert_eq!(
        (refused.answered_by(), refused.status()),
        (Some("birds"), Some(429))
    );
}

#[test]
fn a_limit_is_kept_while_mocks_come_and_go() {
    let server = MockServer::start().lenient();
    server.mount(get("/birds").rate_limit(1, HOUR));
    assert_eq!(ask(server.address(), "/birds").0, 200);
    let other = server.mount(get("/other"));
    assert_eq!(ask(server.address(), "/birds").0, 429);
    other.remove();
    assert_eq!(ask(server.address(), "/birds").0, 429);
}

#[test]
fn a_refused_call_uses_up_no_reply() {
    let server = MockServer::start();
    server.mount(
        get("/job")
            .replies([status(202), text("done")])
            .rate_limit(1, Duration::from_millis(1)),
    );
    let mut answered = Vec::new();
    while answered.len() < 2 {
        let (status, _) = ask(server.address(), "/job");
        if status != 429 {
            answered.push(status);
        }
    }
    assert_eq!(answered, [202, 200]);
}

#[test]
fn a_mock_that_is_used_up_refuses_nobody() {
    let server = MockServer::start();
    server.mount(get("/birds").text("next"));
    server.mount(get("/birds").text("first").at_most(1).rate_limit(1, HOUR));
    let bodies = [(); 3].map(|()| ask(server.address(), "/birds").1);
    assert_eq!(bodies, ["first", "next", "next"]);
}

#[test]
fn an_exported_limit_is_loaded_again() {
    let server = MockServer::start().lenient();
    server.mount(
        get("/birds")
            .text("wren")
            .rate_limit(1, Duration::from_secs(90)),
    );
    let text = server.export().unwrap();
    assert!(
        text.contains(r#""requests": 1"#) && text.contains(r#""per": "90s""#),
        "{text}"
    );
    let file = std::env::temp_dir().join(format!("mockbird-limited-{}.json", std::process::id()));
    std::fs::write(&file, text).unwrap();
    let loaded = MockServer::start();
    loaded.load(&file);
    std::fs::remove_file(file).unwrap();
    assert_eq!(
        [(); 2].map(|()| ask(loaded.address(), "/birds").0),
        [200, 429]
    );
}

#[test]
fn a_limit_that_is_none_is_told() {
    let server = MockServer::start().lenient();
    let mount = |requests, per| get("/birds").rate_limit(requests, per);
    let error = server
        .try_mount(mount(0, Duration::ZERO))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("rateLimit.requests: a limit of 0 requests"),
        "{error}"
    );
    assert!(error.contains("rateLimit.per: "), "{error}");
    assert!(
        server
            .try_mount(mount(1, Duration::from_micros(1)))
            .is_err()
    );
}
