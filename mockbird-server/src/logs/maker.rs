//! From events to records: on a thread that stands back, so that replies go first. Where the processors are busy with them, events
//! wait, and those that do not fit are dropped and counted.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::sync::watch;
use tokio::time::sleep;

use super::LogFeed;
use super::ledger::Ledger;
use super::load::Load;
use super::queue::Event;
use super::store::Made;

/// How long events gather before they are looked at, so that not each of them wakes somebody. A server that is killed has counted
/// what came before that.
const GATHER: Duration = Duration::from_millis(5);

/// The most events that are looked at together.
const TOGETHER_MAX: usize = 512;

/// What makes records.
pub(super) struct Maker {
    pub(super) made: UnboundedSender<Made>,
    pub(super) load: Arc<Load>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) feed: LogFeed,
    pub(super) body_max: usize,
}

impl Maker {
    /// Makes records of all events until the server stops, and then of those that are there.
    pub(super) async fn make_all<E: Event>(
        self,
        mut events: UnboundedReceiver<E>,
        mut stopping: watch::Receiver<bool>,
    ) {
        let mut taken = Vec::with_capacity(TOGETHER_MAX);
        let mut dropped = 0;
        loop {
            tokio::select! {
                biased;
                count = events.recv_many(&mut taken, TOGETHER_MAX) => if count == 0 { break },
                _ = stopping.wait_for(|stopping| *stopping), if !events.is_closed() => events.close(),
            }
            self.ledger.note(self.load.counts());
            let is_full = taken.len() == TOGETHER_MAX;
            self.make(&mut taken);
            self.load.tell();
            dropped = self.warn_of_drops(dropped);
            if !is_full && !events.is_closed() {
                sleep(GATHER).await;
            }
        }
        self.ledger.note(self.load.counts());
    }

    fn make<E: Event>(&self, events: &mut Vec<E>) {
        let mut records = Vec::with_capacity(events.len());
        for event in events.drain(..) {
            let before = event.weight();
            let record = event.into_record(self.body_max);
            let bytes = record.weight();
            self.load.resize(before, bytes);
            let record = Arc::new(record);
            records.push(Made { record, bytes });
        }
        // Threads have their ids in order, but may meet before the queue.
        records.sort_by_key(|made| made.record.id);
        for made in records {
            self.feed.publish(&made.record);
            if let Err(lost) = self.made.send(made) {
                self.load.take_back(lost.0.bytes);
            }
        }
    }

    /// Says when events begin to be dropped, not of each.
    fn warn_of_drops(&self, before: u64) -> u64 {
        let now = self.load.dropped();
        if now > before {
            tracing::warn!(
                requests = now - before,
                "requests come faster than they are logged: some are dropped"
            );
        }
        now
    }
}
