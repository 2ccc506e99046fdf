//! Projects that answer at their addresses.

use bytes::Bytes;
use http::Request;
use mockbird_server::app::DEMO_SLUG;
use mockbird_server::domain::{Clock, OrganizationId, ProjectId};
use mockbird_server::store::NewProject;
use serde_json::json;

use crate::store_rows::organization;
use crate::support::app::TestApp;
use crate::support::database::TestDatabase;
use crate::support::specs::read;

/// A project with this slug and spec, as if somebody had just made it.
async fn publish(app: &TestApp, slug: &str, spec: &str) -> (OrganizationId, ProjectId) {
    let now = Clock::System.now();
    let organization = organization(app.app.store()).await;
    let id = ProjectId::new(now);
    let new = NewProject {
        id,
        organization,
        name: slug.to_owned(),
        slug: slug.parse().unwrap(),
        created_by: None,
    };
    let mut tx = app.app.store().begin().await.unwrap();
    tx.project_insert(&new, now).await.unwrap();
    tx.project_spec_save(organization, id, &read(spec), None, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app.app.mock_plane().forget(slug).await;
    (organization, id)
}

const SHOP: &str = r#"{"name": "Shop", "isPublic": true, "mocks": [
    {"path": "/", "responses": [{"body": "root"}]},
    {"path": "/cookie", "responses": [{"headers": {"Set-Cookie": "a=b", "X-Own": "1"}, "body": "<script>"}]},
    {"path": "/echo", "method": "POST", "responseType": "text", "responses": [{"body": "{{ request.body.name }}"}]}
]}"#;

async fn demo(database: TestDatabase) {
    let app = TestApp::with(database, &[]).await;
    let hello = app.get(&format!("/m/{DEMO_SLUG}/hello/wren")).await;
    assert_eq!(
        (hello.status.as_u16(), &hello.json()["greeting"]),
        (200, &"Hello wren".into())
    );
    assert_eq!(hello.header("access-control-allow-origin"), Some("*"));
    assert_eq!(hello.header("x-request-id").unwrap().len(), 36);
    assert_eq!(app.get("/m/demo/birds/dodo").await.status, 404);
    let made = app.post("/m/demo/birds", json!({"name": "owl"})).await;
    assert_eq!(
        (made.status.as_u16(), &made.json()["name"]),
        (201, &"owl".into())
    );
    let miss = app.get("/m/demo/nothing?x=1").await;
    assert_eq!(miss.problem(), (404, "MOCK_NOT_FOUND".to_owned()));
    app.stop().await;
}

#[tokio::test]
async fn a_new_server_answers_with_its_demo_on_sqlite() {
    demo(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn a_new_server_answers_with_its_demo_on_postgres() {
    demo(TestDatabase::postgres().await).await;
}

#[tokio::test]
async fn the_demo_can_be_left_out() {
    let app = TestApp::with(TestDatabase::sqlite(), &[("mocks-demo", "false")]).await;
    assert_eq!(
        app.get("/m/demo/hello/wren").await.problem(),
        (404, "PROJECT_NOT_FOUND".to_owned())
    );
    app.stop().await;
}

#[tokio::test]
async fn a_project_answers_as_soon_as_it_is_there() {
    let app = TestApp::start().await;
    let unknown = app.get("/m/shop").await;
    assert_eq!(unknown.problem(), (404, "PROJECT_NOT_FOUND".to_owned()));
    assert_eq!(unknown.header("access-control-allow-origin"), Some("*"));
    let (organization, id) = publish(&app, "shop", SHOP).await;
    assert_eq!(app.get("/m/shop").await.body, "root");
    assert_eq!(
        app.post("/m/shop/echo", json!({"name": "wren"})).await.body,
        "wren"
    );

    let changed = read(
        r#"{"name": "Shop", "isPublic": true, "mocks": [{"path": "/", "responses": [{"body": "new"}]}]}"#,
    );
    let mut tx = app.app.store().begin().await.unwrap();
    tx.project_spec_save(organization, id, &changed, None, Clock::System.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app.app.mock_plane().forget("shop").await;
    assert_eq!(app.get("/m/shop/").await.body, "new");
    app.stop().await;
}

#[tokio::test]
async fn it_has_a_host_of_its_own() {
    let app = TestApp::with(TestDatabase::sqlite(), &[("mocks-domain", "mocks.test")]).await;
    publish(&app, "shop", SHOP).await;
    let request = Request::get("/cookie").header("host", "shop.mocks.test:4000");
    let own = app.send(request.body(Bytes::new()).unwrap()).await;
    assert_eq!(
        (
            own.header("set-cookie"),
            own.header("content-security-policy")
        ),
        (Some("a=b"), None)
    );
    app.stop().await;
}

#[tokio::test]
async fn on_our_host_a_mock_is_a_stranger() {
    let app = TestApp::start().await;
    publish(&app, "shop", SHOP).await;
    let reply = app.get("/m/shop/cookie").await;
    assert_eq!(
        (reply.header("set-cookie"), reply.header("x-own")),
        (None, Some("1"))
    );
    assert!(
        reply
            .header("content-security-policy")
            .unwrap()
            .starts_with("sandbox ")
    );
    app.stop().await;
}

#[tokio::test]
async fn a_private_project_is_not_for_everybody() {
    let app = TestApp::start().await;
    publish(
        &app,
        "inner",
        r#"{"name": "Inner", "mocks": [{"path": "/", "responses": [{"body": "secret"}]}]}"#,
    )
    .await;
    assert_eq!(
        app.get("/m/inner/").await.problem(),
        (401, "UNAUTHORIZED".to_owned())
    );
    app.stop().await;
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let app = TestApp::with(TestDatabase::sqlite(), &[("limits-mock-body", "16")]).await;
    publish(&app, "shop", SHOP).await;
    assert_eq!(
        app.post("/m/shop/echo", json!({"name": "ow"})).await.body,
        "ow"
    );
    let large = app
        .post("/m/shop/echo", json!({"name": "a larger bird"}))
        .await;
    assert_eq!(large.problem(), (413, "PAYLOAD_TOO_LARGE".to_owned()));
    app.stop().await;
}

async fn outlives_its_database(database: TestDatabase) {
    let app = TestApp::with(database, &[]).await;
    assert_eq!(app.get("/m/demo/birds").await.status, 200);
    app.app.store().close().await;
    assert_eq!(app.get("/m/demo/birds").await.status, 200);
    let cold = app.get("/m/other/").await;
    assert_eq!(cold.problem(), (503, "SERVICE_UNAVAILABLE".to_owned()));
    assert_eq!(cold.header("retry-after"), Some("1"));
    app.stop().await;
}

#[tokio::test]
async fn what_is_loaded_answers_without_the_database_on_sqlite() {
    outlives_its_database(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn what_is_loaded_answers_without_the_database_on_postgres() {
    outlives_its_database(TestDatabase::postgres().await).await;
}
