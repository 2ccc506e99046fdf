//! Projects in memory: how many, how much, which, and how often they are loaded.

use mockbird_server::mock_plane::Held;
use serde_json::json;

use crate::mock_plane::{publish, shop};
use crate::support::app::TestApp;
use crate::support::database::{TestDatabase, app_test};

/// Answers of a project, whose name is its body.
async fn ask(app: &TestApp, slug: &str) {
    assert_eq!(app.get(&format!("/m/{slug}/")).await.body, slug.to_owned());
}

async fn held(app: &TestApp) -> Held {
    app.app.mock_plane().held().await
}

app_test! {
    async fn many_who_wait_are_one_load(app: TestApp) {
        publish(app, "shop", &shop("shop")).await;
        let before = held(app).await.loads;
        let asked = tokio::join!(
            ask(app, "shop"), ask(app, "shop"), ask(app, "shop"), ask(app, "shop"),
            ask(app, "shop"), ask(app, "shop"), ask(app, "shop"), ask(app, "shop")
        );
        let ((), ..) = asked;
        assert_eq!(held(app).await.loads, before + 1);
    }
}

#[tokio::test]
async fn no_more_are_held_than_may_be() {
    // What it logs once the store is closed can never be stored.
    let flags = [
        ("mocks-projects", "3"),
        ("mocks-demo", "false"),
        ("limits-grace", "50ms"),
    ];
    let app = TestApp::with(TestDatabase::sqlite(), &flags).await;
    let slugs: Vec<_> = (0..8).map(|number| format!("shop-{number}")).collect();
    for slug in &slugs {
        publish(&app, slug, &shop(slug)).await;
        ask(&app, slug).await;
        assert!(held(&app).await.projects <= 3);
    }
    // Asked for again, the oldest stays, and the one after it goes.
    ask(&app, "shop-5").await;
    ask(&app, "shop-0").await;
    assert_eq!(held(&app).await.projects, 3);
    app.app.store().close().await;
    for (slug, status) in [
        ("shop-5", 200),
        ("shop-7", 200),
        ("shop-0", 200),
        ("shop-6", 503),
    ] {
        let reply = app.get(&format!("/m/{slug}/")).await;
        assert_eq!(reply.status, status, "{slug}");
    }
    app.stop().await;
}

#[tokio::test]
async fn no_more_memory_is_held_than_may_be() {
    let flags = [("mocks-memory", "1MiB"), ("mocks-demo", "false")];
    let app = TestApp::with(TestDatabase::sqlite(), &flags).await;
    for number in 0..6 {
        let slug = format!("shop-{number}");
        publish(&app, &slug, &shop(&"x".repeat(300_000))).await;
        app.get(&format!("/m/{slug}/")).await;
        let Held {
            projects, bytes, ..
        } = held(&app).await;
        assert!(projects <= 3 && bytes <= 1 << 20, "{projects} {bytes}");
    }
    assert_eq!(held(&app).await.projects, 3);
    app.stop().await;
}

/// One that is larger than all memory there is answers all the same.
#[tokio::test]
async fn a_project_may_be_too_large_to_be_held() {
    let app = TestApp::with(TestDatabase::sqlite(), &[("mocks-memory", "64KiB")]).await;
    let body = "x".repeat(300_000);
    let mocks = json!([{"path": "/", "responses": [{"body": body}]}]);
    let spec = json!({"name": "Large", "isPublic": true, "mocks": mocks}).to_string();
    publish(&app, "large", &spec).await;
    for _ in 0..2 {
        assert_eq!(app.get("/m/large/").await.body.len(), 300_000);
    }
    assert!(held(&app).await.bytes <= 64 << 10);
    app.stop().await;
}
