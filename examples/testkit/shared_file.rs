//! How do I use one mock file in tests, on my desk and in a hosted service?
//!
//! `mockbird run examples/shop.yaml` serves the same mocks to a browser.

use mockbird_testkit::prelude::*;

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/shop.yaml");

#[test]
fn the_file_of_the_command_is_the_file_of_the_test() {
    let server = MockServer::start();
    server.load(SHOP);
    let product = ureq::get(server.url("/products/7")).call().unwrap();
    assert_eq!(product.status(), 200);
}

#[test]
fn a_test_may_say_otherwise_for_itself() {
    let server = MockServer::start();
    server.load(SHOP);
    // It goes before the mocks of the file where all else is equal, or by its priority.
    server.mount(get("/products/{id}").priority(1).status(503));
    let refused = ureq::get(server.url("/products/7")).call().unwrap_err();
    assert!(matches!(refused, ureq::Error::StatusCode(503)), "{refused}");
}

#[test]
fn mocks_of_a_test_become_a_file() {
    let server = MockServer::start().lenient();
    server.mount(
        get("/birds/{name}")
            .query("page", "1")
            .json(r#"{"name": "wren"}"#),
    );
    let file = server.export().unwrap();

    let other = MockServer::start().lenient();
    let path = std::env::temp_dir().join(format!("mockbird-example-{}.json", std::process::id()));
    std::fs::write(&path, file).unwrap();
    other.load(&path);
    std::fs::remove_file(&path).unwrap();
    let url = other.url("/birds/wren?page=1");
    let body = ureq::get(url)
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    assert_eq!(body, r#"{"name":"wren"}"#);
}
