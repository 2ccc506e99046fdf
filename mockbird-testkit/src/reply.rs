//! What a mock answers, beyond what a mock file can say too.

use std::fmt;
use std::panic::RefUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mockbird_core::json;
use mockbird_core::spec::{Body, Delay, Header, Response, ResponseType};

use crate::{Fault, Gate, ReceivedRequest};

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
    pub(crate) response: Response,
    pub(crate) kind: Option<ResponseType>,
    pub(crate) source: Source,
    pub(crate) gate: Option<Gate>,
    pub(crate) fault: Option<Fault>,
}

/// Where a reply comes from.
#[derive(Clone, Default)]
pub(crate) enum Source {
    /// The engine.
    #[default]
    Response,
    /// A closure of the test.
    Closure(Arc<Responder>),
}

pub(crate) type Responder = dyn Fn(&ReceivedRequest) -> Reply + Send + Sync + RefUnwindSafe;

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Response => "Response",
            Self::Closure(_) => "Closure",
        })
    }
}

/// A reply of this status, without a body.
pub fn status(code: u16) -> Reply {
    Reply::default().status(code)
}

/// A reply of this text, which may be a template.
pub fn text(body: impl Into<String>) -> Reply {
    Reply::default().text(body)
}

/// A reply of this JSON; its strings may be templates. A text that is no JSON by itself, such as one with blocks, is
/// a template of JSON.
///
/// Takes whatever shows itself as JSON: a text, or a value of `serde_json`.
pub fn json(body: impl fmt::Display) -> Reply {
    Reply::default().json(body)
}

/// A reply of these bytes, as they are.
pub fn bytes(body: impl Into<Bytes>) -> Reply {
    let mut reply = Reply::default();
    reply.response.body = Body::Bytes(body.into());
    reply
}

/// A reply that this closure makes of the request.
///
/// It runs on a thread where it may block. If it panics, the client gets a 500 that says so.
///
/// ```
/// # use mockbird_testkit::{MockServer, post, respond_with, text};
/// let server = MockServer::start().lenient();
/// server.mount(post("/echo").reply(respond_with(|request| text(request.text()))));
/// ```
pub fn respond_with<F>(closure: F) -> Reply
where
    F: Fn(&ReceivedRequest) -> Reply + Send + Sync + RefUnwindSafe + 'static,
{
    Reply {
        source: Source::Closure(Arc::new(closure)),
        ..Reply::default()
    }
}

impl Reply {
    /// With this status; 200 if not said.
    pub fn status(mut self, code: u16) -> Self {
        self.response.status_code = Some(code);
        self
    }

    /// With a header more; the same name again repeats it.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.response.headers.push(Header {
            name: name.to_owned(),
            values: vec![value.to_owned()],
        });
        self
    }

    /// With this text, which may be a template.
    pub fn text(mut self, body: impl Into<String>) -> Self {
        self.kind = Some(ResponseType::Text);
        self.response.body = Body::Text(body.into());
        self
    }

    /// With this JSON; see [`json`](crate::json()).
    pub fn json(mut self, body: impl fmt::Display) -> Self {
        let body = body.to_string();
        self.kind = Some(ResponseType::Json);
        self.response.body = match json::parse(body.as_bytes()) {
            Ok(node) => Body::Json(node),
            Err(_) => Body::Text(body),
        };
        self
    }

    /// Sent after this long; no thread waits.
    pub fn delay(mut self, delay: Duration) -> Self {
        let ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        self.response.response_delay = Some(Delay::Fixed(ms));
        self
    }

    /// Sent after something between the two.
    pub fn delay_between(mut self, least: Duration, most: Duration) -> Self {
        let ms = |delay: Duration| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        self.response.response_delay = Some(Delay::Uniform {
            min: ms(least),
            max: ms(most),
        });
        self
    }

    /// Sent only once the gate is open.
    pub fn behind(mut self, gate: &Gate) -> Self {
        self.gate = Some(gate.clone());
        self
    }

    /// Broken on the wire.
    pub fn broken(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }
}
