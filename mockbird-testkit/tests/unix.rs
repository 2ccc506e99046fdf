//! A server on a Unix socket beside its port.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use mockbird_testkit::{Fault, MockServer, get, text};

fn ask(path: &Path, target: &str) -> String {
    let mut stream = UnixStream::connect(path).unwrap();
    write!(
        stream,
        "GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}

#[test]
fn the_same_mocks_answer_on_the_socket() {
    let server = MockServer::builder().unix_socket().start();
    let birds = server.mount(get("/birds").text("wren"));
    server.mount(get("/reset").fault(Fault::Reset));
    server.mount(get("/cut").reply(text("0123456789").broken(Fault::CloseAfter(4))));
    let path = server.socket_path().unwrap().to_owned();
    assert!(ask(&path, "/birds").ends_with("wren"));
    assert_eq!(birds.requests()[0].client(), None);
    assert_eq!(ask(&path, "/reset"), "");
    assert!(ask(&path, "/cut").ends_with("\r\n\r\n0123"));
    let mut kept = UnixStream::connect(&path).unwrap();
    drop(server);
    assert!(!path.exists());
    assert!(UnixStream::connect(&path).is_err());
    assert!(matches!(kept.read(&mut [0; 16]), Ok(0) | Err(_)));
}

#[test]
fn each_server_has_a_socket_of_its_own_or_none() {
    let servers = [0, 1].map(|_| MockServer::builder().unix_socket().start());
    assert_ne!(servers[0].socket_path(), servers[1].socket_path());
    assert_eq!(MockServer::start().socket_path(), None);
}
