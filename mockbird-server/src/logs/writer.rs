//! What happens to events behind the queue: two tasks, so that records are made and followed live while others are stored.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::LogFeed;
use super::background::Background;
use super::ledger::Ledger;
use super::load::Load;
use super::maker::Maker;
use super::queue::Event;
use super::store::Batches;
use crate::config::Config;
use crate::domain::Clock;
use crate::store::Store;

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
    ) -> io::Result<Self> {
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
        let maker = Background::start("request log", maker.make_all(events, stopping))?;
        tasks.spawn(maker.ended());
        tasks.spawn(batches.write_all());
        Ok(Self {
            tasks,
            stop,
            load,
            ledger,
        })
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
