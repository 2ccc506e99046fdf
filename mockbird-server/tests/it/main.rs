//! The binary `mockbird`, over real sockets and files.
#![expect(
    clippy::unwrap_used,
    clippy::format_collect,
    clippy::format_push_string,
    reason = "a test that meets the unexpected should stop, and need not be fast"
)]

mod commands;
mod conformance;
mod http;
mod http2;
mod limits;
mod lines;
#[path = "../over_http/mod.rs"]
mod over_http;
mod reload;
mod stop;
mod support;
mod testkit;
#[expect(unreachable_pub, reason = "shared with the tests of other crates")]
#[path = "../../../mockbird-core/tests/vectors/mod.rs"]
mod vectors;
