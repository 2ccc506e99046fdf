//! A mock HTTP server for Rust tests.
//!
//! ```
//! use mockbird_testkit::{MockServer, get};
//! use std::io::{Read, Write};
//!
//! let server = MockServer::start();
//! server.mount(get("/birds/{name}").json(r#"{"song": "trill"}"#));
//!
//! // Any client will do; this one is as plain as they come.
//! let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
//! stream.write_all(b"GET /birds/wren HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
//! let mut reply = String::new();
//! stream.read_to_string(&mut reply).unwrap();
//! assert!(reply.ends_with(r#"{"song":"trill"}"#));
//! ```
//!
//! The server runs on a thread of its own, so it works inside any async runtime and without one.
//! It answers with the same engine, templates and conditions as `mockbird run`.

mod mount;
mod server;

pub use mockbird_core as core;
pub use mount::{Mount, any, delete, get, patch, post, put, request};
pub use server::{MockServer, MountError};

/// The Rust in the README compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
