//! What a mock answers, beyond what a mock file can say too.

mod event;
mod plain_json;
mod responder;
mod sequence;
mod stream;

use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use mockbird_core::json;
use mockbird_core::spec::{Body, Delay, Header, Response, ResponseType};
use mockbird_core::template::is_template;

pub use self::event::{Event, events};
use self::plain_json::is_plain_json;
pub(crate) use self::responder::Responder;
pub use self::responder::{respond_with, respond_with_async};
pub(crate) use self::sequence::Order;
pub use self::stream::chunks;
pub(crate) use self::stream::{Parts, Stream};
use crate::{Fault, Gate};

/// What must stand before the body (RFC 9110, section 6.5.1), so that it would not be sent.
const NO_TRAILERS: [HeaderName; 12] = [
    header::AUTHORIZATION,
    header::CACHE_CONTROL,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::HOST,
    header::MAX_FORWARDS,
    header::SET_COOKIE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
];

/// One reply: status, headers and body, or a closure that makes them, or something broken.
///
/// ```
/// # use mockbird_testkit::{MockServer, get, status, text};
/// # use std::time::Duration;
/// let server = MockServer::start().lenient();
/// server.mount(get("/flaky").replies([
///     status(503).header("retry-after", "1"),
///     text("here you are").delay(Duration::from_millis(20)),
/// ]));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a reply does nothing until a mock has it"]
pub struct Reply {
    /// What a mock file can say; see [`Reply::in_file`] for a body that is a text here and JSON there.
    pub(crate) response: Response,
    pub(crate) kind: Option<ResponseType>,
    pub(crate) source: Source,
    pub(crate) gate: Option<Gate>,
    pub(crate) fault: Option<Fault>,
    pub(crate) trailers: HeaderMap,
    /// Why what was said to be JSON is none.
    not_json: Option<String>,
    /// True if the text of the body is JSON, and was not read yet.
    is_unread_json: bool,
}

/// Where the body of a reply comes from, or all of it.
#[derive(Clone, Debug, Default)]
pub(crate) enum Source {
    /// The engine.
    #[default]
    Response,
    /// A closure of the test.
    Closure(Responder),
    /// The engine, but for its body, which comes in parts.
    Stream(Stream),
}

/// A reply of this status, without a body.
///
/// ```
/// # use mockbird_testkit::{MockServer, delete, status};
/// let server = MockServer::start().lenient();
/// server.mount(delete("/birds/{name}").reply(status(204)));
/// ```
pub fn status(code: u16) -> Reply {
    Reply::default().status(code)
}

/// A reply of this text, which may be a template; [`bytes()`] sends braces as they are.
///
/// ```
/// # use mockbird_testkit::{MockServer, get, text};
/// let server = MockServer::start().lenient();
/// server.mount(get("/hello").reply(text("hello {{ request.query.name }}")));
/// ```
pub fn text(body: impl Into<String>) -> Reply {
    Reply::default().text(body)
}

/// A reply of this JSON; its strings may be templates. A text that is no JSON by itself, such as one with blocks, is
/// a template of JSON; without any braces of a template it is refused when the mock is mounted.
///
/// Takes whatever shows itself as JSON: a text, or a value of `serde_json`. JSON that is broken on purpose is a
/// [`text`](text()) with the header `content-type: application/json`.
///
/// ```
/// # use mockbird_testkit::{MockServer, get, json};
/// let server = MockServer::start().lenient();
/// server.mount(get("/birds/{name}").reply(json(r#"{"name": "{{ request.params.name }}"}"#)));
/// ```
pub fn json(body: impl Display) -> Reply {
    Reply::default().json(body)
}

/// A reply of these bytes, as they are.
///
/// ```
/// # use mockbird_testkit::{MockServer, bytes, get};
/// let server = MockServer::start().lenient();
/// server.mount(get("/pixel").reply(bytes([0x47, 0x49, 0x46].as_slice()).header("content-type", "image/gif")));
/// ```
pub fn bytes(body: impl Into<Bytes>) -> Reply {
    let mut reply = Reply::default();
    reply.response.body = Body::Bytes(body.into());
    reply
}

/// A reply of what this file holds now, by the rules of `bodyFile` in a mock file: what is UTF-8 may be a template.
///
/// A relative path begins where the test runs, which is the folder of its package under `cargo test`. The ending of the
/// name says the content type of `.json`, `.xml`, `.html` and `.txt`.
///
/// ```
/// # use mockbird_testkit::{MockServer, file, get};
/// let server = MockServer::start().lenient();
/// server.mount(get("/manifest").reply(file("Cargo.toml")));
/// ```
///
/// # Panics
/// If the file cannot be read.
#[track_caller]
pub fn file(path: impl AsRef<Path>) -> Reply {
    let path = path.as_ref();
    let content = match fs::read(path) {
        Ok(content) => content,
        Err(error) => panic!(
            "cannot read the file of a reply, {}: {error}",
            path.display()
        ),
    };
    let mut reply = Reply {
        kind: kind_of(path),
        ..Reply::default()
    };
    reply.response.body = match String::from_utf8(content) {
        Ok(text) => Body::Text(text),
        Err(error) => Body::Bytes(error.into_bytes().into()),
    };
    reply
}

/// The kind of content that the name of a file says.
fn kind_of(path: &Path) -> Option<ResponseType> {
    let ending = path.extension()?.to_str()?;
    match ending.to_ascii_lowercase().as_str() {
        "json" => Some(ResponseType::Json),
        "xml" => Some(ResponseType::Xml),
        "html" | "htm" => Some(ResponseType::Html),
        "txt" => Some(ResponseType::Text),
        _ => None,
    }
}

impl Reply {
    /// With this status; 200 if not said.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").reply(json(r#"{"id": 7}"#).status(201)));
    /// ```
    pub fn status(mut self, code: u16) -> Self {
        self.response.status_code = Some(code);
        self
    }

    /// With a header more; the same name again repeats it.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// let cookies = status(204).header("set-cookie", "a=1").header("set-cookie", "b=2");
    /// server.mount(post("/login").reply(cookies));
    /// ```
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.response.headers.push(Header {
            name: name.to_owned(),
            values: vec![value.to_owned()],
        });
        self
    }

    /// With this text, which may be a template.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/wren").reply(status(404).text("no {{ request.path }}")));
    /// ```
    pub fn text(mut self, body: impl Into<String>) -> Self {
        self.kind = Some(ResponseType::Text);
        self.response.body = Body::Text(body.into());
        self.not_json = None;
        self.is_unread_json = false;
        self
    }

    /// With this JSON; see [`json`](crate::json()).
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/wren").reply(status(404).json(r#"{"error": "gone"}"#)));
    /// ```
    pub fn json(mut self, body: impl Display) -> Self {
        let body = body.to_string();
        self.kind = Some(ResponseType::Json);
        self.is_unread_json = is_plain_json(&body);
        if self.is_unread_json {
            self.not_json = None;
            self.response.body = Body::Text(body);
            return self;
        }
        let parsed = json::parse(body.as_bytes());
        self.not_json = match &parsed {
            Err(error) if !is_template(&body) => Some(error.to_string()),
            Ok(_) | Err(_) => None,
        };
        self.response.body = parsed.map_or(Body::Text(body), Body::Json);
        self
    }

    /// With a trailer after the body, which is then sent in chunks. Over HTTP/1.1 a client gets it only if its request
    /// says `TE: trailers`.
    ///
    /// ```
    /// # use mockbird_testkit::{MockServer, get, text};
    /// let server = MockServer::start().lenient();
    /// server.mount(get("/sum").reply(text("1 2 3").trailer("x-sum", "6")));
    /// ```
    ///
    /// # Panics
    /// If the name or value is none that HTTP allows.
    #[track_caller]
    pub fn trailer(mut self, name: &str, value: &str) -> Self {
        match (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            (Ok(key), Ok(text)) if !NO_TRAILERS.contains(&key) => self.trailers.append(key, text),
            _ => panic!("`{name}: {value}` is no trailer that HTTP allows"),
        };
        self
    }

    /// Sent after this long; no thread waits.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// # use std::time::Duration;
    /// server.mount(get("/slow").reply(text("at last").delay(Duration::from_millis(50))));
    /// ```
    pub fn delay(self, delay: Duration) -> Self {
        self.delayed(Delay::Fixed(whole_ms(delay)))
    }

    /// Sent after something between the two.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// # use std::time::Duration;
    /// let (least, most) = (Duration::from_millis(20), Duration::from_millis(80));
    /// server.mount(get("/slow").reply(text("at last").delay_between(least, most)));
    /// ```
    pub fn delay_between(self, least: Duration, most: Duration) -> Self {
        self.delayed(Delay::Uniform {
            min: whole_ms(least),
            max: whole_ms(most),
        })
    }

    /// Sent after a time like those of real services: half of the delays are shorter than `median`, and `sigma` is the
    /// spread in units of the natural logarithm (0.4 is usual, 1.0 wild).
    ///
    /// ```
    /// # use mockbird_testkit::{MockServer, get, text};
    /// # use std::time::Duration;
    /// let server = MockServer::start().lenient();
    /// server.mount(get("/far").reply(text("away").delay_lognormal(Duration::from_millis(120), 0.4)));
    /// ```
    pub fn delay_lognormal(self, median: Duration, sigma: f64) -> Self {
        let median = median.as_secs_f64() * 1000.0;
        self.delayed(Delay::LogNormal { median, sigma })
    }

    fn delayed(mut self, delay: Delay) -> Self {
        self.response.response_delay = Some(delay);
        self
    }

    /// Sent only once the gate is open.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// let gate = Gate::new();
    /// server.mount(get("/slow").reply(text("at last").behind(&gate)));
    /// // ... look at what the code under test does meanwhile ...
    /// gate.open();
    /// ```
    pub fn behind(mut self, gate: &Gate) -> Self {
        self.gate = Some(gate.clone());
        self
    }

    /// Broken on the wire.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").replies([text("").broken(Fault::Close), json("[]")]));
    /// ```
    pub fn broken(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// The response as a mock file says it.
    pub(crate) fn in_file(&self) -> Response {
        let mut response = self.response.clone();
        if let Body::Text(text) = &response.body
            && self.is_unread_json
            && let Ok(node) = json::parse(text.as_bytes())
        {
            response.body = Body::Json(node);
        }
        response
    }

    /// What cannot be done, and yet is asked for.
    pub(crate) fn contradiction(&self) -> Option<String> {
        if let Some(error) = &self.not_json {
            return Some(format!("has a body that is no JSON: {error}"));
        }
        match (&self.source, &self.fault) {
            (Source::Stream(_), Some(Fault::ContentLength(_))) => {
                let why = "comes in parts, so that its head says no length that could be wrong";
                Some(why.to_owned())
            }
            _ => None,
        }
    }

    /// True if the engine's response is all there is to it.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.source, Source::Response)
            && self.gate.is_none()
            && self.fault.is_none()
            && self.trailers.is_empty()
    }
}

fn whole_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
