//! What is counted, for the operator.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Calls that were answered, by what answered and the status.
pub const REQUESTS: &str = "mockbird_requests_total";

/// Tries to send a mail, by what came of it: `sent`, `failed` or `given_up`.
pub const MAILS: &str = "mockbird_mails_total";

/// Requests to mocks that were taken for the log.
pub const LOG_EVENTS: &str = "mockbird_log_events_total";

/// Requests to mocks that are missing in the log, by `why`: the queue was `full`, or the store `refused` them.
pub const LOG_DROPPED: &str = "mockbird_log_dropped_total";

/// Requests to mocks that are missing in the log because a server was killed, or stopped while the store was away.
pub const LOG_LOST: &str = "mockbird_log_lost_total";

/// Requests on their way into the log.
pub const LOG_QUEUE_EVENTS: &str = "mockbird_log_queue_events";

/// The memory that those take, in bytes.
pub const LOG_QUEUE_BYTES: &str = "mockbird_log_queue_bytes";

/// How long it took to store a batch, in seconds.
pub const LOG_BATCH_SECONDS: &str = "mockbird_log_batch_seconds";

/// How many requests were stored together.
pub const LOG_BATCH_ROWS: &str = "mockbird_log_batch_rows";

/// Tries to store a batch that failed.
pub const LOG_STORE_ERRORS: &str = "mockbird_log_store_errors_total";

/// The counters of this process: all servers in it count together.
pub fn metrics() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        // A program that embeds us may count by itself: then it has the numbers, and this page has none.
        if metrics::set_global_recorder(recorder).is_ok() {
            metrics::describe_counter!(REQUESTS, "Requests that were answered.");
            metrics::describe_counter!(MAILS, "Tries to send a mail.");
            describe_log();
        }
        handle
    })
}

fn describe_log() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_counter!(LOG_EVENTS, "Requests that were taken for the log.");
    describe_counter!(LOG_DROPPED, "Requests that are missing in the log.");
    describe_counter!(LOG_LOST, "Requests that a killed server had not logged.");
    describe_gauge!(LOG_QUEUE_EVENTS, "Requests on their way into the log.");
    describe_gauge!(
        LOG_QUEUE_BYTES,
        "Memory of requests on their way into the log."
    );
    describe_histogram!(LOG_BATCH_SECONDS, "Seconds that it took to store a batch.");
    describe_histogram!(LOG_BATCH_ROWS, "Requests that were stored together.");
    describe_counter!(LOG_STORE_ERRORS, "Tries to store a batch that failed.");
}
