//! What is counted, for the operator: `docs/OBSERVABILITY.md` says what to do about it.

mod errors;
mod lines;
mod metric;
mod otlp;
mod post;

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

pub use lines::{Telling, tell};
use metric::metrics_table;
pub use metric::{Metric, MetricKind};
pub use otlp::TRACED;

metrics_table! {
    /// Calls that were answered, by what answered and the status: of mocks its first digit.
    Counter REQUESTS = "mockbird_requests_total", ["by", "status"];
    /// How long calls of the API took, in seconds, by the template of their route.
    Histogram API_SECONDS = "mockbird_api_seconds", ["method", "route"];
    /// Tries to send a mail, by what came of it: `sent`, `failed` or `given_up`.
    Counter MAILS = "mockbird_mails_total", ["outcome"];
    /// Requests that a limit was asked for, by its name and what came of it: `admitted` or `refused`.
    Counter LIMITS = "mockbird_limits_total", ["limit", "outcome"];
    /// Requests that were not let in, by `why`: for the `address` or the `country`.
    Counter DENIED = "mockbird_denied_total", ["why"];
    /// Projects in memory.
    Gauge SNAPSHOTS = "mockbird_snapshots", [];
    /// What projects in memory weigh, in bytes, at least.
    Gauge SNAPSHOT_BYTES = "mockbird_snapshot_bytes", [];
    /// Requests to mocks whose project was in memory.
    Counter SNAPSHOT_HITS = "mockbird_snapshot_hits_total", [];
    /// Projects that were looked for in the database because a request came and they were not in memory.
    Counter SNAPSHOT_LOADS = "mockbird_snapshot_loads_total", [];
    /// Projects that others pushed out of memory.
    Counter SNAPSHOT_EVICTIONS = "mockbird_snapshot_evictions_total", [];
    /// Requests to mocks that were taken for the log.
    Counter LOG_EVENTS = "mockbird_log_events_total", [];
    /// Requests to mocks that are missing in the log, by `why`: the queue was `full`, or the store `refused` them.
    Counter LOG_DROPPED = "mockbird_log_dropped_total", ["why"];
    /// Requests to mocks that are missing in the log because a server was killed, or stopped while the store was away.
    Counter LOG_LOST = "mockbird_log_lost_total", [];
    /// Requests on their way into the log.
    Gauge LOG_QUEUE_EVENTS = "mockbird_log_queue_events", [];
    /// The memory that those take, in bytes.
    Gauge LOG_QUEUE_BYTES = "mockbird_log_queue_bytes", [];
    /// How long it took to store a batch, in seconds.
    Histogram LOG_BATCH_SECONDS = "mockbird_log_batch_seconds", [];
    /// How many requests were stored together.
    Histogram LOG_BATCH_ROWS = "mockbird_log_batch_rows", [];
    /// Tries to store a batch that failed.
    Counter LOG_STORE_ERRORS = "mockbird_log_store_errors_total", [];
    /// How long it took to count a batch in its minutes, in seconds: a part of the time of the batch.
    Histogram ROLLUP_SECONDS = "mockbird_rollup_seconds", [];
    /// Runs of jobs, by what came of them: `done` or `failed`.
    Counter JOB_RUNS = "mockbird_job_runs_total", ["job", "outcome"];
    /// How long runs of jobs took, in seconds.
    Histogram JOB_SECONDS = "mockbird_job_seconds", ["job"];
    /// What the database refused or did not do, by kind: `unavailable`, `failed`, `unsettled` or `corrupt`.
    Counter STORE_ERRORS = "mockbird_store_errors_total", ["kind"];
    /// Connections to the database, by what they are at: `idle` or `used`.
    Gauge STORE_CONNECTIONS = "mockbird_store_connections", ["state"];
    /// Whether Redis is there and quick (1), or this server goes on by itself (0).
    Gauge REDIS_UP = "mockbird_redis_up", [];
    /// Calls of Redis that a reply waited for, by what came of them: `done`, `late`, `failed`, or `away` if it was not asked.
    Counter REDIS_CALLS = "mockbird_redis_calls_total", ["outcome"];
    /// Messages between the servers of a database, by what became of them: `sent`, `received`, `dropped` or `refused`.
    Counter NODE_MESSAGES = "mockbird_node_messages_total", ["what"];
    /// How large the database is, in bytes.
    Gauge DATABASE_BYTES = "mockbird_database_bytes", [];
}

/// The buckets of what takes time, in seconds: from a millisecond to half a minute.
const SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// The buckets of what has rows.
const ROWS: &[f64] = &[
    1.0, 5.0, 10.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 5_000.0,
];

/// The counters of this process: all servers in it count together.
pub fn metrics() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let recorder = builder().build_recorder();
        let handle = recorder.handle();
        // A program that embeds us may count by itself: then it has the numbers, and this page has none.
        if metrics::set_global_recorder(recorder).is_ok() {
            METRICS.iter().for_each(Metric::describe);
        }
        handle
    })
}

/// Histograms have buckets, which add up over servers, as quantiles would not.
fn builder() -> PrometheusBuilder {
    let buckets = |builder: PrometheusBuilder, suffix: &str, bounds: &[f64]| {
        let matcher = Matcher::Suffix(suffix.to_owned());
        builder.set_buckets_for_metric(matcher, bounds)
    };
    // It refuses nothing but a list without a bound.
    let standard = PrometheusBuilder::new();
    let seconds = buckets(standard, "_seconds", SECONDS).unwrap_or_default();
    buckets(seconds, "_rows", ROWS).unwrap_or_default()
}

/// A count or size as the number of a gauge.
#[expect(
    clippy::cast_precision_loss,
    reason = "nothing that is counted comes near 2^53"
)]
pub(crate) fn gauge(name: &'static str, value: u64) {
    metrics::gauge!(name).set(value as f64);
}
