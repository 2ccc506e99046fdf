//! How much is under way.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use metrics::{Counter, Gauge, counter, gauge};

use crate::telemetry::{LOG_DROPPED, LOG_EVENTS, LOG_QUEUE_BYTES, LOG_QUEUE_EVENTS};

/// What was taken so far, and what of it is under way.
#[derive(Debug)]
pub(super) struct Load {
    /// How many events were taken.
    accepted: AtomicU64,
    /// How many of them have come to their end: they are stored, or given up and counted.
    settled: AtomicU64,
    /// What those under way take.
    bytes: AtomicUsize,
    /// How many did not fit.
    dropped: AtomicU64,
    /// How many the operator was told of.
    told: AtomicU64,
    counted: Counter,
    full: Counter,
    refused: Counter,
    events_now: Gauge,
    bytes_now: Gauge,
}

/// The counts of one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) accepted: u64,
    pub(super) settled: u64,
}

impl Load {
    pub(super) fn new() -> Self {
        Self {
            accepted: AtomicU64::new(0),
            settled: AtomicU64::new(0),
            bytes: AtomicUsize::new(0),
            dropped: AtomicU64::new(0),
            told: AtomicU64::new(0),
            counted: counter!(LOG_EVENTS),
            full: counter!(LOG_DROPPED, "why" => "full"),
            refused: counter!(LOG_DROPPED, "why" => "refused"),
            events_now: gauge!(LOG_QUEUE_EVENTS),
            bytes_now: gauge!(LOG_QUEUE_BYTES),
        }
    }

    /// Takes one event, if it fits. Those who ask at the same moment may go beyond the bounds by one each.
    pub(super) fn accept(&self, bytes: usize, events_max: u64, bytes_max: usize) -> bool {
        let under_way = self.counts().under_way();
        if under_way >= events_max || self.bytes.load(Ordering::Relaxed) >= bytes_max {
            self.drop_one();
            return false;
        }
        self.accepted.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        true
    }

    /// An event did not fit, or came after the end.
    pub(super) fn drop_one(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
        self.full.increment(1);
    }

    /// One was taken, but cannot be passed on.
    pub(super) fn take_back(&self, bytes: usize) {
        self.settle(1, bytes);
        self.drop_one();
    }

    /// What was an event is a record of another size.
    pub(super) fn resize(&self, before: usize, after: usize) {
        self.bytes.fetch_add(after, Ordering::Relaxed);
        self.bytes.fetch_sub(before, Ordering::Relaxed);
    }

    /// So many have come to their end.
    pub(super) fn settle(&self, events: u64, bytes: usize) {
        self.settled.fetch_add(events, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// The store refuses one for good.
    pub(super) fn refuse(&self, bytes: usize) {
        self.refused.increment(1);
        self.settle(1, bytes);
    }

    pub(super) fn counts(&self) -> Counts {
        // In this order, so that no more are settled than were taken.
        let settled = self.settled.load(Ordering::Relaxed);
        Counts {
            settled,
            accepted: self.accepted.load(Ordering::Relaxed).max(settled),
        }
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Tells the operator's counters.
    pub(super) fn tell(&self) {
        #[expect(clippy::cast_precision_loss, reason = "nobody looks at the last digit")]
        let float = |number: u64| number as f64;
        let counts = self.counts();
        let told = self.told.swap(counts.accepted, Ordering::Relaxed);
        self.counted.increment(counts.accepted.saturating_sub(told));
        self.events_now.set(float(counts.under_way()));
        self.bytes_now
            .set(float(self.bytes.load(Ordering::Relaxed) as u64));
    }
}

impl Counts {
    /// How many are neither stored nor given up.
    pub(super) fn under_way(self) -> u64 {
        self.accepted - self.settled
    }
}
