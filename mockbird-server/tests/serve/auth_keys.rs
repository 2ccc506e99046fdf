//! API keys.

use std::time::Duration;

use mockbird_server::domain::{Clock, Millis, Page};
use mockbird_server::store::AuditFilter;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::database::TestDatabase;

#[tokio::test]
async fn a_key_is_made_shown_once_used_and_ended_on_sqlite() {
    life(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn a_key_is_made_shown_once_used_and_ended_on_postgres() {
    life(TestDatabase::postgres().await).await;
}

async fn life(database: TestDatabase) {
    let clock = Clock::fixed(Millis(1_900_000_000_000));
    let app = TestApp::at(clock.clone(), database, &[]).await;
    let ada = app.register("ada@example.com").await;
    let keys = format!("/api/orgs/{}/api-keys", ada.organization());
    let (list, create) = (format!("GET {keys}"), format!("POST {keys}"));
    let body = json!({"name": "CI", "permissions": ["admin", "read"], "expiresAt": "2030-03-17T18:46:40Z"});
    let made = app.call_as(ada.access(), &create, body).await;
    assert_eq!(made.status, 201);
    let mut made = made.json();
    let key = made["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("mk_") && key.len() == 46, "{key}");
    assert_eq!(made["prefix"], key[..11]);
    assert_eq!(made["permissions"], json!(["read", "admin"]));
    assert_eq!(
        (&made["createdBy"], &made["lastUsedAt"]),
        (&ada.0["user"]["id"], &Value::Null)
    );

    let by_header = app.call(&list, &[("x-api-key", &key)], Value::Null).await;
    assert_eq!(by_header.status, 200);
    let listed = app.call_as(&key, &list, Value::Null).await.json();
    made.as_object_mut().unwrap().remove("key");
    made["lastUsedAt"] = json!("2030-03-17T17:46:40.000Z");
    assert_eq!(
        listed["items"],
        json!([made]),
        "the key itself is not shown again"
    );

    clock.advance(Duration::from_hours(1) - Duration::from_millis(1));
    assert_eq!(app.call_as(&key, &list, Value::Null).await.status, 200);
    clock.advance(Duration::from_millis(1));
    assert_eq!(
        app.call_as(&key, &list, Value::Null).await.problem(),
        (401, "UNAUTHORIZED".to_owned())
    );

    let ada = app.login("ada@example.com").await;
    let body = json!({"name": "CD", "permissions": ["admin"]});
    let made = app.call_as(ada.access(), &create, body).await.json();
    let key = made["key"].as_str().unwrap();
    let end = format!("DELETE {keys}/{}", made["id"].as_str().unwrap());
    assert_eq!(
        app.call_as(key, &end, Value::Null).await.status,
        204,
        "a key may end itself"
    );
    assert_eq!(app.call_as(key, &list, Value::Null).await.status, 401);
    assert_eq!(
        app.call_as(ada.access(), &end, Value::Null).await.status,
        404
    );
    audited(&app, ada.organization()).await;
    app.stop().await;
}

async fn audited(app: &TestApp, organization: &str) {
    let mut read = app.app.store().read().await.unwrap();
    let page = Page::new(None, None).unwrap();
    let log = read
        .audit_list(organization.parse().unwrap(), &AuditFilter::default(), page)
        .await
        .unwrap();
    let lines = log.items.iter().map(|line| {
        let by = if line.key.is_some() { "key" } else { "user" };
        assert!(line.request_id.is_some() && line.ip_address.as_deref() == Some("127.0.0.1"));
        format!("{} by {by}", line.action)
    });
    // Several were written at the same moment of the test's clock.
    let mut lines: Vec<_> = lines.collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "api_key.created by user",
            "api_key.created by user",
            "api_key.revoked by key",
            "user.registered by user",
        ]
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_key_is_said() {
    let app = TestApp::start().await;
    let ada = app.register("ada@example.com").await;
    let create = format!("POST /api/orgs/{}/api-keys", ada.organization());
    let other = "019a0000-0000-7000-8000-000000000000";
    for (body, status, at) in [
        (json!({"name": "", "permissions": ["read"]}), 422, "name"),
        (json!({"name": "CI", "permissions": []}), 422, "permissions"),
        (
            json!({"name": "CI", "permissions": ["root"]}),
            422,
            "permissions",
        ),
        (
            json!({"name": "CI", "permissions": ["read"], "projectId": "7"}),
            422,
            "projectId",
        ),
        (
            json!({"name": "CI", "permissions": ["read"], "expiresAt": "1999-01-01T00:00:00Z"}),
            422,
            "expiresAt",
        ),
        (
            json!({"name": "CI", "permissions": ["read"], "expiresAt": "soon"}),
            422,
            "expiresAt",
        ),
        (
            json!({"name": "CI", "permissions": ["read"], "projectId": other}),
            404,
            "",
        ),
        (
            json!({"name": "CI", "permissions": ["read"], "expires": 1}),
            422,
            "",
        ),
    ] {
        let reply = app.call_as(ada.access(), &create, body.clone()).await;
        assert_eq!(reply.status, status, "{body} {reply:?}");
        if !at.is_empty() {
            assert_eq!(reply.json()["details"][0]["at"], at, "{body}");
        }
    }
    app.stop().await;
}
