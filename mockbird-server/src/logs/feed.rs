//! Requests as they happen.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::{broadcast, mpsc, watch};

use crate::domain::{LogFilter, LogRecord, OrganizationId, ProjectId};
use crate::nodes::{Bond, Nodes};

/// How many records a follower may be behind; one who is further behind misses some, and is told how many.
pub const FEED_RECORDS: usize = 2_048;

/// How many bytes of records a follower may be behind.
const FEED_BYTES: usize = 4 << 20;

/// The most followers of an organization.
pub const FOLLOWERS_MAX: usize = 20;

/// Hands each record to those who follow its project and asked for it, before it is stored.
#[derive(Clone, Debug)]
pub struct LogFeed {
    followers: Arc<RwLock<Followers>>,
    all: broadcast::Sender<Arc<LogRecord>>,
    nodes: Nodes,
    elsewhere: watch::Sender<Elsewhere>,
}

/// Whether what other servers of the database answer comes live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// Nobody answers elsewhere, as far as this server was told.
    Nobody,
    /// It does, since there was a gap for the so many-th time.
    Heard(u64),
    /// It does not, for now: it is in the store alone.
    Unheard {
        /// How many gaps there were before.
        gaps: u64,
    },
}

#[derive(Debug, Default)]
struct Followers {
    of: HashMap<ProjectId, Vec<Follower>>,
    counts: HashMap<OrganizationId, usize>,
    /// How many there ever were: each has a number of its own.
    count: u64,
    is_closed: bool,
}

#[derive(Debug)]
struct Follower {
    number: u64,
    filter: LogFilter,
    records: mpsc::Sender<Arc<LogRecord>>,
    behind: Arc<Behind>,
}

/// How far a follower is behind.
#[derive(Debug, Default)]
struct Behind {
    bytes: AtomicUsize,
    missed: AtomicU64,
}

/// The records of a project as they happen; dropping it ends it.
#[derive(Debug)]
pub struct Following {
    feed: LogFeed,
    organization: OrganizationId,
    project: ProjectId,
    number: u64,
    records: mpsc::Receiver<Arc<LogRecord>>,
    behind: Arc<Behind>,
}

/// Why somebody cannot follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FollowError {
    /// The organization has as many followers as it may.
    #[error(
        "{FOLLOWERS_MAX} live tails of this organization are open, which is the most there may be: end one of them"
    )]
    TooMany,
    /// The server stops.
    #[error("the server is stopping")]
    Stopping,
}

impl LogFeed {
    pub(crate) fn new(nodes: Nodes) -> Self {
        let elsewhere = match nodes.bond() {
            Bond::Alone => Elsewhere::Nobody,
            Bond::Joined | Bond::Away => Elsewhere::Unheard { gaps: 0 },
        };
        Self {
            followers: Arc::default(),
            all: broadcast::Sender::new(FEED_RECORDS),
            nodes,
            elsewhere: watch::Sender::new(elsewhere),
        }
    }

    /// All records of all projects from now on, for a program that the server is part of.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<LogRecord>> {
        self.all.subscribe()
    }

    /// All records of a project that a filter lets through from now on, in the order in which they were answered.
    pub fn follow(
        &self,
        organization: OrganizationId,
        project: ProjectId,
        filter: LogFilter,
    ) -> Result<Following, FollowError> {
        let mut followers = self.write();
        if followers.is_closed {
            return Err(FollowError::Stopping);
        }
        let count = followers.counts.entry(organization).or_default();
        if *count == FOLLOWERS_MAX {
            return Err(FollowError::TooMany);
        }
        *count += 1;
        followers.count += 1;
        let number = followers.count;
        let (sender, records) = mpsc::channel(FEED_RECORDS);
        let behind = Arc::<Behind>::default();
        let of_project = followers.of.entry(project).or_default();
        if of_project.is_empty() {
            self.nodes.follows_more();
        }
        of_project.push(Follower {
            number,
            filter,
            records: sender,
            behind: Arc::clone(&behind),
        });
        Ok(Following {
            feed: self.clone(),
            organization,
            project,
            number,
            records,
            behind,
        })
    }

    /// Hands a record on; nobody need follow.
    pub fn publish(&self, record: &Arc<LogRecord>) {
        let _: Result<usize, _> = self.all.send(Arc::clone(record));
        self.nodes.answered(record);
        self.publish_here(record);
    }

    /// Hands on what another server answered.
    pub(crate) fn publish_here(&self, record: &Arc<LogRecord>) {
        let followers = self.read();
        for follower in followers.of.get(&record.project).into_iter().flatten() {
            if follower.filter.lets_through(record) {
                follower.take(record);
            }
        }
    }

    /// Which projects somebody follows.
    pub(crate) fn followed(&self) -> Vec<ProjectId> {
        self.read().of.keys().copied().collect()
    }

    /// From now on what others answer comes live, after a gap; or no longer.
    pub(crate) fn hear_elsewhere(&self, is_heard: bool) {
        self.elsewhere
            .send_modify(|elsewhere| *elsewhere = elsewhere.next(is_heard));
    }

    /// Whether what others answer comes live now.
    pub fn elsewhere(&self) -> Elsewhere {
        *self.elsewhere.borrow()
    }

    /// Ends all followers: the server stops.
    pub fn close(&self) {
        let mut followers = self.write();
        followers.is_closed = true;
        followers.of.clear();
    }

    fn read(&self) -> RwLockReadGuard<'_, Followers> {
        // Whoever held it does not leave it half changed.
        self.followers
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Followers> {
        self.followers
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Elsewhere {
    fn next(self, is_heard: bool) -> Self {
        match (self, is_heard) {
            (Self::Nobody, _) => Self::Nobody,
            (Self::Heard(gaps) | Self::Unheard { gaps }, true) => Self::Heard(gaps + 1),
            (Self::Heard(gaps) | Self::Unheard { gaps }, false) => Self::Unheard { gaps },
        }
    }
}

impl Follower {
    /// After the first one that is missed all are, so that what is missed comes last.
    fn take(&self, record: &Arc<LogRecord>) {
        let behind = &self.behind;
        let bytes = behind.bytes.fetch_add(record.weight(), Ordering::AcqRel);
        let misses = bytes > FEED_BYTES || behind.missed.load(Ordering::Acquire) > 0;
        if misses || self.records.try_send(Arc::clone(record)).is_err() {
            behind.missed.fetch_add(1, Ordering::AcqRel);
            behind.bytes.fetch_sub(record.weight(), Ordering::AcqRel);
        }
    }
}

impl Following {
    /// Adds what came meanwhile, at most so many; false once the server stops.
    pub fn take(&mut self, into: &mut Vec<Arc<LogRecord>>, most: usize) -> bool {
        for _ in 0..most {
            match self.records.try_recv() {
                Ok(record) => {
                    let bytes = &self.behind.bytes;
                    bytes.fetch_sub(record.weight(), Ordering::AcqRel);
                    into.push(record);
                }
                Err(mpsc::error::TryRecvError::Empty) => break,
                Err(mpsc::error::TryRecvError::Disconnected) => return false,
            }
        }
        true
    }

    /// Whether the server stops.
    pub fn is_closed(&self) -> bool {
        self.records.is_closed()
    }

    /// How many were missed because they were not taken in time; what is still to be taken came before those.
    pub fn missed(&self) -> u64 {
        self.behind.missed.load(Ordering::Acquire)
    }

    /// Whether what other servers answer comes live now.
    pub fn elsewhere(&self) -> Elsewhere {
        self.feed.elsewhere()
    }

    /// Forgets what is there and what was missed: whoever calls it has both from elsewhere.
    pub fn restart(&mut self) {
        self.take(&mut Vec::new(), FEED_RECORDS);
        self.behind.missed.store(0, Ordering::Release);
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let mut followers = self.feed.write();
        if let Some(all) = followers.of.get_mut(&self.project) {
            all.retain(|follower| follower.number != self.number);
            if all.is_empty() {
                followers.of.remove(&self.project);
            }
        }
        if let Some(count) = followers.counts.get_mut(&self.organization) {
            *count -= 1;
            if *count == 0 {
                followers.counts.remove(&self.organization);
            }
        }
    }
}
