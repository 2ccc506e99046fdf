//! One request and its reply.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_ENCODING, HOST};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::service::Service;
use mockbird_core::{ErrorCode, error_response};

use super::HEAD_BYTES_MAX;
use super::app::{App, Head, Reply};
use super::body::{self, Refusal};
use super::marks::Marks;

/// Bodies above this are answered on a thread of their own: parsing them would hold up others.
const BODY_BYTES_INLINE_MAX: usize = 256 << 10;

/// What is said of a request with too many headers over HTTP/2.
const HEAD_TOO_LARGE: &str = "the request has more than 256 KiB of headers";

/// What ends a connection without a reply.
type Fatal = Box<dyn std::error::Error + Send + Sync>;

type Outcome = Result<Response<Full<Bytes>>, Fatal>;

/// Answers the requests of one connection.
#[derive(Clone, Debug)]
pub(super) struct Answering {
    pub(super) app: Arc<App>,
    pub(super) client: IpAddr,
    pub(super) marks: Arc<Marks>,
}

/// A reply on its way: most are there at once, and cost no future of their own.
pub(super) enum Exchange {
    /// Taken when it is first asked for.
    Now(Option<Response<Full<Bytes>>>),
    /// After its body, its delay or both.
    Later(Pin<Box<dyn Future<Output = Outcome> + Send>>),
}

impl Future for Exchange {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        match self.get_mut() {
            // A future is not asked again after it was ready.
            Self::Now(response) => response
                .take()
                .map_or(Poll::Pending, |response| Poll::Ready(Ok(response))),
            Self::Later(rest) => rest.as_mut().poll(cx),
        }
    }
}

impl Service<Request<Incoming>> for Answering {
    type Response = Response<Full<Bytes>>;
    type Error = Fatal;
    type Future = Exchange;

    fn call(&self, request: Request<Incoming>) -> Exchange {
        let began = self.app.begin();
        self.marks.step();
        let head = Head::of(&request);
        if head.version == Version::HTTP_2 && head.size() > HEAD_BYTES_MAX as usize {
            return Exchange::Now(Some(self.send(self.refuse_head(request), began)));
        }
        let plain = request.uri().authority().is_none() && head.target().starts_with('/');
        if !plain || !request.body().is_end_stream() {
            return Exchange::Later(Box::pin(self.clone().read(request, began)));
        }
        let reply = self.decide(head, &[]);
        if reply.delay.is_zero() {
            Exchange::Now(Some(self.send(reply, began)))
        } else {
            Exchange::Later(Box::pin(self.clone().send_later(reply, began)))
        }
    }
}

impl Answering {
    fn decide(&self, head: Head<'_>, body: &[u8]) -> Reply {
        let decide = || self.app.decide(head, body, self.client);
        self.app.guarded(head, decide)
    }

    fn send(&self, reply: Reply, began: Option<Instant>) -> Response<Full<Bytes>> {
        self.app.say(reply.line, began);
        self.marks.reply();
        reply.response.map(Full::new)
    }

    /// What hyper does itself for HTTP/1.1.
    fn refuse_head(&self, request: Request<Incoming>) -> Reply {
        let (parts, body) = request.into_parts();
        tokio::spawn(body::let_pass(body));
        let response = error_response(ErrorCode::HeadersTooLarge, HEAD_TOO_LARGE);
        self.app
            .refuse(Head::of_parts(&parts), response, HEAD_TOO_LARGE)
    }

    async fn send_later(self, reply: Reply, began: Option<Instant>) -> Outcome {
        let _working = self.marks.work();
        tokio::time::sleep(reply.delay).await;
        Ok(self.send(reply, began))
    }

    /// Answers a request that has a body, or another form of target than a path.
    async fn read(self, request: Request<Incoming>, began: Option<Instant>) -> Outcome {
        let _working = self.marks.work();
        let (mut parts, body) = request.into_parts();
        let reply = match self.answer_of_host(&mut parts) {
            Some(reply) => reply,
            None => self.answer(parts, body).await?,
        };
        if !reply.delay.is_zero() {
            tokio::time::sleep(reply.delay).await;
        }
        Ok(self.send(reply, began))
    }

    async fn answer(&self, parts: Parts, mut unread: Incoming) -> Result<Reply, Fatal> {
        let head = Head::of_parts(&parts);
        let body = match body::read(&mut unread, self.app.limits()).await {
            Ok(body) => body,
            Err(Refusal::Gone(error)) => return Err(error.into()),
            Err(Refusal::Told(code, why)) => {
                self.marks.refuse();
                if head.version == Version::HTTP_2 {
                    tokio::spawn(body::let_pass(unread));
                }
                return Ok(self
                    .app
                    .refuse(head, last_response(head.version, code, &why), &why));
            }
        };
        if body.len() <= BODY_BYTES_INLINE_MAX && !parts.headers.contains_key(CONTENT_ENCODING) {
            return Ok(self.decide(head, &body));
        }
        let (app, client) = (Arc::clone(&self.app), self.client);
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
