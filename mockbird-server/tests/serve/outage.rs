//! The database goes away and comes back: calls are refused with a time to try again, loaded mocks go on, and
//! nobody has to start anything again.

use std::time::{Duration, Instant};

use mockbird_server::config::Engine;
use serde_json::{Value, json};

use crate::mock_plane::publish_in;
use crate::private_projects::{INNER, key, opens};
use crate::support::app::{Login, TestApp};
use crate::support::database::TestDatabase;
use crate::support::door::{Door, Outage};

/// How long the database is away, in seconds; `docs/OPERATIONS.md` says how long it was by hand.
const SECONDS: &str = "MOCKBIRD_TEST_OUTAGE_SECONDS";

/// A server with a door before its database, and little patience.
pub(crate) async fn start() -> (TestApp, Door) {
    start_with(&[]).await
}

/// The same with these settings.
pub(crate) async fn start_with(flags: &[(&str, &str)]) -> (TestApp, Door) {
    let mut database = TestDatabase::postgres().await;
    let url = database.url();
    let rest = url.split_once('@').unwrap().1;
    let (host, name) = rest.split_once('/').unwrap();
    let door = Door::to(host.parse().unwrap()).await;
    let url = format!("postgres://mockbird@{}/{name}", door.address());
    database.config.engine = Engine::Postgres(url.into());
    database.config.acquire_timeout = Duration::from_millis(300);
    database.config.breaker_failures = 2;
    database.config.breaker_pause = Duration::from_millis(200);
    let flags = [&[("limits-request-timeout", "1s")], flags].concat();
    let app = TestApp::with(database, &flags).await;
    (app, door)
}

/// What asks the database is refused with a time to try again.
async fn refusals(app: &TestApp, login: &Login) {
    for route in ["GET /api/auth/me", "GET /readyz"] {
        let reply = app.call_as(login.access(), route, Value::Null).await;
        assert_eq!(
            reply.problem(),
            (503, "SERVICE_UNAVAILABLE".to_owned()),
            "{route}"
        );
        let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        assert!(wait >= 1, "{route}");
    }
    assert_eq!(app.get("/healthz").await.status, 200, "the process is well");
}

/// What is loaded answers: gives how often a private project did.
async fn load(app: &TestApp, key: &str) -> u64 {
    const CALLS: u64 = 20;
    for _ in 0..CALLS {
        assert_eq!(app.get("/m/demo/birds").await.status, 200);
        assert!(opens(app, "/m/inner/", key).await);
    }
    CALLS
}

#[expect(
    clippy::print_stdout,
    reason = "for whoever runs it by hand, with `--nocapture`"
)]
async fn outage(outage: Outage) {
    let (app, mut door) = start().await;
    let login = app.register("ada@example.com").await;
    let organization = login.organization().parse().unwrap();
    publish_in(&app, organization, "inner", INNER).await;
    let (_, key) = key(&app, &login, json!({"permissions": ["mocks:call"]})).await;
    assert_eq!(app.get("/m/demo/birds").await.status, 200);
    assert!(opens(&app, "/m/inner/", &key).await);
    door.shut(outage).await;
    let seconds = std::env::var(SECONDS).map_or(1, |seconds| seconds.parse().unwrap());
    let over = Instant::now() + Duration::from_secs(seconds);
    let mut refused = 0;
    let mut answered = 1;
    while refused < 5 || Instant::now() < over {
        // As many as there is time for, while the database is asked for as well.
        let (calls, ()) = tokio::join!(load(&app, &key), refusals(&app, &login));
        answered += calls;
        refused += 1;
    }
    door.reopen().await;
    while app.get("/readyz").await.status != 200 {
        tokio::task::yield_now().await;
    }
    for _ in 0..20 {
        assert_eq!(app.me(login.access()).await, 200);
    }
    app.register("eve@example.com").await;
    let usage = app
        .call_as(login.access(), "GET /api/usage", Value::Null)
        .await;
    assert_eq!(usage.json()["requests"]["used"], answered, "none is lost");
    println!(
        "{outage:?} for {seconds} s: refused {refused} times, {answered} calls of a private project answered, recovered"
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_stopped_is_waited_for() {
    outage(Outage::Stopped).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_says_nothing_is_waited_for() {
    outage(Outage::Silent).await;
}
