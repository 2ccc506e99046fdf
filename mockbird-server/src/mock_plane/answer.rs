//! One request to a mock, from its head to its reply.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::header::CONTENT_ENCODING;
use http::request::Parts;
use http::{Request, Response};
use mockbird_core::{ErrorCode, error_response};
use tokio::sync::OwnedSemaphorePermit;

use super::guard::{self, Sight};
use super::log_event::Asked;
use super::rates::{Admitted, Asker, Limited};
use super::snapshot::Decided;
use super::{Address, AnsweredBy, LogEvent, MockPlane, Snapshot, body, cookies, reply};
use crate::domain::{LogId, Millis};

/// Bodies above this are answered on a thread of their own: parsing them would hold up others.
const BODY_BYTES_INLINE_MAX: usize = 256 << 10;

/// A reply, as it will be sent.
#[derive(Debug)]
pub enum Settled {
    /// Now.
    Now(Response<Bytes>),
    /// After its delay.
    Later(Delayed),
}

/// A reply with a delay before it.
#[derive(Debug)]
pub struct Delayed {
    response: Response<Bytes>,
    delay: Duration,
    /// Free again when this ends, however it does.
    _place: OwnedSemaphorePermit,
}

impl Delayed {
    /// The reply, after its delay.
    pub async fn wait(self) -> Response<Bytes> {
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
        let (parts, body) = request.into_parts();
        let sight = match snapshot.admit(&parts, address, at) {
            Ok(sight) => sight,
            Err(refused) => return Ok(Settled::Now(self.refused(refused, address, at))),
        };
        let asker = Asker::of(&snapshot, &parts, address, client);
        let Some(rated) = self.rates.ask_here(&snapshot.tenant, asker, at) else {
            return Err(Request::from_parts(parts, body));
        };
        let asked = self.asked(address, parts, client, at, sight);
        Ok(match rated {
            Ok(admitted) => {
                let (asked, began) = (Asked { admitted, ..asked }, self.began());
                let decided = snapshot.decide(&asked, &address.target);
                self.settle(snapshot, asked, decided, began)
            }
            Err(limited) => Settled::Now(self.limited(snapshot, asked, limited, address)),
        })
    }

    /// Answers a request to `address`, after its delay.
    pub async fn answer<B>(
        &self,
        address: &Address,
        request: Request<B>,
        client: IpAddr,
    ) -> Response<Bytes>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        let loaded = self.project(&address.slug).await;
        let at = self.clock.now();
        let snapshot = match loaded {
            Ok(snapshot) => snapshot,
            Err(absent) => return self.refused(absent.response(&address.slug), address, at),
        };
        let (parts, mut body) = request.into_parts();
        let sight = match snapshot.admit(&parts, address, at) {
            Ok(sight) => sight,
            Err(refused) => return self.refused(refused, address, at),
        };
        let asker = Asker::of(&snapshot, &parts, address, client);
        let rated = self.rates.ask(&snapshot.tenant, asker, at).await;
        let mut asked = self.asked(address, parts, client, at, sight);
        match rated {
            Ok(admitted) => asked.admitted = admitted,
            Err(limited) => return self.limited(snapshot, asked, limited, address),
        }
        let read = body::read(&mut body, self.body_bytes, self.body_timeout).await;
        let began = self.began();
        let (asked, decided) = match read {
            Ok(body) => {
                asked.body = body;
                match self.decide(&snapshot, address, asked).await {
                    Ok(decided) => decided,
                    Err(stopping) => return self.refused(stopping, address, at),
                }
            }
            Err(refused) => (asked, Decided::by_host(snapshot.readable(refused))),
        };
        match self.settle(snapshot, asked, decided, began) {
            Settled::Now(response) => response,
            Settled::Later(delayed) => delayed.wait().await,
        }
    }

    /// Decides where it does not hold up others.
    async fn decide(
        &self,
        snapshot: &Arc<Snapshot>,
        address: &Address,
        mut asked: Asked,
    ) -> Result<(Asked, Decided), Response<Bytes>> {
        let is_encoded = asked.parts.headers.contains_key(CONTENT_ENCODING);
        if asked.body.len() <= BODY_BYTES_INLINE_MAX && !is_encoded {
            let decided = snapshot.decide(&asked, &address.target);
            return Ok((asked, decided));
        }
        let (target, limit) = (address.target.clone(), self.body_bytes);
        let snapshot = Arc::clone(snapshot);
        let aside = tokio::task::spawn_blocking(move || {
            let inflated = mockbird_core::inflate(&asked.parts.headers, asked.body.clone(), limit);
            let decided = match inflated {
                Ok(body) => {
                    asked.body = body;
                    snapshot.decide(&asked, &target)
                }
                Err(error) => Decided::by_host(snapshot.readable(error.response())),
            };
            (asked, decided)
        });
        // It fails only where the runtime ends.
        let why = "the server is stopping";
        let stopping = |_| error_response(ErrorCode::ServiceUnavailable, why);
        aside.await.map_err(stopping)
    }

    /// The request as a mock and the log see it: without the key, and without the cookies of a login to the service.
    fn asked(
        &self,
        address: &Address,
        mut parts: Parts,
        client: IpAddr,
        at: Millis,
        sight: Sight,
    ) -> Asked {
        cookies::take_logins(&mut parts.headers);
        guard::take_key(&mut parts.headers);
        Asked {
            id: self.ids.next(at),
            at,
            parts,
            body: Bytes::new(),
            client,
            own_host: address.own_host,
            sight,
            admitted: Admitted::default(),
        }
    }

    /// When an answer was begun, if anybody wants to know.
    fn began(&self) -> Option<Instant> {
        self.log.is_some().then(Instant::now)
    }

    /// Finds a place for a reply with a delay, and passes on what became of the request.
    fn settle(
        &self,
        snapshot: Arc<Snapshot>,
        asked: Asked,
        mut decided: Decided,
        began: Option<Instant>,
    ) -> Settled {
        let Admitted { standing, slow } = asked.admitted;
        let room = &snapshot.tenant.room;
        let delay = decided.delay + slow;
        let place = (!delay.is_zero()).then(|| room.enter()).flatten();
        if place.is_none() && !decided.delay.is_zero() {
            decided = Decided::by_host(snapshot.readable(room.full()));
        }
        let delay = place.as_ref().map_or(Duration::ZERO, |_| delay);
        let taken_out = if asked.own_host {
            Vec::new()
        } else {
            reply::confine(decided.response.headers_mut())
        };
        let id = asked.id;
        if decided.by != AnsweredBy::Preflight {
            snapshot.tell(&decided, asked.at);
            if let (Some(log), Some(began)) = (&self.log, began) {
                log.push(LogEvent {
                    engine: began.elapsed(),
                    by: decided.by,
                    status: decided.response.status().as_u16(),
                    bytes: decided.response.body().len() as u64,
                    delay,
                    near: decided.near,
                    failure: decided.failure,
                    limited: decided.limited,
                    taken_out,
                    asked,
                    snapshot,
                });
            }
        }
        if let Some(standing) = standing {
            standing.tell(decided.response.headers_mut());
        }
        let response = self.sent(decided.response, id);
        match place {
            None => Settled::Now(response),
            Some(place) => Settled::Later(Delayed {
                response,
                delay,
                _place: place,
            }),
        }
    }

    /// What is sent where a limit refuses. Few of many such requests are logged: refusing must cost less than answering.
    fn limited(
        &self,
        snapshot: Arc<Snapshot>,
        asked: Asked,
        limited: Limited,
        address: &Address,
    ) -> Response<Bytes> {
        let response = snapshot.readable(limited.response());
        let Some(unlogged) = snapshot.tenant.gauge.is_logged(asked.at) else {
            return self.refused(response, address, asked.at);
        };
        let decided = Decided {
            limited: Some(unlogged),
            ..Decided::by_host(response)
        };
        match self.settle(snapshot, asked, decided, self.began()) {
            Settled::Now(response) => response,
            Settled::Later(delayed) => delayed.response,
        }
    }

    /// What is sent to whoever was turned away: that is no request of the project.
    fn refused(
        &self,
        mut response: Response<Bytes>,
        address: &Address,
        at: Millis,
    ) -> Response<Bytes> {
        if !address.own_host {
            reply::confine(response.headers_mut());
        }
        self.sent(response, self.ids.next(at))
    }

    /// The response as it is sent, counted by the class of its status.
    fn sent(&self, response: Response<Bytes>, id: LogId) -> Response<Bytes> {
        let class = usize::from(response.status().as_u16() / 100);
        let counter = class.checked_sub(1).and_then(|at| self.answered.get(at));
        if let Some(counter) = counter {
            counter.increment(1);
        }
        reply::finished(response, id)
    }

    /// The project of a slug, if it is at hand.
    fn in_memory(&self, slug: &str) -> Option<Arc<Snapshot>> {
        let wanted = self.generations.now(slug);
        // It is ready but while the cache tidies up, which whoever waits for it next goes on with.
        let found = self.projects.get(&wanted).now_or_never().flatten();
        found.inspect(|_| self.hits.increment(1))
    }
}
