//! The engine inside a program of your own: no server, no thread, no I/O beyond reading the file.
//!
//!     cargo run -p mockbird-examples --example embed
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use http::{HeaderMap, Method};
use mockbird_core::spec::Format;
use mockbird_core::{Engine, Env, ReadError, Request};

/// Compiles a mock file and answers one request.
fn main() -> Result<(), ReadError> {
    let engine = Engine::read(include_str!("shop.yaml"), Format::Yaml)?.engine;

    let headers = HeaderMap::new();
    let request = Request::new(&Method::GET, "/products/7", &headers, b"");
    let answer = engine.answer(&request, &Env::default());

    println!("{} after {:?}", answer.response.status(), answer.delay);
    println!("{}", String::from_utf8_lossy(answer.response.body()));
    Ok(())
}

#[test]
fn it_runs() {
    assert!(main().is_ok());
}
