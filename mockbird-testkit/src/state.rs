//! What a server shares with its connections and handles: the engine, the mocks, the journal.

use std::panic::Location;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use mockbird_core::spec::{Mock, Spec};
use mockbird_core::{AnswerSource, Edit, Engine, Env, Invalid, MockKey, Turn, finish};

use crate::journal::{Bounds, Journal};
use crate::matcher::Compiled;
use crate::mount::Plan;
use crate::received::Answered;
use crate::reply::Reply;
use crate::{Mount, MountError, ReceivedRequest};

/// A mock that was mounted.
#[derive(Debug)]
pub(crate) struct Mounted {
    pub(crate) name: Arc<str>,
    pub(crate) mount: Mount,
    pub(crate) at: &'static Location<'static>,
    /// What is asked beside the engine.
    pub(crate) predicates: Vec<Compiled>,
    pub(crate) checks: Vec<Compiled>,
    /// How many mocks of the engine it is.
    parts: u64,
    calls: AtomicUsize,
}

impl Mounted {
    /// How often it has answered.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Acquire)
    }

    /// Takes the next call, unless there are no more to take: its number, from 0.
    ///
    /// Of two at the same time each gets its own, so that a limit is exact.
    fn claim(&self) -> Option<usize> {
        let most = self.mount.most.unwrap_or(usize::MAX);
        self.calls
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |calls| {
                (calls < most).then_some(calls + 1)
            })
            .ok()
    }
}

/// What becomes of a request.
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) response: http::Response<bytes::Bytes>,
    pub(crate) delay: std::time::Duration,
    /// What the mock's reply is beyond its response.
    pub(crate) reply: Option<Reply>,
}

/// A mock that is mounted may be several of the engine: their keys lie side by side.
const PARTS_MAX: u64 = 1 << 16;

fn engine_key(key: usize, part: u64) -> MockKey {
    MockKey(key as u64 * PARTS_MAX + part)
}

/// The place in [`State::mounted`] of a mock of the engine.
fn mounted_key(key: MockKey) -> Option<usize> {
    usize::try_from(key.0 / PARTS_MAX).ok()
}

fn edits(key: usize, mocks: Vec<Mock>) -> Vec<Edit> {
    let put = |(part, mock)| Edit::Put {
        key: engine_key(key, part),
        order: -i64::try_from(key).unwrap_or(i64::MAX),
        mock,
    };
    (0..PARTS_MAX).zip(mocks).map(put).collect()
}

/// A server but for its listener.
#[derive(Debug)]
pub(crate) struct State {
    engine: ArcSwap<Engine>,
    /// By key, in the order in which they were mounted; what is removed stays, for the report.
    pub(crate) mounted: boxcar::Vec<Mounted>,
    pub(crate) journal: Journal,
    /// Makes edits follow each other.
    edits: Mutex<()>,
}

impl State {
    pub(crate) fn new(seed: Option<u64>) -> Result<Self, Invalid> {
        let spec = Spec {
            name: "test".to_owned(),
            cors: Some(false),
            seed,
            ..Spec::default()
        };
        Ok(Self {
            engine: ArcSwap::from_pointee(Engine::compile(&spec)?.engine),
            mounted: boxcar::Vec::new(),
            journal: Journal::new(Bounds::default()),
            edits: Mutex::default(),
        })
    }

    /// The number of a request that has just come.
    pub(crate) fn next_number(&self) -> usize {
        self.journal.next_number()
    }

    /// Puts a mock before the older ones; gives its key.
    pub(crate) fn mount(
        &self,
        mount: Mount,
        at: &'static Location<'static>,
    ) -> Result<usize, MountError> {
        let name: Arc<str> = mount.display_name().into();
        let fail = |faults| MountError {
            name: name.to_string(),
            at,
            faults,
        };
        let mut plan = Plan::of(&mount).map_err(fail)?;
        let _one_at_a_time = self.edits.lock().unwrap_or_else(PoisonError::into_inner);
        let key = self.mounted.count();
        let edits = edits(key, std::mem::take(&mut plan.mocks));
        let edited = self.engine.load().with(&edits);
        let edited = edited.map_err(|invalid| fail(plan.faults(invalid)))?;
        self.mounted.push(Mounted {
            name,
            mount,
            at,
            predicates: plan.predicates,
            checks: plan.checks,
            parts: edits.len() as u64,
            calls: AtomicUsize::new(0),
        });
        self.engine.store(Arc::new(edited.engine));
        Ok(key)
    }

    /// Takes a mock away.
    pub(crate) fn remove(&self, key: usize) {
        let Some(mounted) = self.mounted.get(key) else {
            return;
        };
        let _one_at_a_time = self.edits.lock().unwrap_or_else(PoisonError::into_inner);
        let removals = (0..mounted.parts).map(|part| Edit::Remove(engine_key(key, part)));
        // An edit without a mock has no faults.
        if let Ok(edited) = self.engine.load().with(&removals.collect::<Vec<_>>()) {
            self.engine.store(Arc::new(edited.engine));
        }
    }

    /// Decides about a request, and writes it down.
    pub(crate) fn decide(&self, received: &Arc<ReceivedRequest>, env: &Env<'_>) -> Decision {
        let engine = self.engine.load();
        let request = received.as_request();
        let (mut chosen, mut failed) = (None, Vec::new());
        let outcome = engine.candidates(&request, env, |turn| {
            let ((key, call), outcome) = self.take(turn, received)?;
            chosen = Some((key, call));
            failed = self.mounted[key].failed_checks(turn, received, &self.journal);
            Some(outcome)
        });
        let outcome = outcome.unwrap_or_else(|| engine.unanswered(&request));
        let answer = finish(&engine, &request, outcome);
        received.set_answered(match (chosen, answer.source) {
            (Some((key, _)), _) => Answered::By(key),
            (None, AnswerSource::Nobody(nearest)) => Answered::Nobody(nearest.into()),
            (None, _) => Answered::Server,
        });
        received.set_failed_checks(failed);
        received.set_status(Some(answer.response.status().as_u16()));
        self.journal.add(Arc::clone(received));
        let reply = chosen.and_then(|(key, call)| self.mounted[key].reply(call).cloned());
        Decision {
            response: answer.response,
            delay: answer.delay,
            reply,
        }
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
                request.name_answer(|| Arc::clone(&mounted.name));
            }
        }
        requests
    }

    /// Lets a mock answer if its closures agree and it has calls left.
    fn take<'e>(
        &self,
        turn: &mut Turn<'e, '_>,
        received: &ReceivedRequest,
    ) -> Option<((usize, usize), mockbird_core::Outcome<'e>)> {
        let key = mounted_key(turn.mock().key())?;
        let mounted = self.mounted.get(key)?;
        let by_engine = turn.verdict()?;
        if !mounted.agrees(turn, received, &self.journal) {
            return None;
        }
        let call = mounted.claim()?;
        let response = match mounted.place(call) {
            Some(place) => turn.mock().responses().get(place).unwrap_or(by_engine),
            None => by_engine,
        };
        Some(((key, call), turn.render(response)))
    }
}

impl Mounted {
    /// Which of its replies a call gets; `None` leaves that to the engine.
    fn place(&self, call: usize) -> Option<usize> {
        let last = self.mount.replies.len().checked_sub(1)?;
        Some(call.min(last))
    }

    fn reply(&self, call: usize) -> Option<&Reply> {
        self.mount.replies.get(self.place(call)?)
    }
}
