//! A request as it came, kept for the test to look at.

mod answer;

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU16;
use std::time::SystemTime;

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, Method, Version, request::Parts};
use mockbird_core::json::{self, Node};
use mockbird_core::request::ParsedBody;
use mockbird_core::{INFLATES, Request};

pub(crate) use self::answer::Answered;
use self::answer::Seldom;
use crate::head::Head;

/// More bytes than are ever read in one piece.
const READ_BUFFER_MAX: usize = 512 << 10;

/// A request that the server received: whole, and as it came.
///
/// ```
/// # use mockbird_testkit::{MockServer, get};
/// # use std::{io::{Read, Write}, net::TcpStream};
/// let server = MockServer::start();
/// server.mount(get("/birds").named("the birds").text("wren"));
/// # let mut stream = TcpStream::connect(server.address()).unwrap();
/// # stream.write_all(b"GET /birds?page=2 HTTP/1.1\r\nhost: x\r\ncookie: a=b\r\nconnection: close\r\n\r\n").unwrap();
/// # stream.read_to_string(&mut String::new()).unwrap();
/// // ... a client asks for `/birds?page=2` ...
/// let requests = server.received_requests();
/// let request = &requests[0];
/// assert_eq!(request.to_string(), "#1 GET /birds?page=2");
/// assert_eq!(request.query_value("page").as_deref(), Some("2"));
/// assert_eq!(request.cookie("a").as_deref(), Some("b"));
/// assert_eq!((request.answered_by(), request.status()), (Some("the birds"), Some(200)));
/// ```
#[derive(Debug)]
pub struct ReceivedRequest {
    number: usize,
    method: Method,
    version: Version,
    head: Head,
    /// `None` if it is empty.
    body: Option<Box<Bytes>>,
    client: Option<IpAddr>,
    received_at: SystemTime,
    answered: OnceLock<Answered>,
    seldom: OnceLock<Box<Seldom>>,
    /// 0 for none.
    status: AtomicU16,
}

impl ReceivedRequest {
    /// What is kept is copied: the buffer it was read into is larger, and free for the next request.
    pub(crate) fn new(number: usize, parts: &Parts, body: Bytes, client: Option<IpAddr>) -> Self {
        Self {
            number,
            method: parts.method.clone(),
            version: parts.version,
            head: Head::of(target(parts), &parts.headers),
            body: kept(body).map(Box::new),
            client,
            received_at: SystemTime::now(),
            answered: OnceLock::new(),
            seldom: OnceLock::new(),
            status: AtomicU16::new(0),
        }
    }

    /// Its place among all the server received, from 1.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.number() > 1));
    /// ```
    pub fn number(&self) -> usize {
        self.number
    }

    /// The method.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.method() == "POST"));
    /// ```
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Path and query as they came, escapes and all. Of `CONNECT` it is the authority (`example.com:443`), and `OPTIONS` may
    /// have a `*`; mocks are asked for these with a slash before them, so that their [`path`](Self::path) is `/example.com:443`.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.target() == "/birds?name=gold%20crest"));
    /// ```
    pub fn target(&self) -> &str {
        self.head.target()
    }

    /// The path, decoded.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.path().ends_with("/birds")));
    /// ```
    pub fn path(&self) -> Cow<'_, str> {
        self.as_request().path()
    }

    /// The pairs of the query, decoded, in order.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.query().count() == 2));
    /// ```
    pub fn query(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.as_request().query()
    }

    /// The first value of a query parameter, decoded.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.query_value("page").as_deref() == Some("2")));
    /// ```
    pub fn query_value(&self, name: &str) -> Option<Cow<'_, str>> {
        first(self.query(), name)
    }

    /// The headers.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.headers().contains_key("accept")));
    /// ```
    pub fn headers(&self) -> &HeaderMap {
        self.head.headers()
    }

    /// The first value of a header, if it is there and text.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.header("accept") == Some("text/plain")));
    /// ```
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// The cookies, in order.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.cookies().all(|(name, _)| name != "tracking")));
    /// ```
    pub fn cookies(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.as_request().cookies()
    }

    /// The first cookie of this name.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.cookie("sid").is_some()));
    /// ```
    pub fn cookie(&self, name: &str) -> Option<Cow<'_, str>> {
        first(self.cookies(), name)
    }

    /// The body, inflated if it came compressed.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.body().starts_with(b"GIF89a")));
    /// ```
    pub fn body(&self) -> &Bytes {
        static EMPTY: Bytes = Bytes::new();
        self.body.as_deref().unwrap_or(&EMPTY)
    }

    /// The body as text; what is not UTF-8 becomes U+FFFD.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.text().contains("wren")));
    /// ```
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.body())
    }

    /// The body as JSON, if it is.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.json().is_some()));
    /// ```
    pub fn json(&self) -> Option<Node> {
        json::parse(self.body()).ok()
    }

    /// The fields of a form, urlencoded or multipart as its `Content-Type` says; none if the body is no form.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.form().len() == 2));
    /// ```
    pub fn form(&self) -> Vec<(String, String)> {
        match self.as_request().body() {
            ParsedBody::Form(fields) => fields.clone(),
            _ => Vec::new(),
        }
    }

    /// The first value of a form's field.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.form_value("name").as_deref() == Some("wren")));
    /// ```
    pub fn form_value(&self, name: &str) -> Option<String> {
        first(self.form().into_iter(), name)
    }

    /// The version of HTTP it came by.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// let birds = server.mount(get("/birds"));
    /// // ... the code under test asks for birds ...
    /// assert!(birds.requests().iter().all(|request| request.version() == http::Version::HTTP_11));
    /// ```
    pub fn version(&self) -> Version {
        self.version
    }

    /// The address it came from; nothing on a Unix socket.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.client().is_some_and(|client| client.is_loopback())));
    /// ```
    pub fn client(&self) -> Option<IpAddr> {
        self.client
    }

    /// When it had come, to the last byte of its body.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// let birds = server.mount(get("/birds"));
    /// // ... the code under test asks for birds, and again later ...
    /// assert!(birds.requests().is_sorted_by_key(|request| request.received_at()));
    /// ```
    pub fn received_at(&self) -> SystemTime {
        self.received_at
    }

    /// That the body came in a coding that was not undone, so that mocks saw what nobody wrote.
    pub(crate) fn unread_coding(&self) -> Option<String> {
        let coding = self.header("content-encoding")?;
        let mut codings = coding.split(',').map(|one| one.trim().to_ascii_lowercase());
        let known = |coding: &str| matches!(coding, "gzip" | "x-gzip" | "deflate" | "br");
        let is_unread = |one: &String| match &**one {
            "identity" | "" => false,
            one => !INFLATES || !known(one),
        };
        let unread = codings.find(is_unread)?;
        let help = if known(&unread) {
            "turn on the feature `compression` of mockbird-testkit"
        } else {
            "only gzip, deflate and br are"
        };
        let unread: String = unread.escape_debug().take(20).collect();
        Some(format!(
            "body came compressed ({unread}) and was not inflated ({help})"
        ))
    }

    /// The request as the engine sees it.
    pub(crate) fn as_request(&self) -> Request<'_> {
        self.request(self.head.as_path(), self.headers())
    }

    /// The same, of the head as it just came, so that none has to be made of what is kept.
    pub(crate) fn as_request_of<'r>(&'r self, parts: &'r Parts) -> Request<'r> {
        let target = target(parts);
        let path = if target.starts_with('/') {
            target
        } else {
            self.head.as_path()
        };
        self.request(path, &parts.headers)
    }

    fn request<'r>(&'r self, path: &'r str, headers: &'r HeaderMap) -> Request<'r> {
        let request = Request::new(&self.method, path, headers, self.body());
        match self.client {
            Some(address) => request.with_client(address),
            None => request,
        }
    }
}

/// A body as it is kept, in memory of its own.
fn kept(body: Bytes) -> Option<Bytes> {
    match body.len() {
        0 => None,
        // It came in several pieces, which were put together in a buffer of its own.
        READ_BUFFER_MAX.. => Some(body),
        _ => Some(Bytes::copy_from_slice(&body)),
    }
}

/// Path and query as they came; of `CONNECT` the authority.
fn target(parts: &Parts) -> &str {
    let path = parts.uri.path_and_query().map(PathAndQuery::as_str);
    let authority = || parts.uri.authority().map(Authority::as_str);
    path.or_else(authority).unwrap_or("/")
}

fn first<K: AsRef<str>, V>(mut pairs: impl Iterator<Item = (K, V)>, name: &str) -> Option<V> {
    let pair = pairs.find(|(key, _)| key.as_ref() == name)?;
    Some(pair.1)
}

/// `#2 POST /users/7/pay?dry=1`
impl fmt::Display for ReceivedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {} {}", self.number, self.method, self.target())
    }
}
