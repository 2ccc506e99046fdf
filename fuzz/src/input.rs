//! Fuzzed bytes as the parts of a request.

use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Method};

/// A request that owns what it is made of.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Input {
    /// Reads `METHOD TARGET`, then `name: value` lines, an empty line, and a body: HTTP without its strictness.
    pub(crate) fn read(data: &[u8]) -> Self {
        let (head, body) = split(data, b"\n\n");
        let mut lines = head.split(|&b| b == b'\n');
        let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let (method, target) = first.split_once(' ').unwrap_or(("GET", &first));
        let mut headers = HeaderMap::new();
        for line in lines.take(64) {
            let (name, value) = split(line, b":");
            let name = HeaderName::from_bytes(name);
            let value = HeaderValue::from_bytes(value.trim_ascii());
            if let (Ok(name), Ok(value)) = (name, value) {
                headers.append(name, value);
            }
        }
        Self {
            method: Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET),
            target: target.to_owned(),
            headers,
            body: body.to_vec(),
        }
    }
}

/// What stands before and after the first `mark`; without one, all stands before.
pub(crate) fn split<'d>(data: &'d [u8], mark: &[u8]) -> (&'d [u8], &'d [u8]) {
    match data.windows(mark.len()).position(|window| window == mark) {
        Some(at) => (&data[..at], &data[at + mark.len()..]),
        None => (data, &[]),
    }
}
