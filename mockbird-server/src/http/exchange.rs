//! One request to the mocks of a file, and its reply.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_ENCODING, HOST};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use mockbird_core::{ErrorCode, error_response};

use super::app::{App, Head, Reply};
use super::body::{self, Refusal};
use super::host::{Answered, Exchange, Fatal, Host, Peer};

/// Bodies above this are answered on a thread of their own: parsing them would hold up others.
const BODY_BYTES_INLINE_MAX: usize = 256 << 10;

impl Host for App {
    type Body = Full<Bytes>;

    fn read_timeout(&self) -> Duration {
        self.limits().read_timeout
    }

    fn grace(&self) -> Duration {
        self.limits().grace
    }

    fn half_close(&self) -> bool {
        true
    }

    fn has_cors(&self) -> bool {
        Self::has_cors(self)
    }

    fn told_refused(&self, code: ErrorCode, why: &str) {
        self.say_refused(code, why);
    }

    fn refuse_head(&self, head: &Parts, why: &str) -> Response<Full<Bytes>> {
        let began = self.begin();
        let response = error_response(ErrorCode::HeadersTooLarge, why);
        self.send(self.refuse(Head::of_parts(head), response, why), began)
    }

    fn answer(self: &Arc<Self>, request: Request<Incoming>, peer: &Peer) -> Exchange<Full<Bytes>> {
        let began = self.begin();
        let head = Head::of(&request);
        let plain = request.uri().authority().is_none() && head.target().starts_with('/');
        if !plain || !request.body().is_end_stream() {
            let answering = Answering {
                app: Arc::clone(self),
                peer: peer.clone(),
            };
            return Exchange::later(answering.read(request, began), peer);
        }
        let reply = self.decide_guarded(head, &[], peer.ip);
        if reply.delay.is_zero() {
            return Exchange::now(self.send(reply, began), peer);
        }
        let app = Arc::clone(self);
        let delayed = async move {
            tokio::time::sleep(reply.delay).await;
            Ok(app.send(reply, began))
        };
        Exchange::later(delayed, peer)
    }
}

impl App {
    fn decide_guarded(&self, head: Head<'_>, body: &[u8], client: IpAddr) -> Reply {
        self.guarded(head, || self.decide(head, body, client))
    }

    fn send(&self, reply: Reply, began: Option<Instant>) -> Response<Full<Bytes>> {
        self.say(reply.line, began);
        reply.response.map(Full::new)
    }
}

/// What it takes to answer a request that is not there yet.
struct Answering {
    app: Arc<App>,
    peer: Peer,
}

impl Answering {
    /// Answers a request that has a body, or another form of target than a path.
    async fn read(
        self,
        request: Request<Incoming>,
        began: Option<Instant>,
    ) -> Answered<Full<Bytes>> {
        let (mut parts, body) = request.into_parts();
        let reply = match self.answer_of_host(&mut parts) {
            Some(reply) => reply,
            None => self.answer(parts, body).await?,
        };
        if !reply.delay.is_zero() {
            tokio::time::sleep(reply.delay).await;
        }
        Ok(self.app.send(reply, began))
    }

    async fn answer(&self, parts: Parts, mut unread: Incoming) -> Result<Reply, Fatal> {
        let head = Head::of_parts(&parts);
        let body = match body::read(&mut unread, self.app.limits()).await {
            Ok(body) => body,
            Err(Refusal::Gone(error)) => return Err(error.into()),
            Err(Refusal::Told(code, why)) => {
                self.peer.refuse();
                if head.version == Version::HTTP_2 {
                    tokio::spawn(body::let_pass(unread));
                }
                return Ok(self
                    .app
                    .refuse(head, last_response(head.version, code, &why), &why));
            }
        };
        if body.len() <= BODY_BYTES_INLINE_MAX && !parts.headers.contains_key(CONTENT_ENCODING) {
            return Ok(self.app.decide_guarded(head, &body, self.peer.ip));
        }
        let (app, client) = (Arc::clone(&self.app), self.peer.ip);
        let aside = tokio::task::spawn_blocking(move || {
            let head = Head::of_parts(&parts);
            app.guarded(head, || app.decide_aside(head, body, client))
        });
        // It fails only where the runtime ends.
        Ok(aside.await?)
    }

    /// What concerns the host, not the mocks: other forms of target than a path (RFC 9112 section 3.2).
    ///
    /// A target with an authority becomes a path and a `Host`, which is then the one that counts.
    fn answer_of_host(&self, parts: &mut Parts) -> Option<Reply> {
        if parts.method == Method::CONNECT {
            let why = "this is no proxy: it answers requests for itself, without CONNECT";
            let response = error_response(ErrorCode::BadRequest, why);
            return Some(self.app.refuse(Head::of_parts(parts), response, why));
        }
        if let Some(authority) = parts.uri.authority() {
            let host = authority.as_str().rsplit('@').next().unwrap_or("");
            if let Ok(host) = HeaderValue::from_str(host) {
                parts.headers.insert(HOST, host);
            }
        }
        let head = Head::of_parts(parts);
        if *head.method != Method::OPTIONS || head.target() != "*" {
            return None;
        }
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::NO_CONTENT;
        Some(self.app.refuse(head, response, "the server as a whole"))
    }
}

/// An error after which HTTP/1.1 cannot go on: what was not read stands in the way.
fn last_response(version: Version, code: ErrorCode, why: &str) -> Response<Bytes> {
    let mut response = error_response(code, why);
    if version < Version::HTTP_2 {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
