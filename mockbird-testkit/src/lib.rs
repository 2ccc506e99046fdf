//! A mock HTTP server for Rust tests.
//!
//! ```
//! use mockbird_testkit::{MockServer, get};
//! use std::io::{Read, Write};
//!
//! let server = MockServer::start();
//! let wren = server.mount(get("/birds/{name}").json(r#"{"song": "trill"}"#).expect(1));
//!
//! // Any client will do; this one is as plain as they come.
//! let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
//! stream.write_all(b"GET /birds/wren HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
//! let mut reply = String::new();
//! stream.read_to_string(&mut reply).unwrap();
//! assert!(reply.ends_with(r#"{"song":"trill"}"#));
//! assert_eq!(wren.requests()[0].path(), "/birds/wren");
//! ```
//!
//! All servers of a process share one runtime of their own, so they work inside any async runtime and without one.
//! They answer with the same engine, templates and conditions as `mockbird run`.
//!
//! ```text
//! mount (methods, path, matcher,       what a test writes
//!   expectation, reply), times
//! state, journal                       what a server knows: its mocks, its requests
//! server                               listener, connections, the exchange of request and reply
//! handle, received, report             what a test looks at
//! ```

mod asked;
mod expectation;
mod fault;
mod gate;
mod handle;
mod journal;
mod matcher;
mod methods;
mod mount;
mod path;
mod received;
mod reply;
mod report;
mod server;
mod state;
mod times;

pub use mockbird_core as core;

pub use asked::FailedCheck;
pub use expectation::{
    Expectation, absent, contains, ends_with, equals, exists, greater_or_equal, greater_than,
    json_contains, json_equals, json_schema, less_or_equal, less_than, matches, starts_with,
};
pub use fault::Fault;
pub use gate::Gate;
pub use handle::MockHandle;
pub use matcher::{
    Matcher, Negate, Verdict, all_of, any_of, basic_auth, bearer, body, body_bytes, cookie,
    each_header, form, header, header_values, json_path, matching, method, multipart, not,
    only_query, param, query, query_count, xpath,
};
pub use methods::Methods;
pub use mount::{Mount, MountError, any, delete, get, patch, post, put, request};
pub use path::{PathPattern, path_glob, path_prefix, path_regex};
pub use received::ReceivedRequest;
pub use reply::{
    Event, Reply, bytes, chunks, events, file, json, respond_with, respond_with_async, status, text,
};
#[cfg(feature = "tls")]
pub use server::CertificateAuthority;
pub use server::{MockServer, MockServerBuilder};
pub use times::Times;
#[cfg(feature = "tls")]
pub use tokio_rustls::rustls;

/// All that a test writes: `use mockbird_testkit::prelude::*;`.
pub mod prelude {
    #[doc(no_inline)]
    pub use crate::{
        Event, Expectation, Fault, Gate, Matcher, MockHandle, MockServer, MockServerBuilder, Mount,
        MountError, ReceivedRequest, Reply, Times,
    };
    #[doc(no_inline)]
    pub use crate::{
        absent, contains, ends_with, equals, exists, greater_or_equal, greater_than, json_contains,
        json_equals, json_schema, less_or_equal, less_than, matches, starts_with,
    };
    #[doc(no_inline)]
    pub use crate::{
        all_of, any_of, basic_auth, bearer, body, body_bytes, cookie, each_header, form, header,
        header_values, json_path, matching, method, multipart, not, only_query, param, query,
        query_count, xpath,
    };
    #[doc(no_inline)]
    pub use crate::{
        any, bytes, chunks, delete, events, file, get, json, patch, path_glob, path_prefix,
        path_regex, post, put, request, respond_with, respond_with_async, status, text,
    };
}

/// The Rust in the README compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
