//! Nobody chooses the address that is held against them: only trusted proxies say who asked.

use mockbird_server::domain::LogRecord;
use serde_json::{Value, json};

use crate::mock_plane::publish;
use crate::support::app::{PASSWORD, TestApp};
use crate::support::database::TestDatabase;

const SHOP: &str = r#"{"name": "Shop", "isPublic": true, "mocks": [
    {"path": "/who", "responseType": "text", "responses": [{"body": "{{ request.ip }}"}]}
]}"#;

/// What a client sends to seem another one, in front of what proxies add.
fn forged(by: &str, added: &str) -> Vec<(&'static str, String)> {
    let line = [by, added].map(str::to_owned);
    let line = line.into_iter().filter(|part| !part.is_empty());
    let line = line.collect::<Vec<_>>().join(", ");
    let others = ["forwarded", "x-real-ip", "x-client-ip", "true-client-ip"];
    let others = others.map(|name| (name, by.to_owned()));
    [("x-forwarded-for", line)]
        .into_iter()
        .chain(others)
        .collect()
}

async fn call(app: &TestApp, route: &str, headers: &[(&str, String)], body: Value) -> Value {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    let reply = app.call(route, &headers, body).await;
    assert!(reply.status.is_success(), "{route}: {reply:?}");
    let text = || Value::from(String::from_utf8_lossy(&reply.body));
    serde_json::from_slice(&reply.body).unwrap_or_else(|_| text())
}

/// Whom the server trusts, what the proxies add, and who is seen then.
type Case = (
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static str,
);

const CASES: [Case; 4] = [
    (&[], "", "127.0.0.1"),
    (&[("trusted-proxies", "10.0.0.0/8")], "", "127.0.0.1"),
    (
        &[("trusted-proxies", "127.0.0.1")],
        "198.51.100.7",
        "198.51.100.7",
    ),
    (
        &[("trusted-proxies", "127.0.0.1, 10.0.0.0/8")],
        "198.51.100.7, 10.0.0.9",
        "198.51.100.7",
    ),
];

const FORGERIES: [&str; 4] = [
    "203.0.113.9",
    "127.0.0.1",
    "10.0.0.1, 2001:db8::1",
    "unknown",
];

#[tokio::test]
async fn mocks_log_sessions_and_audit_see_who_asked() {
    for (flags, added, seen) in CASES {
        let app = TestApp::with(TestDatabase::sqlite(), flags).await;
        publish(&app, "shop", SHOP).await;
        let mut log = app.app.log_feed().subscribe();
        let login = app.register("ada@example.com").await;
        for by in FORGERIES {
            let headers = forged(by, added);
            let who = call(&app, "GET /m/shop/who", &headers, Value::Null).await;
            assert_eq!(who, seen, "{flags:?} {by}");
            let record: LogRecord = (*log.recv().await.unwrap()).clone();
            assert_eq!(record.client.to_string(), seen, "{flags:?} {by}");

            let body = json!({"email": "ada@example.com", "password": PASSWORD});
            let again = call(&app, "POST /api/auth/login", &headers, body).await;
            let token = again["accessToken"].as_str().unwrap();
            let sessions = app
                .call_as(token, "GET /api/auth/sessions", Value::Null)
                .await
                .json();
            let newest = sessions["items"]
                .as_array()
                .unwrap()
                .iter()
                .find(|one| one["current"] == true);
            assert_eq!(newest.unwrap()["ipAddress"], seen, "{flags:?} {by}");

            let authorization = format!("Bearer {token}");
            let mut headers = headers;
            headers.push(("authorization", authorization));
            let organization = login.organization();
            let project = json!({"name": "Birds", "organizationId": organization});
            call(&app, "POST /api/projects", &headers, project).await;
            let audit = format!("GET /api/orgs/{organization}/audit-logs?resourceType=project");
            let audit = app.call_as(token, &audit, Value::Null).await.json();
            assert_eq!(audit["items"][0]["ipAddress"], seen, "{flags:?} {by}");
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn throttles_count_who_asked() {
    for (flags, added, _) in CASES {
        let mut flags = flags.to_vec();
        flags.push(("rates-login-address", "3/hour"));
        let app = TestApp::with(TestDatabase::sqlite(), &flags).await;
        let mut statuses = Vec::new();
        for by in FORGERIES {
            let headers = forged(by, added);
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (*name, &**value))
                .collect();
            let body =
                json!({"email": format!("{}@example.com", statuses.len()), "password": PASSWORD});
            let reply = app.call("POST /api/auth/login", &headers, body).await;
            statuses.push(reply.status.as_u16());
        }
        assert_eq!(statuses, [401, 401, 401, 429], "{flags:?}");
        app.stop().await;
    }
}
