//! One request and its reply.

use std::error::Error;
use std::future::pending;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH};
use http::{HeaderValue, Method, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Incoming};
use mockbird_core::spec::{MethodPattern, Mock, Spec};
use mockbird_core::{
    BodyError, Engine, Env, ErrorCode, Request, RequestId, error_response, inflate,
};

use super::body::ReplyBody;
use super::wire::Orders;
use crate::reply::{Reply, Source};
use crate::report::panic_text;
use crate::state::{Decision, State};
use crate::{Fault, ReceivedRequest};

/// The largest request body that is read.
const BODY_BYTES_MAX: usize = 10 << 20;

const TOO_LARGE: BodyError = BodyError::TooLarge(BODY_BYTES_MAX);

/// What ends a connection without a reply.
type Fatal = Box<dyn Error + Send + Sync>;

/// Why a connection ends that the test wants to end.
const BROKEN_OFF: &str = "the mock breaks off";

/// The requests of one connection.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) state: Arc<State>,
    pub(super) orders: Orders,
    pub(super) client: Option<IpAddr>,
}

impl Exchange {
    /// Answers a request, as the mock that takes it wants.
    pub(super) async fn answer(
        self,
        request: hyper::Request<Incoming>,
    ) -> Result<Response<ReplyBody>, Fatal> {
        let (head, body) = request.into_parts();
        let body = match read(&head.headers, body).await {
            Ok(body) => body,
            Err(Unread::Told(response)) => return Ok(response.map(ReplyBody::from)),
            Err(Unread::Gone(error)) => return Err(error),
        };
        let number = self.state.next_number();
        let received = Arc::new(ReceivedRequest::new(number, head, body, self.client));
        let Decision {
            mut response,
            mut delay,
            reply,
        } = self.state.decide(&received, &surroundings());
        let Some(mut reply) = reply else {
            tokio::time::sleep(delay).await;
            return Ok(response.map(ReplyBody::from));
        };
        if let Some(gate) = &reply.gate {
            gate.pass().await;
        }
        if let Source::Closure(_) = &reply.source {
            let made = self.called(reply.clone(), &received).await?;
            (response, delay) = (made.response, made.delay);
            received.set_status(Some(response.status().as_u16()));
            // What was said of the closure holds for what it makes, unless that says otherwise.
            reply.fault = made.reply.and_then(|made| made.fault).or(reply.fault);
        }
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        match reply.fault {
            None => Ok(response.map(ReplyBody::from)),
            Some(fault) => {
                if fault.has_no_status() {
                    received.set_status(None);
                }
                self.broken(&fault, response).await
            }
        }
    }

    /// The reply that a closure makes, on a thread where it may block.
    async fn called(
        &self,
        reply: Reply,
        received: &Arc<ReceivedRequest>,
    ) -> Result<Decision, Fatal> {
        let (state, received) = (Arc::clone(&self.state), Arc::clone(received));
        let work = move || {
            let Source::Closure(closure) = &reply.source else {
                return made(reply, &received);
            };
            match catch_unwind(AssertUnwindSafe(|| closure(&received))) {
                Ok(reply) => made(reply, &received),
                Err(panic) => {
                    let text = format!(
                        "a responder panicked on {received}: {}",
                        panic_text(&*panic)
                    );
                    state.journal.add_panic(text.clone());
                    failed(&text)
                }
            }
        };
        Ok(tokio::task::spawn_blocking(work).await?)
    }

    /// Breaks a reply as wanted.
    async fn broken(
        &self,
        fault: &Fault,
        response: Response<Bytes>,
    ) -> Result<Response<ReplyBody>, Fatal> {
        match fault {
            Fault::Reset => {
                self.orders.reset();
                Err(BROKEN_OFF.into())
            }
            Fault::Close => Err(BROKEN_OFF.into()),
            Fault::Stall => pending().await,
            Fault::StallAfter(bytes) => Ok(stalling(response, *bytes)),
            Fault::CloseAfter(bytes) => {
                let length = response.body().len();
                let part = response.body().slice(..length.min(*bytes));
                Ok(self.instead(written(response.map(|_| part), length)))
            }
            Fault::ContentLength(length) => Ok(self.instead(written(response, *length))),
            Fault::Garbage(bytes) => Ok(self.instead(bytes.clone())),
        }
    }

    /// These bytes in place of a reply, and then the end of the connection.
    fn instead(&self, bytes: Bytes) -> Response<ReplyBody> {
        self.orders.write_instead(bytes);
        // What hyper takes for the reply must have a body, or there may be nothing to write.
        let mut response = Response::new(ReplyBody::from(Bytes::from_static(b"-")));
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
        response
    }
}

/// The head of the whole and the beginning of its body.
fn stalling(mut response: Response<Bytes>, bytes: usize) -> Response<ReplyBody> {
    let length = HeaderValue::from(response.body().len());
    response.headers_mut().insert(CONTENT_LENGTH, length);
    response.map(|body| ReplyBody::stalling(body.slice(..bytes.min(body.len()))))
}

/// A reply as it stands on the wire, with this length in its head.
fn written(response: Response<Bytes>, length: usize) -> Bytes {
    let mut out = BytesMut::new();
    out.extend_from_slice(format!("HTTP/1.1 {}\r\n", response.status()).as_bytes());
    for (name, value) in response
        .headers()
        .iter()
        .filter(|(name, _)| *name != CONTENT_LENGTH)
    {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            out.extend_from_slice(part);
        }
    }
    out.extend_from_slice(format!("content-length: {length}\r\n\r\n").as_bytes());
    out.extend_from_slice(&response.into_body());
    out.freeze()
}

/// A reply made for one request, by the rules of all others.
fn made(reply: Reply, received: &ReceivedRequest) -> Decision {
    let spec = Spec {
        name: "reply".to_owned(),
        cors: Some(false),
        mocks: vec![Mock {
            method: Some(MethodPattern::Any),
            path: "/".to_owned(),
            response_type: reply.kind,
            responses: vec![mockbird_core::spec::Response {
                template: Some(false),
                ..reply.response.clone()
            }],
            ..Mock::default()
        }],
        ..Spec::default()
    };
    let engine = match Engine::compile(&spec) {
        Ok(compiled) => compiled.engine,
        Err(faults) => return failed(&format!("the reply of a responder has faults:\n{faults}")),
    };
    let method: &Method = received.method();
    let request = Request::new(method, "/", received.headers(), received.body());
    let answer = engine.answer(&request, &surroundings());
    Decision {
        response: answer.response,
        delay: answer.delay,
        reply: Some(reply),
    }
}

fn failed(text: &str) -> Decision {
    Decision {
        response: error_response(ErrorCode::InternalError, text),
        delay: Duration::ZERO,
        reply: None,
    }
}

/// The present, and fresh random bits.
fn surroundings() -> Env<'static> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now_ms = i64::try_from(now.unwrap_or_default().as_millis()).unwrap_or(i64::MAX);
    Env {
        now_ms,
        request_id: RequestId::v7(now_ms, [fastrand::u64(..), fastrand::u64(..)]),
        random: fastrand::u64(..),
        counters: None,
    }
}

/// Why a body was not read.
enum Unread {
    /// The client is told why.
    Told(Response<Bytes>),
    /// The client is gone.
    Gone(Fatal),
}

/// The body as the client meant it: whole, and inflated.
async fn read(headers: &http::HeaderMap, body: Incoming) -> Result<Bytes, Unread> {
    if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
        return Err(Unread::Told(TOO_LARGE.response()));
    }
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let body = match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return Err(refusal(error)),
    };
    inflate(headers, body, BODY_BYTES_MAX).map_err(|error| Unread::Told(error.response()))
}

/// What a client is told whose body cannot be read.
fn refusal(error: Fatal) -> Unread {
    match error.downcast::<hyper::Error>() {
        Ok(error) => match BodyError::malformed(&*error) {
            Some(malformed) => Unread::Told(malformed.response()),
            None => Unread::Gone(error),
        },
        Err(_beyond_the_limit) => Unread::Told(TOO_LARGE.response()),
    }
}
