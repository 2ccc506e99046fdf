//! What an operator is told: the metrics, and the page, the dashboard and the rules that speak of them.

use std::collections::BTreeSet;

use mockbird_server::telemetry::{METRICS, MetricKind};
use serde_json::Value;

use crate::support::app::TestApp;
use crate::support::projects::TestProject;

const PAGE: &str = include_str!("../../docs/OBSERVABILITY.md");
const DASHBOARD: &str = include_str!("../../docs/observability/dashboard.json");
const ALERTS: &str = include_str!("../../docs/observability/alerts.yml");

/// The metrics that a text names, each by its own name.
fn named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_lowercase() && c != '_');
    let ours = words.filter(|word| word.starts_with("mockbird_"));
    ours.map(|word| {
        let of_histogram = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|suffix| word.strip_suffix(suffix))
            .filter(|name| {
                METRICS
                    .iter()
                    .any(|metric| metric.name == *name && metric.kind == MetricKind::Histogram)
            });
        of_histogram.unwrap_or(word)
    })
    .collect()
}

#[test]
fn the_page_tells_of_every_metric_with_its_labels() {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `mockbird_"));
    let told: Vec<(String, String)> = rows
        .map(|row| {
            let cells: Vec<_> = row.split(" | ").collect();
            let text = |cell: &str| cell.replace(['|', '`', ' '], "");
            let labels = if cells.len() > 1 && cells[1].starts_with('`') {
                text(cells[1])
            } else {
                String::new()
            };
            (text(cells[0]), labels)
        })
        .collect();
    let counted = METRICS
        .iter()
        .map(|metric| (metric.name.to_owned(), metric.labels.join(",")));
    assert_eq!(told, counted.collect::<Vec<_>>());
}

#[test]
fn dashboard_and_rules_name_metrics_that_exist() {
    let all: BTreeSet<_> = METRICS.iter().map(|metric| metric.name).collect();
    assert_eq!(named(DASHBOARD), all, "the dashboard shows everything");
    assert!(named(ALERTS).is_subset(&all), "{:?}", named(ALERTS));
    serde_json::from_str::<Value>(DASHBOARD).unwrap();
}

/// What a metric without labels says now.
async fn number(app: &TestApp, name: &str) -> u64 {
    let told = app.admin_get("/metrics").await.body;
    let told = String::from_utf8(told.to_vec()).unwrap();
    let found = told
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    found.unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_counts_is_described() {
    let app = TestApp::start().await;
    let login = app.register("ada@example.com").await;
    let project = TestProject::with(
        &app,
        &login,
        r#"{"name": "Shop", "isPublic": true, "mocks": [{"path": "/", "responses": [{}]}]}"#,
    )
    .await;
    let hits = async || number(&app, "mockbird_snapshot_hits_total").await;
    // Loaded by the first, found by those that follow.
    let mock = format!("/m/{}/", project.slug);
    assert_eq!(app.get(&mock).await.status, 200);
    let before = hits().await;
    for _ in 0..3 {
        assert_eq!(app.get(&mock).await.status, 200);
    }
    // Other servers of this process count, too.
    assert!(hits().await >= before + 3);
    let route = format!("GET /api/projects/{}", project.id);
    assert_eq!(
        app.call_as(login.access(), &route, Value::Null)
            .await
            .status,
        200
    );
    let told = app.admin_get("/metrics").await.body;
    let told = std::str::from_utf8(&told).unwrap();
    for line in [
        "mockbird_api_seconds_bucket{method=\"GET\",route=\"/api/projects/{project}\",le=\"+Inf\"} ",
        "# TYPE mockbird_snapshots gauge",
        "# TYPE mockbird_snapshot_hits_total counter",
        "mockbird_snapshot_loads_total ",
        "mockbird_store_connections{state=\"idle\"} ",
        "mockbird_database_bytes ",
        "mockbird_job_runs_total{job=\"rollups\",outcome=\"done\"} ",
        "# TYPE mockbird_job_seconds histogram",
    ] {
        assert!(told.contains(line), "{line} {told}");
    }
    for metric in told.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = metric.split_once(' ').unwrap();
        let ours = METRICS.iter().find(|metric| metric.name == name);
        let ours = ours.unwrap_or_else(|| panic!("{name} is in no table"));
        assert_eq!(format!("{:?}", ours.kind).to_lowercase(), kind, "{name}");
    }
    app.stop().await;
}
