//! The engine of a server, as mocks come and go.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwap, Guard};
use mockbird_core::{Batch, Counters, Engine, Staged};

/// The mocks of one moment.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) engine: Engine,
    /// How often each has drawn, where that decides what is drawn next.
    pub(crate) counters: Option<Counters>,
}

impl Snapshot {
    fn after(engine: Engine, earlier: &Self) -> Self {
        let counters = earlier.counters.as_ref().map(|earlier| {
            let counters = engine.counters();
            counters.carry(earlier);
            counters
        });
        Self { engine, counters }
    }
}

/// A mock is compiled when it is mounted, as its faults are told there, and put into the index by the first request after
/// it: a test mounts many mocks and then asks, and a new index for each would copy what the one before it has in use.
#[derive(Debug)]
pub(crate) struct Live {
    snapshot: ArcSwap<Snapshot>,
    /// True if edits were kept that are not in the snapshot.
    is_behind: AtomicBool,
    /// Makes edits follow each other.
    edits: Mutex<Batch>,
}

impl Live {
    pub(crate) fn new(engine: Engine) -> Self {
        let counters = engine.seed().map(|_| engine.counters());
        Self {
            edits: Mutex::new(Batch::from(engine.clone())),
            is_behind: AtomicBool::new(false),
            snapshot: ArcSwap::from_pointee(Snapshot { engine, counters }),
        }
    }

    /// What was kept before is in it.
    pub(crate) fn load(&self) -> Guard<Arc<Snapshot>> {
        if self.is_behind.load(Ordering::Acquire) {
            self.catch_up();
        }
        self.snapshot.load()
    }

    #[cold]
    fn catch_up(&self) {
        let mut batch = self.edits();
        // While we waited, another one may have done it.
        if self.is_behind.load(Ordering::Relaxed) {
            let engine = batch.apply().clone();
            let snapshot = Snapshot::after(engine, &self.snapshot.load());
            self.snapshot.store(Arc::new(snapshot));
            self.is_behind.store(false, Ordering::Release);
        }
    }

    /// What edits are staged in, one after the other.
    pub(crate) fn edits(&self) -> MutexGuard<'_, Batch> {
        self.edits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes edits that were staged in [`Live::edits`].
    pub(crate) fn keep(&self, staged: Staged<'_>) {
        staged.keep();
        self.is_behind.store(true, Ordering::Release);
    }
}
