//! A mock server in a test: the code under test calls it as it would call the real service.
//!
//!     cargo test -p mockbird-examples --test testkit
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use mockbird_testkit::{MockServer, get};

#[test]
fn a_bird_is_shown_with_its_song() {
    let birds = MockServer::start();
    birds.mount(
        get("/birds/{name}").json(r#"{"name": "{{ request.params.name }}", "song": "trill"}"#),
    );
    birds.mount(
        get("/birds/dodo")
            .status(404)
            .json(r#"{"error": "extinct"}"#),
    );

    assert_eq!(
        show(birds.address(), "wren"),
        r#"{"name":"wren","song":"trill"}"#
    );
    assert_eq!(show(birds.address(), "dodo"), "no such bird");
}

/// The code under test. Yours has an HTTP client; this one is as plain as they come.
fn show(service: SocketAddr, bird: &str) -> String {
    let mut stream = TcpStream::connect(service).unwrap();
    write!(
        stream,
        "GET /birds/{bird} HTTP/1.1\r\nhost: birds\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    if head.starts_with("HTTP/1.1 200") {
        body.to_owned()
    } else {
        "no such bird".to_owned()
    }
}
