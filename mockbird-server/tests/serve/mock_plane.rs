//! Projects that answer at their addresses.

use std::future::Future;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::task::Poll;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use mockbird_core::spec::Spec;
use mockbird_server::app::DEMO_SLUG;
use mockbird_server::domain::{Clock, OrganizationId, Plan, ProjectId};
use mockbird_server::mock_plane::Address;
use mockbird_server::store::NewProject;
use serde_json::{Value, json};

use crate::store_rows::{organization, organization_of};
use crate::support::app::TestApp;
use crate::support::database::{TestDatabase, app_test};
use crate::support::specs::read;

/// A project with this slug and spec of an organization of its own, as if somebody had just made it.
pub(crate) async fn publish(app: &TestApp, slug: &str, spec: &str) -> (OrganizationId, ProjectId) {
    let organization = organization(app.app.store()).await;
    let project = publish_in(app, organization, slug, spec).await;
    (organization, project)
}

/// The same of this organization.
pub(crate) async fn publish_in(
    app: &TestApp,
    organization: OrganizationId,
    slug: &str,
    spec: &str,
) -> ProjectId {
    publish_spec(app, organization, slug, &read(spec)).await
}

pub(crate) async fn publish_spec(
    app: &TestApp,
    organization: OrganizationId,
    slug: &str,
    spec: &Spec,
) -> ProjectId {
    let now = Clock::System.now();
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
    tx.project_spec_save(organization, id, spec, None, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app.app.mock_plane().forget(slug).await;
    id
}

/// Another spec for a project.
pub(crate) async fn change(
    app: &TestApp,
    organization: OrganizationId,
    id: ProjectId,
    slug: &str,
    spec: &str,
) {
    let mut tx = app.app.store().begin().await.unwrap();
    let now = Clock::System.now();
    tx.project_spec_save(organization, id, &read(spec), None, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app.app.mock_plane().forget(slug).await;
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

/// Whoever is logged in and follows a link to a mock must not give the mock the login.
#[tokio::test]
async fn a_mock_does_not_see_the_cookies_of_a_login() {
    let app = TestApp::start().await;
    let spec = r#"{"name": "Evil", "isPublic": true, "mocks": [{"path": "/", "responseType": "text", "responses": [
        {"conditions": [{"type": "cookie", "field": "mockbird-access", "operator": "exists"}], "body": "stolen"},
        {"body": "{{ request.cookies }} {{ request.headers.cookie }}"}]}]}"#;
    publish(&app, "evil", spec).await;
    let login = "a=b; mockbird-access=t; mockbird-refresh=t; __Host-mockbird-access=t";
    let seen = app
        .call("GET /m/evil", &[("cookie", login)], Value::Null)
        .await;
    assert_eq!(seen.body, r#"{"a":"b"} a=b"#);
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

    change(&app, organization, id, "shop", &shop("new")).await;
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

/// Whatever the reply is: each of them could set a cookie.
const STRANGER: &str = r#"{"name": "Stranger", "isPublic": true, "mocks": [
    {"path": "/page", "responseType": "html", "responses": [
        {"headers": {"Set-Cookie": ["a=b", "c=d"], "Clear-Site-Data": "\"*\"", "X-Own": "1"}, "body": "<script>alert(1)</script>"}]},
    {"path": "/away", "responses": [{"statusCode": 302, "headers": {"Location": "/", "Set-Cookie": "a=b"}}]},
    {"path": "/fails", "responses": [{"headers": {"Set-Cookie": "a=b"}, "body": "{{ 1 // 0 }}"}]}
]}"#;

#[tokio::test]
async fn on_our_host_a_mock_is_a_stranger() {
    let app = TestApp::start().await;
    publish(&app, "stranger", STRANGER).await;
    let page = app.get("/m/stranger/page").await;
    assert_eq!(page.header("x-own"), Some("1"));
    let etag = page.header("etag").unwrap();
    for (route, headers, status) in [
        ("GET /m/stranger/page", vec![], 200),
        ("HEAD /m/stranger/page", vec![], 200),
        ("GET /m/stranger/page", vec![("if-none-match", etag)], 304),
        ("GET /m/stranger/away", vec![], 302),
        ("GET /m/stranger/fails", vec![], 500),
        ("GET /m/stranger/nothing", vec![], 404),
    ] {
        let reply = app.call(route, &headers, Value::Null).await;
        assert_eq!(reply.status, status, "{route}");
        let policy = reply.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("sandbox ") && !policy.contains("same-origin"),
            "{route}"
        );
        for name in ["set-cookie", "clear-site-data"] {
            assert_eq!(reply.header(name), None, "{route}");
        }
    }
    app.stop().await;
}

app_test! {
    async fn a_host_of_its_own_is_the_plans(app: TestApp) {
        let plane = app.app.mock_plane();
        let ask = async |slug: &str, own_host: bool| {
            let address = Address { slug: slug.to_owned(), target: "/".to_owned(), own_host };
            let request = Request::new(Full::new(Bytes::new()));
            plane.answer(&address, request, Ipv4Addr::LOCALHOST.into()).await.status()
        };
        for (plan, status) in [(Plan::Free, 402), (Plan::Pro, 200), (Plan::Unlimited, 200)] {
            let organization = organization_of(app.app.store(), plan).await;
            publish_in(app, organization, plan.name(), SHOP).await;
            assert_eq!(ask(plan.name(), true).await, status, "{plan}");
            assert_eq!(ask(plan.name(), false).await, 200, "{plan}");
        }
    }
}

#[tokio::test]
async fn a_reserved_host_is_ours() {
    let app = TestApp::with(TestDatabase::sqlite(), &[("mocks-domain", "mocks.test")]).await;
    let info = app
        .call("GET /api/info", &[("host", "app.mocks.test")], Value::Null)
        .await;
    assert_eq!(info.status, 200);
    let other = app
        .call("GET /api/info", &[("host", "shop.mocks.test")], Value::Null)
        .await;
    assert_eq!(other.problem(), (404, "PROJECT_NOT_FOUND".to_owned()));
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

pub(crate) fn shop(body: &str) -> String {
    let mocks = json!([{"path": "/", "responses": [{"body": body}]}]);
    json!({"name": "Shop", "isPublic": true, "mocks": mocks}).to_string()
}

/// The result of a future, unless it waits for the `stop`th time.
pub(crate) async fn until_it_waits<F: Future>(
    stop: u32,
    mut future: Pin<&mut F>,
) -> Option<F::Output> {
    let mut waits = 0;
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => {
            waits += 1;
            if waits == stop {
                Poll::Ready(None)
            } else {
                Poll::Pending
            }
        }
    })
    .await
}

/// Asks for `/m/{slug}/`, makes a change once the request has waited `stop` times, and asks again. Tells what it got
/// then, and whether the first request was answered before the change.
pub(crate) async fn overtaken(
    app: &TestApp,
    slug: &str,
    stop: u32,
    change: impl Future<Output = ()>,
) -> (Bytes, bool) {
    let plane = app.app.mock_plane();
    let target = format!("/m/{slug}/");
    let address = Address::find(&target.parse().unwrap(), "", None).unwrap();
    let request = Request::new(Full::new(Bytes::new()));
    let mut early = Box::pin(plane.answer(&address, request, Ipv4Addr::LOCALHOST.into()));
    let answered = until_it_waits(stop, early.as_mut()).await.is_some();
    change.await;
    if !answered {
        early.await;
    }
    (app.get(&target).await.body, answered)
}

/// However far a load has come when a project is made or changed: whoever asks afterwards gets what is new.
async fn overtaken_loads(database: TestDatabase) {
    let app = TestApp::with(database, &[]).await;
    for stop in 1.. {
        let slug = format!("shop-{stop}");
        let mut project = None;
        let made = Box::pin(async { project = Some(publish(&app, &slug, &shop("old")).await) });
        let (body, answered_without) = overtaken(&app, &slug, stop, made).await;
        assert_eq!(body, "old", "{stop}");
        let (organization, id) = project.unwrap();
        app.app.mock_plane().forget(&slug).await;
        let changed = Box::pin(async { change(&app, organization, id, &slug, &shop("new")).await });
        let (body, answered_old) = overtaken(&app, &slug, stop, changed).await;
        assert_eq!(body, "new", "{stop}");
        if answered_without && answered_old {
            break;
        }
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_that_a_change_overtook_is_not_kept_on_sqlite() {
    overtaken_loads(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_that_a_change_overtook_is_not_kept_on_postgres() {
    overtaken_loads(TestDatabase::postgres().await).await;
}

async fn outlives_its_database(database: TestDatabase) {
    // What it logged by then can never be stored.
    let app = TestApp::with(database, &[("limits-grace", "50ms")]).await;
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
