//! A mock of a server, with its calls, and the keys of the mocks of the engine that it is.

use std::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use mockbird_core::spec::Mock;
use mockbird_core::{Edit, MockKey};

use crate::Mount;
use crate::matcher::Compiled;
use crate::mount::Plan;
use crate::reply::Order;

/// A mock that was mounted.
#[derive(Debug)]
pub(crate) struct Mounted {
    /// Made when it is first asked for.
    name: OnceLock<Arc<str>>,
    pub(crate) mount: Mount,
    pub(crate) at: &'static Location<'static>,
    pub(crate) order: Order,
    /// What is asked beside the engine.
    pub(crate) predicates: Vec<Compiled>,
    pub(crate) checks: Vec<Compiled>,
    /// How many mocks of the engine it is.
    pub(crate) parts: u64,
    /// The calls it has taken, and of them those that are written down with their requests.
    claimed: AtomicUsize,
    calls: AtomicUsize,
    /// True if nothing is expected of it any more.
    is_forgotten: AtomicBool,
}

impl Mounted {
    pub(crate) fn new(
        name: Arc<str>,
        mount: Mount,
        at: &'static Location<'static>,
        plan: Plan,
        parts: usize,
    ) -> Self {
        Self {
            name: name.into(),
            predicates: plan.predicates,
            checks: plan.checks,
            parts: parts as u64,
            ..Self::sound(mount, at)
        }
    }

    /// One that [surely has no faults](Mount::is_surely_sound): it is one mock of the engine, which asks all that is asked.
    pub(crate) fn sound(mount: Mount, at: &'static Location<'static>) -> Self {
        Self {
            name: OnceLock::new(),
            order: mount.order(),
            mount,
            at,
            predicates: Vec::new(),
            checks: Vec::new(),
            parts: 1,
            claimed: AtomicUsize::new(0),
            calls: AtomicUsize::new(0),
            is_forgotten: AtomicBool::new(false),
        }
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> &Arc<str> {
        self.name.get_or_init(|| self.mount.display_name().into())
    }

    /// How often it has answered: each of these requests is in the journal.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Acquire)
    }

    /// How often it has answered, or is about to.
    pub(crate) fn claimed(&self) -> usize {
        self.claimed.load(Ordering::Acquire)
    }

    /// How often it may answer.
    pub(crate) fn limit(&self) -> Option<usize> {
        self.mount.most
    }

    /// True if there is no call left to take.
    pub(crate) fn is_used_up(&self) -> bool {
        self.limit().is_some_and(|most| self.claimed() >= most)
    }

    /// Takes the next call, unless there are no more to take: its number, from 0.
    ///
    /// Of two at the same time each gets its own, so that a limit is exact.
    pub(crate) fn claim(&self) -> Option<usize> {
        let most = self.limit().unwrap_or(usize::MAX);
        self.claimed
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |calls| {
                (calls < most).then_some(calls + 1)
            })
            .ok()
    }

    /// Expects nothing of it any more.
    pub(crate) fn forget(&self) {
        self.is_forgotten.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_forgotten(&self) -> bool {
        self.is_forgotten.load(Ordering::Relaxed)
    }

    /// Counts a call whose request is written down.
    pub(crate) fn count(&self) {
        self.calls.fetch_add(1, Ordering::AcqRel);
    }
}

/// A mock that is mounted may be several of the engine: their keys lie side by side.
const PARTS_MAX: u64 = 1 << 16;

pub(crate) fn engine_key(key: usize, part: u64) -> MockKey {
    MockKey(key as u64 * PARTS_MAX + part)
}

/// The place among the mounted mocks of a mock of the engine.
pub(crate) fn mounted_key(key: MockKey) -> usize {
    // One that does not fit is the place of none.
    usize::try_from(key.0 / PARTS_MAX).unwrap_or(usize::MAX)
}

/// What puts the mocks of the engine that a mock is before those of older ones.
pub(crate) fn edits(key: usize, mocks: Vec<Mock>) -> impl Iterator<Item = Edit> {
    (0..PARTS_MAX)
        .zip(mocks)
        .map(move |(part, mock)| Edit::Put {
            key: engine_key(key, part),
            order: -i64::try_from(key).unwrap_or(i64::MAX),
            mock,
        })
}
