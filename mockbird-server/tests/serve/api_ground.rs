//! What every call of the API can rely on.

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use crate::support::app::TestApp;
use crate::support::client::Reply;
use crate::support::database::TestDatabase;

#[tokio::test]
async fn it_tells_what_it_is() {
    let app = TestApp::with(TestDatabase::sqlite(), &[("registration", "closed")]).await;
    let reply = app.get("/api/info").await;
    assert_eq!(reply.status, 200);
    let info = reply.json();
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        (&info["registrationOpen"], &info["mocksDomain"]),
        (&false.into(), &serde_json::Value::Null)
    );
    app.stop().await;
}

#[tokio::test]
async fn errors_have_one_form() {
    let app = TestApp::start().await;
    assert_eq!(
        app.get("/api/nothing").await.problem(),
        (404, "NOT_FOUND".to_owned())
    );
    assert_eq!(app.get("/").await.problem(), (404, "NOT_FOUND".to_owned()));
    let wrong = app.post("/api/info", serde_json::json!({})).await;
    assert_eq!(wrong.problem(), (405, "METHOD_NOT_ALLOWED".to_owned()));
    assert_eq!(wrong.header("allow"), Some("GET,HEAD"));
    let page = app.get("/docs/errors").await;
    assert_guarded(&page);
    let page = String::from_utf8_lossy(&page.body).into_owned();
    for code in mockbird_core::ErrorCode::ALL {
        assert!(
            page.contains(&format!("id=\"{}\"", code.as_str())),
            "{code:?}"
        );
    }
    app.stop().await;
}

#[tokio::test]
async fn faults_of_a_body_have_their_places() {
    let app = TestApp::start().await;
    let ada = app.register("ada@example.com").await;
    let keys = format!("POST /api/orgs/{}/api-keys", ada.organization());
    for (body, at, message) in [
        (
            serde_json::json!({"name": "CI", "permissions": [7]}),
            "permissions[0]",
            "invalid type: integer `7`, expected a string",
        ),
        (
            serde_json::json!({"name": "CI"}),
            "permissions",
            "missing field `permissions`",
        ),
        (
            serde_json::json!(["CI", []]),
            "",
            "invalid type: sequence, expected an object",
        ),
        (
            serde_json::json!({"name": "CI", "permissions": [], "colour": "blue"}),
            "colour",
            "unknown field `colour`, expected one of `name`, `permissions`, `projectId`, `expiresAt`",
        ),
    ] {
        let reply = app.call_as(ada.access(), &keys, body).await;
        assert_eq!(reply.problem(), (422, "VALIDATION_FAILED".to_owned()));
        let detail = serde_json::json!({"at": at, "message": message, "hint": ""});
        assert_eq!(reply.json()["details"], serde_json::json!([detail]));
    }
    app.stop().await;
}

#[tokio::test]
async fn faults_of_a_query_have_their_places() {
    let app = TestApp::start().await;
    let ada = app.register("ada@example.com").await;
    for (query, at, message) in [
        ("?page=-1", "page", "invalid digit found in string"),
        ("?page=1&page=2", "page", "duplicate field `page`"),
    ] {
        let route = format!("GET /api/orgs{query}");
        let reply = app.call_as(ada.access(), &route, Value::Null).await;
        assert_eq!(reply.problem(), (422, "VALIDATION_FAILED".to_owned()));
        let detail = serde_json::json!({"at": at, "message": message, "hint": ""});
        assert_eq!(reply.json()["details"], serde_json::json!([detail]));
    }
    app.stop().await;
}

#[tokio::test]
async fn requests_have_an_id() {
    let app = TestApp::start().await;
    let fresh = app.get("/api/info").await;
    assert_eq!(fresh.header("x-request-id").unwrap().len(), 36);
    let given = Request::get("/nowhere").header("x-request-id", "mine-1");
    let reply = app.send(given.body(Bytes::new()).unwrap()).await;
    assert_eq!(reply.header("x-request-id"), Some("mine-1"));
    app.stop().await;
}

#[tokio::test]
async fn the_api_is_described() {
    let app = TestApp::start().await;
    let document = app.get("/api/openapi.json").await;
    assert!(
        document.json()["openapi"]
            .as_str()
            .unwrap()
            .starts_with("3.1")
    );
    insta::assert_snapshot!(serde_json::to_string_pretty(&document.json()).unwrap());
    let page = app.get("/api/docs/").await;
    assert_guarded(&page);
    assert_eq!(
        (page.status.as_u16(), page.header("content-type")),
        (200, Some("text/html"))
    );
    app.stop().await;
}

#[tokio::test]
async fn it_is_ready_as_long_as_the_database_answers_on_sqlite() {
    health(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn it_is_ready_as_long_as_the_database_answers_on_postgres() {
    health(TestDatabase::postgres().await).await;
}

async fn health(database: TestDatabase) {
    let app = TestApp::with(database, &[]).await;
    assert_eq!(app.get("/healthz").await.status, 200);
    assert_eq!(app.get("/readyz").await.status, 200);
    app.app.store().close().await;
    assert_eq!(app.get("/healthz").await.status, 200);
    let reply = app.get("/readyz").await;
    assert_eq!(reply.problem(), (503, "SERVICE_UNAVAILABLE".to_owned()));
    assert_eq!(reply.header("retry-after"), Some("1"));
    app.stop().await;
}

#[tokio::test]
async fn what_is_answered_is_counted_for_the_operator_alone() {
    let app = TestApp::start().await;
    app.get("/m/demo/birds").await;
    app.get("/nowhere").await;
    let metrics = app.admin_get("/metrics").await;
    let text = String::from_utf8(metrics.body.to_vec()).unwrap();
    for line in [
        r#"mockbird_requests_total{by="mock",status="2xx"}"#,
        r#"mockbird_requests_total{by="api",status="404"}"#,
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert_eq!(app.admin_get("/readyz").await.status, 200);
    assert_eq!(
        app.admin_get("/api/info").await.problem(),
        (404, "NOT_FOUND".to_owned())
    );
    assert_eq!(
        app.get("/metrics").await.problem(),
        (404, "NOT_FOUND".to_owned())
    );
    app.stop().await;
}

/// It is taken for what it says, and framed by nobody.
fn assert_guarded(page: &Reply) {
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
}
