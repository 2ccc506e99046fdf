//! The engine through its public door: what a host sees of it.
#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking, and hands over literals"
)]

mod auto_traits;
mod batches;
mod doubts;
mod draws;
mod edits;
mod encoding;
mod explain;
mod failures;
mod features;
mod host;
mod http_rules;
mod near_misses;
mod pool;
mod rate_limits;
mod regexes;
mod remedies;
mod warnings;
