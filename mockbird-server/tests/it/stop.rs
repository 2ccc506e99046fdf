//! How a server ends.
#![cfg(unix)]

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::support::{Reply, Server};

fn slow(ms: u32, arguments: &[&str]) -> (Server, crate::support::Files) {
    let mock =
        format!(r#"{{"path": "/slow", "responseDelay": {ms}, "responses": [{{"body": "done"}}]}}"#);
    Server::with_mocks(&mock, arguments)
}

fn ask(server: &Server) -> TcpStream {
    let mut stream = server.connect();
    stream
        .write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n")
        .unwrap();
    // It must have arrived before the signal does.
    std::thread::sleep(std::time::Duration::from_millis(100));
    stream
}

#[test]
fn requests_under_way_are_finished() {
    for signal in ["-INT", "-TERM"] {
        let (mut server, _files) = slow(700, &[]);
        let idle = server.connect();
        let mut under_way = ask(&server);
        server.signal(signal);
        server.wait_for("stopping");
        while TcpStream::connect(("127.0.0.1", server.port)).is_ok() {
            // It takes no more connections, as soon as the signal has gone round.
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!(Reply::read(&mut under_way).text(), "done");
        assert_eq!(server.wait(), Some(0));
        server.wait_for("stopped\n");
        drop(idle);
    }
}

#[test]
fn patience_has_an_end() {
    let (mut server, _files) = slow(60_000, &["--grace", "1"]);
    let mut under_way = ask(&server);
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
    server.wait_for("cut off");
    let mut rest = Vec::new();
    // Reset or closed, there is no reply.
    let _ = under_way.read_to_end(&mut rest);
    assert!(rest.is_empty());
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let (mut server, _files) = slow(60_000, &["--grace", "3600"]);
    let _under_way = ask(&server);
    server.signal("-INT");
    server.wait_for("stopping");
    server.signal("-INT");
    assert_eq!(server.wait(), Some(130));
}

#[test]
fn half_a_head_is_not_waited_for() {
    let (mut server, _files) = slow(0, &["--grace", "3600"]);
    let mut half = server.connect();
    half.write_all(b"GET /sl").unwrap();
    std::thread::sleep(std::time::Duration::from_millis(100));
    server.signal("-INT");
    assert_eq!(server.wait(), Some(0));
    server.wait_for("stopped\n");
}
