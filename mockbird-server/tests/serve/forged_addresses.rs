//! Nobody chooses the address that is held against them: only trusted proxies say who asked.

use mockbird_server::domain::{LogRecord, Plan};
use serde_json::{Value, json};

use crate::mock_plane::publish;
use crate::support::app::{PASSWORD, TestApp};
use crate::support::database::TestDatabase;
use crate::support::projects::TestProject;

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

/// The statuses of calls that each seem to come from another address, of which the allow list has the first.
async fn forge(app: &TestApp, added: &str, route: &str) -> Vec<u16> {
    let mut statuses = Vec::new();
    for by in FORGERIES {
        let headers = forged(by, added);
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        let email = format!("{}@example.com", statuses.len());
        let body = if route.starts_with("POST") {
            json!({"email": email, "password": PASSWORD})
        } else {
            Value::Null
        };
        statuses.push(app.call(route, &headers, body).await.status.as_u16());
    }
    statuses
}

#[tokio::test]
async fn limits_count_who_asked() {
    for (flags, added, _) in CASES {
        let allowed = ("access-allow", FORGERIES[0]);
        let limits = [
            ("rates-login-address", "3/hour"),
            ("rates-mock-address", "3/hour"),
            allowed,
        ];
        let app = TestApp::with(TestDatabase::sqlite(), &[flags, &limits[..]].concat()).await;
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::on_plan(Plan::Team, &app, &ada, SHOP).await;
        let logins = forge(&app, added, "POST /api/auth/login").await;
        assert_eq!(logins, [401, 401, 401, 429], "{flags:?}");
        let mocks = forge(&app, added, &format!("GET /m/{}/who", shop.slug)).await;
        assert_eq!(mocks, [200, 200, 200, 429], "{flags:?}");
        app.stop().await;
    }
}

#[tokio::test]
async fn who_is_kept_out_cannot_come_in_as_another_one() {
    for (flags, added, seen) in CASES {
        let access = [("access-deny", seen), ("access-allow", FORGERIES[0])];
        let app = TestApp::with(TestDatabase::sqlite(), &[flags, &access[..]].concat()).await;
        for route in ["GET /api/auth/me", "GET /m/demo/hello/you"] {
            assert_eq!(forge(&app, added, route).await, [403; 4], "{flags:?}");
        }
        app.stop().await;
    }
}
