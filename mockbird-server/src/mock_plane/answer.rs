//! One request to a mock, from its head to its reply.

use std::future::Future;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, EXPECT};
use http::request::Parts;
use http::{Request, Response};
use mockbird_core::{ErrorCode, error_response};
use tokio::sync::OwnedSemaphorePermit;

use super::guard::Sight;
use super::snapshot::Decided;
use super::{Address, MockPlane, Snapshot, body, reply};
use crate::domain::Millis;

/// Bodies above this are answered on a thread of their own: parsing them would hold up others.
const BODY_BYTES_INLINE_MAX: usize = 256 << 10;

/// A reply, as it will be sent.
#[derive(Debug)]
pub enum Settled {
    /// Now.
    Now(Response<Body>),
    /// After its delay.
    Later(Delayed),
}

/// A reply with a delay before it.
#[derive(Debug)]
pub struct Delayed {
    response: Response<Body>,
    delay: Duration,
    /// Free again when this ends, however it does.
    _place: OwnedSemaphorePermit,
}

impl Delayed {
    /// The reply, after its delay.
    pub async fn wait(self) -> Response<Body> {
        tokio::time::sleep(self.delay).await;
        self.response
    }
}

impl MockPlane {
    /// Answers a request that has no body, for a project that is in memory: without waiting for anything, and so without a
    /// future. Any other request comes back.
    #[expect(clippy::result_large_err, reason = "the request goes on as it came")]
    pub fn answer_at_once<B: http_body::Body>(
        &self,
        address: &Address,
        request: Request<B>,
        client: IpAddr,
    ) -> Result<Settled, Request<B>> {
        let is_whole = request.body().is_end_stream();
        if !is_whole || request.headers().contains_key(CONTENT_ENCODING) {
            return Err(request);
        }
        let Some(snapshot) = self.in_memory(&address.slug) else {
            return Err(request);
        };
        let at = self.clock.now();
        let (mut parts, _) = request.into_parts();
        let sight = match snapshot.admit(&mut parts, address, at) {
            Ok(sight) => sight,
            Err(refused) => return Ok(Settled::Now(self.sent(refused, address))),
        };
        let decided = snapshot.decide(&parts, &address.target, &[], client, sight);
        Ok(self.settle(&snapshot, decided, address, at))
    }

    /// Answers a request to `address`, after its delay.
    pub async fn answer<B>(
        &self,
        address: &Address,
        request: Request<B>,
        client: IpAddr,
    ) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        let snapshot = match self.project(&address.slug).await {
            Ok(snapshot) => snapshot,
            Err(absent) => return self.sent(absent.response(&address.slug), address),
        };
        let at = self.clock.now();
        let (mut parts, mut body) = request.into_parts();
        let sight = match snapshot.admit(&mut parts, address, at) {
            Ok(sight) => sight,
            Err(refused) => return self.sent(refused, address),
        };
        let read = body::read(&mut body, self.body_bytes, self.body_timeout);
        let decided = match read.await {
            Ok(body) => {
                self.decide(&snapshot, address, parts, body, client, sight)
                    .await
            }
            Err(refused) => {
                // Who waits to be asked for the body sends none now.
                if !parts.headers.contains_key(EXPECT) {
                    body::let_pass(body);
                }
                Decided::by_host(snapshot.readable(refused))
            }
        };
        match self.settle(&snapshot, decided, address, at) {
            Settled::Now(response) => response,
            Settled::Later(delayed) => delayed.wait().await,
        }
    }

    async fn decide(
        &self,
        snapshot: &Arc<Snapshot>,
        address: &Address,
        parts: Parts,
        body: Bytes,
        client: IpAddr,
        sight: Sight,
    ) -> Decided {
        if body.len() <= BODY_BYTES_INLINE_MAX && !parts.headers.contains_key(CONTENT_ENCODING) {
            return snapshot.decide(&parts, &address.target, &body, client, sight);
        }
        let (target, limit) = (address.target.clone(), self.body_bytes);
        let snapshot = Arc::clone(snapshot);
        let aside = tokio::task::spawn_blocking(move || {
            match mockbird_core::inflate(&parts.headers, body, limit) {
                Ok(body) => snapshot.decide(&parts, &target, &body, client, sight),
                Err(error) => Decided::by_host(snapshot.readable(error.response())),
            }
        });
        // It fails only where the runtime ends.
        aside.await.unwrap_or_else(|_| {
            let why = "the server is stopping";
            Decided::by_host(error_response(ErrorCode::ServiceUnavailable, why))
        })
    }

    /// Finds a place for a reply with a delay, and passes on what became of the request.
    fn settle(
        &self,
        snapshot: &Snapshot,
        mut decided: Decided,
        address: &Address,
        at: Millis,
    ) -> Settled {
        let room = &snapshot.tenant.room;
        let place = (!decided.delay.is_zero()).then(|| room.enter());
        if let Some(None) = place {
            decided = Decided::by_host(snapshot.readable(room.full()));
        }
        snapshot.tell(&decided, at);
        let response = self.sent(decided.response, address);
        match place.flatten() {
            None => Settled::Now(response),
            Some(place) => Settled::Later(Delayed {
                response,
                delay: decided.delay,
                _place: place,
            }),
        }
    }

    /// The response as it is sent, counted by the class of its status.
    fn sent(&self, response: Response<Bytes>, address: &Address) -> Response<Body> {
        let class = usize::from(response.status().as_u16() / 100);
        let counter = class.checked_sub(1).and_then(|at| self.answered.get(at));
        if let Some(counter) = counter {
            counter.increment(1);
        }
        reply::finished(response, address)
    }

    /// The project of a slug, if it is at hand.
    fn in_memory(&self, slug: &str) -> Option<Arc<Snapshot>> {
        let wanted = self.generations.now(slug);
        // It is ready but while the cache tidies up, which whoever waits for it next goes on with.
        let found = pin!(self.projects.get(&wanted));
        match found.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(found) => found,
            Poll::Pending => None,
        }
    }
}
