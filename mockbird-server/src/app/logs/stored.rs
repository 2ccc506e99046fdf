//! What a tail is told of the store, until what comes live goes on from it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::{LogId, LogRecord};
use crate::logs::Elsewhere;

/// How much later than others a request may be stored that was answered before them.
const LATE: Duration = Duration::from_secs(2);

/// After so long, what was on its way when somebody began to follow is stored.
const STORED_AFTER: Duration = Duration::from_secs(6);

/// Who waits longer than that for the store is told of what comes live all the same.
const STORE_PATIENCE: Duration = Duration::from_secs(15);

/// What is read of the store, the earliest first, again and again.
#[derive(Debug)]
pub(super) struct Stored {
    /// What was seen before.
    start: LogId,
    /// What it goes on from.
    after: LogId,
    /// The last that was read.
    last: LogId,
    /// Those that were sent.
    sent: HashSet<LogId>,
    began: Instant,
}

impl Stored {
    /// Goes on behind one, but for those that were sent.
    pub(super) fn new(after: LogId, sent: HashSet<LogId>) -> Self {
        Self {
            start: after,
            after,
            last: after,
            sent,
            began: Instant::now(),
        }
    }

    /// What it goes on from.
    pub(super) fn after(&self) -> LogId {
        self.after
    }

    /// All those that were sent of the last seconds.
    pub(super) fn into_sent(self) -> HashSet<LogId> {
        self.sent
    }

    /// What was on its way is waited for once more.
    pub(super) fn begin_anew(&mut self) {
        self.began = Instant::now();
    }

    /// Goes on behind what was found; at the end, from where late ones may have come. Gives those that were not sent.
    pub(super) fn take(&mut self, found: Vec<LogRecord>, is_end: bool) -> Vec<Arc<LogRecord>> {
        if let Some(last) = found.last() {
            self.after = last.id;
            self.last = self.last.max(last.id);
        }
        let mut found: Vec<_> = found.into_iter().map(Arc::new).collect();
        found.retain(|record| self.sent.insert(record.id));
        if is_end {
            let late = LogId::first_at(self.last.moment().before(LATE));
            self.sent.retain(|id| *id >= late);
            self.after = self.start.max(late);
        }
        found
    }

    /// Whether one was sent: what comes behind it for so long has it stored.
    pub(super) fn has_sent(&self, id: LogId) -> bool {
        id < self.after || self.sent.contains(&id)
    }

    /// Whether all is stored, and read, that was handed on before this one, the first that came live. Of others that is known
    /// after a while alone: they hear only by and by that somebody follows here.
    pub(super) fn has_all_before(&self, first: Option<LogId>, elsewhere: Elsewhere) -> bool {
        let elapsed = self.began.elapsed();
        let is_settled = match elsewhere {
            Elsewhere::Nobody => true,
            Elsewhere::Heard(_) => elapsed >= STORED_AFTER,
            Elsewhere::Unheard { .. } => false,
        };
        is_settled
            && match first {
                Some(first) => self.has_sent(first) || elapsed >= STORE_PATIENCE,
                None => elapsed >= STORED_AFTER,
            }
    }
}
