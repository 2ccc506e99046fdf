//! The conformance vectors over HTTP, whoever serves them, and a client that sends them byte for byte.
#![expect(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected should stop"
)]

use std::collections::VecDeque;
use std::io::Read;
use std::net::TcpStream;
use std::sync::Mutex;

use crate::vectors::{self, Case, Framing};

/// How many cases run at once.
const AT_ONCE: usize = 4;

/// Runs every case; the numbers are in their order.
pub(crate) fn run_all(
    cases: &[(String, Case)],
    run: impl Fn(usize, &Case) -> Result<(), String> + Sync,
) {
    let queue: Mutex<VecDeque<_>> = Mutex::new(cases.iter().enumerate().collect());
    let failures = Mutex::new(Vec::new());
    let take = || queue.lock().unwrap().pop_front();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((number, (topic, case))) = take() {
                    if let Err(what) = run(number, case) {
                        let failure = format!("{topic} / {}: {what}", case.name);
                        failures.lock().unwrap().push(failure);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "{} of {} cases fail:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

/// All cases, each with its topic.
pub(crate) fn cases() -> Vec<(String, Case)> {
    let files = vectors::load().into_iter();
    let cases = files.flat_map(|file| {
        let topic = file.topic;
        file.cases
            .into_iter()
            .map(move |case| (topic.clone(), case))
    });
    cases.collect()
}

/// Holds what a server answers against what a case demands; `other` is one that was started in the same way.
pub(crate) fn check(
    case: &Case,
    send: impl Fn(&vectors::Request) -> Reply,
    other: impl FnOnce() -> Box<dyn Fn(&vectors::Request) -> Reply>,
) -> Result<(), String> {
    if let Some(distribution) = &case.distribution {
        let bodies = |send: &dyn Fn(&vectors::Request) -> Reply| -> Vec<String> {
            let one = |_| String::from_utf8(send(&distribution.request).body).unwrap();
            (0..distribution.count).map(one).collect()
        };
        let came = bodies(&send);
        distribution.check(&came)?;
        if distribution.repeatable && bodies(&other()) != came {
            return Err("a second server answers otherwise".to_owned());
        }
    }
    // The clock is that of the world.
    let now = case.exchanges.iter().take_while(|one| one.at == 0);
    for (at, exchange) in now.enumerate() {
        let method = exchange.request.method();
        let reply = send(&exchange.request);
        let checked = check_framing(method, &reply).and_then(|()| {
            let reply = vectors::Reply {
                status: reply.status,
                headers: reply.headers,
                body: reply.body,
            };
            exchange.expect.check(method, &reply, Framing::Http)
        });
        let target = &exchange.request.target;
        checked.map_err(|what| format!("exchange {at}, {method} {target}: {what}"))?;
    }
    Ok(())
}

/// A request as bytes, for this host unless it names one; `prefix` comes before its target.
pub(crate) fn bytes(request: &vectors::Request, host: &str, prefix: &str) -> Vec<u8> {
    let body = request.bytes();
    let (method, target) = (request.method(), &request.target);
    let mut head = format!("{method} {prefix}{target} HTTP/1.1\r\nconnection: close\r\n");
    if !names(request, "host") {
        head.extend(["host: ", host, "\r\n"]);
    }
    if !body.is_empty() && !names(request, "content-length") {
        head.extend(["content-length: ", &body.len().to_string(), "\r\n"]);
    }
    for (name, value) in &request.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    [head.as_bytes(), &body].concat()
}

/// Whether a request has this header.
pub(crate) fn names(request: &vectors::Request, name: &str) -> bool {
    let mut headers = request.headers.iter();
    headers.any(|(found, _)| found.eq_ignore_ascii_case(name))
}

/// RFC 9112 section 6.3: the length is told, and it is the one that came.
fn check_framing(method: &str, reply: &Reply) -> Result<(), String> {
    let bodiless = method == "HEAD" || matches!(reply.status, 204 | 304);
    match reply.header("content-length") {
        _ if bodiless && !reply.body.is_empty() => Err("a body came where none may".to_owned()),
        None if !bodiless => Err("no content-length".to_owned()),
        Some(length) if !bodiless && length != reply.body.len().to_string() => Err(format!(
            "content-length is {length}, but {} bytes came",
            reply.body.len()
        )),
        _ => Ok(()),
    }
}

/// A reply as it came.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// Reads one reply until the connection ends.
    pub(crate) fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap_or_else(|error| {
            panic!("{error} after {:?}", String::from_utf8_lossy(&bytes));
        });
        Self::parse(&bytes)
    }

    fn parse(bytes: &[u8]) -> Self {
        let all = String::from_utf8_lossy(bytes);
        let end = bytes
            .windows(4)
            .position(|w| w == b"\r\n\r\n")
            .unwrap_or_else(|| panic!("no reply: {all:?}"));
        let mut lines = bytes[..end]
            .split(|b| *b == b'\n')
            .map(<[u8]>::trim_ascii_end);
        let status = String::from_utf8_lossy(lines.next().unwrap()).into_owned();
        let status = status
            .strip_prefix("HTTP/1.1 ")
            .unwrap_or_else(|| panic!("{status}"))[..3]
            .parse()
            .unwrap();
        let headers = lines.map(|line| {
            let colon = line.iter().position(|b| *b == b':').unwrap();
            let name = String::from_utf8(line[..colon].to_vec()).unwrap();
            (name, line[colon + 1..].trim_ascii().to_vec())
        });
        Self {
            status,
            headers: headers.collect(),
            body: bytes[end + 4..].to_vec(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut all = self
            .headers
            .iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name));
        all.next()
            .map(|(_, value)| std::str::from_utf8(value).unwrap())
    }
}
