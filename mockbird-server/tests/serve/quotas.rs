//! What a plan includes in a month, and what happens before and after it is used up.

use std::time::Duration;

use mockbird_server::domain::{Clock, Millis, Month, Plan};
use mockbird_server::store::Used;
use serde_json::{Value, json};

use crate::support::app::{Login, TestApp};
use crate::support::database::TestDatabase;
use crate::support::projects::TestProject;

const SHOP: &str = r#"{"name": "Shop", "isPublic": true, "mocks": [
    {"path": "/", "responses": [{"body": "four"}]}
]}"#;

/// An hour before April.
const LATE_IN_MARCH: Millis = Millis(1_901_232_000_000 - 3_600_000);

/// Often enough for a month in a test.
const RATES: (&str, &str) = ("rates-mock-free", "10000/second");

async fn server(database: TestDatabase, flags: &[(&str, &str)]) -> (TestApp, Clock) {
    let clock = Clock::fixed(LATE_IN_MARCH);
    let flags: Vec<_> = [RATES].iter().chain(flags).copied().collect();
    let app = TestApp::at(clock.clone(), database, &flags).await;
    (app, clock)
}

async fn login(app: &TestApp) -> Login {
    app.register("ada@example.com").await
}

/// As if so much had been used, on any server.
async fn use_up(project: &TestProject<'_>, requests: u64, bytes: u64) {
    let used = Used {
        requests,
        bytes,
        errors: 0,
    };
    let now = project.app.app.clock().now();
    let mut tx = project.app.app.store().begin().await.unwrap();
    let rows = [(project.organization, Month::of(now), used)];
    tx.usage_add(&rows, now).await.unwrap();
    tx.commit().await.unwrap();
}

async fn statuses(app: &TestApp, project: &TestProject<'_>, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        let reply = app.get(&format!("/m/{}/", project.slug)).await;
        statuses.push(reply.status.as_u16());
    }
    statuses
}

async fn set_plan(project: &TestProject<'_>, plan: Plan) {
    let app = &project.app.app;
    let mut read = app.store().read().await.unwrap();
    let organization = read.organization_get(project.organization).await.unwrap();
    drop(read);
    app.operator_plan(&organization.unwrap().slug, plan)
        .await
        .unwrap();
}

/// The subjects of all mails; that all is used sorts last.
async fn subjects(app: &TestApp) -> Vec<String> {
    let mails = app.mails().await;
    let mut subjects: Vec<_> = mails.into_iter().map(|mail| mail.subject).collect();
    subjects.sort();
    subjects
}

async fn month(database: TestDatabase) {
    let (app, clock) = server(database, &[]).await;
    let ada = login(&app).await;
    let shop = TestProject::on_plan(Plan::Free, &app, &ada, SHOP).await;
    use_up(&shop, 997, 0).await;
    assert_eq!(statuses(&app, &shop, 2).await, [200, 200]);
    app.app.mock_plane().write_usage().await.unwrap();
    assert_eq!(statuses(&app, &shop, 2).await, [200, 429]);
    let refused = app.get(&format!("/m/{}/", shop.slug)).await;
    assert_eq!(refused.problem(), (429, "RATE_LIMIT_EXCEEDED".to_owned()));
    for (name, value) in [
        ("retry-after", "3600"),
        ("ratelimit-limit", "1000"),
        ("ratelimit-remaining", "0"),
        ("ratelimit-reset", "3600"),
        ("access-control-allow-origin", "*"),
    ] {
        assert_eq!(refused.header(name), Some(value), "{name}");
    }
    assert_eq!(
        refused.json()["message"],
        "the organization of this project has used what its plan `free` includes in a month: \
         it is counted anew from 2030-04-01 on (UTC)"
    );
    let route = format!("GET /api/orgs/{}/usage", shop.organization);
    let usage = async || app.call_as(ada.access(), &route, Value::Null).await.json();
    let before = usage().await;
    assert_eq!(before["requests"], json!({"used": 1000, "limit": 1000}));
    assert_eq!(before["noticedPercent"], 90, "so far");
    app.app.mock_plane().write_usage().await.unwrap();
    assert_eq!(usage().await["noticedPercent"], 100);

    clock.advance(Duration::from_hours(1));
    assert_eq!(statuses(&app, &shop, 1).await, [200]);
    use_up(&shop, 0, 100_000_000).await;
    app.app.mock_plane().write_usage().await.unwrap();
    assert_eq!(
        statuses(&app, &shop, 1).await,
        [429],
        "bytes are counted, too"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_month_is_used_up_and_another_begins_on_sqlite() {
    month(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn a_month_is_used_up_and_another_begins_on_postgres() {
    month(TestDatabase::postgres().await).await;
}

async fn together(database: TestDatabase) {
    let (one, _) = server(database, &[]).await;
    let other = one.beside_with(&[RATES]).await;
    let ada = login(&one).await;
    let shop = TestProject::on_plan(Plan::Free, &one, &ada, SHOP).await;
    use_up(&shop, 990, 0).await;
    // What others served since it last wrote something down, a server does not know: each lets in what it thinks is left.
    let of_one = statuses(&one, &shop, 8).await;
    let of_other = statuses(&other, &shop, 8).await;
    let admitted = of_one
        .iter()
        .chain(&of_other)
        .filter(|status| **status == 200);
    assert!(
        (10..=16).contains(&admitted.count()),
        "{of_one:?} {of_other:?}"
    );
    for app in [&one, &other, &one] {
        // Whoever has something to write hears what the others have written.
        statuses(app, &shop, 1).await;
        app.app.mock_plane().write_usage().await.unwrap();
    }
    assert_eq!(statuses(&other, &shop, 1).await, [429]);
    assert_eq!(statuses(&one, &shop, 1).await, [429]);
    other.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn servers_learn_what_others_used_on_sqlite() {
    together(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn servers_learn_what_others_used_on_postgres() {
    together(TestDatabase::postgres().await).await;
}

async fn notices(database: TestDatabase) {
    let (app, clock) = server(database, &[]).await;
    let (ada, eve) = (login(&app).await, app.register("eve@example.com").await);
    let shop = TestProject::on_plan(Plan::Free, &app, &ada, SHOP).await;
    app.join(
        &shop.organization.to_string(),
        &eve,
        mockbird_server::domain::Role::Admin,
    )
    .await;
    for (requests, told) in [
        (740, vec![]),
        (9, vec![75]),
        (0, vec![75]),
        (150, vec![75, 90]),
        (96, vec![75, 90, 100]),
    ] {
        use_up(&shop, requests, 0).await;
        app.get(&format!("/m/{}/", shop.slug)).await;
        app.app.mock_plane().write_usage().await.unwrap();
        let expected: Vec<_> = told
            .iter()
            .map(|percent| match percent {
                100 => "Birds has used all that its plan includes this month".to_owned(),
                percent => {
                    format!("Birds has used {percent} % of what its plan includes this month")
                }
            })
            .collect();
        assert_eq!(subjects(&app).await, expected, "{requests}");
    }
    let mails = app.mails().await;
    assert!(
        mails
            .iter()
            .all(|mail| mail.to.as_str() == "ada@example.com"),
        "owners alone"
    );

    // A dearer plan holds at once, and its notices are its own.
    assert_eq!(statuses(&app, &shop, 1).await, [429]);
    set_plan(&shop, Plan::Pro).await;
    assert_eq!(statuses(&app, &shop, 1).await, [200]);
    app.app.mock_plane().write_usage().await.unwrap();
    assert_eq!(subjects(&app).await.len(), 3);
    use_up(&shop, 80_000, 0).await;
    assert_eq!(statuses(&app, &shop, 1).await, [200]);
    app.app.mock_plane().write_usage().await.unwrap();
    assert_eq!(subjects(&app).await.len(), 4);
    // So does a cheaper one: what was used counts, and the owners hear of it.
    set_plan(&shop, Plan::Free).await;
    assert_eq!(statuses(&app, &shop, 1).await, [429]);
    assert_eq!(subjects(&app).await.len(), 5);
    clock.advance(Duration::from_hours(1));
    assert_eq!(statuses(&app, &shop, 1).await, [200]);
    app.app.mock_plane().write_usage().await.unwrap();
    assert_eq!(subjects(&app).await.len(), 5);
    app.stop().await;
}

#[tokio::test]
async fn owners_are_told_once_for_each_step_on_sqlite() {
    notices(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn owners_are_told_once_for_each_step_on_postgres() {
    notices(TestDatabase::postgres().await).await;
}

#[tokio::test]
async fn mocks_slow_down_before_they_stop_where_the_operator_wishes() {
    let flags = [("quotas-slow-from", "80"), ("quotas-slow-by", "100ms")];
    let (app, _) = server(TestDatabase::sqlite(), &flags).await;
    let ada = login(&app).await;
    let shop = TestProject::on_plan(Plan::Free, &app, &ada, SHOP).await;
    let mut log = app.app.log_feed().subscribe();
    for (used, delay) in [(800, 0), (50, 25), (49, 50), (96, 99)] {
        use_up(&shop, used, 0).await;
        app.app.mock_plane().forget(&shop.slug).await;
        assert_eq!(statuses(&app, &shop, 1).await, [200]);
        assert_eq!(log.recv().await.unwrap().delay_ms, delay, "{used}");
    }
    app.stop().await;
}
