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
//! - [`spec`]: what a person writes, read from JSON or YAML, with every fault and its place ([`fault`]).
//! - [`router`]: paths and methods to candidates, best first.
//! - [`condition`]: tests on the request; yes or no first, reasons when asked.
//! - [`template`]: text with holes, safe for its type, metered.
//! - [`Engine`]: the whole, immutable; [`Engine::with`] edits it at the cost of the edit.
//! - [`limits`]: every bound.
//!
//! # Features
//!
//! `full` (the default) is all of: `yaml`, `json-schema`, `jsonpath`, `xpath`, `fake`, `compression`. A spec that
//! needs a missing one is refused by its name. `schema-of-spec` generates `spec.schema.json`.

mod compile;
pub mod condition;
mod engine;
mod env;
pub mod fault;
mod finish;
pub mod form;
pub mod json;
pub mod jsonpath;
pub mod limits;
mod place;
pub mod random;
mod regex_refusal;
pub mod request;
pub mod router;
mod secret;
mod select;
pub mod spec;
pub mod template;
#[cfg(feature = "xpath")]
pub mod xml;
#[cfg(feature = "xpath")]
pub mod xpath;
#[cfg(feature = "yaml")]
pub mod yaml;

pub use engine::{
    Compiled, Edit, Engine, Explanation, Failure, Mock, MockKey, MockReport, NearMiss, Outcome,
    ReadError, Reply, Response, ResponseReport, Turn,
};
pub use env::{Counters, Env, RequestId};
pub use fault::Invalid;
pub use finish::{
    Answer, AnswerSource, ByteSize, DOCUMENTATION_PATH, ErrorCode, InflateError, allow_any_origin,
    error_response, finish, inflate,
};
pub use request::Request;
pub use secret::masked_target;

/// The JSON Schema of the spec format, for editors: the content of `spec.schema.json`.
pub const SPEC_SCHEMA: &str = include_str!("../spec.schema.json");
