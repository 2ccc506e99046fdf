//! A request as it came, kept for the test to look at.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, Method, request::Parts};
use mockbird_core::Request;
use mockbird_core::json::{self, Node};

/// A request that the server received: whole, and as it came.
///
/// ```
/// # use mockbird_testkit::{MockServer, get};
/// let server = MockServer::start().lenient();
/// assert!(server.received_requests().is_empty());
/// ```
#[derive(Debug)]
pub struct ReceivedRequest {
    pub(crate) number: usize,
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
    pub(crate) client: Option<IpAddr>,
}

impl ReceivedRequest {
    /// Its place among all the server received, from 1.
    pub fn number(&self) -> usize {
        self.number
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.head.method
    }

    /// Path and query as they came, escapes and all.
    pub fn target(&self) -> &str {
        let target = self.head.uri.path_and_query();
        target.map_or("/", |target| target.as_str())
    }

    /// The path, decoded.
    pub fn path(&self) -> Cow<'_, str> {
        self.as_request().path()
    }

    /// The pairs of the query, decoded, in order.
    pub fn query(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.as_request().query()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The first value of a header, if it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    /// The body, inflated if it came compressed.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body as text; what is not UTF-8 becomes U+FFFD.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body as JSON, if it is.
    pub fn json(&self) -> Option<Node> {
        json::parse(&self.body).ok()
    }

    /// The request as the engine sees it.
    pub(crate) fn as_request(&self) -> Request<'_> {
        let head = &self.head;
        let request = Request::new(&head.method, self.target(), &head.headers, &self.body);
        match self.client {
            Some(address) => request.with_client(address),
            None => request,
        }
    }
}

/// `#2 POST /users/7/pay?dry=1`
impl fmt::Display for ReceivedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {} {}", self.number, self.method(), self.target())
    }
}
