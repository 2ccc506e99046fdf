//! Tests with a mock server: one question in each file.
//!
//!     cargo test -p mockbird-examples --test testkit
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod faults;
mod first_test;
mod json_client;
mod races;
mod retries;
mod shared_file;
