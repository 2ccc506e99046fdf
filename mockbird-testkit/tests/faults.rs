//! Faults as they are on the wire, byte for byte.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "not every test needs all of the client")]

mod client;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use client::{PATIENCE, get as ask};
use mockbird_testkit::{
    Fault, Gate, MockServer, Reply, bytes, chunks, get, request, respond_with, status, text,
};

/// All that comes on a connection of its own, and the error with which it ends.
fn exchange(address: SocketAddr, path: &str) -> (Vec<u8>, Option<ErrorKind>) {
    read_all(&mut open(address, path))
}

fn open(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    stream
}

fn read_all(stream: &mut TcpStream) -> (Vec<u8>, Option<ErrorKind>) {
    let mut all = Vec::new();
    let end = stream.read_to_end(&mut all);
    (all, end.err().map(|error| error.kind()))
}

/// Head and body.
fn parts(reply: &[u8]) -> (String, Vec<u8>) {
    let end = reply
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap()
        + 4;
    (
        String::from_utf8_lossy(&reply[..end]).into_owned(),
        reply[end..].to_vec(),
    )
}

/// A table of faults, how the connection ends, and what comes before.
fn table() -> Vec<(&'static str, Fault, Option<ErrorKind>, Option<&'static str>)> {
    vec![
        (
            "/reset",
            Fault::Reset,
            Some(ErrorKind::ConnectionReset),
            None,
        ),
        ("/close", Fault::Close, None, None),
        ("/cut/0", Fault::CloseAfter(0), None, Some("")),
        ("/cut/4", Fault::CloseAfter(4), None, Some("0123")),
        ("/cut/99", Fault::CloseAfter(99), None, Some("0123456789")),
        ("/long", Fault::ContentLength(99), None, Some("0123456789")),
        ("/short", Fault::ContentLength(3), None, Some("0123456789")),
    ]
}

fn length_in_head(fault: &Fault) -> usize {
    match fault {
        Fault::ContentLength(length) => *length,
        _ => 10,
    }
}

fn check_table(server: &MockServer, reply: impl Fn() -> Reply) {
    for (path, fault, end, body) in table() {
        server.mount(get(path).reply(reply().header("x-a", "b").broken(fault.clone())));
        let (came, ended) = exchange(server.address(), path);
        assert_eq!(ended, end, "{path}");
        let Some(body) = body else {
            assert_eq!(came, b"", "{path}");
            continue;
        };
        let (head, rest) = parts(&came);
        assert!(
            head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("x-a: b\r\n"),
            "{path}: {head}"
        );
        assert!(
            head.contains(&format!("content-length: {}\r\n", length_in_head(&fault))),
            "{path}: {head}"
        );
        assert_eq!(rest, body.as_bytes(), "{path}");
    }
}

#[test]
fn each_fault_is_what_it_says() {
    let server = MockServer::start();
    check_table(&server, || text("0123456789"));
}

#[test]
fn so_it_is_after_a_delay_a_gate_or_a_closure() {
    let server = MockServer::start();
    check_table(&server, || {
        text("0123456789").delay(Duration::from_millis(3))
    });
    let gate = Gate::new();
    gate.release(table().len());
    check_table(&server, || bytes("0123456789").behind(&gate));
    assert_eq!(gate.arrived(), table().len());
    check_table(&server, || respond_with(|_| text("0123456789")));
}

#[test]
fn garbage_is_all_that_comes() {
    let server = MockServer::start();
    let garbage: Vec<u8> = (0..=255).cycle().take(3 << 20).collect();
    server.mount(get("/garbage").fault(Fault::Garbage(garbage.clone().into())));
    assert!(exchange(server.address(), "/garbage") == (garbage, None));
    server.mount(get("/nothing").fault(Fault::Garbage("".into())));
    assert_eq!(exchange(server.address(), "/nothing"), (Vec::new(), None));
}

#[test]
fn a_large_body_is_cut_to_the_byte() {
    let server = MockServer::start();
    let body = vec![b'x'; 5 << 20];
    server.mount(get("/cut").reply(bytes(body).broken(Fault::CloseAfter(4_000_001))));
    let (came, end) = exchange(server.address(), "/cut");
    let (head, body) = parts(&came);
    assert!(head.contains("content-length: 5242880\r\n"), "{head}");
    assert_eq!((body.len(), end), (4_000_001, None));
}

#[test]
fn a_stalled_reply_goes_no_further_and_holds_up_nobody() {
    let server = MockServer::start();
    server.mount(get("/stall").fault(Fault::Stall));
    server.mount(get("/half").reply(text("0123456789").broken(Fault::StallAfter(4))));
    server.mount(get("/quick").text("quick"));
    let (mut stall, mut half) = (
        open(server.address(), "/stall"),
        open(server.address(), "/half"),
    );
    let mut came = Vec::new();
    while !came.ends_with(b"\r\n\r\n0123") {
        let mut some = [0; 512];
        let count = half.read(&mut some).unwrap();
        assert_ne!(count, 0);
        came.extend_from_slice(&some[..count]);
    }
    assert_eq!(ask(server.address(), "/quick").1, "quick");
    for stream in [&mut stall, &mut half] {
        stream.set_nonblocking(true).unwrap();
        let more = stream.read(&mut [0; 16]).map_err(|error| error.kind());
        assert_eq!(more, Err(ErrorKind::WouldBlock));
        stream.set_nonblocking(false).unwrap();
    }
    drop(server);
    for stream in [&mut stall, &mut half] {
        let (came, end) = read_all(stream);
        assert_eq!(came, b"");
        assert!(
            matches!(end, None | Some(ErrorKind::ConnectionReset)),
            "{end:?}"
        );
    }
}

#[test]
fn a_fault_ends_its_own_connection_only() {
    let server = MockServer::start();
    server.mount(get("/reset").fault(Fault::Reset));
    server.mount(get("/ok").text("ok"));
    let mut kept = open(server.address(), "/ok");
    let mut some = [0; 512];
    assert_ne!(kept.read(&mut some).unwrap(), 0);
    assert_eq!(
        exchange(server.address(), "/reset").1,
        Some(ErrorKind::ConnectionReset)
    );
    write!(kept, "GET /ok HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let count = kept.read(&mut some).unwrap();
    assert!(some[..count].ends_with(b"ok"));
}

#[test]
fn parts_have_no_length_to_lie_about() {
    let server = MockServer::start().lenient();
    let reply = || chunks(["a"]).broken(Fault::ContentLength(3));
    let said = server
        .try_mount(get("/a").reply(reply()))
        .unwrap_err()
        .to_string();
    assert!(said.contains("reply: it comes in parts"), "{said}");
    server.mount(get("/made").reply(respond_with(move |_| reply())));
    assert_eq!(ask(server.address(), "/made").0, 500);
}

/// Where there is nothing to hold back, the end is.
#[test]
fn a_reply_that_should_stall_never_completes() {
    let server = MockServer::start();
    let stalls = |reply: Reply, bytes: usize| reply.broken(Fault::StallAfter(bytes));
    server.mount(request("HEAD", "/head").reply(stalls(text("0123456789"), 4)));
    server.mount(get("/204").reply(stalls(status(204), 4)));
    server.mount(get("/304").reply(stalls(status(304), 0)));
    server.mount(get("/empty").reply(stalls(status(200), 0)));
    server.mount(get("/whole").reply(stalls(text("0123456789"), 10)));
    server.mount(get("/quick").text("quick"));
    let before_the_head = ["HEAD /head", "GET /204", "GET /304"];
    let after_the_head = [("GET /empty", "\r\n\r\n"), ("GET /whole", "0123456789\r\n")];
    let begin = |line: &str| {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "{line} HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        stream
    };
    let mut streams: Vec<_> = before_the_head.into_iter().map(begin).collect();
    for (line, end) in after_the_head {
        let mut stream = begin(line);
        let mut came = Vec::new();
        while !came.ends_with(end.as_bytes()) {
            let mut some = [0; 512];
            let count = stream.read(&mut some).unwrap();
            assert_ne!(count, 0, "{line}");
            came.extend_from_slice(&some[..count]);
        }
        streams.push(stream);
    }
    assert_eq!(ask(server.address(), "/quick").1, "quick");
    for mut stream in streams {
        stream.set_nonblocking(true).unwrap();
        let more = stream.read(&mut [0; 16]).map_err(|error| error.kind());
        assert_eq!(more, Err(ErrorKind::WouldBlock));
    }
    server.wait_until(PATIENCE, |requests| requests.len() == 6);
    for request in server.received_requests() {
        let has_head = ["/empty", "/whole", "/quick"].contains(&request.target());
        assert_eq!(request.status().is_some(), has_head, "{request}");
    }
}

/// Where no body follows the head, the rest of a fault is as it is elsewhere.
#[test]
fn replies_without_a_body_break_off_too() {
    let server = MockServer::start();
    let whole = [
        text("0123456789").broken(Fault::CloseAfter(4)),
        text("0123456789").broken(Fault::ContentLength(50)),
    ];
    server.mount(request("HEAD", "/head").replies(whole));
    let empty = text("").status(204).broken(Fault::CloseAfter(4));
    server.mount(get("/empty").reply(empty));
    for (line, length) in [
        ("HEAD /head", Some("content-length: 10\r\n")),
        ("HEAD /head", Some("content-length: 50\r\n")),
        ("GET /empty", None),
    ] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "{line} HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        let (reply, error) = read_all(&mut stream);
        assert_eq!(error, None, "{line}: the connection is closed");
        let (head, body) = parts(&reply);
        assert_eq!(body, b"", "{line}");
        assert!(length.is_none_or(|length| head.contains(length)), "{head}");
    }
}
