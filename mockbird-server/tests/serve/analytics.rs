//! What the API says of requests that were counted: by clocks that tests set.

use std::time::Duration;

use mockbird_server::domain::{Clock, Rollup, Scope};
use serde_json::{Value, json};

use crate::store_rollups::{Counted, MIDNIGHT, add};
use crate::support::app::TestApp;
use crate::support::database::{TestDatabase, app_test};
use crate::support::projects::TestProject;

async fn ask(project: &TestProject<'_>, route: &str) -> Value {
    let (route, token) = (format!("GET {route}"), project.login.access());
    let reply = project.app.call_as(token, &route, Value::Null).await;
    assert_eq!(reply.status, 200, "{route} {reply:?}");
    reply.json()
}

/// Requests of 40 days are told by the minute, the hour and the day.
async fn every_period_tells_its_requests(database: TestDatabase) {
    let now = MIDNIGHT.after(Duration::from_mins(12 * 60 + 34));
    let app = TestApp::at(Clock::fixed(now), database, &[]).await;
    let login = app.register("ada@example.com").await;
    let project = TestProject::new(&app, &login).await;
    let mock = project
        .mock(json!({"path": "/birds", "responses": [{}]}))
        .await;
    let mut of = Counted::new(7);
    of.organization = login.organization().parse().unwrap();
    of.project = project.id;
    of.mocks = vec![mock["id"].as_str().unwrap().parse().unwrap()];
    let ages = [
        0,
        59 * 60,
        60 * 60,
        23 * 3_600,
        25 * 3_600,
        6 * 86_400,
        8 * 86_400,
        29 * 86_400,
        40 * 86_400,
    ];
    let records: Vec<_> = ages
        .map(|age| of.request(now.before(Duration::from_secs(age))))
        .into();
    add(app.app.store(), &records).await;

    for (period, points, requests, interval) in [
        ("hour", 60, 2, "minute"),
        ("day", 24, 4, "hour"),
        ("week", 7, 6, "day"),
        ("month", 30, 8, "day"),
    ] {
        let told = ask(
            &project,
            &format!("/api/projects/{}/analytics?period={period}", project.id),
        )
        .await;
        assert_eq!(
            (&told["requests"], &told["interval"]),
            (&json!(requests), &json!(interval))
        );
        let series = told["points"].as_array().unwrap();
        assert_eq!(series.len(), points, "{period}");
        let sum: u64 = series
            .iter()
            .map(|point| point["requests"].as_u64().unwrap())
            .sum();
        assert_eq!(sum, requests);
        let last = &series[points - 1];
        assert!(
            last["requests"].as_u64() >= Some(1),
            "the one that goes on: {last}"
        );
        assert_eq!(series[0]["at"], told["from"]);
        let empty = series.iter().find(|point| point["requests"] == 0);
        assert!(empty.is_none_or(|point| point["latency"].is_null()));
    }
    let since = "from=2026-10-01T00:00:00Z&before=2026-11-29T00:00:00Z&period=month";
    let told = ask(
        &project,
        &format!("/api/projects/{}/analytics?{since}", project.id),
    )
    .await;
    assert_eq!(
        (&told["requests"], told["points"].as_array().unwrap().len()),
        (&json!(9), 59)
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_period_tells_its_requests_on_sqlite() {
    every_period_tells_its_requests(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_period_tells_its_requests_on_postgres() {
    every_period_tells_its_requests(TestDatabase::postgres().await).await;
}

app_test! {
    async fn mocks_projects_and_organizations_have_numbers_of_their_own(app: TestApp) {
        let login = app.register("ada@example.com").await;
        let project = TestProject::new(app, &login).await;
        let mock = project.mock(json!({"path": "/birds", "responses": [{}]})).await;
        let mut of = Counted::new(7);
        of.organization = login.organization().parse().unwrap();
        of.project = project.id;
        of.mocks = vec![mock["id"].as_str().unwrap().parse().unwrap()];
        // Not so near to midnight that a day begins meanwhile.
        let now = Clock::System.now();
        let records = of.requests(200, now, 1);
        add(app.app.store(), &records).await;
        let (mut all, mut of_mock) = (Rollup::default(), Rollup::default());
        for record in &records {
            all.count(record);
            if record.mock.is_some() {
                of_mock.count(record);
            }
        }
        for (route, expected) in [
            (format!("/api/mocks/{}/analytics", mock["id"].as_str().unwrap()), &of_mock),
            (format!("/api/projects/{}/analytics", project.id), &all),
            (format!("/api/orgs/{}/analytics?period=month", login.organization()), &all),
        ] {
            let told = ask(&project, &route).await;
            let (counts, [c1, c2, c3, c4, c5]) = (&expected.counts, expected.counts.classes);
            assert_eq!(told["requests"], counts.requests);
            assert_eq!(told["errors"], counts.errors);
            assert_eq!(told["unmatched"], counts.unmatched);
            assert_eq!(told["bytes"], counts.bytes);
            assert_eq!(told["statuses"], json!({"1xx": c1, "2xx": c2, "3xx": c3, "4xx": c4, "5xx": c5}));
            assert_eq!(told["uniqueVisitors"], expected.visitors.estimate());
            assert_eq!(told["topPathsMissed"], 0);
            let top = expected.paths.top(10).into_iter();
            let top: Vec<_> = top.map(|(path, requests)| json!({"path": path, "requests": requests})).collect();
            assert_eq!(told["topPaths"], json!(top));
            for (name, percent) in [("p50", 50), ("p95", 95), ("p99", 99)] {
                let us = expected.latencies.percentile(percent).unwrap();
                assert!((told["latency"][name].as_f64().unwrap() * 1000.0 - f64::from(u32::try_from(us).unwrap())).abs() < 0.5, "{told}");
            }
        }
        let usage = ask(&project, "/api/usage").await;
        assert_eq!(usage["uniqueVisitors"], all.visitors.estimate());
        let since = app.app.requests_since(Scope::Project(project.id), now).await;
        assert_eq!(since.unwrap(), 200);
    }
}

app_test! {
    async fn what_is_asked_for_wrongly_is_refused(app: TestApp) {
        let login = app.register("ada@example.com").await;
        let route = format!("GET /api/orgs/{}/analytics", login.organization());
        for (query, at) in [
            ("period=year", "period"),
            ("before=2026-11-28T00:00:00Z", "before"),
            ("from=tomorrow", "from"),
            ("from=2026-11-28T00:00:00Z&before=2026-11-28T00:00:00Z", "from"),
            ("period=hour&from=2026-01-01T00:00:00Z&before=2026-02-01T00:00:00Z", "from"),
        ] {
            let reply = app.call_as(login.access(), &format!("{route}?{query}"), Value::Null).await;
            assert_eq!(reply.status, 422, "{query} {reply:?}");
            assert_eq!(reply.json()["details"][0]["at"], at, "{query} {reply:?}");
        }
    }
}
