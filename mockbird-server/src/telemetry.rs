//! What is counted, for the operator.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Calls that were answered, by what answered and the status.
pub const REQUESTS: &str = "mockbird_requests_total";

/// Tries to send a mail, by what came of it: `sent`, `failed` or `given_up`.
pub const MAILS: &str = "mockbird_mails_total";

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
        }
        handle
    })
}
