//! How do I check what my client sends, and not only what it makes of the reply?

use mockbird_testkit::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Order<'a> {
    sku: &'a str,
    quantity: u32,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Receipt {
    id: u32,
    total: f64,
}

/// The code under test.
fn order(service: &str, token: &str, order: &Order<'_>) -> Result<Receipt, ureq::Error> {
    ureq::post(format!("{service}/orders"))
        .header("authorization", format!("Bearer {token}"))
        .header("idempotency-key", "order-1")
        .send_json(order)?
        .body_mut()
        .read_json()
}

#[test]
fn an_order_is_sent_as_the_service_wants_it() {
    let server = MockServer::start();
    let orders = server.mount(
        post("/orders")
            // Who is not as said here is not answered by this mock.
            .bearer("secret")
            .json_path("$.quantity", greater_than(0))
            // Who is not as said here is answered, and the test fails at its end: it says that the key was missing,
            // where a condition would only have left the client with a 404.
            .check(header("idempotency-key", exists()))
            .json(r#"{"id": 7, "total": {{ request.body.quantity * 2.5 }}}"#)
            .expect(1),
    );

    let wrens = Order {
        sku: "wren",
        quantity: 3,
    };
    let receipt = order(&server.url(""), "secret", &wrens).unwrap();
    assert_eq!(receipt, Receipt { id: 7, total: 7.5 });

    let sent = &orders.requests()[0];
    let kind = sent.header("content-type").unwrap();
    assert!(kind.starts_with("application/json"), "{kind}");
    let sent: serde_json::Value = serde_json::from_slice(sent.body()).unwrap();
    assert_eq!(sent, serde_json::json!({"sku": "wren", "quantity": 3}));
}

#[test]
fn who_is_not_signed_in_is_told() {
    let server = MockServer::start();
    server.mount(post("/orders").status(401));
    server.mount(
        post("/orders")
            .bearer("secret")
            .json(r#"{"id": 7, "total": 1}"#),
    );

    let wrens = Order {
        sku: "wren",
        quantity: 3,
    };
    let refused = order(&server.url(""), "wrong", &wrens).unwrap_err();
    assert!(matches!(refused, ureq::Error::StatusCode(401)), "{refused}");
}
