//! A request as the engine sees it: nothing is decoded until something asks for it.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::net::IpAddr;

use http::header::{CONTENT_TYPE, COOKIE, HOST};
use http::{HeaderMap, HeaderValue, Method};

use crate::form;
use crate::json::{self, Node};
#[cfg(feature = "xpath")]
use crate::xml;

/// One request, its parts decoded when asked for and its body parsed at most once.
///
/// The body is the one meant by the client: a host inflates a compressed one first.
///
/// ```
/// use http::{HeaderMap, Method};
/// use mockbird_core::request::Request;
///
/// let headers = HeaderMap::new();
/// let request = Request::new(&Method::GET, "/a%20b?tag=x&tag=y", &headers, b"");
/// assert_eq!(request.path(), "/a b");
/// assert_eq!(request.query().filter(|(key, _)| key == "tag").count(), 2);
/// ```
#[derive(Debug)]
pub struct Request<'r> {
    method: &'r Method,
    path: &'r str,
    query: &'r str,
    headers: &'r HeaderMap,
    client: Option<IpAddr>,
    body: &'r [u8],
    parsed: OnceCell<ParsedBody>,
}

/// What a body turned out to be.
#[derive(Debug)]
pub enum ParsedBody {
    /// There is none.
    Empty,
    /// JSON, whatever it was declared as, unless that was a form or XML.
    Json(Node),
    /// The fields of a form, in order.
    Form(Vec<(String, String)>),
    /// Declared as XML, and well formed.
    #[cfg(feature = "xpath")]
    Xml(xml::Tree),
    /// Anything else.
    Text,
}

impl<'r> Request<'r> {
    /// A request with its target as it came over the wire: a path and perhaps a query.
    pub fn new(
        method: &'r Method,
        target: &'r str,
        headers: &'r HeaderMap,
        body: &'r [u8],
    ) -> Self {
        let (path, query) = match memchr::memchr(b'?', target.as_bytes()) {
            Some(at) => (&target[..at], &target[at + 1..]),
            None => (target, ""),
        };
        Self {
            method,
            path,
            query,
            headers,
            client: None,
            body,
            parsed: OnceCell::new(),
        }
    }

    /// The same request, from this address.
    #[must_use]
    pub fn with_client(mut self, address: IpAddr) -> Self {
        self.client = Some(address);
        self
    }

    /// The method that came.
    pub fn method(&self) -> &'r Method {
        self.method
    }

    /// The path as it came, escapes and all.
    pub fn raw_path(&self) -> &'r str {
        self.path
    }

    /// The path, decoded; bytes that are not UTF-8 become U+FFFD.
    pub fn path(&self) -> Cow<'r, str> {
        decode(self.path)
    }

    /// The pairs of the query, decoded, in order.
    pub fn query(&self) -> impl Iterator<Item = (Cow<'r, str>, Cow<'r, str>)> + use<'r> {
        form::pairs(self.query)
    }

    /// The query as it came, without its `?`.
    pub fn raw_query(&self) -> &'r str {
        self.query
    }

    /// The headers.
    pub fn headers(&self) -> &'r HeaderMap {
        self.headers
    }

    /// The cookies, in order (RFC 6265 section 5.4); quotes around a value are taken off.
    pub fn cookies(&self) -> impl Iterator<Item = (Cow<'r, str>, Cow<'r, str>)> + use<'r> {
        self.headers
            .get_all(COOKIE)
            .into_iter()
            .flat_map(|line| line.as_bytes().split(|&b| b == b';'))
            .filter_map(|pair| {
                let at = memchr::memchr(b'=', pair)?;
                let (name, value) = (pair[..at].trim_ascii(), pair[at + 1..].trim_ascii());
                let value = value
                    .strip_prefix(b"\"")
                    .and_then(|v| v.strip_suffix(b"\""))
                    .unwrap_or(value);
                Some((
                    String::from_utf8_lossy(name),
                    String::from_utf8_lossy(value),
                ))
            })
    }

    /// The host the client asked, without port; empty if it did not say.
    pub fn host(&self) -> &'r str {
        let host = self
            .headers
            .get(HOST)
            .and_then(|h| h.to_str().ok())
            .unwrap_or("");
        match host.rfind(':') {
            Some(colon) if !host[colon..].contains(']') => &host[..colon],
            _ => host,
        }
    }

    /// The address of the client, if the host knows it.
    pub fn client(&self) -> Option<IpAddr> {
        self.client
    }

    /// The body, as bytes.
    pub fn raw_body(&self) -> &'r [u8] {
        self.body
    }

    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    pub fn body_text(&self) -> Cow<'r, str> {
        String::from_utf8_lossy(self.body)
    }

    /// The body by its kind.
    pub fn body(&self) -> &ParsedBody {
        self.parsed
            .get_or_init(|| parse(self.headers.get(CONTENT_TYPE), self.body))
    }
}

/// Bodies are JSON unless the content type says form, multipart or XML (design section 12).
fn parse(content_type: Option<&HeaderValue>, body: &[u8]) -> ParsedBody {
    let declared = content_type.and_then(|t| t.to_str().ok()).unwrap_or("");
    let media = declared
        .split(';')
        .next()
        .unwrap_or("")
        .trim()
        .to_ascii_lowercase();
    if media == "application/x-www-form-urlencoded" {
        return ParsedBody::Form(form::parse_urlencoded(body));
    }
    if media == "multipart/form-data" {
        let fields = boundary(declared).and_then(|b| form::parse_multipart(body, b));
        return fields.map_or(ParsedBody::Text, ParsedBody::Form);
    }
    if body.is_empty() {
        return ParsedBody::Empty;
    }
    if media.ends_with("/xml") || media.ends_with("+xml") {
        return xml_body(body);
    }
    json::parse(body).map_or(ParsedBody::Text, ParsedBody::Json)
}

#[cfg(feature = "xpath")]
fn xml_body(body: &[u8]) -> ParsedBody {
    xml::parse(&String::from_utf8_lossy(body)).map_or(ParsedBody::Text, ParsedBody::Xml)
}

#[cfg(not(feature = "xpath"))]
fn xml_body(_: &[u8]) -> ParsedBody {
    ParsedBody::Text
}

/// The `boundary` parameter of a multipart content type (RFC 2046 section 5.1.1).
fn boundary(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("boundary")
            .then(|| value.trim().trim_matches('"'))
    })
}

/// Percent-decodes a path or a segment once; malformed escapes stay, other bytes become U+FFFD.
pub fn decode(raw: &str) -> Cow<'_, str> {
    if memchr::memchr(b'%', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    percent_encoding::percent_decode_str(raw).decode_utf8_lossy()
}

/// What a mock sees of a request.
///
/// The method is that of the mock's own candidacy: a `HEAD` answered by a `GET` mock is a `GET`.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The request.
    pub request: &'a Request<'a>,
    /// The method as the mock sees it.
    pub method: &'a Method,
    /// The path parameters of the match.
    pub params: Params<'a>,
}

impl<'a> View<'a> {
    /// The request as a mock of its own method without parameters sees it.
    pub fn of(request: &'a Request<'a>) -> Self {
        Self {
            request,
            method: request.method(),
            params: Params::default(),
        }
    }
}

/// The path parameters of one match: names from the mock, raw text from the request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Params<'a> {
    names: &'a [Box<str>],
    raw: &'a [&'a str],
}

impl<'a> Params<'a> {
    /// The parameters `names`, whose texts in the raw path are `raw`, in the same order.
    pub fn new(names: &'a [Box<str>], raw: &'a [&'a str]) -> Self {
        Self { names, raw }
    }

    /// The decoded text of a parameter.
    pub fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        let at = self.names.iter().position(|n| **n == *name)?;
        self.raw.get(at).map(|raw| decode(raw))
    }

    /// All parameters, in the order of the path.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> + use<'a> {
        self.names
            .iter()
            .zip(self.raw)
            .map(|(name, raw)| (&**name, decode(raw)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn hosts_lose_their_port() {
        for (host, want) in [
            ("a.b:80", "a.b"),
            ("a.b", "a.b"),
            ("[::1]:80", "[::1]"),
            ("[::1]", "[::1]"),
        ] {
            let map = headers(&[("host", host)]);
            assert_eq!(Request::new(&Method::GET, "/", &map, b"").host(), want);
        }
    }

    #[test]
    fn bodies_by_their_type() {
        let kind = |content_type, body: &[u8]| {
            let map = headers(&[("content-type", content_type)]);
            match Request::new(&Method::POST, "/", &map, body).body() {
                ParsedBody::Empty => "empty",
                ParsedBody::Json(_) => "json",
                ParsedBody::Form(_) => "form",
                #[cfg(feature = "xpath")]
                ParsedBody::Xml(_) => "xml",
                ParsedBody::Text => "text",
            }
        };
        assert_eq!(kind("text/plain", b"[1]"), "json");
        assert_eq!(kind("application/problem+json", b"{}"), "json");
        assert_eq!(kind("application/json", b"{"), "text");
        let xml = if cfg!(feature = "xpath") {
            "xml"
        } else {
            "text"
        };
        assert_eq!(kind("application/soap+xml", b"<a/>"), xml);
        assert_eq!(kind("application/xml", b"<a>"), "text");
        assert_eq!(kind("application/x-www-form-urlencoded", b"a=1"), "form");
        assert_eq!(kind("multipart/form-data", b"a=1"), "text");
        assert_eq!(kind("application/json", b""), "empty");
    }

    #[test]
    fn cookies_of_several_headers() {
        let map = headers(&[("cookie", "a=1; b=\"2\""), ("cookie", "c=3=4;broken")]);
        let request = Request::new(&Method::GET, "/", &map, b"");
        let all: Vec<_> = request.cookies().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(all, ["a=1", "b=2", "c=3=4"]);
    }
}
