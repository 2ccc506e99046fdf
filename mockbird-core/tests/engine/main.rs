//! The engine through its public door: what a host sees of it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod auto_traits;
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
mod warnings;
