//! The engine of a server, as mocks come and go.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwap, Guard};
use mockbird_core::{Batch, Counters, Engine, Staged};

/// The mocks of one moment.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) engine: Engine,
    /// What they were asked before, as far as an answer depends on it.
    pub(crate) counters: Counters,
}

impl Snapshot {
    fn after(engine: Engine, earlier: &Self) -> Self {
        let mut counters = engine.counters();
        counters.carry(&earlier.counters);
        Self { engine, counters }
    }
}

/// What was mounted goes into the index by the first request after it: a test mounts many mocks and then asks, and a new index
/// for each would copy what the one before it has in use.
#[derive(Debug)]
pub(crate) struct Live {
    snapshot: ArcSwap<Snapshot>,
    /// True if mocks were mounted or removed and the snapshot does not show it.
    is_behind: AtomicBool,
    /// Makes edits follow each other.
    edits: Mutex<Edits>,
}

/// What becomes the next snapshot.
#[derive(Debug)]
pub(crate) struct Edits {
    pub(crate) batch: Batch,
    /// How many of the mounted mocks are compiled: the later ones wait for it.
    pub(crate) compiled: usize,
}

impl Live {
    pub(crate) fn new(engine: Engine) -> Self {
        let counters = engine.counters();
        Self {
            edits: Mutex::new(Edits {
                batch: Batch::from(engine.clone()),
                compiled: 0,
            }),
            is_behind: AtomicBool::new(false),
            snapshot: ArcSwap::from_pointee(Snapshot { engine, counters }),
        }
    }

    /// What was mounted and removed before is in it; `compile` stages what waits to be compiled.
    #[inline]
    pub(crate) fn load(&self, compile: impl FnOnce(&mut Edits)) -> Guard<Arc<Snapshot>> {
        if self.is_behind.load(Ordering::Acquire) {
            self.catch_up(compile);
        }
        self.snapshot.load()
    }

    #[cold]
    fn catch_up(&self, compile: impl FnOnce(&mut Edits)) {
        let mut edits = self.lock();
        // While we waited, another one may have done it.
        if self.is_behind.load(Ordering::Relaxed) {
            compile(&mut edits);
            let engine = edits.batch.apply().clone();
            let snapshot = Snapshot::after(engine, &self.snapshot.load());
            self.snapshot.store(Arc::new(snapshot));
            self.is_behind.store(false, Ordering::Release);
        }
    }

    /// Who holds the lock is alone in changing what is mounted.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Edits> {
        self.edits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes edits that were staged in [`Edits::batch`].
    pub(crate) fn keep(&self, staged: Staged<'_>) {
        staged.keep();
        self.fall_behind();
    }

    /// Lets the next one who looks catch up; said while the lock is held.
    pub(crate) fn fall_behind(&self) {
        self.is_behind.store(true, Ordering::Release);
    }
}
