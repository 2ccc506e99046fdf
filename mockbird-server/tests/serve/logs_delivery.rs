//! Each request is in the log once: under load, through restarts, and while the store is slow or away.

use mockbird_server::config::Engine;
use mockbird_server::domain::Clock;
use secrecy::ExposeSecret;
use sqlx::{Connection, Executor, PgConnection};

use crate::mock_plane::publish;
use crate::outage;
use crate::store_logs::{bytes, logged};
use crate::support::app::TestApp;
use crate::support::database::TestDatabase;
use crate::support::door::Outage;

const SHOP: &str = r#"{"name": "Shop", "isPublic": true, "mocks": [{"path": "/", "responses": [{"body": "four"}]}]}"#;

/// Lets nobody else write requests into PostgreSQL until it is rolled back. Whoever makes days for them takes the same locks in
/// another order, but waits for the first before.
pub(crate) const HOLD: &str = "begin; select pg_advisory_xact_lock(6310472871); \
     lock table request_logs in share row exclusive mode";

/// Waits until so many requests are stored.
pub(crate) async fn until_stored(engine: &Engine, count: usize) {
    loop {
        let rows = bytes(engine, "select null from request_logs").await;
        assert!(rows.len() <= count, "{} of {count}", rows.len());
        if rows.len() == count {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// Asks so often, and gives the ids that the replies told, in their order.
async fn ask(app: &TestApp, times: usize) -> Vec<String> {
    let mut ids = Vec::with_capacity(times);
    for _ in 0..times {
        let reply = app.get("/m/shop/").await;
        assert_eq!(reply.body, "four");
        ids.push(reply.header("x-request-id").unwrap().to_owned());
    }
    assert!(ids.is_sorted(), "later requests have later ids");
    ids
}

/// Clients ask all at once, and the server is stopped in the midst of it, again and again.
async fn once_through_restarts(database: TestDatabase) {
    const CALLS: usize = 60;
    let first = TestApp::with(database.shared(), &[]).await;
    publish(&first, "shop", SHOP).await;
    let mut running = Some(first);
    let mut told = Vec::new();
    for _ in 0..3 {
        let app = match running.take() {
            Some(app) => app,
            None => TestApp::with(database.shared(), &[]).await,
        };
        let (a, b, c, d) = tokio::join!(
            ask(&app, CALLS),
            ask(&app, CALLS),
            ask(&app, CALLS),
            ask(&app, CALLS)
        );
        told.extend([a, b, c, d].concat());
        app.stop().await;
    }
    told.sort_unstable();
    assert_eq!(told.len(), 3 * 4 * CALLS);
    assert!(
        logged(&database.config.engine, "log_id").await == told,
        "each once, in their order"
    );
    database.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_stored_once_through_restarts_on_sqlite() {
    once_through_restarts(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_stored_once_through_restarts_on_postgres() {
    once_through_restarts(TestDatabase::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_does_not_take_them_holds_up_nobody_on_sqlite() {
    let database = TestDatabase::sqlite();
    let app = TestApp::with(database.shared(), &[]).await;
    publish(&app, "shop", SHOP).await;
    let other = database.open().await;
    let holding = other.begin().await.unwrap();
    // All are answered, though none can be stored.
    let told = ask(&app, 100).await;
    assert_eq!(logged(&database.config.engine, "log_id").await, [""; 0]);
    drop(holding);
    until_stored(&database.config.engine, told.len()).await;
    assert!(logged(&database.config.engine, "log_id").await == told);
    other.close().await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_does_not_take_them_holds_up_nobody_on_postgres() {
    let database = TestDatabase::postgres().await;
    let app = TestApp::with(database.shared(), &[]).await;
    publish(&app, "shop", SHOP).await;
    let Engine::Postgres(url) = &database.config.engine else {
        panic!("PostgreSQL has an address")
    };
    let mut other = PgConnection::connect(url.expose_secret()).await.unwrap();
    other.execute(HOLD).await.unwrap();
    let told = ask(&app, 100).await;
    assert_eq!(logged(&database.config.engine, "log_id").await, [""; 0]);
    other.execute("rollback").await.unwrap();
    until_stored(&database.config.engine, told.len()).await;
    assert!(logged(&database.config.engine, "log_id").await == told);
    other.close().await.unwrap();
    app.stop().await;
    database.end().await;
}

async fn through_an_outage(outage: Outage) {
    let (app, mut door) = outage::start().await;
    let now = Clock::System.now();
    publish(&app, "shop", SHOP).await;
    let partitions = {
        let mut tx = app.app.store().begin().await.unwrap();
        tx.log_partitions_make(now, 1).await.unwrap();
        tx.commit().await
    };
    partitions.unwrap();
    let mut told = ask(&app, 20).await;
    door.shut(outage).await;
    for _ in 0..5 {
        told.extend(ask(&app, 20).await);
        // A batch is tried and fails.
        assert_eq!(app.get("/readyz").await.status, 503);
    }
    door.reopen().await;
    told.extend(ask(&app, 20).await);
    let direct = app.direct_engine();
    until_stored(&direct, told.len()).await;
    assert!(logged(&direct, "log_id").await == told);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_stopped_is_waited_for() {
    through_an_outage(Outage::Stopped).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_says_nothing_is_waited_for() {
    through_an_outage(Outage::Silent).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_is_dropped_and_counted() {
    for (setting, most) in [
        (("logs-queue-events", "10"), 10),
        (("logs-queue-memory", "1B"), 1),
    ] {
        let database = TestDatabase::sqlite();
        let app = TestApp::with(database.shared(), &[setting]).await;
        publish(&app, "shop", SHOP).await;
        let other = database.open().await;
        let holding = other.begin().await.unwrap();
        let told = ask(&app, 50).await;
        let metrics = app.admin_get("/metrics").await.body;
        let metrics = String::from_utf8(metrics.to_vec()).unwrap();
        let dropped = metrics
            .lines()
            .find_map(|line| line.strip_prefix(r#"mockbird_log_dropped_total{why="full"} "#))
            .map(|count| count.parse::<usize>().unwrap());
        assert!(dropped.is_some_and(|count| count >= 50 - most), "{metrics}");
        drop(holding);
        until_stored(&database.config.engine, most).await;
        let first = logged(&database.config.engine, "log_id").await;
        assert_eq!(first, told[..most], "the first came in");
        let later = ask(&app, 1).await;
        until_stored(&database.config.engine, most + 1).await;
        assert!(
            logged(&database.config.engine, "log_id")
                .await
                .ends_with(&later)
        );
        other.close().await;
        app.stop().await;
    }
}

#[tokio::test]
async fn without_a_log_nothing_is_logged_and_all_is_counted() {
    let database = TestDatabase::sqlite();
    let app = TestApp::with(database.shared(), &[("logs-enabled", "false")]).await;
    let (organization, _) = publish(&app, "shop", SHOP).await;
    ask(&app, 5).await;
    let (_, used) = app.app.mock_plane().usage(organization).await.unwrap();
    assert_eq!(used.requests, 5);
    app.stop().await;
    assert_eq!(logged(&database.config.engine, "log_id").await, [""; 0]);
}
