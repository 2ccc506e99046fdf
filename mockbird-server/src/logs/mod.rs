//! What happened: each request to a mock becomes one record, which is shown live and stored. No reply waits for any of it.
//!
//! ```text
//! mock plane -> Queue -> records, without secrets -> LogFeed
//!                                                 -> batches -> store
//! ```
//!
//! From the queue to the store, events are bounded by their number and their bytes together: what does not fit is dropped and
//! counted. While the store is away they wait within those bounds.

mod body;
mod feed;
mod ledger;
mod load;
mod queue;
mod redact;
mod store;
mod writer;

pub use body::kept_body;
pub use feed::{Elsewhere, FEED_RECORDS, FOLLOWERS_MAX, FollowError, Following, LogFeed};
pub use ledger::LedgerError;
pub use queue::{Event, Queue};
pub use redact::{LogRules, REDACTED, SecretNames};
pub use writer::LogWriter;

use crate::config;
use crate::domain::Clock;
use crate::nodes::Nodes;
use crate::store::Store;

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
            feed: LogFeed::new(Nodes::default()),
        }
    }

    /// Starts the pipeline, if it is set; a file in the data folder tells the next start how much was lost.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn start(
        config: &config::Config,
        store: &Store,
        clock: &Clock,
        nodes: &Nodes,
    ) -> Result<(Self, Option<LogWriter>), LedgerError> {
        let mut logs = Self {
            queue: None,
            feed: LogFeed::new(nodes.clone()),
        };
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
        logs.queue = Some(queue);
        Ok((logs, Some(writer)))
    }
}
