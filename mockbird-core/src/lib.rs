//! The pure engine of MockBird: a mock spec, compiled once, answers requests.
//!
//! No sockets, no files, no async, no clock and no randomness of its own: a host gives a
//! [`Request`] and an [`Env`], and gets an [`Answer`] and how long to wait before sending it. The same
//! spec gives the same answer in a Rust test, on a laptop and on a hosted service.
//!
//! ```
//! use http::{HeaderMap, Method};
//! use mockbird_core::spec::Format;
//! use mockbird_core::{Engine, Env, Request};
//!
//! let text = r#"{"name": "birds", "mocks": [
//!     {"path": "/birds/{name}", "responses": [
//!         {"body": {"name": "{{ request.params.name }}"}},
//!         {"statusCode": 404, "body": {"error": "extinct"},
//!          "conditions": [{"type": "path", "field": "name", "operator": "equals", "value": "dodo"}]}
//!     ]}
//! ]}"#;
//! let engine = Engine::read(text, Format::Json)?.engine;
//!
//! let headers = HeaderMap::new();
//! let answer = |path| {
//!     let request = Request::new(&Method::GET, path, &headers, b"");
//!     engine.answer(&request, &Env::default()).response
//! };
//! assert_eq!(answer("/birds/wren").body(), r#"{"name":"wren"}"#);
//! assert_eq!(answer("/birds/dodo").status(), 404);
//! # Ok::<(), mockbird_core::ReadError>(())
//! ```
//!
//! # The way through
//!
//! ```text
//! text -> json::Node -> spec::Spec -> Engine          reading, decoding, compiling: all faults at once
//! Request -> router -> condition -> select -> template -> finish -> http::Response
//! ```
//!
//! In the order in which a host meets them:
//!
//! - [`Engine::read`]: from a text to an engine, or to every fault with its place ([`fault`]).
//! - [`Request`] and [`Env`]: what came, and the world around it (time, chance, the request's id).
//! - [`Engine::answer`]: all of it, ready to be sent as it is, and how long to wait before ([`Answer`]).
//! - [`Engine::explain`]: which mock would answer and why, condition by condition ([`condition`]).
//! - [`Engine::with`]: an engine with a few mocks changed, at the cost of the change.
//! - [`Engine::candidates`]: the same one mock at a time ([`Turn`]), for hosts that decide more than a spec can say;
//!   [`finish()`] then makes a response of what came out ([`Outcome`]).
//! - [`spec`] and [`json`]: what a person writes, as types and as a lossless tree.
//! - [`limits`]: every bound.
//!
//! # Features
//!
//! `full` (the default) is all of: `yaml`, `json-schema`, `jsonpath`, `xpath`, `fake`, `compression`. A spec that
//! needs a missing one is refused by its name. `schema-of-spec` generates `spec.schema.json`.

mod budget;
mod compile;
pub mod condition;
mod engine;
mod env;
pub mod fault;
mod finish;
mod form;
pub mod json;
pub mod jsonpath;
pub mod limits;
mod place;
#[doc(hidden)] // for tests and benches: a host brings random bits of its own, in `Env`
pub mod random;
mod regex_refusal;
mod regex_size;
pub mod request;
#[doc(hidden)] // for the router's own tests, benches and fuzzing: a host meets it through `Engine`
pub mod router;
mod secret;
mod select;
pub mod spec;
#[doc(hidden)] // for benches and fuzzing: a host meets it through `Engine`
pub mod template;
mod window;
#[cfg(feature = "xpath")]
#[doc(hidden)] // a parsed body may be its tree: conditions look into it
pub mod xml;
#[cfg(feature = "xpath")]
mod xpath;
#[cfg(feature = "yaml")]
#[doc(hidden)] // for tests with files of others: a host reads YAML through `spec`
pub mod yaml;

pub use budget::BudgetExceeded;
pub use engine::{
    Batch, Compiled, Edit, Engine, Explanation, Failure, Mock, MockKey, MockReport, NearMiss,
    Outcome, ReadError, Refusal, Reply, Response, ResponseReport, Staged, Turn,
};
pub use env::{Counters, Env, RequestId};
pub use fault::Invalid;
pub use finish::{
    Answer, AnswerSource, BodyError, ByteSize, DOCUMENTATION_PATH, ErrorCode, INFLATES,
    InflateError, allow_any_origin, error_documentation, error_response, finish, finish_miss,
    inflate, tell_rate_limit,
};
pub use request::Request;
pub use router::Precedence;
pub use secret::{
    is_secret_name, is_secret_parameter, is_secret_value, masked_target, names_secret,
};
pub use window::Allowance;

/// The JSON Schema of the spec format, for editors: the content of `spec.schema.json`.
pub const SPEC_SCHEMA: &str = include_str!("../spec.schema.json");
