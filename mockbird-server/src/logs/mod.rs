//! What happened: each request to a mock becomes one record, which is shown live and stored. No reply waits for any of it.
//!
//! ```text
//! mock plane -> Queue -> records, without secrets -> LogFeed
//!                                                 -> batches -> store
//! ```
//!
//! From the queue to the store, events are bounded by their number and their bytes together: what does not fit is dropped and
//! counted. While the store is away they wait within those bounds.

mod background;
mod body;
mod feed;
mod ledger;
mod load;
mod maker;
mod queue;
mod redact;
mod store;
mod writer;

pub use body::kept_body;
pub use feed::{FEED_RECORDS, FOLLOWERS_MAX, FollowError, Following, LogFeed};
pub use ledger::LedgerError;
pub use queue::{Event, Queue};
pub use redact::{LogRules, REDACTED, SecretNames};
pub use writer::LogWriter;

use crate::config;
use crate::domain::{Clock, LogRecord};
use crate::store::Store;

/// Nothing can be logged.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file of counts cannot be kept.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// There is no thread for it.
    #[error(
        "no thread can be started for the request log: {0}; raise the limit of threads, or set `logs.enabled` to false"
    )]
    Thread(std::io::Error),
}

/// What the rest of a server has of the pipeline.
#[derive(Debug)]
pub struct Logs<E> {
    /// Where events go; absent if nothing is logged.
    pub queue: Option<Queue<E>>,
    /// Where records come out.
    pub feed: LogFeed,
}

impl<E: Event> Logs<E> {
    /// Nothing is logged.
    pub fn off() -> Self {
        Self {
            queue: None,
            feed: LogFeed::new(),
        }
    }

    /// Starts the pipeline, if it is set; a file in the data folder tells the next start how much was lost.
    ///
    /// # Errors
    /// The folder cannot be written, or there is no thread.
    pub fn start(
        config: &config::Config,
        store: &Store,
        clock: &Clock,
    ) -> Result<(Self, Option<LogWriter>), LogError> {
        let mut logs = Self::off();
        if !config.logs.enabled {
            return Ok((logs, None));
        }
        let ledger = ledger::Ledger::open(&config.listen.data_dir)?;
        let (queue, events) = queue::queue(&config.logs);
        let writer = LogWriter::start(
            events,
            queue.load(),
            ledger,
            &logs.feed,
            store,
            clock,
            config,
        );
        let writer = writer.map_err(LogError::Thread)?;
        logs.queue = Some(queue);
        Ok((logs, Some(writer)))
    }
}

/// What a record takes in memory, more or less.
fn weight(record: &LogRecord) -> usize {
    /// A piece of memory of its own, beside what is in it.
    const PIECE: usize = 16;
    let headers = record.headers.iter();
    let headers: usize = headers
        .map(|(name, value)| 64 + name.len() + value.len())
        .sum();
    let near = record.near.iter().map(|near| {
        let reasons: usize = near.reasons.iter().map(|reason| 32 + reason.len()).sum();
        96 + near.mock.len() + near.method.len() + near.path.len() + reasons
    });
    let body = record.body.as_ref().and_then(|body| body.kept.as_ref());
    let notes: usize = record.notes.iter().map(|note| 32 + note.len()).sum();
    size_of::<LogRecord>()
        + PIECE * 8
        + record.path.len()
        + record.query.as_ref().map_or(0, Vec::len)
        + body.map_or(0, Vec::len)
        + headers
        + near.sum::<usize>()
        + notes
}
