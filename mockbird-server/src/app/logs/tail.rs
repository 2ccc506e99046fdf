//! The requests to a project as they happen, and before them those that somebody missed since they last looked.
//!
//! What is handed on live is stored a moment later, so that between what is read of the store and what comes live something may be
//! on its way. Whoever goes on where they were is told of the store until it has the first request that came live: then it has
//! everything before that, too.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::app::{App, AppError, Identity, Intent};
use crate::domain::{LogFilter, LogId, LogRecord, OrganizationId, ProjectId, Role};
use crate::logs::{Elsewhere, FEED_RECORDS, Following};
use crate::store::LogScope;

use super::stored::Stored;

/// The pause between two parts: four a second.
const PAUSE: Duration = Duration::from_millis(250);

/// How long the younger ones wait for those that were answered before them on another thread.
const SETTLE: Duration = Duration::from_millis(20);

/// The same where they may have been answered by another server.
const SETTLE_ELSEWHERE: Duration = Duration::from_millis(150);

/// How far back a tail goes for what it may have missed of others: so late may it be known that nothing was heard.
const MISSED_SINCE: Duration = Duration::from_secs(10);

/// The most records that are read of the store at once.
const PAGE: u32 = 1_000;

/// After so long without a record, something is sent to keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How often it is asked whether who follows still may.
const CHECK_EVERY: Duration = Duration::from_secs(2);

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
    /// Nothing before this one is sent.
    start: LogId,
    /// Those that were sent live, of the last seconds.
    recent: HashSet<LogId>,
    /// What came live of others when it last went to the store.
    elsewhere: Elsewhere,
    /// What is read of the store; absent once all of it was.
    stored: Option<Stored>,
    /// What was handed on and not sent yet.
    waiting: Vec<Arc<LogRecord>>,
    pauses: tokio::time::Interval,
    checked: Instant,
    sent: Instant,
    is_over: bool,
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
        let elsewhere = feed.elsewhere();
        let start = after.unwrap_or_else(|| LogId::first_at(self.clock().now()));
        let is_stored = after.is_some() || matches!(elsewhere, Elsewhere::Unheard { .. });
        let now = Instant::now();
        let mut pauses = interval(PAUSE);
        pauses.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(LogTail {
            stored: is_stored.then(|| Stored::new(start, HashSet::new())),
            app: self.clone(),
            identity,
            scope,
            filter,
            following,
            last: after,
            start,
            recent: HashSet::new(),
            elsewhere,
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
            self.look_elsewhere();
            let part = match self.of_store().await? {
                None if self.stored.is_none() => self.of_feed().await,
                None => self.quiet(),
                part => part,
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

    /// Goes back to the store where something of others may be missing.
    fn look_elsewhere(&mut self) {
        let before = std::mem::replace(&mut self.elsewhere, self.following.elsewhere());
        if before == self.elsewhere {
            return;
        }
        if let Some(stored) = &mut self.stored {
            return stored.begin_anew();
        }
        let last = self.last.unwrap_or(self.start);
        let since = LogId::first_at(last.moment().before(MISSED_SINCE));
        let sent = std::mem::take(&mut self.recent);
        self.stored = Some(Stored::new(since.max(self.start), sent));
    }

    /// What is stored and was not sent, if that is where it comes from yet.
    async fn of_store(&mut self) -> Result<Option<TailPart>, AppError> {
        while let Some(stored) = &mut self.stored {
            let mut read = self.app.store().read().await?;
            let found = read
                .log_list_since(&self.scope, &self.filter, stored.after(), PAGE)
                .await?;
            drop(read);
            let is_end = found.len() < PAGE as usize;
            let fresh = stored.take(found, is_end);
            let goes_on = !is_end || self.end_of_store();
            if let Some(part) = self.records(fresh) {
                return Ok(Some(part));
            }
            if is_end && goes_on {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// All that is stored was read: false if the rest comes live. Whatever was read had been handed on before, so that all of it
    /// is there to be compared.
    fn end_of_store(&mut self) -> bool {
        let Some(stored) = &self.stored else {
            return false;
        };
        self.following.take(&mut self.waiting, FEED_RECORDS);
        if self.following.missed() > 0 || self.waiting.len() > FEED_RECORDS {
            // It is, or will be, in the store.
            self.following.restart();
            self.waiting.clear();
            return true;
        }
        let first = self.waiting.iter().map(|record| record.id).min();
        if !stored.has_all_before(first, self.elsewhere) {
            return true;
        }
        self.waiting.retain(|record| !stored.has_sent(record.id));
        self.recent = self
            .stored
            .take()
            .map_or_else(HashSet::new, Stored::into_sent);
        false
    }

    /// What came live, in the order of the ids.
    async fn of_feed(&mut self) -> Option<TailPart> {
        let goes_on = self.following.take(&mut self.waiting, FEED_RECORDS);
        let newest = self.waiting.iter().map(|record| record.id).max();
        if goes_on && newest.is_some() {
            sleep(match self.elsewhere {
                Elsewhere::Nobody => SETTLE,
                Elsewhere::Heard(_) | Elsewhere::Unheard { .. } => SETTLE_ELSEWHERE,
            })
            .await;
            self.following.take(&mut self.waiting, FEED_RECORDS);
        }
        self.waiting.sort_by_key(|record| record.id);
        let count = self
            .waiting
            .partition_point(|record| Some(record.id) <= newest);
        let mut ready: Vec<_> = self.waiting.drain(..count).collect();
        self.keep_new(&mut ready);
        self.is_over = !goes_on;
        if let Some(part) = self.records(ready) {
            return Some(part);
        }
        let missed = self.following.missed();
        if missed > 0 && self.waiting.is_empty() {
            self.is_over = true;
            return Some(TailPart::Missed(missed));
        }
        self.quiet()
    }

    /// Leaves out what was sent of the store before it came live, and notes the rest.
    fn keep_new(&mut self, records: &mut Vec<Arc<LogRecord>>) {
        if self.elsewhere == Elsewhere::Nobody {
            return;
        }
        records.retain(|record| self.recent.insert(record.id));
        if let Some(last) = records.last() {
            let since = LogId::first_at(last.id.moment().before(MISSED_SINCE));
            self.recent.retain(|id| *id >= since);
        }
    }

    /// Something to keep the connection, after a while without anything else. The end of the server ends it, too.
    fn quiet(&mut self) -> Option<TailPart> {
        self.is_over |= self.following.is_closed();
        let is_quiet = !self.is_over && self.sent.elapsed() >= KEEP_ALIVE;
        is_quiet.then_some(TailPart::KeepAlive)
    }

    fn records(&mut self, all: Vec<Arc<LogRecord>>) -> Option<TailPart> {
        let newest = all.iter().map(|record| record.id).max()?;
        let last = self.last.map_or(newest, |last| last.max(newest));
        self.last = Some(last);
        Some(TailPart::Records(all, last))
    }
}
