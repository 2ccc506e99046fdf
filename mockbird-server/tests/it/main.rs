//! The binary `mockbird`, over real sockets and files.

mod commands;
mod conformance;
mod http;
mod limits;
mod lines;
mod reload;
mod stop;
mod support;
#[expect(unreachable_pub, reason = "shared with the tests of other crates")]
#[path = "../../../mockbird-core/tests/vectors/mod.rs"]
mod vectors;
