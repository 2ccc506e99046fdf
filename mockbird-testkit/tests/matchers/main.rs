//! Each matcher through real requests: what it takes, and what it does not.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bodies;
mod groups;
mod headers;
mod paths;
mod queries;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use mockbird_testkit::prelude::*;

/// A request: its line but for the version, its headers each ended by CRLF, its body.
type Asked = (&'static str, &'static str, &'static [u8]);

/// The status of the reply.
fn status_of(address: SocketAddr, (line, headers, body): Asked) -> u16 {
    let length = body.len();
    let head = format!(
        "{line} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    reply_status(stream)
}

fn reply_status(mut stream: TcpStream) -> u16 {
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).unwrap();
    let reply = String::from_utf8_lossy(&reply);
    reply.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Asks a server that has only this mock for each of the requests.
fn check(mount: Mount, taken: &[Asked], refused: &[Asked]) {
    let server = MockServer::start().lenient();
    server.mount(mount.status(299));
    for asked in taken {
        assert_eq!(status_of(server.address(), *asked), 299, "taken: {asked:?}");
    }
    for asked in refused {
        assert_eq!(
            status_of(server.address(), *asked),
            404,
            "refused: {asked:?}"
        );
    }
}

const fn line(line: &'static str) -> Asked {
    (line, "", b"")
}

const fn with(headers: &'static str) -> Asked {
    ("GET /a", headers, b"")
}

const fn sent(body: &'static [u8]) -> Asked {
    ("POST /a", "", body)
}

/// Lines of this file change.
fn without_lines(text: &str) -> String {
    let place = regex::Regex::new(r"\.rs:\d+:\d+").unwrap();
    place.replace_all(text, ".rs:LINE").into_owned()
}

const JSON: &str = "content-type: application/json\r\n";
const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";
const MULTIPART: &str = "content-type: multipart/form-data; boundary=x\r\n";
