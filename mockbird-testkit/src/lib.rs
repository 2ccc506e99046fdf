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
//! mount, reply (gate, fault), times    what a test writes
//! state, journal                       what a server knows: its mocks, its requests
//! server                               listener, connections, the exchange of request and reply
//! handle, received, report             what a test looks at
//! ```

mod fault;
mod gate;
mod handle;
mod journal;
mod mount;
mod received;
mod reply;
mod report;
mod server;
mod state;
mod times;

pub use fault::Fault;
pub use gate::Gate;
pub use handle::MockHandle;
pub use mockbird_core as core;
pub use mount::{Mount, any, delete, get, patch, post, put, request};
pub use received::ReceivedRequest;
pub use reply::{
    Event, Reply, bytes, chunks, events, file, json, respond_with, respond_with_async, status, text,
};
#[cfg(feature = "tls")]
pub use server::CertificateAuthority;
pub use server::{MockServer, MockServerBuilder, MountError};
pub use times::Times;
#[cfg(feature = "tls")]
pub use tokio_rustls::rustls;

/// The Rust in the README compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
