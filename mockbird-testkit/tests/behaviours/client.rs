//! A client that writes the bytes of a request as they are given.

use std::any::Any;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use mockbird_testkit::{MockServer, Mount};

/// How long anything is waited for that should come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A request in the making: its first line without the version, then headers, then a body.
#[derive(Clone)]
pub(crate) struct Ask {
    line: String,
    headers: String,
    body: Vec<u8>,
}

pub(crate) fn ask(line: &str) -> Ask {
    Ask {
        line: line.to_owned(),
        headers: String::new(),
        body: Vec::new(),
    }
}

impl Ask {
    pub(crate) fn header(mut self, line: &str) -> Self {
        self.headers.push_str(line);
        self.headers.push_str("\r\n");
        self
    }

    pub(crate) fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    pub(crate) fn json(self, body: &str) -> Self {
        self.header("content-type: application/json").body(body)
    }

    pub(crate) fn form(self, body: &str) -> Self {
        self.header("content-type: application/x-www-form-urlencoded")
            .body(body)
    }

    /// As it stands on the wire; the connection ends with the reply.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let Self {
            line,
            headers,
            body,
        } = self;
        let length = body.len();
        let head = format!(
            "{line} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
        );
        [head.as_bytes(), body].concat()
    }

    pub(crate) fn of(&self, server: &MockServer) -> Reply {
        self.at(server.address())
    }

    pub(crate) fn at(&self, address: SocketAddr) -> Reply {
        let text = send(address, &self.bytes()).unwrap();
        Reply::of(&text)
    }
}

/// Sends these bytes and reads until the server ends the connection.
pub(crate) fn send(address: SocketAddr, bytes: &[u8]) -> io::Result<String> {
    let mut stream = connect(address)?;
    stream.write_all(bytes)?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    Ok(String::from_utf8_lossy(&reply).into_owned())
}

pub(crate) fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A reply in its parts.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn of(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self {
            status,
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// The values of a header, in the order in which they came.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value)
            .collect()
    }
}

/// Whether a mock answers each of these requests.
#[track_caller]
pub(crate) fn answers(mock: impl Into<Mount>, requests: &[(Ask, bool)]) {
    let server = MockServer::start().lenient();
    server.mount(mock);
    for (request, is_answered) in requests {
        let reply = request.of(&server);
        let wanted = if *is_answered { 200 } else { 404 };
        assert_eq!(
            reply.status, wanted,
            "{} {}\n{}",
            request.line, request.headers, reply.body
        );
    }
}

/// What the test fails with.
pub(crate) fn panic_of(test: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(test)).unwrap_err();
    text_of(&*panic)
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
        (Some(text), _) => text.clone(),
        (None, text) => (*text.unwrap()).to_owned(),
    }
}
