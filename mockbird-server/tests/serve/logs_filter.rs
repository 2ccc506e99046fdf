//! Filters of logged requests: in SQL they let through what they do in memory, and each goes by an index.

use std::collections::BTreeSet;
use std::time::Duration;

use mockbird_server::domain::{
    AnsweredBy, Clock, LogFilter, LogRecord, Millis, MockId, OrganizationId, Page, ProjectId,
    ResponseId, listed,
};
use mockbird_server::store::{LogRange, LogScope, Store};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use sqlx::{Connection, Executor, PgConnection};

use crate::support::database::{TestDatabase, store_test};
use crate::support::logs::{Logger, body, store};

/// The first moment of 2026-11-28.
const MIDNIGHT: Millis = Millis(1_795_824_000_000);

/// What there is of everything: few enough to meet.
struct Things {
    mocks: [MockId; 2],
    responses: [ResponseId; 2],
}

/// A logged request but for its project: where each of its parts is among those there are.
type Drawn = (u64, usize, usize, usize, usize, usize, usize, usize);

fn drawn() -> impl Strategy<Value = Drawn> {
    (
        0..5_u64,
        0..4_usize,
        0..6_usize,
        0..5_usize,
        0..4_usize,
        0..3_usize,
        0..3_usize,
        0..5_usize,
    )
}

fn record(log: &Logger, things: &Things, drawn: Drawn) -> LogRecord {
    let (at, method, path, status, by, mock, response, kept) = drawn;
    let paths = [
        "/",
        "/birds",
        "/birds/7?name=wren",
        "/b%20\u{e9}",
        "/birds?a=\"b\"",
        "/Birds",
    ];
    let request = format!(
        "{} {}",
        ["GET", "POST", "get", "PURGE"][method],
        paths[path]
    );
    let mut record = log.record(MIDNIGHT.after(Duration::from_secs(at)), &request);
    record.status = [200, 201, 404, 500, 99][status];
    record.answered_by = AnsweredBy::ALL[by];
    record.mock = things.mocks.get(mock).copied();
    record.response = things.responses.get(response).copied();
    record.headers.push((
        "x-name".to_owned(),
        ["wren", "a\"b", "\u{e9}\\", "[", "7"][kept].to_owned(),
    ));
    let bodies = [&b""[..], b"wren", b"\xffwren\0", b"\xc3\xa9", b"a\"b"];
    record.body = Some(body(bodies[kept], 9)).filter(|_| kept > 0);
    record
}

fn filters(things: &Things) -> impl Strategy<Value = LogFilter> + use<> {
    let at =
        || proptest::option::of((0..6_u64).prop_map(|at| MIDNIGHT.after(Duration::from_secs(at))));
    let methods = select(vec!["", "GET", "POST,get"]);
    let statuses = select(vec!["", "404", "2xx,500", "4xx"]);
    let text = |all: &[&'static str]| proptest::option::of(select(all.to_vec()));
    let path = text(&["/", "/birds", "/birds/", "/b%20\u{e9}", "/c"]);
    let sought = text(&[
        "wren", "name=", "\"", "a\"b", "\u{e9}", "\\", "127", "[", "bird",
    ]);
    let mock = proptest::option::of(select(things.mocks.to_vec()));
    let response = proptest::option::of(select(things.responses.to_vec()));
    let matched = proptest::option::of(any::<bool>());
    (
        at(),
        at(),
        methods,
        statuses,
        path,
        sought,
        mock,
        response,
        matched,
    )
        .prop_map(
            |(from, before, methods, statuses, path, text, mock, response, matched)| LogFilter {
                from,
                before,
                methods: if methods.is_empty() {
                    vec![]
                } else {
                    listed(methods).unwrap()
                },
                statuses: if statuses.is_empty() {
                    vec![]
                } else {
                    listed(statuses).unwrap()
                },
                path: path.map(|path| path.parse().unwrap()),
                matched,
                mock,
                response,
                text: text.map(|text| text.parse().unwrap()),
            },
        )
}

async fn found(store: &Store, scope: &LogScope, filter: &LogFilter) -> Vec<LogRecord> {
    let mut read = store.read().await.unwrap();
    let page = Page::new(None, Some(100)).unwrap();
    read.log_list(scope, filter, LogRange::default(), page)
        .await
        .unwrap()
}

/// Both engines: in the statements of one, bytes and text are compared by other functions than in those of the other.
async fn memory_and_sql_agree(database: TestDatabase) {
    let kept = database.open().await;
    let things = Things {
        mocks: [(); 2].map(|()| MockId::new(MIDNIGHT)),
        responses: [(); 2].map(|()| ResponseId::new(MIDNIGHT)),
    };
    let cases = (
        proptest::collection::vec(drawn(), 1..20),
        proptest::collection::vec(filters(&things), 1..10),
    );
    let runtime = tokio::runtime::Handle::current();
    let store_of_cases = kept.clone();
    let run = move || {
        let mut runner = TestRunner::new(Config {
            cases: 60,
            failure_persistence: None,
            ..Config::default()
        });
        runner.run(&cases, |(all, filters)| {
            let (organization, project) = (OrganizationId::new(MIDNIGHT), ProjectId::new(MIDNIGHT));
            let log = Logger::new(organization, project);
            let records: Vec<_> = all
                .into_iter()
                .map(|one| record(&log, &things, one))
                .collect();
            runtime.block_on(store(&store_of_cases, &records));
            let scope = LogScope {
                organization,
                project,
                since: Millis(0),
            };
            for filter in filters {
                let wanted: BTreeSet<_> = records
                    .iter()
                    .filter(|one| filter.lets_through(one))
                    .map(|one| one.id)
                    .collect();
                let found = runtime.block_on(found(&store_of_cases, &scope, &filter));
                let ids: Vec<_> = found.iter().map(|one| one.id).collect();
                prop_assert_eq!(
                    ids,
                    wanted.into_iter().rev().collect::<Vec<_>>(),
                    "{:?}",
                    filter
                );
            }
            Ok(())
        })
    };
    tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    kept.close().await;
    database.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_and_sql_agree_on_sqlite() {
    memory_and_sql_agree(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_and_sql_agree_on_postgres() {
    memory_and_sql_agree(TestDatabase::postgres().await).await;
}

store_test! {
    async fn a_text_is_looked_for_among_the_newest(kept: Store) {
        let (organization, project) = (OrganizationId::new(MIDNIGHT), ProjectId::new(MIDNIGHT));
        let log = Logger::new(organization, project);
        let mut all = vec![log.record(MIDNIGHT, "GET /first"), log.record(MIDNIGHT, "GET /second")];
        all.extend((0..49_998).map(|_| log.record(MIDNIGHT, "GET /")));
        store(&kept, &all).await;
        let scope = LogScope { organization, project, since: Millis(0) };
        let text = |text: &str| LogFilter { text: Some(text.parse().unwrap()), ..LogFilter::default() };
        assert_eq!(found(&kept, &scope, &text("/first")).await.len(), 1);
        store(&kept, &[log.record(MIDNIGHT, "GET /")]).await;
        assert_eq!(found(&kept, &scope, &text("/first")).await.len(), 0, "50,000 are newer");
        assert_eq!(found(&kept, &scope, &text("/second")).await.len(), 1);
    }
}

store_test! {
    async fn every_filter_goes_by_an_index(kept: Store) {
        let (organization, project) = (OrganizationId::new(MIDNIGHT), ProjectId::new(MIDNIGHT));
        let clock = Clock::fixed(MIDNIGHT);
        let mut tx = kept.begin().await.unwrap();
        tx.log_partitions_make(clock.now(), 5).await.unwrap();
        tx.commit().await.unwrap();
        let day = Duration::from_hours(24);
        for project in [project, ProjectId::new(MIDNIGHT), ProjectId::new(MIDNIGHT)] {
            let log = Logger::new(organization, project);
            for days in 0..5 {
                store(&kept, &log.many(MIDNIGHT.after(day * days), 400)).await;
            }
        }
        let scope = LogScope { organization, project, since: Millis(0) };
        let log = Logger::new(organization, project);
        let cursor = log.record(MIDNIGHT.after(day), "GET /").id;
        let filter = LogFilter::default;
        let all = [
            filter(),
            LogFilter { from: Some(MIDNIGHT.after(day)), before: Some(MIDNIGHT.after(day * 2)), ..filter() },
            LogFilter { methods: listed("GET,POST").unwrap(), ..filter() },
            LogFilter { statuses: listed("404,5xx").unwrap(), ..filter() },
            LogFilter { path: Some("/birds".parse().unwrap()), ..filter() },
            LogFilter { matched: Some(true), ..filter() },
            LogFilter { mock: Some(MockId::new(MIDNIGHT)), ..filter() },
            LogFilter { response: Some(ResponseId::new(MIDNIGHT)), ..filter() },
            LogFilter { text: Some("wren".parse().unwrap()), ..filter() },
        ];
        for filter in &all {
            for range in [LogRange::default(), LogRange { before: Some(cursor), after: None }, LogRange { before: None, after: Some(cursor) }] {
                let mut read = kept.read().await.unwrap();
                let plan = read.log_plan(&scope, filter, range).await.unwrap();
                let is_scan = |line: &str| line.contains("Seq Scan") || line.trim_start().starts_with("SCAN");
                assert!(!plan.lines().any(is_scan), "{filter:?} {range:?}\n{plan}");
                let index = if filter.mock.is_some() { "mock" } else { "project" };
                assert!(plan.contains(index), "{filter:?} {range:?}\n{plan}");
                assert!(!plan.contains("TEMP B-TREE"), "{plan}");
                // Only the days that are asked for are looked at; SQLite has one table.
                if filter.from.is_some() && plan.contains("request_logs_20") {
                    assert!(!plan.contains("20261128") && !plan.contains("20261130") && !plan.contains("20261201"), "{plan}");
                }
            }
        }
    }
}

/// PostgreSQL knows what there is, and looks for what is not there by an index that says so at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_rare_has_an_index_on_postgres() {
    let database = TestDatabase::postgres().await;
    let kept = database.open().await;
    let (organization, project) = (OrganizationId::new(MIDNIGHT), ProjectId::new(MIDNIGHT));
    let log = Logger::new(organization, project);
    store(&kept, &log.many(MIDNIGHT, 20_000)).await;
    let mut other = PgConnection::connect(&database.url()).await.unwrap();
    other.execute("analyze request_logs").await.unwrap();
    other.close().await.unwrap();
    let scope = LogScope {
        organization,
        project,
        since: Millis(0),
    };
    let filter = LogFilter::default;
    for (index, filter) in [
        (
            "response_status",
            LogFilter {
                statuses: listed("418").unwrap(),
                ..filter()
            },
        ),
        (
            "request_method",
            LogFilter {
                methods: listed("TRACE").unwrap(),
                ..filter()
            },
        ),
        (
            "request_path",
            LogFilter {
                path: Some("/absent".parse().unwrap()),
                ..filter()
            },
        ),
        (
            "response_id",
            LogFilter {
                response: Some(ResponseId::new(MIDNIGHT)),
                ..filter()
            },
        ),
    ] {
        let mut read = kept.read().await.unwrap();
        let plan = read
            .log_plan(&scope, &filter, LogRange::default())
            .await
            .unwrap();
        let condition = plan
            .lines()
            .find(|line| line.contains("Index Cond"))
            .unwrap_or_default();
        assert!(condition.contains(index), "{filter:?}\n{plan}");
    }
    kept.close().await;
    database.end().await;
}
