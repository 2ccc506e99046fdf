//! A mock without conditions and templates is found and selected without the heap.
//!
//! (That the router alone takes nothing from it is shown in `router_no_alloc.rs`.)

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use http::{HeaderMap, Method};
use mockbird_core::spec::Format;
use mockbird_core::{Engine, Env, Outcome, Request};
use serde_json::{Value, json};

/// The routes of an API with a few thousand mocks, among them those below.
fn engine() -> Engine {
    let mut mocks: Vec<Value> = (0..2_000)
        .map(|i| json!({"path": format!("/api/r{i}/users/{{id}}"), "responses": [{"body": {"id": i}}]}))
        .collect();
    mocks.extend([
        json!({"path": "/", "responses": [{"body": "root"}]}),
        json!({"path": "/birds", "responses": [{"body": ["wren"]}]}),
        json!({"path": "/birds/{name}", "responses": [{"statusCode": 201, "headers": {"X-A": "b"}}]}),
        json!({"path": "/compare/{base}...{head}", "responses": [{"body": "compared"}]}),
        json!({"path": "/numbers/{id:[0-9]+}", "responses": [{"body": "a number"}]}),
        json!({"path": "/a/*/c", "method": "ANY", "responses": [{"body": "any"}]}),
        json!({"path": "/files/{*rest}", "responses": [{"bodyBase64": "AAEC"}]}),
        json!({"path": "/several", "responses": [{"body": "first"}, {"body": "default", "isDefault": true}]}),
        json!({"path": "/weighted", "responses": [{"body": "a", "weight": 1}, {"body": "b", "weight": 2}]}),
        json!({"path": "/slow", "responseDelay": {"min": 1, "max": 9}, "responses": [{"body": "slow"}]}),
        json!({"path": "/limited", "rateLimit": {"requests": 2, "per": "hour"}, "responses": [{"body": "twice"}]}),
    ]);
    let spec = json!({"name": "static", "seed": 1, "mocks": mocks});
    Engine::read(&spec.to_string(), Format::Json)
        .unwrap()
        .engine
}

#[test]
fn a_static_mock_is_selected_without_the_heap() {
    let engine = engine();
    let counters = engine.counters();
    let mut headers = HeaderMap::new();
    headers.insert("host", "api.example".parse().unwrap());
    headers.insert("accept-encoding", "gzip, br".parse().unwrap());
    let env = Env {
        counters: Some(&counters),
        ..Env::default()
    };
    for (method, target) in [
        (Method::GET, "/"),
        (Method::GET, "/birds"),
        (Method::HEAD, "/birds"),
        (Method::GET, "/birds/"),
        (Method::GET, "/birds/wren?song=loud&tag=a"),
        (Method::GET, "/api/r1999/users/42"),
        (Method::GET, "/compare/main...dev"),
        (Method::GET, "/numbers/12"),
        (Method::POST, "/a/b/c"),
        (Method::GET, "/files/a/b/c.txt"),
        (Method::GET, "/several"),
        (Method::GET, "/weighted"),
        (Method::GET, "/slow"),
        (Method::GET, "/limited"),
    ] {
        let decide = || {
            let request = Request::new(&method, target, &headers, b"");
            matches!(engine.respond(&request, &env), Outcome::Reply(_))
        };
        // The first time, a regex makes its cache, and a window its ring.
        assert!(decide(), "{target}");
        let counted = allocation_counter::measure(|| assert!(decide()));
        assert_eq!(counted.count_total, 0, "{method} {target}");
    }
}
