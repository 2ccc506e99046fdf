//! Fuzzed bytes as a request, and the answer to it.

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Method, Response, StatusCode};
use mockbird_core::{Answer, Engine, Env, Request, inflate};

/// The most a request body may inflate to.
const INFLATED_MAX: usize = 1 << 20;

/// A request that owns what it is made of.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Input {
    /// Reads `METHOD TARGET`, then `name: value` lines, an empty line, and a body: HTTP without its
    /// strictness. A compressed body is inflated, as a host would; `None` if it cannot be.
    pub(crate) fn read(data: &[u8]) -> Option<Self> {
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
        let body = Bytes::copy_from_slice(body);
        let body = match inflate(&headers, body, INFLATED_MAX) {
            Ok(body) => body,
            Err(error) => {
                check_error_form(&error.response());
                return None;
            }
        };
        Some(Self {
            method: Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET),
            target: target.to_owned(),
            headers,
            body,
        })
    }

    /// A request without headers or body.
    pub(crate) fn bare(method: Method, target: &str) -> Self {
        Self {
            method,
            target: target.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn request(&self) -> Request<'_> {
        Request::new(&self.method, &self.target, &self.headers, &self.body)
    }

    /// The answer of an engine, which is lawful and is given again when asked again.
    pub(crate) fn answer<'e>(&self, engine: &'e Engine) -> Answer<'e> {
        let answer = engine.answer(&self.request(), &Env::default());
        let again = engine.answer(&self.request(), &Env::default());
        assert_same(&answer.response, &again.response);
        assert_eq!(answer.delay, again.delay);
        self.check_law(&answer.response);
        answer
    }

    /// What RFC 9110 demands of every response, whatever a mock says.
    fn check_law(&self, response: &Response<Bytes>) {
        let (status, headers) = (response.status(), response.headers());
        assert!((200..600).contains(&status.as_u16()), "{status}");
        for (name, value) in headers {
            assert!(HeaderValue::from_bytes(value.as_bytes()).is_ok(), "{name}");
        }
        for framing in ["transfer-encoding", "connection"] {
            assert!(!headers.contains_key(framing), "{framing} is the host's");
        }
        let bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
        let head = self.method == Method::HEAD;
        assert!(response.body().is_empty() || !(bodiless || head));
        assert_eq!(headers.contains_key("content-length"), head && !bodiless);
    }
}

pub(crate) fn assert_same(one: &Response<Bytes>, other: &Response<Bytes>) {
    assert_eq!(one.status(), other.status());
    assert_eq!(one.headers(), other.headers());
    assert_eq!(one.body(), other.body());
}

/// An error of the host is JSON of the one form.
pub(crate) fn check_error_form(response: &Response<Bytes>) -> serde_json::Value {
    assert!(response.status().as_u16() >= 400);
    assert_eq!(response.headers()["content-type"], "application/json");
    let error = json_body(response);
    for member in ["error", "message", "documentation_url"] {
        assert!(error[member].is_string(), "{error}");
    }
    error
}

/// The body, which must be JSON.
pub(crate) fn json_body(response: &Response<Bytes>) -> serde_json::Value {
    // serde_json is stricter than the RFC about numbers beyond f64; their text is legal all the same.
    let text = response.body();
    mockbird_core::json::parse(text)
        .unwrap_or_else(|error| panic!("{error} in {}", String::from_utf8_lossy(text)));
    serde_json::from_slice(text).unwrap_or_default()
}

/// What stands before and after the first `mark`; without one, all stands before.
pub(crate) fn split<'d>(data: &'d [u8], mark: &[u8]) -> (&'d [u8], &'d [u8]) {
    match data.windows(mark.len()).position(|window| window == mark) {
        Some(at) => (&data[..at], &data[at + mark.len()..]),
        None => (data, &[]),
    }
}
