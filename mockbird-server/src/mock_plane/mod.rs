//! Requests to mocks: from an address to a project, from its snapshot to a reply.
//!
//! Between request and reply only memory is read, but for a project that nobody asked for yet.

mod address;
mod answer;
mod body;
mod cookies;
mod edit;
mod event;
mod follow;
mod generations;
mod guard;
mod keys;
mod log_event;
mod notices;
mod rates;
mod replay;
mod reply;
mod shared;
mod snapshot;
mod tenant;
mod usage;
mod waiting;

pub use address::Address;
pub use answer::{Delayed, Settled};
pub use edit::{EditError, MockEdit, Tried};
pub use event::{AnsweredBy, Event};
pub use log_event::LogEvent;
pub(crate) use notices::notify;
pub use replay::{AskedMock, AskedResponse, Reason, Replayable, Replayed};
pub use snapshot::Snapshot;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use metrics::Counter;
use mockbird_core::{ErrorCode, allow_any_origin, error_response};
use moka::future::Cache;
use moka::notification::RemovalCause;
use moka::policy::EvictionPolicy;
use tokio::sync::Mutex;

use self::generations::{Generations, Key, Wanted};
use self::rates::Rates;
use self::tenant::Tenants;
use crate::config::Config;
use crate::domain::{Clock, LogIds, ProjectId};
use crate::limits::Lender;
use crate::logs::Queue;
use crate::store::{Store, StoreError};
use crate::telemetry::{REQUESTS, SNAPSHOT_EVICTIONS, SNAPSHOT_HITS, SNAPSHOT_LOADS};

/// How long a slug that nobody has is not asked for again.
const MISS_REMEMBERED: Duration = Duration::from_secs(2);

/// How long a project that was forgotten may wait to go on with what it counted for a seed.
const LEFT_REMEMBERED: Duration = Duration::from_hours(1);

/// Which part of the memory for projects those may take besides.
const LEFT_SHARE: u64 = 16;

/// The most slugs that nobody has and that are remembered.
const MISSES_MAX: u64 = 10_000;

/// The projects in memory, and where others are loaded from.
#[derive(Debug)]
pub struct MockPlane {
    store: Store,
    clock: Clock,
    /// Bounded by what the engines weigh; those asked for least recently go first.
    projects: Cache<Key, Arc<Snapshot>>,
    misses: Cache<Key, ()>,
    /// Projects with a seed that were forgotten: once they are loaded anew, their mocks go on with what they counted.
    left: Cache<ProjectId, Arc<Snapshot>>,
    loads: AtomicU64,
    generations: Generations,
    /// Held by whoever ends a generation.
    placing: Mutex<()>,
    tenants: Tenants,
    rates: Rates,
    /// Held while usage is written down, or read.
    writing_usage: tokio::sync::Mutex<()>,
    /// The moment up to which changes of others were asked for.
    caught_up: AtomicI64,
    body_bytes: usize,
    body_timeout: Duration,
    answered: [Counter; 5],
    hits: Counter,
    ids: LogIds,
    /// Where requests go to be logged; absent if they are not.
    log: Option<Queue<LogEvent>>,
}

/// The classes of statuses, as they are counted.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What is in memory at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// How many projects.
    pub projects: u64,
    /// What they weigh, at least.
    pub bytes: u64,
    /// How often one was loaded so far.
    pub loads: u64,
}

/// Why no project answers.
#[derive(Clone, Debug)]
enum Absent {
    Unknown,
    Unavailable(Arc<StoreError>),
}

impl MockPlane {
    pub(crate) fn new(
        store: Store,
        clock: Clock,
        config: &Config,
        log: Option<Queue<LogEvent>>,
        lender: Option<&Arc<dyn Lender>>,
    ) -> Self {
        // As if the smallest took an equal share of all memory: so their number has a bound, too.
        let least = config.mocks.memory / config.mocks.projects as usize;
        let weight = move |snapshot: &Snapshot| {
            u32::try_from(snapshot.memory_bytes().max(least)).unwrap_or(u32::MAX)
        };
        let projects = Cache::builder()
            .max_capacity(config.mocks.memory as u64)
            .eviction_policy(EvictionPolicy::lru())
            .weigher(move |_: &Key, snapshot: &Arc<Snapshot>| weight(snapshot))
            .eviction_listener(|_, _, why| {
                if why == RemovalCause::Size {
                    metrics::counter!(SNAPSHOT_EVICTIONS).increment(1);
                }
            });
        let left = Cache::builder()
            .max_capacity(config.mocks.memory as u64 / LEFT_SHARE)
            .time_to_live(LEFT_REMEMBERED)
            .weigher(move |_: &ProjectId, snapshot: &Arc<Snapshot>| weight(snapshot));
        let misses = Cache::builder()
            .max_capacity(MISSES_MAX)
            .time_to_live(MISS_REMEMBERED);
        Self {
            store,
            tenants: Tenants::new(config, clock.clone()),
            clock,
            projects: projects.build(),
            misses: misses.build(),
            left: left.build(),
            loads: AtomicU64::new(0),
            generations: Generations::new(),
            placing: Mutex::new(()),
            rates: Rates::new(config, lender),
            writing_usage: tokio::sync::Mutex::default(),
            caught_up: AtomicI64::new(i64::MAX),
            body_bytes: config.limits.mock_body,
            body_timeout: config.limits.request_timeout,
            // Looked up once: a request only adds one.
            answered: CLASSES
                .map(|class| metrics::counter!(REQUESTS, "by" => "mock", "status" => class)),
            hits: metrics::counter!(SNAPSHOT_HITS),
            ids: LogIds::default(),
            log,
        }
    }

    /// The project of a slug.
    async fn project(&self, slug: &str) -> Result<Arc<Snapshot>, Absent> {
        let wanted = self.generations.now(slug);
        if let Some(snapshot) = self.projects.get(&wanted).await {
            self.hits.increment(1);
            return Ok(snapshot);
        }
        if self.misses.contains_key(&wanted) {
            return Err(Absent::Unknown);
        }
        // Seldom, and large: most requests need not carry room for it.
        Box::pin(self.load(wanted)).await
    }

    /// Loads a project: once for all who wait.
    async fn load(&self, wanted: Wanted<'_>) -> Result<Arc<Snapshot>, Absent> {
        let load = async {
            self.loads.fetch_add(1, Ordering::Relaxed);
            metrics::counter!(SNAPSHOT_LOADS).increment(1);
            let loaded = Snapshot::load(&self.store, &self.tenants, wanted.slug).await;
            let found = loaded.map_err(|error| Absent::Unavailable(Arc::new(error)))?;
            let mut loaded = found.ok_or(Absent::Unknown)?;
            if let Some(earlier) = self.left.remove(&loaded.project).await {
                loaded.go_on(&earlier);
            }
            Ok::<_, Absent>(Arc::new(loaded))
        };
        let key = wanted.to_key();
        let loaded = Box::pin(self.projects.try_get_with(key.clone(), load)).await;
        let loaded = loaded.map_err(|absent| (*absent).clone());
        if let Err(Absent::Unknown) = &loaded {
            self.misses.insert(key, ()).await;
        }
        if self.generations.now(wanted.slug) != wanted {
            // Nobody will find it, but it would take room.
            self.projects.invalidate(&wanted).await;
        }
        loaded
    }

    /// What is in memory at the moment.
    pub async fn held(&self) -> Held {
        self.projects.run_pending_tasks().await;
        Held {
            projects: self.projects.entry_count(),
            bytes: self.projects.weighted_size(),
            loads: self.loads.load(Ordering::Relaxed),
        }
    }

    /// Loads the project anew for the next request: call it once a change of it is committed, and once a slug is given
    /// to a project. A load that is under way is not kept, however late it ends.
    pub async fn forget(&self, slug: &str) {
        let _placing = self.placing.lock().await;
        let held = self.projects.get(&self.generations.now(slug)).await;
        if let Some(held) = held.filter(|held| held.counts()) {
            self.left.insert(held.project, held).await;
        }
        self.end_generation(slug).await;
    }

    async fn end_generation(&self, slug: &str) {
        let ended = self.generations.next(slug);
        self.misses.invalidate(&ended).await;
        self.projects.invalidate(&ended).await;
    }
}

impl Absent {
    fn response(&self, slug: &str) -> Response<Bytes> {
        let mut response = match self {
            Self::Unknown => {
                let message = format!("no project has the slug `{slug}`");
                error_response(ErrorCode::ProjectNotFound, &message)
            }
            Self::Unavailable(error) => {
                tracing::warn!(error = %error, slug, "a project cannot be loaded");
                let why = "the project cannot be loaded just now";
                let mut response = error_response(ErrorCode::ServiceUnavailable, why);
                let seconds = http::HeaderValue::from_static("1");
                response
                    .headers_mut()
                    .insert(http::header::RETRY_AFTER, seconds);
                response
            }
        };
        allow_any_origin(response.headers_mut());
        response
    }
}
