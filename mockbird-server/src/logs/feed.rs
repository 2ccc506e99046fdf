//! Requests as they happen.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::domain::LogRecord;

/// How many records a reader may be behind; one who is further behind misses some, and is told how many.
pub const FEED_RECORDS: usize = 2_048;

/// Hands each record to all who listen, before it is stored.
#[derive(Clone, Debug)]
pub struct LogFeed(broadcast::Sender<Arc<LogRecord>>);

impl LogFeed {
    pub(crate) fn new() -> Self {
        Self(broadcast::Sender::new(FEED_RECORDS))
    }

    /// All records from now on, in the order in which they were answered.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<LogRecord>> {
        self.0.subscribe()
    }

    /// Hands a record on; nobody need listen.
    pub fn publish(&self, record: &Arc<LogRecord>) {
        let _: Result<usize, _> = self.0.send(Arc::clone(record));
    }
}
