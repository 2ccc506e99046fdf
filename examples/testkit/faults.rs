//! How do I test what my client does when the connection breaks?

use std::time::Duration;

use mockbird_testkit::prelude::*;

/// The code under test: what a user is told.
fn fetch(url: &str) -> String {
    let agent = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(2)));
    let agent: ureq::Agent = agent.build().into();
    let reply = agent.get(url).call();
    match reply.and_then(|mut reply| reply.body_mut().read_to_string()) {
        Ok(text) => text,
        Err(ureq::Error::Timeout(_)) => "too slow".to_owned(),
        Err(ureq::Error::StatusCode(code)) => format!("refused with {code}"),
        Err(_) => "broken".to_owned(),
    }
}

#[test]
fn every_way_to_fail_is_told() {
    let server = MockServer::start();
    for (path, fault, told) in [
        ("/reset", Fault::Reset, "broken"),
        ("/close", Fault::Close, "broken"),
        ("/cut", Fault::CloseAfter(4), "broken"),
        ("/garbage", Fault::Garbage("\u{0}?!".into()), "broken"),
        ("/stall", Fault::StallAfter(4), "too slow"),
    ] {
        server.mount(get(path).reply(text("0123456789").broken(fault)));
        assert_eq!(fetch(&server.url(path)), told, "{path}");
    }
    server.mount(get("/busy").status(429));
    assert_eq!(fetch(&server.url("/busy")), "refused with 429");
}

#[test]
fn a_service_that_is_down_is_told() {
    let server = MockServer::start();
    let url = server.url("/");
    // Its port is closed when this returns.
    drop(server);
    assert_eq!(fetch(&url), "broken");
}
