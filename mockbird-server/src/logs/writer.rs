//! What happens to events behind the queue: two tasks, so that records are made and followed live while others are stored.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::{JoinSet, yield_now};
use tokio::time::sleep;

use super::LogFeed;
use super::ledger::Ledger;
use super::load::Load;
use super::queue::Event;
use super::store::{Batches, Made};
use crate::config::Config;
use crate::domain::Clock;
use crate::store::Store;

/// How long events gather before they are looked at, so that not each of them wakes somebody. A server that is killed has counted
/// what came before that.
const GATHER: Duration = Duration::from_millis(5);

/// The most events that are looked at together.
const TOGETHER_MAX: usize = 512;

/// After so many records, others get their turn on the thread.
const TURN: usize = 32;

/// The tasks behind the queue.
#[derive(Debug)]
#[must_use = "dropping it loses what is under way"]
pub struct LogWriter {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
    load: Arc<Load>,
    ledger: Arc<Ledger>,
}

impl LogWriter {
    pub(super) fn start<E: Event>(
        events: UnboundedReceiver<E>,
        load: Arc<Load>,
        ledger: Ledger,
        feed: &LogFeed,
        store: &Store,
        clock: &Clock,
        config: &Config,
    ) -> Self {
        let ledger = Arc::new(ledger);
        let (stop, stopping) = watch::channel(false);
        let (sender, made) = unbounded_channel();
        let maker = Maker {
            made: sender,
            load: Arc::clone(&load),
            ledger: Arc::clone(&ledger),
            feed: feed.clone(),
            body_max: config.logs.body,
        };
        let batches = Batches {
            made,
            load: Arc::clone(&load),
            ledger: Arc::clone(&ledger),
            store: store.clone(),
            clock: clock.clone(),
            // The database itself gives up after that.
            patience: config.database.acquire_timeout + config.database.statement_timeout * 2,
            stopping: stopping.clone(),
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(maker.make_all(events, stopping));
        tasks.spawn(batches.write_all());
        Self {
            tasks,
            stop,
            load,
            ledger,
        }
    }

    /// Stores what is under way, within this time; what comes later is dropped.
    pub async fn finish(mut self, grace: Duration) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        let in_time = tokio::time::timeout(grace, ended).await.is_ok();
        self.tasks.shutdown().await;
        let counts = self.load.counts();
        self.load.tell();
        if !in_time {
            let requests = counts.under_way();
            tracing::warn!(
                requests,
                "the store was away to the end: these requests are not logged"
            );
        }
        // Both tasks are gone, and with them whoever else held it.
        if let Some(ledger) = Arc::into_inner(self.ledger) {
            ledger.end(counts);
        }
    }
}

/// What makes records.
struct Maker {
    made: UnboundedSender<Made>,
    load: Arc<Load>,
    ledger: Arc<Ledger>,
    feed: LogFeed,
    body_max: usize,
}

impl Maker {
    /// Makes records of all events until the server stops, and then of those that are there.
    async fn make_all<E: Event>(
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
            self.make(&mut taken).await;
            self.load.tell();
            dropped = self.warn_of_drops(dropped);
            if !is_full && !events.is_closed() {
                sleep(GATHER).await;
            }
        }
        self.ledger.note(self.load.counts());
    }

    async fn make<E: Event>(&self, events: &mut Vec<E>) {
        let mut records = Vec::with_capacity(events.len());
        for (index, event) in events.drain(..).enumerate() {
            let before = event.weight();
            let record = event.into_record(self.body_max);
            let bytes = record.weight();
            self.load.resize(before, bytes);
            let record = Arc::new(record);
            records.push(Made { record, bytes });
            if index % TURN == TURN - 1 {
                yield_now().await;
            }
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
