//! Projects that take a key.

use std::time::Duration;

use http::Request;
use mockbird_server::domain::{Clock, Millis};
use serde_json::{Value, json};

use crate::mock_plane::{publish, publish_in};
use crate::support::app::{Login, TestApp};
use crate::support::client::Reply;
use crate::support::database::{TestDatabase, app_test};

pub(crate) const INNER: &str = r#"{"name": "Inner", "mocks": [
    {"path": "/", "responses": [{"body": "secret"}]},
    {"path": "/seen", "responseType": "text", "responses": [
        {"body": "told", "conditions": [{"type": "header", "field": "X-Mockbird-Key", "operator": "exists"}]},
        {"body": "[{{ request.headers['x-mockbird-key'] }}]", "isDefault": true}]},
    {"path": "/asked", "method": "OPTIONS", "responses": [{"body": "secret", "headers": {"X-Secret": "1"}}]}
]}"#;

/// One that does not say whether it is public, or does.
fn spec(is_public: Option<bool>) -> String {
    let mut spec =
        json!({"name": "Shop", "mocks": [{"path": "/", "responses": [{"body": "secret"}]}]});
    if let Some(is_public) = is_public {
        spec["isPublic"] = is_public.into();
    }
    spec.to_string()
}

/// A key of the organization of somebody: its id and its text.
pub(crate) async fn key(app: &TestApp, login: &Login, mut wish: Value) -> (String, String) {
    wish["name"] = "CI".into();
    let route = format!("POST /api/orgs/{}/api-keys", login.organization());
    let reply = app.call_as(login.access(), &route, wish).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    let made = reply.json();
    let text = |member: &str| made[member].as_str().unwrap().to_owned();
    (text("id"), text("key"))
}

async fn call(app: &TestApp, target: &str, key: &str) -> Reply {
    let headers = [("x-mockbird-key", key)];
    app.call(&format!("GET {target}"), &headers, Value::Null)
        .await
}

pub(crate) async fn opens(app: &TestApp, target: &str, key: &str) -> bool {
    let reply = call(app, target, key).await;
    if reply.status == 200 {
        assert_eq!(reply.body, "secret");
        return true;
    }
    assert_eq!(reply.problem(), (401, "UNAUTHORIZED".to_owned()));
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    false
}

app_test! {
    async fn a_key_opens_what_is_its_own(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let eve = app.register("eve@example.com").await;
        let organization = ada.organization().parse().unwrap();
        let inner = publish_in(app, organization, "inner", INNER).await;
        let other = publish_in(app, organization, "other", &spec(None)).await;
        let calls = json!({"permissions": ["mocks:call"]});
        let all = json!({"permissions": ["mocks:call", "read", "write", "admin"]});
        let manages = json!({"permissions": ["read", "write", "admin"]});
        let of = |project: &dyn ToString| json!({"permissions": ["mocks:call"], "projectId": project.to_string()});
        for (login, wish, opens_inner, opens_other) in [
            (&ada, calls.clone(), true, true),
            (&ada, all, true, true),
            (&ada, manages, false, false),
            (&ada, of(&inner), true, false),
            (&ada, of(&other), false, true),
            (&eve, calls, false, false),
        ] {
            // Made after the projects were loaded: it opens them at once.
            assert!(!opens(app, "/m/inner/", "mk_wrong").await && !opens(app, "/m/other/", "").await);
            let (id, key) = key(app, login, wish.clone()).await;
            assert_eq!(opens(app, "/m/inner/", &key).await, opens_inner, "{wish}");
            assert_eq!(opens(app, "/m/other/", &key).await, opens_other, "{wish}");
            let revoke = format!("DELETE /api/orgs/{}/api-keys/{id}", login.organization());
            assert_eq!(app.call_as(login.access(), &revoke, Value::Null).await.status, 204);
            assert!(!opens(app, "/m/inner/", &key).await && !opens(app, "/m/other/", &key).await);
        }
    }
}

app_test! {
    async fn nobody_else_learns_of_it(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        publish_in(app, ada.organization().parse().unwrap(), "inner", INNER).await;
        let (_, key) = key(app, &ada, json!({"permissions": ["mocks:call"]})).await;
        let (missing, wrong) = (app.get("/m/inner/nothing").await, call(app, "/m/inner/nothing", "no").await);
        assert_eq!(missing.problem().0, 401);
        assert_eq!(wrong.problem().0, 401);
        assert_eq!(missing.json()["message"], "this project takes a key: send one with the permission `mocks:call` in `X-Mockbird-Key`");
        assert_eq!(wrong.json()["message"], "the key in `X-Mockbird-Key` does not open this project: it is wrong, expired or revoked, or has not the permission `mocks:call`");
        assert!(missing.json().get("nearest").is_none() && wrong.json().get("nearest").is_none());

        let (_, reader) = self::key(app, &ada, json!({"permissions": ["mocks:call", "read"]})).await;
        for (key, nearest) in [(&key, json!([])), (&reader, json!(["GET /"]))] {
            let miss = app.call("POST /m/inner/", &[("x-mockbird-key", key)], Value::Null).await;
            assert_eq!(miss.problem(), (404, "MOCK_NOT_FOUND".to_owned()));
            let near = miss.json()["nearest"].as_array().unwrap().iter().map(|near| near["mock"].clone()).collect::<Vec<_>>();
            assert_eq!(json!(near), nearest, "only whoever may read the mocks is told of them");
        }
        assert_eq!(call(app, "/m/inner/seen", &key).await.body, "[]", "the key itself is nobody's to see");
    }
}

app_test! {
    async fn browsers_ask_before_they_show_a_key(app: TestApp) {
        publish(app, "inner", INNER).await;
        for target in ["/m/inner/", "/m/inner/asked"] {
            let headers = [("access-control-request-method", "GET"), ("access-control-request-headers", "x-mockbird-key")];
            let reply = app.call(&format!("OPTIONS {target}"), &headers, Value::Null).await;
            assert_eq!((reply.status.as_u16(), reply.body.as_ref()), (204, b"".as_slice()));
            assert_eq!(reply.header("access-control-allow-headers"), Some("x-mockbird-key"));
            assert_eq!(reply.header("x-secret"), None, "a mock of a private project is not told");
        }
        let plain = app.call("OPTIONS /m/inner/asked", &[], Value::Null).await;
        assert_eq!(plain.status, 401, "no preflight");
    }
}

app_test! {
    async fn settings_close_and_open_at_once(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let organization = ada.organization().parse().unwrap();
        let slugs = ["private", "unsaid", "public"];
        for (slug, is_public) in slugs.iter().zip([Some(false), None, Some(true)]) {
            publish_in(app, organization, slug, &spec(is_public)).await;
        }
        let route = format!("PATCH /api/orgs/{}/settings", ada.organization());
        for (change, expected) in [
            (json!({}), [401, 401, 200]),
            (json!({"defaultVisibility": "public"}), [401, 200, 200]),
            (json!({"requireApiKey": true}), [401, 401, 401]),
            (json!({"requireApiKey": false}), [401, 200, 200]),
            (json!({"defaultVisibility": "private", "allowPublicProjects": false}), [401, 401, 401]),
            (json!({"allowPublicProjects": true}), [401, 401, 200]),
        ] {
            let changed = app.call_as(ada.access(), &route, change.clone()).await;
            assert_eq!(changed.status, 200, "{changed:?}");
            for (slug, expected) in slugs.iter().zip(expected) {
                let status = app.get(&format!("/m/{slug}/")).await.status;
                assert_eq!(status, expected, "{slug} after {change}");
            }
        }
    }
}

async fn ends(database: TestDatabase) {
    let clock = Clock::fixed(Millis(1_900_000_000_000));
    // What it logs once the store is closed can never be stored.
    let app = TestApp::at(clock.clone(), database, &[("limits-grace", "50ms")]).await;
    let ada = app.register("ada@example.com").await;
    publish_in(&app, ada.organization().parse().unwrap(), "inner", INNER).await;
    let wish = json!({"permissions": ["mocks:call"], "expiresAt": "2030-03-17T18:46:40Z"});
    let (_, key) = key(&app, &ada, wish).await;
    clock.advance(Duration::from_hours(1) - Duration::from_millis(1));
    assert!(opens(&app, "/m/inner/", &key).await);
    app.app.store().close().await;
    assert!(
        opens(&app, "/m/inner/", &key).await,
        "nobody asks the database"
    );
    clock.advance(Duration::from_millis(1));
    assert!(!opens(&app, "/m/inner/", &key).await);
    app.stop().await;
}

#[tokio::test]
async fn a_key_ends_at_its_time_without_the_database_on_sqlite() {
    ends(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn a_key_ends_at_its_time_without_the_database_on_postgres() {
    ends(TestDatabase::postgres().await).await;
}

#[tokio::test]
async fn a_public_project_does_not_see_the_key_either() {
    let app = TestApp::start().await;
    let spec = INNER.replacen('{', r#"{"isPublic": true, "#, 1);
    publish(&app, "shop", &spec).await;
    let request = Request::get("/m/shop/seen").header("X-Mockbird-Key", "mk_any");
    let reply = app.send(request.body(bytes::Bytes::new()).unwrap()).await;
    assert_eq!(reply.body, "[]");
    app.stop().await;
}
