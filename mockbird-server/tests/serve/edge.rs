//! The layers around the routes, with routes of the test's own.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::{Request, Response};
use http_body_util::BodyExt;
use mockbird_server::api::Json;
use mockbird_server::config::{Config, Limits, Sources};
use mockbird_server::edge;
use serde_json::Value;
use tower::ServiceExt;

async fn ask(limits: Limits, request: Request<Body>) -> (u16, Value) {
    let routes = Router::new()
        .route("/panic", get(|| async { panic!("a defect") as () }))
        .route(
            "/slow",
            get(|| async { std::future::pending::<()>().await }),
        )
        .route(
            "/json",
            post(|Json(value): Json<BTreeMap<String, u8>>| async move { Json(value) }),
        );
    let response: Response<Body> = edge::stack(routes, &limits).oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

fn limits() -> Limits {
    Config::read(&Sources::default()).unwrap().limits
}

fn json(body: &'static str) -> Request<Body> {
    let request = Request::post("/json").header("content-type", "application/json");
    request.body(Body::from(body)).unwrap()
}

#[tokio::test]
async fn a_panic_is_told_as_ours_and_without_its_words() {
    let (status, body) = ask(
        limits(),
        Request::get("/panic").body(Body::empty()).unwrap(),
    )
    .await;
    assert_eq!((status, &body["error"]), (500, &"INTERNAL_ERROR".into()));
    assert!(!body.to_string().contains("a defect"), "{body}");
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_is_given_up() {
    let limits = Limits {
        request_timeout: Duration::from_secs(3),
        ..limits()
    };
    let (status, body) = ask(limits, Request::get("/slow").body(Body::empty()).unwrap()).await;
    assert_eq!(
        (status, &body["error"]),
        (503, &"SERVICE_UNAVAILABLE".into())
    );
    assert_eq!(
        body["message"],
        "this took longer than 3 s and was given up"
    );
}

#[tokio::test]
async fn bodies_are_refused_in_our_form() {
    let small = Limits {
        api_body: 8,
        ..limits()
    };
    assert_eq!(
        ask(small, json(r#"{"n":1}"#)).await,
        (200, serde_json::json!({"n": 1}))
    );
    for (request, status, code) in [
        (json(r#"{"n":123}"#), 413, "PAYLOAD_TOO_LARGE"),
        (json("{"), 400, "BAD_REQUEST"),
        (json("[]"), 422, "VALIDATION_FAILED"),
        (json(r#"{"":300}"#), 422, "VALIDATION_FAILED"),
        (
            Request::post("/json").body(Body::from("{}")).unwrap(),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
    ] {
        let (told, body) = ask(small, request).await;
        assert_eq!((told, &body["error"]), (status, &code.into()), "{body}");
    }
}
