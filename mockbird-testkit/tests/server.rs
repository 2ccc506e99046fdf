//! The server through its public door, with a client of plain sockets.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::TcpStream;

use mockbird_testkit::{MockServer, any, get, post};

fn send(server: &MockServer, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    write!(
        stream,
        "{request} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}

#[test]
fn answers_what_was_mounted() {
    let server = MockServer::start();
    server.mount(get("/birds/{name}").json(r#"{"name": "{{ request.params.name }}"}"#));
    server.mount(
        post("/birds")
            .status(201)
            .reply_header("location", "/birds/wren")
            .text("made"),
    );

    let wren = send(&server, "GET /birds/wren");
    assert!(
        wren.starts_with("HTTP/1.1 200") && wren.ends_with(r#"{"name":"wren"}"#),
        "{wren}"
    );
    assert!(
        !wren.contains("access-control"),
        "CORS is off in tests: {wren}"
    );
    let made = send(&server, "POST /birds");
    assert!(
        made.starts_with("HTTP/1.1 201") && made.contains("location: /birds/wren"),
        "{made}"
    );
}

#[test]
fn a_newer_mock_goes_first() {
    let server = MockServer::start();
    server.mount(get("/a").text("old"));
    server.mount(get("/a").text("new"));
    server.mount(any("/a").text("newest, but less specific"));
    assert!(send(&server, "GET /a").ends_with("new"));
}

#[test]
fn an_unmatched_request_says_why() {
    let server = MockServer::start().lenient();
    server.mount(get("/birds").text("x"));
    let reply = send(&server, "PUT /birds");
    assert!(
        reply.starts_with("HTTP/1.1 404") && reply.contains("method is PUT, not GET"),
        "{reply}"
    );
}

#[test]
fn faults_are_given_back() {
    let server = MockServer::start().lenient();
    let faults = server
        .try_mount(get("no-slash").status(99))
        .unwrap_err()
        .to_string();
    assert!(
        faults.contains("path") && faults.contains("status: 99"),
        "{faults}"
    );
    assert!(send(&server, "GET /").starts_with("HTTP/1.1 404"));
}

#[test]
fn works_inside_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = MockServer::start();
        server.mount(get("/a").text("in a runtime"));
        assert!(send(&server, "GET /a").ends_with("in a runtime"));
    });
}

#[test]
fn a_body_that_cannot_be_read_is_refused_for_what_it_is() {
    let server = MockServer::start().lenient();
    server.mount(post("/birds").text("made"));
    let reply = |head: &str, body: &str| {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        write!(
            stream,
            "POST /birds HTTP/1.1\r\nhost: test\r\n{head}\r\n\r\n{body}"
        )
        .unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    };
    let malformed = reply("transfer-encoding: chunked", "nonsense\r\n");
    assert!(
        malformed.starts_with("HTTP/1.1 400") && malformed.contains("BAD_REQUEST"),
        "{malformed}"
    );
    let large = reply("content-length: 999999999999", "");
    assert!(
        large.starts_with("HTTP/1.1 413") && large.contains("PAYLOAD_TOO_LARGE"),
        "{large}"
    );
    assert_eq!(reply("content-length: 10", "hello"), "");
}
