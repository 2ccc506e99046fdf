//! A client as plain as they come: it sees what stands on the wire, and how it ends.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a reply is waited for that should come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Sends a request without a body on a connection of its own, and reads to its end.
pub(crate) fn send(address: SocketAddr, request: &str) -> io::Result<String> {
    send_with(address, request, "", "")
}

/// The same with headers, each ended by CRLF, and a body.
pub(crate) fn send_with(
    address: SocketAddr,
    request: &str,
    headers: &str,
    body: &str,
) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = body.len();
    let head = format!("{request} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{headers}");
    write!(stream, "{head}content-length: {length}\r\n\r\n{body}")?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    Ok(String::from_utf8_lossy(&reply).into_owned())
}

/// The status and body of a reply that must come.
pub(crate) fn get(address: SocketAddr, path: &str) -> (u16, String) {
    split(&send(address, &format!("GET {path}")).expect("a reply"))
}

/// The status and body of a reply.
pub(crate) fn split(reply: &str) -> (u16, String) {
    let (head, body) = reply.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).expect("a status");
    (status.parse().expect("a number"), body.to_owned())
}

/// Sends a body of any bytes.
#[allow(dead_code, reason = "not every test that has this client sends bytes")]
pub(crate) fn send_bytes(address: SocketAddr, request: &str, body: &[u8]) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = body.len();
    write!(
        stream,
        "{request} HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    )?;
    stream.write_all(body)?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    Ok(String::from_utf8_lossy(&reply).into_owned())
}
