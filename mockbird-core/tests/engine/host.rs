//! A host in a few lines: an engine, its counters, and requests written as text.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use mockbird_core::fault::Fault;
use mockbird_core::spec::Format;
use mockbird_core::{Compiled, Counters, Engine, Env, ReadError, Request, RequestId, inflate};
use serde_json::{Value, json};

/// The largest body a request may come to.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

pub(crate) struct Host {
    pub(crate) engine: Engine,
    pub(crate) counters: Counters,
    pub(crate) warnings: Vec<Fault>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) delay_ms: u128,
}

pub(crate) fn read(spec: &Value) -> Result<Compiled, ReadError> {
    Engine::read(&spec.to_string(), Format::Json)
}

impl Host {
    #[track_caller]
    pub(crate) fn new(spec: &Value) -> Self {
        let Compiled {
            engine, warnings, ..
        } = read(spec).unwrap();
        Self {
            counters: engine.counters(),
            engine,
            warnings,
        }
    }

    /// A host of a spec of which only the mocks matter.
    #[track_caller]
    pub(crate) fn of_mocks(mocks: Value) -> Self {
        Self::new(&json!({"name": "test", "mocks": mocks}))
    }

    /// Sends `GET /path`, or another method, without headers and body.
    pub(crate) fn send(&self, line: &str) -> Reply {
        self.send_with(line, &[], b"")
    }

    pub(crate) fn send_with(&self, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let headers = header_map(headers);
        let body = match inflate(&headers, Bytes::copy_from_slice(body), BODY_BYTES_MAX) {
            Ok(body) => body,
            Err(error) => return Reply::new(error.response(), 0),
        };
        let (method, target) = line_of(line);
        let request = Request::new(&method, target, &headers, &body);
        let answer = self.engine.answer(&request, &self.env());
        Reply::new(answer.response, answer.delay.as_millis())
    }

    pub(crate) fn env(&self) -> Env<'_> {
        Env {
            now_ms: 1_700_000_000_000,
            request_id: RequestId(7),
            random: 7,
            counters: Some(&self.counters),
        }
    }
}

/// `GET /path` taken apart.
pub(crate) fn line_of(line: &str) -> (Method, &str) {
    let (method, target) = line.split_once(' ').unwrap();
    (method.parse().unwrap(), target)
}

pub(crate) fn header_map(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        let name: HeaderName = name.parse().unwrap();
        (name, HeaderValue::from_str(value).unwrap())
    };
    let mut map = HeaderMap::new();
    for (name, value) in pairs.iter().map(pair) {
        map.append(name, value);
    }
    map
}

impl Reply {
    fn new(response: http::Response<Bytes>, delay_ms: u128) -> Self {
        let (head, body) = response.into_parts();
        Self {
            status: head.status,
            headers: head.headers,
            body,
            delay_ms,
        }
    }

    /// The values of a header, in order, joined as a client would join them; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> String {
        let values = self.headers.get_all(name).into_iter();
        let values: Vec<&str> = values.map(|value| value.to_str().unwrap()).collect();
        values.join(", ")
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}
