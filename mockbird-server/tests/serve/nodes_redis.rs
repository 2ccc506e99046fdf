//! Servers of one database that tell each other what changed.

use mockbird_server::nodes::Bond;
use serde_json::json;

use crate::outage;
use crate::support::app::{Login, TestApp};
use crate::support::database::TestDatabase;
use crate::support::door::Outage;
use crate::support::projects::TestProject;
use crate::support::redis::{redis_client, redis_door, redis_url};

/// Waits until a server works together with others, or no longer.
pub(crate) async fn until(app: &TestApp, bond: Bond) {
    while app.app.nodes().bond() != bond {
        tokio::task::yield_now().await;
    }
}

/// Waits until a target is answered so.
async fn until_answers(app: &TestApp, target: &str, status: u16) {
    while app.get(target).await.status != status {}
}

/// A project that moves from one slug to another.
struct Mover<'a>(TestProject<'a>);

impl<'a> Mover<'a> {
    async fn new(app: &'a TestApp, login: &'a Login) -> Self {
        const SPEC: &str =
            r#"{"name": "Shop", "isPublic": true, "mocks": [{"path": "/", "responses": [{}]}]}"#;
        Self(TestProject::with(app, login, SPEC).await)
    }

    /// Where its mock is.
    fn target(&self) -> String {
        format!("/m/{}/", self.0.slug)
    }

    /// Moves, and tells where it was.
    async fn moves(&mut self) -> String {
        let before = self.target();
        self.0.slug = format!("shop-{:x}", fastrand::u64(..));
        let route = format!("PATCH /api/projects/{}", self.0.id);
        let wish = json!({"slug": self.0.slug});
        let moved = self
            .0
            .app
            .call_as(self.0.login.access(), &route, wish)
            .await;
        assert_eq!(moved.status, 200, "{moved:?}");
        before
    }
}

/// The one whose database is silent can have it from the other only: what it holds goes on, until it is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_told() {
    let url = redis_url();
    let redis = [("redis-url", url.as_str())];
    let (far, mut door) = outage::start_with(&redis).await;
    let near = far.directly_beside(&redis).await;
    let ada = near.register("ada@example.com").await;
    let mut shop = Mover::new(&near, &ada).await;
    until_answers(&far, &shop.target(), 200).await;
    until(&far, Bond::Joined).await;
    until(&near, Bond::Joined).await;
    door.shut(Outage::Silent).await;
    until_answers(&far, &shop.target(), 200).await;
    let before = shop.moves().await;
    until_answers(&far, &before, 503).await;
    door.reopen().await;
    until_answers(&far, &before, 404).await;
    until_answers(&far, &shop.target(), 200).await;
    near.stop().await;
    far.stop().await;
}

/// Nobody waits for a Redis that is slow, but what changed is told through it all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_told_through_a_slow_redis() {
    let (mut slow, through_slow) = redis_door().await;
    let url = redis_url();
    let (far, mut door) = outage::start_with(&[("redis-url", url.as_str())]).await;
    let near = far.directly_beside(&[("redis-url", &through_slow)]).await;
    let ada = near.register("ada@example.com").await;
    let mut shop = Mover::new(&near, &ada).await;
    until_answers(&far, &shop.target(), 200).await;
    until(&far, Bond::Joined).await;
    until(&near, Bond::Joined).await;
    slow.shut(Outage::Slow).await;
    while near.app.nodes().bond() != Bond::Away {
        assert_eq!(
            near.get("/api/info").await.status,
            200,
            "it is not waited for"
        );
    }
    door.shut(Outage::Silent).await;
    let before = shop.moves().await;
    until_answers(&far, &before, 503).await;
    assert_eq!(near.app.nodes().bond(), Bond::Away);
    slow.reopen().await;
    until(&near, Bond::Joined).await;
    near.stop().await;
    far.stop().await;
}

/// What was told while a server could not hear it is found in the database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_lost_is_made_up_for() {
    let (mut door, through_door) = redis_door().await;
    let (url, database) = (redis_url(), TestDatabase::postgres().await);
    let one = TestApp::with(database, &[("redis-url", &url)]).await;
    let other = one.beside_with(&[("redis-url", &through_door)]).await;
    until(&one, Bond::Joined).await;
    until(&other, Bond::Joined).await;
    let ada = one.register("ada@example.com").await;
    let mut shop = Mover::new(&one, &ada).await;
    for outage in [Outage::Silent, Outage::Stopped] {
        until_answers(&other, &shop.target(), 200).await;
        door.shut(outage).await;
        let before = shop.moves().await;
        until_answers(&other, &before, 404).await;
        until(&other, Bond::Away).await;
        let ready = other.get("/readyz").await;
        assert_eq!(ready.status, 200);
        assert!(ready.body.starts_with(b"ready, degraded: "), "{ready:?}");
        door.reopen().await;
        until(&other, Bond::Joined).await;
        assert_eq!(other.get("/readyz").await.body, "ready\n");
    }
    other.stop().await;
    one.stop().await;
}

/// Redis may be away when a server starts, and come later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_need_not_be_there() {
    let (mut door, url) = redis_door().await;
    door.shut(Outage::Stopped).await;
    let app = TestApp::with(TestDatabase::sqlite(), &[("redis-url", &url)]).await;
    assert_eq!(app.get("/m/demo/birds").await.status, 200);
    assert_eq!(app.app.nodes().bond(), Bond::Away);
    let told = app.admin_get("/metrics").await.body;
    let told = String::from_utf8(told.to_vec()).unwrap();
    assert!(told.contains("# TYPE mockbird_redis_up gauge"), "{told}");
    door.reopen().await;
    until(&app, Bond::Joined).await;
    app.stop().await;
    let alone = TestApp::start().await;
    assert_eq!(alone.app.nodes().bond(), Bond::Alone);
    assert_eq!(alone.get("/readyz").await.body, "ready\n");
    alone.stop().await;
}

/// Whoever else is on the Redis server may say what they like.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_message_does_no_harm() {
    let url = redis_url();
    let app = TestApp::with(TestDatabase::sqlite(), &[("redis-url", &url)]).await;
    until(&app, Bond::Joined).await;
    let mut stranger = redis_client().await;
    let channels: Vec<String> = redis::cmd("PUBSUB")
        .arg(&["CHANNELS", "mockbird:*"])
        .query_async(&mut stranger)
        .await
        .unwrap();
    assert!(!channels.is_empty());
    for channel in &channels {
        for text in [
            "",
            "FLUSHALL",
            "{",
            r#"{"from":1,"changed":["../../etc"]}"#,
            "\u{0}\u{ffff}",
            &"[".repeat(2 << 20),
            r#"{"from":1,"changed":["demo","nobody"]}"#,
        ] {
            let mut publish = redis::cmd("PUBLISH");
            let publish = publish.arg(channel).arg(text);
            publish.exec_async(&mut stranger).await.unwrap();
        }
    }
    assert_eq!(app.get("/m/demo/birds").await.status, 200);
    assert_eq!(app.app.nodes().bond(), Bond::Joined);
    app.stop().await;
}
