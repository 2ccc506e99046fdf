//! What a request asks for, where that is more or less than a path.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "not every test needs all of the client")]

mod client;

use client::{send, split};
use mockbird_testkit::prelude::*;

fn status_of(server: &MockServer, line: &str) -> u16 {
    split(&send(server.address(), line).unwrap()).0
}

#[test]
fn the_target_of_connect_is_an_authority() {
    let server = MockServer::start().lenient();
    server.mount(any("/").text("the root"));
    assert_eq!(status_of(&server, "CONNECT example.com:443"), 404);
    let tunnel = server.mount(
        request("CONNECT", "/{authority}")
            .param("authority", "example.com:443")
            .status(407),
    );
    assert_eq!(status_of(&server, "CONNECT example.com:443"), 407);
    assert_eq!(status_of(&server, "CONNECT example.com:80"), 404);
    let request = &tunnel.requests()[0];
    assert_eq!(request.to_string(), "#2 CONNECT example.com:443");
    assert_eq!(request.path(), "/example.com:443");
}

#[test]
fn options_may_ask_for_the_server_as_a_whole() {
    let server = MockServer::start().lenient();
    server.mount(any("/").text("the root"));
    assert_eq!(status_of(&server, "OPTIONS *"), 404);
    let whole = server.mount(request("OPTIONS", "/*").status(204));
    assert_eq!(status_of(&server, "OPTIONS *"), 204);
    assert_eq!(whole.requests()[0].target(), "*");
}

#[test]
fn the_target_for_a_proxy_is_a_whole_url() {
    let server = MockServer::start();
    let birds = server.mount(get("/birds").query("page", 2).header("host", "example.com"));
    server.mount(get("/").text("the root"));
    assert_eq!(
        status_of(&server, "GET http://example.com/birds?page=2"),
        200
    );
    assert_eq!(birds.requests()[0].target(), "/birds?page=2");
    assert_eq!(status_of(&server, "GET http://example.com"), 200);
}
