//! What a server shares with its connections and handles: the engine, the mocks, the journal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http::StatusCode;
use mockbird_core::spec::Spec;
use mockbird_core::{
    AnswerSource, Engine, Env, ErrorCode, Invalid, MockKey, Outcome, Request, Turn, error_response,
    finish, finish_miss,
};

use crate::asked::FailedCheck;
use crate::journal::Journal;
use crate::live::{Live, Snapshot};
use crate::mounted::{Mounted, mounted_key};
use crate::order::ExpectedOrder;
use crate::received::Answered;
use crate::reply::{Order, Reply};
use crate::server::MockServerBuilder;
use crate::{Mount, ReceivedRequest};

/// What becomes of a request.
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) response: http::Response<bytes::Bytes>,
    pub(crate) delay: std::time::Duration,
    /// The reply, if there is more to it than the response.
    pub(crate) beyond: Option<Place>,
}

/// A reply of a mock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    key: usize,
    reply: usize,
}

/// A mock that takes a request.
struct Taken<'e> {
    key: usize,
    /// Which of its replies; `None` if the response is one of a file.
    reply: Option<usize>,
    failed: Vec<FailedCheck>,
    /// `None` if it has no more replies, and should have been asked no more.
    outcome: Option<Outcome<'e>>,
}

/// A server but for its listener.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) live: Live,
    /// By key, in the order in which they were mounted; what is removed stays, for the report.
    pub(crate) mounted: boxcar::Vec<Mounted>,
    pub(crate) journal: Journal,
    /// The largest request body that is read.
    pub(crate) body_bytes_max: usize,
    /// The orders of calls that are expected.
    pub(crate) orders: boxcar::Vec<ExpectedOrder>,
    /// How many of them are expected no more.
    pub(crate) orders_forgotten: AtomicUsize,
    /// True if a mock asks closures of the test: requests are then decided on where that may block.
    has_closures: AtomicBool,
    /// True if a panic of ours has said all there is to say.
    pub(crate) told: AtomicBool,
}

impl State {
    pub(crate) fn new(options: &MockServerBuilder) -> Result<Self, Invalid> {
        let spec = Spec {
            name: "test".to_owned(),
            cors: Some(options.cors),
            seed: options.seed,
            ..Spec::default()
        };
        Ok(Self {
            live: Live::new(Engine::compile(&spec)?.engine),
            mounted: boxcar::Vec::new(),
            journal: Journal::new(options.journal),
            body_bytes_max: options.body_bytes_max,
            orders: boxcar::Vec::new(),
            orders_forgotten: AtomicUsize::new(0),
            has_closures: AtomicBool::new(false),
            told: AtomicBool::new(false),
        })
    }

    /// Looks at the engine as it is now.
    pub(crate) fn with_engine<T>(&self, look: impl FnOnce(&Engine) -> T) -> T {
        look(&self.live().engine)
    }

    /// What was mounted as this mock of the engine.
    pub(crate) fn mounted_of(&self, key: MockKey) -> Option<&Mounted> {
        self.mounted.get(mounted_key(key))
    }

    /// True if deciding about a request may block.
    pub(crate) fn may_block(&self) -> bool {
        self.has_closures.load(Ordering::Relaxed)
    }

    /// Remembers that a mock asks closures, if it does.
    pub(crate) fn note_closures(&self, mount: &Mount) {
        if mount.has_closure() {
            self.has_closures.store(true, Ordering::Relaxed);
        }
    }

    /// The number of a request that has just come.
    pub(crate) fn next_number(&self) -> usize {
        self.journal.next_number()
    }

    /// Decides about a request, and writes it down.
    pub(crate) fn decide(
        &self,
        request: &Request<'_>,
        received: &Arc<ReceivedRequest>,
        env: &Env<'_>,
    ) -> Decision {
        let snapshot = self.live();
        let Snapshot { engine, counters } = &**snapshot;
        let env = Env {
            counters: Some(counters),
            ..*env
        };
        let taken = engine.candidates(request, &env, |turn| self.take(turn, received));
        let (by, outcome) = match taken {
            None => (None, engine.unanswered(request)),
            Some(Taken {
                key,
                reply,
                failed,
                outcome: Some(outcome),
            }) => {
                received.set_failed_checks(failed);
                (Some((key, reply)), outcome)
            }
            Some(Taken { key, .. }) => return self.used_up(key, received),
        };
        let answer = match outcome {
            Outcome::NoMatch => {
                finish_miss(engine, request, self.misses(engine, request, received))
            }
            outcome => finish(engine, request, outcome),
        };
        let answered = match (by, answer.source) {
            (Some((key, _)), _) => Answered::By(key),
            (None, AnswerSource::Nobody(nearest)) => Answered::Nobody(nearest.into()),
            (None, _) => Answered::Server,
        };
        self.keep(received, answered, answer.response.status());
        let place = by.and_then(|(key, reply)| Some(Place { key, reply: reply? }));
        Decision {
            response: answer.response,
            delay: answer.delay,
            beyond: place.filter(|place| self.reply(*place).is_some_and(|reply| !reply.is_plain())),
        }
    }

    /// What a client gets for whom a mock has no reply left.
    fn used_up(&self, key: usize, received: &Arc<ReceivedRequest>) -> Decision {
        let mounted = &self.mounted[key];
        let text = format!(
            "`{}` ({}) has no reply left for {received}: it has {} and then fails",
            mounted.name(),
            mounted.place(),
            mounted.mount.replies.len()
        );
        let response = error_response(ErrorCode::InternalError, &text);
        self.keep(received, Answered::By(key), response.status());
        self.journal.add_panic(text);
        Decision {
            response,
            delay: std::time::Duration::ZERO,
            beyond: None,
        }
    }

    /// Writes down a request and who answers it.
    fn keep(&self, received: &Arc<ReceivedRequest>, answered: Answered, status: StatusCode) {
        let by = match answered {
            Answered::By(key) => self.mounted.get(key),
            Answered::Nobody(_) | Answered::Server => None,
        };
        received.set_answered(answered);
        received.set_status(Some(status.as_u16()));
        self.journal.add(Arc::clone(received));
        // Who hears of a call finds its request.
        if let Some(mounted) = by {
            mounted.count();
        }
        self.journal.tell();
    }

    /// Writes down a request whose body was not read, so that no mock was asked: the test fails, and is told why.
    pub(crate) fn refuse(&self, received: &Arc<ReceivedRequest>, status: StatusCode, why: &str) {
        let mut text = format!("{received} was refused with {}: {why}", status.as_u16());
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            text += "\n  help: `MockServer::builder().body_limit(bytes)` sets the limit";
        }
        self.journal.add_panic(text);
        self.keep(received, Answered::Server, status);
    }

    /// A reply that was decided on.
    pub(crate) fn reply(&self, place: Place) -> Option<&Reply> {
        self.mounted.get(place.key)?.mount.replies.get(place.reply)
    }

    /// Requests of the journal, as a test gets them: each knows the name of the mock that answered.
    pub(crate) fn received(
        &self,
        wanted: impl Fn(&ReceivedRequest) -> bool,
    ) -> Vec<Arc<ReceivedRequest>> {
        let mut requests = self.journal.requests();
        requests.retain(|request| wanted(request));
        for request in &requests {
            if let Some(mounted) = request.answered_key().and_then(|key| self.mounted.get(key)) {
                request.name_answer(|| Arc::clone(mounted.name()));
            }
        }
        requests
    }

    /// Lets a mock answer if its closures agree and it has calls left.
    fn take<'e>(&self, turn: &mut Turn<'e, '_>, received: &ReceivedRequest) -> Option<Taken<'e>> {
        let key = mounted_key(turn.mock().key());
        let mounted = self.mounted.get(key)?;
        let by_engine = turn.verdict()?;
        if !mounted.agrees(turn, received, &self.journal) {
            return None;
        }
        if mounted.is_used_up() {
            return None;
        }
        if let Some(refusal) = turn.refuse() {
            return Some(Taken {
                key,
                reply: None,
                failed: mounted.failed_checks(turn, received, &self.journal),
                outcome: Some(refusal),
            });
        }
        let call = mounted.claim()?;
        let responses = turn.mock().responses();
        let (reply, response) = match mounted.order {
            // With replies in sequence, the engine says that one of them answers, and the call which.
            order @ (Order::LastRepeats | Order::ThenFail) => {
                let last = mounted.mount.replies.len().checked_sub(1);
                if order == Order::ThenFail && last.is_none_or(|last| call > last) {
                    return Some(Taken {
                        key,
                        reply: None,
                        failed: Vec::new(),
                        outcome: None,
                    });
                }
                let reply = last.map(|last| call.min(last));
                let response = reply.and_then(|reply| responses.get(reply));
                (reply, response.unwrap_or(by_engine))
            }
            Order::Weighted => {
                let drawn = responses
                    .iter()
                    .position(|one| std::ptr::eq(one, by_engine));
                (drawn, by_engine)
            }
        };
        Some(Taken {
            key,
            reply,
            failed: mounted.failed_checks(turn, received, &self.journal),
            outcome: Some(turn.render(response)),
        })
    }
}
