//! One request and its reply.

use std::future::{Future, pending};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, TRAILER};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::body::{Body, Incoming};
use hyper::service::Service;

use super::body::{End, ReplyBody, Rest, TimedParts};
use super::made::{failed, made, surroundings};
use super::spoiled::{closes, closing, written};
use super::unread::{Unread, read};
use super::wire::Orders;
use super::{BROKEN_OFF, Fatal};
use crate::reply::{Reply, Source};
use crate::report::panic_text;
use crate::state::{Decision, State};
use crate::{Fault, ReceivedRequest};

type Outcome = Result<Response<ReplyBody>, Fatal>;

/// The requests of one connection.
#[derive(Clone, Debug)]
pub(super) struct Answering {
    pub(super) state: Arc<State>,
    pub(super) orders: Orders,
    pub(super) client: Option<IpAddr>,
}

/// A reply on its way: most are there at once, and cost no future of their own.
pub(super) enum Exchange {
    /// Taken when it is first asked for.
    Now(Option<Response<ReplyBody>>),
    /// After its body, its delay, its gate or its closure.
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
    type Response = Response<ReplyBody>;
    type Error = Fatal;
    type Future = Exchange;

    fn call(&self, request: Request<Incoming>) -> Exchange {
        let (mut head, body) = request.into_parts();
        name_host(&mut head);
        if !body.is_end_stream() || self.state.may_block() {
            return Exchange::Later(Box::pin(self.clone().read(head, body)));
        }
        let (decision, received) = self.decide(&head, Bytes::new());
        if decision.beyond.is_none() && decision.delay.is_zero() {
            return Exchange::Now(Some(decision.response.map(ReplyBody::from)));
        }
        Exchange::Later(Box::pin(self.clone().finish(decision, received)))
    }
}

impl Answering {
    fn decide(&self, head: &Parts, body: Bytes) -> (Decision, Arc<ReceivedRequest>) {
        let received = self.received(head, body);
        let request = received.as_request_of(head);
        let env = surroundings(received.received_at());
        let decision = self.state.decide(&request, &received, &env);
        (decision, received)
    }

    fn received(&self, head: &Parts, body: Bytes) -> Arc<ReceivedRequest> {
        let number = self.state.next_number();
        Arc::new(ReceivedRequest::new(number, head, body, self.client))
    }

    /// The same where closures of the test may block: on a thread that nobody else waits for.
    async fn decide_aside(
        &self,
        head: Parts,
        body: Bytes,
    ) -> Result<(Decision, Arc<ReceivedRequest>), Fatal> {
        let answering = self.clone();
        let decided = tokio::task::spawn_blocking(move || answering.decide(&head, body));
        Ok(decided.await?)
    }

    /// Answers a request that has a body, or about which it may take time to decide.
    async fn read(self, head: Parts, body: Incoming) -> Outcome {
        let body = match read(&head.headers, body, self.state.body_bytes_max).await {
            Ok(body) => body,
            Err(Unread::Told { response, why }) => {
                let received = self.received(&head, Bytes::new());
                self.state.refuse(&received, response.status(), &why);
                return Ok(response.map(ReplyBody::from));
            }
            Err(Unread::Gone(error)) => return Err(error),
        };
        let (decision, received) = if self.state.may_block() {
            self.decide_aside(head, body).await?
        } else {
            self.decide(&head, body)
        };
        self.finish(decision, received).await
    }

    /// Waits, asks closures and breaks what is to be broken.
    async fn finish(self, decision: Decision, received: Arc<ReceivedRequest>) -> Outcome {
        let Decision {
            mut response,
            mut delay,
            beyond,
        } = decision;
        let beyond = beyond.and_then(|place| self.state.reply(place));
        let Some(mut reply) = beyond.cloned() else {
            wait(delay).await;
            return Ok(response.map(ReplyBody::from));
        };
        loop {
            if let Some(gate) = reply.gate.take() {
                gate.pass().await;
            }
            let Source::Closure(responder) = &reply.source else {
                break;
            };
            let by_closure = match responder.call(&received).await {
                Ok(by_closure) => by_closure.over(&reply),
                Err(panic) => {
                    let panic = panic_text(&*panic);
                    let by = self.state.told_who(&received);
                    let text = format!("a responder panicked on {received}: {panic}{by}");
                    self.state.journal.add_panic(text.clone());
                    received.set_status(Some(500));
                    return Ok(failed(&text).map(ReplyBody::from));
                }
            };
            // A closure may give what another closure makes.
            if !matches!(by_closure.source, Source::Closure(_)) {
                (response, delay) = match made(&by_closure, &received) {
                    Ok(made) => made,
                    Err(text) => {
                        let text = text + &self.state.told_who(&received);
                        self.state.journal.add_panic(text.clone());
                        (failed(&text), Duration::ZERO)
                    }
                };
            }
            received.set_status(Some(response.status().as_u16()));
            reply = by_closure;
        }
        wait(delay).await;
        if reply.fault.as_ref().is_some_and(Fault::has_no_status) {
            received.set_status(None);
        }
        self.sent(&reply, response, &received).await
    }

    /// The reply as it is sent: in parts, with trailers, or broken.
    async fn sent(
        &self,
        reply: &Reply,
        response: Response<Bytes>,
        received: &Arc<ReceivedRequest>,
    ) -> Outcome {
        let (left, end) = match &reply.fault {
            None => (usize::MAX, End::Complete),
            Some(Fault::CloseAfter(bytes)) => (*bytes, End::Breaks(self.orders.clone(), None)),
            Some(Fault::StallAfter(_)) if has_no_body(received, &response) => {
                received.set_status(None);
                return pending().await;
            }
            Some(Fault::StallAfter(bytes)) => (*bytes, End::Stalls),
            Some(Fault::Stall) => return pending().await,
            Some(Fault::Close) => return Err(BROKEN_OFF.into()),
            Some(Fault::Reset) => {
                self.orders.reset();
                return Err(BROKEN_OFF.into());
            }
            Some(Fault::Garbage(bytes)) => return Ok(self.instead(bytes.clone())),
            Some(Fault::ContentLength(length)) => {
                return Ok(self.with_length(response, *length, received));
            }
        };
        Ok(self.in_parts(reply, response, received, left, end))
    }

    fn in_parts(
        &self,
        reply: &Reply,
        mut response: Response<Bytes>,
        received: &Arc<ReceivedRequest>,
        left: usize,
        end: End,
    ) -> Response<ReplyBody> {
        let parts = match &reply.source {
            Source::Stream(stream) => match TimedParts::new(stream, &self.state, received) {
                Ok(parts) => Some(parts),
                Err(text) => {
                    received.set_status(Some(500));
                    return failed(&text).map(ReplyBody::from);
                }
            },
            Source::Response | Source::Closure(_) => None,
        };
        let is_all_sent = left >= response.body().len();
        let in_chunks = parts.is_some()
            || !reply.trailers.is_empty()
            // With its length in the head it would be complete.
            || is_all_sent && matches!(end, End::Stalls);
        if in_chunks && received.method() == Method::HEAD {
            // Nobody knows it.
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        for name in reply.trailers.keys() {
            let name = HeaderValue::from(name.clone());
            response.headers_mut().append(TRAILER, name);
        }
        let is_whole = !in_chunks && is_all_sent;
        if matches!(end, End::Breaks(..)) && (is_whole || has_no_body(received, &response)) {
            // Nothing is missing, and the connection is closed all the same.
            closes(&mut response);
        }
        let length = (!in_chunks).then(|| response.body().len() as u64);
        let rest = Rest {
            parts,
            left,
            end,
            trailers: reply.trailers.clone(),
            length,
        };
        response.map(|bytes| ReplyBody::new(bytes, rest))
    }

    /// A reply whose head lies about its length. hyper would not write it: over HTTP/1 we do.
    fn with_length(
        &self,
        mut response: Response<Bytes>,
        length: usize,
        received: &Arc<ReceivedRequest>,
    ) -> Response<ReplyBody> {
        if has_no_body(received, &response) {
            response.body_mut().clear();
        }
        if received.version() < Version::HTTP_2 {
            return self.instead(written(&response, length));
        }
        let length = HeaderValue::from(length);
        response.headers_mut().insert(CONTENT_LENGTH, length);
        response.map(ReplyBody::from)
    }

    /// These bytes in place of a reply, and then the end of the connection.
    fn instead(&self, bytes: Bytes) -> Response<ReplyBody> {
        self.orders.write_instead(bytes);
        closing()
    }
}

/// An authority in the target is the host that counts (RFC 9112, section 3.2.2); HTTP/2 has it nowhere else.
fn name_host(head: &mut Parts) {
    let Some(authority) = head.uri.authority() else {
        return;
    };
    let host = authority.as_str().rsplit('@').next().unwrap_or_default();
    if let Ok(host) = HeaderValue::from_str(host) {
        head.headers.insert(HOST, host);
    }
}

/// True if nothing follows the head, whatever it says.
fn has_no_body<B>(received: &ReceivedRequest, response: &Response<B>) -> bool {
    let status = response.status();
    *received.method() == Method::HEAD
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

async fn wait(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}
