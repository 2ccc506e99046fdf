//! What people rely on in the mock servers they use today, asked of this one.
//!
//! Each test names the number under which the behaviour is listed in `docs/behaviours.md`, where it also stands what we
//! chose where those servers disagree. The client writes the bytes of each request itself.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bodies;
mod client;
mod headers;
mod isolation;
mod paths;
mod queries;
mod replies;
mod selection;
mod verification;
