//! MockBird on the command line and over HTTP.
//!
//! The engine is `mockbird-core`; this crate gives it files, sockets, a clock and a terminal:
//!
//! 1. [`cli`] reads the arguments and runs one command,
//! 2. [`files`] turns mock files into an engine, and follows their changes,
//! 3. [`http`] answers requests with the engine of the moment,
//! 4. [`console`] is the only place that writes to the terminal.
//!
//! And it is a service, `mockbird serve`:
//!
//! ```text
//! config    what an operator sets
//! serve     listeners -> edge -> mock_plane or api -> app -> mail, store; jobs beside them
//! logs      requests to mocks, from the mock plane to the store and to who follows them
//! limits    how often somebody may ask
//! nodes     what servers of one database tell each other
//! domain    the words of the service as types; knows none of the others
//! ```

pub mod api;
pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod console;
pub mod domain;
pub mod edge;
pub mod files;
pub mod http;
pub mod jobs;
pub mod limits;
pub mod logs;
pub mod mail;
pub mod mock_plane;
pub mod nodes;
mod private;
pub mod serve;
pub mod store;
pub mod telemetry;
