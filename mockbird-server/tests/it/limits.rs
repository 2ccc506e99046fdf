//! Requests over a limit: the right status in the form of errors, and a clean end.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use crate::support::{Reply, Server, text_mock};

pub(crate) fn server(arguments: &[&str]) -> (Server, crate::support::Files) {
    Server::with_mocks(
        &format!(
            r#"{},{{"method": "POST", "path": "/a", "responses": [{{"body": "posted"}}]}}"#,
            text_mock("/a", "ok")
        ),
        arguments,
    )
}

fn assert_refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.error_code().as_str()), (status, code));
    assert_eq!(reply.header("connection"), Some("close"));
}

#[test]
fn a_body_that_says_it_is_too_large_is_refused_unread() {
    let (server, _files) = server(&["--max-body", "1000"]);
    let head =
        "POST /a HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 1001\r\n\r\n";
    assert_refused(&server.send(head.as_bytes()), 413, "PAYLOAD_TOO_LARGE");
    let body = "x".repeat(1000);
    let head = "POST /a HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 1000\r\n\r\n";
    assert_eq!(
        server.send(format!("{head}{body}").as_bytes()).text(),
        "posted"
    );
}

#[test]
fn sizes_are_said_in_one_style() {
    for (limit, said) in [
        ("1000", "1000 bytes"),
        ("2048", "2 KiB"),
        ("3145728", "3 MiB"),
    ] {
        let (server, _files) = server(&["--max-body", limit]);
        let head = b"POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 4000000\r\n\r\n";
        let reply = server.send(head);
        assert!(
            reply.text().contains(&format!("larger than {said}\"")),
            "{}",
            reply.text()
        );
    }
}

#[test]
fn a_body_that_turns_out_too_large_is_refused() {
    let (server, _files) = server(&["--max-body", "1000"]);
    let chunk = format!("200\r\n{}\r\n", "x".repeat(512));
    let head = "POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
    assert_refused(
        &server.send(format!("{head}{chunk}{chunk}0\r\n\r\n").as_bytes()),
        413,
        "PAYLOAD_TOO_LARGE",
    );
}

#[test]
fn a_body_that_is_none_is_refused() {
    let (server, _files) = server(&[]);
    let head = "POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
    for body in [
        "nonsense\r\n",
        "5\r\nhello\r\nX\r\n",
        "5\r\nhello!!\r\n0\r\n\r\n",
        "fffffffffffffffff\r\n",
        "1;ext\nx\r\n",
        "5\r\nhello\r\n0\r\nno trailer\r\n\r\n",
    ] {
        let reply = server.send(format!("{head}{body}").as_bytes());
        assert_refused(&reply, 400, "BAD_REQUEST");
    }
}

#[test]
fn a_client_that_is_gone_is_told_nothing() {
    let (server, _files) = server(&[]);
    for request in [
        "POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhello",
        "POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
    ] {
        let mut stream = server.connect();
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        assert!(rest.is_empty(), "{:?}", String::from_utf8_lossy(&rest));
    }
}

#[test]
fn a_client_that_sends_on_still_gets_the_reply() {
    let (server, _files) = server(&["--max-body", "1000"]);
    let length = 8 << 20;
    let head = format!("POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n");
    let mut stream = server.connect();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&vec![b'x'; length]).unwrap();
    assert_refused(&Reply::read(&mut stream), 413, "PAYLOAD_TOO_LARGE");
}

#[test]
fn long_targets_and_headers() {
    let (server, _files) = server(&[]);
    let get = |target: &str, headers: &str| {
        server.send(format!("GET {target} HTTP/1.1\r\nhost: a\r\n{headers}\r\n").as_bytes())
    };
    let long = "x".repeat(70_000);
    assert_refused(&get(&format!("/{long}"), ""), 414, "URI_TOO_LONG");
    let many: String = (0..101).map(|n| format!("x-{n}: 1\r\n")).collect();
    assert_refused(&get("/a", &many), 431, "HEADERS_TOO_LARGE");
    let large: String = (0..5).map(|n| format!("x-{n}: {long}\r\n")).collect();
    assert_refused(&get("/a", &large), 431, "HEADERS_TOO_LARGE");
    let fine = format!("x: {long}\r\nconnection: close\r\n");
    assert_eq!(get(&format!("/a?{}", &long[..60_000]), &fine).text(), "ok");
}

#[test]
fn slow_clients_are_let_go() {
    let (server, _files) = server(&["--read-timeout", "1"]);
    let mut body = server.connect();
    body.write_all(b"POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nxxx")
        .unwrap();
    let mut head = server.connect();
    head.write_all(b"GET /a HTTP/1.1\r\nhost:").unwrap();
    let mut silent = server.connect();
    let began = Instant::now();
    assert_refused(&Reply::read(&mut body), 408, "REQUEST_TIMEOUT");
    for stream in [&mut head, &mut silent] {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        assert!(rest.is_empty());
    }
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn only_clients_are_hurried() {
    let large = "x".repeat(8 << 20);
    let mocks = [
        r#"{"path": "/late", "responseDelay": 2500, "responses": [{"body": "ok"}]}"#.to_owned(),
        format!(r#"{{"path": "/large", "responses": [{{"body": "{large}"}}]}}"#),
    ];
    let (server, _files) = Server::with_mocks(&mocks.join(","), &["--read-timeout", "1"]);
    let mut patient = server.connect();
    // A drop a time is as slow as nothing at all.
    let mut dripping = server.connect();
    let mut taking_nothing = server.connect();
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
    patient.write_all(get("/late").as_bytes()).unwrap();
    taking_nothing.write_all(get("/large").as_bytes()).unwrap();
    for byte in b"GET /a?" {
        // The last of them may come too late.
        let _ = dripping.write_all(&[*byte]);
        std::thread::sleep(Duration::from_millis(300));
    }
    assert_eq!(Reply::read(&mut patient).text(), "ok");
    // The end of a connection with input unread may be told as a reset.
    let mut rest = Vec::new();
    let _ = dripping.read_to_end(&mut rest);
    assert!(rest.is_empty());
    let _ = taking_nothing.read_to_end(&mut rest);
    assert!(rest.len() < large.len(), "{}", rest.len());
}

#[test]
fn a_client_that_has_said_all_still_gets_its_reply() {
    let late = r#"{"method": "ANY", "path": "/late", "responseDelay": 300, "responses": [{"body": "ok"}]}"#;
    let (server, _files) = Server::with_mocks(late, &[]);
    let whole = "POST /late HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc";
    let chunked =
        "POST /late HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    for request in ["GET /late HTTP/1.1\r\nhost: a\r\n\r\n", whole, chunked] {
        let mut stream = server.connect();
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        assert_eq!(Reply::read(&mut stream).text(), "ok", "{request}");
    }
}
