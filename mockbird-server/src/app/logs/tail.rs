//! The requests to a project as they happen, and before them those that somebody missed since they last looked.
//!
//! What is handed on live is stored a moment later. So whoever goes on where they were reads the store, and once more when what
//! was on its way then has arrived there; ids tell what was sent already.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::app::{App, AppError, Identity, Intent};
use crate::domain::{LogFilter, LogId, LogRecord, Millis, OrganizationId, ProjectId, Role};
use crate::logs::{FEED_RECORDS, Following};
use crate::store::LogScope;

/// The pause between two parts: four a second.
const PAUSE: Duration = Duration::from_millis(250);

/// How long the younger ones wait for those that were answered before them on another thread.
const SETTLE: Duration = Duration::from_millis(20);

/// The most records that are read of the store at once.
const PAGE: u32 = 1_000;

/// After so long without a record, something is sent to keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How often it is asked whether who follows still may.
const CHECK_EVERY: Duration = Duration::from_secs(2);

/// When the store is read once more for what was not there yet.
const SWEEPS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(6)];

/// After so long, what was handed on live was taken.
const DRAINED: Duration = Duration::from_secs(2);

/// How old what arrives late in the store may be.
const LATE: Duration = Duration::from_mins(1);

/// Somebody who follows the requests to a project.
#[derive(Debug)]
pub struct LogTail {
    app: App,
    identity: Identity,
    scope: LogScope,
    filter: LogFilter,
    following: Following,
    /// The greatest id that was sent.
    last: Option<LogId>,
    /// What is read of the store; absent once all of it was.
    stored: Option<Stored>,
    /// What was handed on and not sent yet.
    waiting: Vec<Arc<LogRecord>>,
    pauses: tokio::time::Interval,
    checked: Instant,
    sent: Instant,
    is_over: bool,
}

/// What is read of the store, the earliest first.
#[derive(Debug)]
struct Stored {
    after: LogId,
    /// What late ones come behind.
    late: LogId,
    /// The late ones that were sent.
    sent: HashSet<LogId>,
    /// When it is read again.
    sweeps: VecDeque<Instant>,
    is_at_end: bool,
    /// When it was read.
    read: Instant,
}

/// What is to be sent next.
#[derive(Debug)]
pub enum TailPart {
    /// Requests, and the id to go on from afterwards.
    Records(Vec<Arc<LogRecord>>, LogId),
    /// Nothing for a while.
    KeepAlive,
    /// So many could not be sent in time. It is the last part: who goes on from where they are finds them in the store.
    Missed(u64),
}

impl App {
    /// Begins to follow the requests to a project: those since `after`, if it is said, and then all to come.
    pub async fn log_tail(
        &self,
        identity: Identity,
        organization: OrganizationId,
        project: ProjectId,
        filter: LogFilter,
        after: Option<LogId>,
    ) -> Result<LogTail, AppError> {
        let mut read = self.store().read().await?;
        let scope = self.log_scope(&mut read, organization, project).await?;
        drop(read);
        let feed = self.log_feed();
        let following = feed.follow(organization, project, filter.clone())?;
        let now = Instant::now();
        let mut pauses = interval(PAUSE);
        pauses.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(LogTail {
            stored: after.map(|after| Stored::new(after, self.clock().now())),
            app: self.clone(),
            identity,
            scope,
            filter,
            following,
            last: after,
            waiting: Vec::new(),
            pauses,
            checked: now,
            sent: now,
            is_over: false,
        })
    }

    /// Whether who was let in before still may see what is in a project.
    async fn is_still_let_in(&self, who: &Identity, project: ProjectId) -> Result<bool, AppError> {
        let now = self.clock().now();
        let mut read = self.store().read().await?;
        let identity = match who {
            Identity::User { user, session } => {
                let session = read.session_get(*session).await?;
                let user = read.user_get(*user).await?;
                let live = session.is_some_and(|session| session.is_live(now));
                (live && user.is_some_and(|user| user.is_active)).then(|| who.clone())
            }
            Identity::Key(key) => {
                let key = read.api_key_get(key.organization, key.id).await?;
                let key = key.filter(|key| key.expires_at.is_none_or(|end| now < end));
                key.map(|key| Identity::Key(Box::new(key)))
            }
        };
        drop(read);
        let Some(identity) = identity else {
            return Ok(false);
        };
        let may = self.project_authorise(&identity, project, Role::Viewer, Intent::Read);
        match may.await {
            Ok(_) => Ok(true),
            Err(AppError::Store(error)) => Err(error.into()),
            Err(_) => Ok(false),
        }
    }
}

impl LogTail {
    /// The next part; absent when it ends: the server stops, or who follows may no longer.
    ///
    /// # Errors
    /// The store is away, of which something is to be sent.
    pub async fn next(&mut self) -> Result<Option<TailPart>, AppError> {
        while !self.is_over {
            self.pauses.tick().await;
            if self.checked.elapsed() >= CHECK_EVERY && !self.is_let_in().await {
                return Ok(None);
            }
            let part = match self.of_store().await? {
                Some(part) => Some(part),
                None => self.of_feed().await,
            };
            if let Some(part) = part {
                self.sent = Instant::now();
                return Ok(Some(part));
            }
        }
        Ok(None)
    }

    /// How many are not sent any more if it is broken off now.
    pub fn behind(&mut self) -> u64 {
        self.following.take(&mut self.waiting, usize::MAX);
        self.waiting.len() as u64 + self.following.missed()
    }

    /// Where the store cannot be asked, nothing has changed in it.
    async fn is_let_in(&mut self) -> bool {
        self.checked = Instant::now();
        let asked = self.app.is_still_let_in(&self.identity, self.scope.project);
        asked.await.unwrap_or(true)
    }

    /// What is stored and was not sent, if there is something to be read.
    async fn of_store(&mut self) -> Result<Option<TailPart>, AppError> {
        if self.stored.as_ref().is_some_and(Stored::is_over) {
            self.stored = None;
        }
        while let Some(stored) = self.stored.as_mut().filter(|stored| stored.is_due()) {
            let mut read = self.app.store().read().await?;
            let found = read
                .log_list_since(&self.scope, &self.filter, stored.after, PAGE)
                .await?;
            drop(read);
            let is_end = found.len() < PAGE as usize;
            let fresh = stored.take(found);
            if is_end {
                self.end_of_store();
            }
            if let Some(part) = self.records(fresh) {
                return Ok(Some(part));
            }
        }
        Ok(None)
    }

    /// Everything is read for now. What was missed live meanwhile is stored by now, or will be at the next sweep.
    fn end_of_store(&mut self) {
        let Some(stored) = &mut self.stored else {
            return;
        };
        if self.following.missed() > 0 {
            self.following.restart();
        } else {
            stored.end();
        }
    }

    /// What came live, in the order of the ids.
    async fn of_feed(&mut self) -> Option<TailPart> {
        let goes_on = self.following.take(&mut self.waiting, FEED_RECORDS);
        let newest = self.waiting.iter().map(|record| record.id).max();
        if goes_on && newest.is_some() {
            sleep(SETTLE).await;
            self.following.take(&mut self.waiting, FEED_RECORDS);
        }
        self.waiting.sort_by_key(|record| record.id);
        let count = self
            .waiting
            .partition_point(|record| Some(record.id) <= newest);
        let ready: Vec<_> = self.waiting.drain(..count).collect();
        let fresh = match &mut self.stored {
            Some(stored) => stored.not_sent(ready),
            None => ready,
        };
        self.is_over = !goes_on;
        if let Some(part) = self.records(fresh) {
            return Some(part);
        }
        let missed = self.following.missed();
        if missed > 0 && self.waiting.is_empty() {
            self.is_over = true;
            return Some(TailPart::Missed(missed));
        }
        let is_quiet = goes_on && self.sent.elapsed() >= KEEP_ALIVE;
        is_quiet.then_some(TailPart::KeepAlive)
    }

    fn records(&mut self, all: Vec<Arc<LogRecord>>) -> Option<TailPart> {
        let newest = all.iter().map(|record| record.id).max()?;
        let last = self.last.map_or(newest, |last| last.max(newest));
        self.last = Some(last);
        Some(TailPart::Records(all, last))
    }
}

impl Stored {
    fn new(after: LogId, now: Millis) -> Self {
        let start = Instant::now();
        Self {
            after,
            late: after.max(LogId::first_at(now.before(LATE))),
            sent: HashSet::new(),
            sweeps: SWEEPS.iter().map(|pause| start + *pause).collect(),
            is_at_end: false,
            read: start,
        }
    }

    fn is_due(&self) -> bool {
        !self.is_at_end || self.sweeps.front().is_some_and(|at| *at <= Instant::now())
    }

    /// Goes on behind what was found; gives what was not sent.
    fn take(&mut self, found: Vec<LogRecord>) -> Vec<Arc<LogRecord>> {
        self.read = Instant::now();
        if std::mem::take(&mut self.is_at_end) {
            self.sweeps.pop_front();
        }
        if let Some(last) = found.last() {
            self.after = last.id;
        }
        self.not_sent(found.into_iter().map(Arc::new).collect())
    }

    /// Those that were not sent; they are now.
    fn not_sent(&mut self, mut all: Vec<Arc<LogRecord>>) -> Vec<Arc<LogRecord>> {
        all.retain(|record| record.id < self.late || self.sent.insert(record.id));
        all
    }

    /// Goes back to where late ones may have come.
    fn end(&mut self) {
        self.is_at_end = true;
        self.after = self.late;
    }

    /// Whether all is read, and nothing of it is on its way live any more.
    fn is_over(&self) -> bool {
        self.is_at_end && self.sweeps.is_empty() && self.read.elapsed() >= DRAINED
    }
}
