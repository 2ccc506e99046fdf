//! Batches of records on their way into the store: each is written once, however often it is tried.

use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::{Counter, Histogram, counter, histogram};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout, timeout_at};
use tracing::{Instrument, trace_span};
use uuid::Uuid;

use super::ledger::Ledger;
use super::load::Load;
use crate::domain::{Clock, LogRecord};
use crate::store::{Store, StoreError};
use crate::telemetry::{LOG_BATCH_ROWS, LOG_BATCH_SECONDS, LOG_STORE_ERRORS, TRACED};

/// How long a record waits for others.
const BATCH_AFTER: Duration = Duration::from_millis(250);

/// So many do not wait any more.
const BATCH_ROWS: usize = 500;

/// The most that are written together, where more have come while the last were written.
const BATCH_ROWS_MAX: usize = 4_000;

/// The most bytes of a batch, but for its last record.
const BATCH_BYTES_MAX: usize = 8 << 20;

/// How long is paused after the first failure; twice as long after each that follows, up to the longest.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// A record under way, and what it takes in memory.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) record: Arc<LogRecord>,
    pub(super) bytes: usize,
}

/// What writes batches.
pub(super) struct Batches {
    pub(super) made: mpsc::UnboundedReceiver<Made>,
    pub(super) load: Arc<Load>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) store: Store,
    pub(super) clock: Clock,
    /// How long a try may take.
    pub(super) patience: Duration,
    /// True once the server stops.
    pub(super) stopping: watch::Receiver<bool>,
}

/// Why a batch was not written.
enum Failure {
    /// It passes: try it again.
    Passing(String),
    /// There is something in it that the store will never take.
    Refused(StoreError),
}

impl Batches {
    /// Writes until nothing more comes.
    pub(super) async fn write_all(mut self) {
        while let Some(batch) = self.next().await {
            // What is refused is cut in halves until the record is found that is to blame.
            let mut parts = vec![batch];
            while let Some(mut part) = parts.pop() {
                let Err(error) = self.write(&part).await else {
                    continue;
                };
                if let [one] = &part[..] {
                    tracing::error!(%error, request = %one.record.id, "the store refuses a request: it is missing in the log");
                    self.load.refuse(one.bytes);
                } else {
                    let rest = part.split_off(part.len() / 2);
                    parts.extend([rest, part]);
                }
            }
        }
    }

    /// The next batch; none once nothing more comes.
    async fn next(&mut self) -> Option<Vec<Made>> {
        let mut batch = Vec::with_capacity(BATCH_ROWS);
        batch.push(self.made.recv().await?);
        let end = tokio::time::Instant::now() + BATCH_AFTER;
        while batch.len() < BATCH_ROWS {
            let room = BATCH_ROWS - batch.len();
            let more = timeout_at(end, self.made.recv_many(&mut batch, room)).await;
            if !more.is_ok_and(|more| more > 0) {
                break;
            }
        }
        let mut bytes: usize = batch.iter().map(|made| made.bytes).sum();
        while batch.len() < BATCH_ROWS_MAX && bytes < BATCH_BYTES_MAX {
            let Ok(one) = self.made.try_recv() else { break };
            bytes += one.bytes;
            batch.push(one);
        }
        Some(batch)
    }

    /// Writes a batch, however long the store is away; fails only if it is refused.
    async fn write(&mut self, batch: &[Made]) -> Result<(), StoreError> {
        let id = Uuid::now_v7();
        let records: Vec<_> = batch.iter().map(|made| Arc::clone(&made.record)).collect();
        let mut pause = PAUSE;
        loop {
            match self.try_write(id, &records).await {
                Ok(()) => break,
                Err(Failure::Refused(error)) => return Err(error),
                Err(Failure::Passing(error)) => {
                    if pause == PAUSE {
                        tracing::warn!(%error, "requests cannot be stored and wait in memory");
                    }
                    self.pause(pause).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
        if pause > PAUSE {
            tracing::info!("requests are stored again");
        }
        let bytes = batch.iter().map(|made| made.bytes).sum();
        self.load.settle(batch.len() as u64, bytes);
        self.load.tell();
        self.ledger.note(self.load.counts());
        Ok(())
    }

    async fn try_write(&self, id: Uuid, records: &[Arc<LogRecord>]) -> Result<(), Failure> {
        let began = Instant::now();
        let span = trace_span!(target: TRACED, "log.batch", rows = records.len());
        let transact = self.transact(id, records).instrument(span);
        let written = timeout(self.patience, transact).await;
        let failed = match written {
            Ok(Ok(())) => {
                let meters = Meters::get();
                meters.seconds.record(began.elapsed());
                #[expect(clippy::cast_precision_loss, reason = "batches are small")]
                meters.rows.record(records.len() as f64);
                return Ok(());
            }
            Ok(Err(error)) if error.is_of_data() => Failure::Refused(error),
            Ok(Err(error)) => Failure::Passing(error.to_string()),
            Err(_) => Failure::Passing("the database took too long".to_owned()),
        };
        Meters::get().errors.increment(1);
        Err(failed)
    }

    /// One transaction, with the batch's id: if its answer was lost, it is found the next time.
    async fn transact(&self, id: Uuid, records: &[Arc<LogRecord>]) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        if !tx.log_batch_insert(id, self.clock.now()).await? {
            return Ok(());
        }
        tx.logs_insert(records).await?;
        tx.rollups_add(records).await?;
        tx.commit().await
    }

    /// A server that stops tries again soon: it has not much time.
    async fn pause(&mut self, pause: Duration) {
        if *self.stopping.borrow() {
            return sleep(PAUSE).await;
        }
        let stopping = async { drop(self.stopping.wait_for(|stopping| *stopping).await) };
        tokio::select! {
            () = sleep(pause) => {}
            () = stopping => {}
        }
    }
}

struct Meters {
    seconds: Histogram,
    rows: Histogram,
    errors: Counter,
}

impl Meters {
    fn get() -> Self {
        Self {
            seconds: histogram!(LOG_BATCH_SECONDS),
            rows: histogram!(LOG_BATCH_ROWS),
            errors: counter!(LOG_STORE_ERRORS),
        }
    }
}
