//! What organizations use is counted to the last request.

use std::time::Duration;

use http::Request;
use mockbird_server::domain::{Clock, Millis, Month, OrganizationId};
use mockbird_server::store::{Store, StoreError, Used};
use serde_json::{Value, json};

use crate::mock_plane::{publish, publish_in};
use crate::support::app::{Login, TestApp};
use crate::support::database::{TestDatabase, app_test};

const SHOP: &str = r#"{"name": "Shop", "isPublic": true, "mocks": [
    {"path": "/", "responses": [{"body": "four"}]},
    {"path": "/fails", "responses": [{"body": "{{ 1 // 0 }}"}]},
    {"path": "/large", "method": "POST", "responses": [{"body": "four"}]}
]}"#;

/// What the API says of requests and bytes.
async fn told(app: &TestApp, login: &Login) -> (u64, u64) {
    let route = format!("GET /api/orgs/{}/usage", login.organization());
    let reply = app.call_as(login.access(), &route, Value::Null).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let usage = reply.json();
    let used = |of: &str| usage[of]["used"].as_u64().unwrap();
    (used("requests"), used("bytes"))
}

async fn shop(app: &TestApp, login: &Login) -> OrganizationId {
    let organization = login.organization().parse().unwrap();
    publish_in(app, organization, "shop", SHOP).await;
    organization
}

async fn written(store: &Store, organization: OrganizationId, month: Month) -> u64 {
    let mut read = store.read().await.unwrap();
    let used = read.usage_get(organization, month).await.unwrap();
    used.requests
}

app_test! {
    async fn every_request_is_counted_with_its_bytes(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        shop(app, &ada).await;
        publish_in(app, ada.organization().parse().unwrap(), "inner", r#"{"name": "Inner", "mocks": []}"#).await;
        let (mut requests, mut bytes) = (0, 0);
        for (route, counts) in [
            ("GET /m/shop/", true),
            ("HEAD /m/shop/", true),
            ("GET /m/shop/nothing", true),
            ("GET /m/shop/fails", true),
            ("POST /m/shop/large", true),
            ("OPTIONS /m/shop/", false),
            ("GET /m/inner/", false),
            ("GET /m/nobody/", false),
        ] {
            let headers = [("access-control-request-method", "GET")];
            let reply = app.call(route, &headers, Value::Null).await;
            if counts {
                requests += 1;
                bytes += reply.body.len() as u64;
            }
            assert_eq!(told(app, &ada).await, (requests, bytes), "{route}");
        }
        // A stranger must not use up somebody's plan by what is refused.
        let large = app.send(Request::post("/m/shop/large").body(vec![0; 9 << 20].into()).unwrap()).await;
        assert_eq!(large.status, 413);
        app.app.mock_plane().write_usage().await.unwrap();
        assert_eq!(told(app, &ada).await, (requests, bytes), "written down, it is the same");
    }
}

app_test! {
    async fn usage_stands_beside_the_plan(app: TestApp) {
        let (ada, eve) = (app.register("ada@example.com").await, app.register("eve@example.com").await);
        shop(app, &ada).await;
        app.get("/m/shop/").await;
        let route = format!("GET /api/orgs/{}/usage", ada.organization());
        let usage = app.call_as(ada.access(), &route, Value::Null).await.json();
        let month = Month::of(Clock::System.now());
        assert_eq!(usage["organizationId"], ada.organization());
        assert_eq!((&usage["plan"], &usage["month"]), (&json!("unlimited"), &json!(month.to_string())));
        assert_eq!(usage["resetsAt"], format!("{}-01T00:00:00.000Z", month.next()));
        assert_eq!(usage["requests"], json!({"used": 1, "limit": null}));
        assert_eq!(usage["bytes"], json!({"used": 4, "limit": null}));
        assert_eq!(usage["mocks"], json!({"used": 3, "limit": null}));

        let own = app.call_as(ada.access(), "GET /api/usage", Value::Null).await.json();
        assert_eq!(own, usage);
        let named = format!("GET /api/usage?organization={}", ada.organization());
        assert_eq!(app.call_as(ada.access(), &named, Value::Null).await.json(), usage);
        assert_eq!(app.call_as(eve.access(), &named, Value::Null).await.problem().0, 404);
        let nonsense = app.call_as(eve.access(), "GET /api/usage?organization=mine", Value::Null).await;
        assert_eq!(nonsense.problem().0, 422);
    }
}

async fn another_month(database: TestDatabase) {
    // An hour before April.
    let clock = Clock::fixed(Millis(1_901_232_000_000 - 3_600_000));
    let app = TestApp::at(clock.clone(), database, &[]).await;
    let (organization, _) = publish(&app, "shop", SHOP).await;
    let march = Month::of(clock.now());
    app.get("/m/shop/").await;
    clock.advance(Duration::from_hours(1));
    app.get("/m/shop/").await;
    app.get("/m/shop/").await;
    app.app.mock_plane().write_usage().await.unwrap();
    let store = app.app.store();
    assert_eq!(march.to_string(), "2030-03");
    assert_eq!(written(store, organization, march).await, 1);
    assert_eq!(written(store, organization, march.next()).await, 2);
    app.stop().await;
}

#[tokio::test]
async fn a_month_ends_between_two_requests_on_sqlite() {
    another_month(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn a_month_ends_between_two_requests_on_postgres() {
    another_month(TestDatabase::postgres().await).await;
}

/// Somebody else holds what is to be written.
async fn a_write_fails(mut database: TestDatabase) {
    database.config.statement_timeout = Duration::from_millis(50);
    let other = database.shared();
    let app = TestApp::with(database, &[]).await;
    let (organization, _) = publish(&app, "shop", SHOP).await;
    app.get("/m/shop/").await;
    let other = other.open().await;
    let mut holding = other.begin().await.unwrap();
    let now = Clock::System.now();
    let month = Month::of(now);
    let one = Used {
        requests: 1,
        ..Used::default()
    };
    let rows = [(organization, month, one)];
    holding.usage_add(&rows, now).await.unwrap();
    let refused = app.app.mock_plane().write_usage().await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable { .. })),
        "{refused:?}"
    );
    app.get("/m/shop/").await;
    holding.commit().await.unwrap();
    app.app.mock_plane().write_usage().await.unwrap();
    assert_eq!(written(&other, organization, month).await, 3);
    other.close().await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_written_is_kept_on_sqlite() {
    a_write_fails(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_written_is_kept_on_postgres() {
    a_write_fails(TestDatabase::postgres().await).await;
}

/// Two servers count while they write all the time, and one of them ends.
async fn nothing_is_lost(database: TestDatabase) {
    const CALLS: u64 = 25;
    let one = TestApp::with(database, &[]).await;
    let other = one.beside().await;
    let (organization, _) = publish(&one, "shop", SHOP).await;
    let calls = async |app: &TestApp| {
        for _ in 0..CALLS {
            assert_eq!(app.get("/m/shop/").await.body, "four");
        }
    };
    let writes = async {
        for _ in 0..CALLS {
            for app in [&one, &other] {
                app.app.mock_plane().write_usage().await.unwrap();
            }
        }
    };
    tokio::join!(
        calls(&one),
        calls(&one),
        calls(&other),
        calls(&other),
        writes
    );
    other.stop().await;
    one.app.mock_plane().write_usage().await.unwrap();
    let month = Month::of(Clock::System.now());
    let total = written(one.app.store(), organization, month).await;
    assert_eq!(total, 4 * CALLS);
    one.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_add_up_and_the_end_of_one_loses_nothing_on_sqlite() {
    nothing_is_lost(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_add_up_and_the_end_of_one_loses_nothing_on_postgres() {
    nothing_is_lost(TestDatabase::postgres().await).await;
}
