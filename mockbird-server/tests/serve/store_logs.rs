//! What was asked of mocks, as it is stored: whole, once, in the order of the ids, each day of PostgreSQL in its own table.

use std::time::Duration;

use mockbird_server::config::Engine;
use mockbird_server::domain::{
    AnsweredBy, LogBody, LogIds, LogNearMiss, LogRecord, Millis, MockId, OrganizationId, ProjectId,
    ResponseId,
};
use mockbird_server::store::Store;
use secrecy::ExposeSecret;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, query_as};
use uuid::Uuid;

use crate::support::database::{TestDatabase, store_test};

/// The first moment of 2026-11-28.
const MIDNIGHT: Millis = Millis(1_795_824_000_000);

/// The rows of a statement with one column of bytes.
pub(crate) async fn bytes(engine: &Engine, sql: &str) -> Vec<Option<Vec<u8>>> {
    let sql = AssertSqlSafe(sql);
    let rows: Vec<(Option<Vec<u8>>,)> = match engine {
        Engine::Sqlite(file) => {
            let options = SqliteConnectOptions::new().filename(file);
            let mut connection = options.connect().await.unwrap();
            query_as(sql).fetch_all(&mut connection).await.unwrap()
        }
        Engine::Postgres(url) => {
            let mut connection = PgConnection::connect(url.expose_secret()).await.unwrap();
            query_as(sql).fetch_all(&mut connection).await.unwrap()
        }
    };
    rows.into_iter().map(|(value,)| value).collect()
}

/// One column of the request log as text, the earliest first; null is `null`.
pub(crate) async fn logged(engine: &Engine, column: &str) -> Vec<String> {
    let column = match engine {
        Engine::Sqlite(_) => format!("cast(cast({column} as text) as blob)"),
        Engine::Postgres(_) => format!("convert_to(cast({column} as text), 'utf8')"),
    };
    let sql = format!("select {column} from request_logs order by log_id");
    let text = |value: Option<Vec<u8>>| {
        value.map_or("null".to_owned(), |text| String::from_utf8(text).unwrap())
    };
    bytes(engine, &sql).await.into_iter().map(text).collect()
}

/// A record with nothing left out.
fn full(ids: &LogIds, at: Millis) -> LogRecord {
    LogRecord {
        id: ids.next(at),
        organization: OrganizationId::new(at),
        project: ProjectId::new(at),
        mock: Some(MockId::new(at)),
        response: Some(ResponseId::new(at)),
        at,
        answered_by: AnsweredBy::Nobody,
        method: "POST".to_owned(),
        path: b"/birds/%00\0\xff".to_vec(),
        query: Some(b"a=\0\xff".to_vec()),
        headers: vec![
            ("x-a".to_owned(), "1".to_owned()),
            ("x-a".to_owned(), "\u{fffd}".to_owned()),
        ],
        body: Some(LogBody {
            kept: Some(b"\0\xff'".to_vec()),
            length: 100_000,
            sha256: Some("ab".repeat(32)),
            is_binary: true,
        }),
        status: 404,
        response_bytes: 12,
        engine_us: 34,
        delay_ms: 56,
        client: "2001:db8::7".parse().unwrap(),
        user_agent: Some("tests".to_owned()),
        near: vec![LogNearMiss {
            mock: "a".to_owned(),
            method: "GET".to_owned(),
            path: "/birds".to_owned(),
            reasons: vec!["expected \0".to_owned()],
        }],
        notes: vec!["something".to_owned()],
    }
}

/// A record with as little as there can be.
pub(crate) fn bare(ids: &LogIds, at: Millis) -> LogRecord {
    LogRecord {
        mock: None,
        response: None,
        query: None,
        headers: Vec::new(),
        body: None,
        user_agent: None,
        near: Vec::new(),
        notes: Vec::new(),
        ..full(ids, at)
    }
}

async fn insert(store: &Store, records: &[LogRecord]) {
    let mut tx = store.begin().await.unwrap();
    tx.logs_insert(records).await.unwrap();
    tx.commit().await.unwrap();
}

async fn records_are_kept_whole(database: TestDatabase) {
    let store = database.open().await;
    let ids = LogIds::default();
    let (one, other) = (full(&ids, MIDNIGHT), bare(&ids, MIDNIGHT));
    insert(&store, &[one.clone(), other.clone()]).await;
    let near = r#"[{"mock":"a","method":"GET","path":"/birds","reasons":["expected \u0000"]}]"#;
    for (column, expected) in [
        ("log_id", [&*one.id.to_string(), &*other.id.to_string()]),
        ("mock_id", [&*one.mock.unwrap().to_string(), "null"]),
        ("answered_by", ["nobody", "nobody"]),
        ("request_method", ["POST", "POST"]),
        (
            "request_headers",
            ["[[\"x-a\",\"1\"],[\"x-a\",\"\u{fffd}\"]]", "[]"],
        ),
        ("body_length", ["100000", "0"]),
        ("body_hash", [&*"ab".repeat(32), "null"]),
        (
            "response_status + response_bytes + engine_us + delay_ms",
            ["506", "506"],
        ),
        ("ip_address", ["2001:db8::7", "2001:db8::7"]),
        ("user_agent", ["tests", "null"]),
        ("near_misses", [near, "null"]),
        ("notes", [r#"["something"]"#, "null"]),
    ] {
        assert_eq!(
            logged(&database.config.engine, column).await,
            expected,
            "{column}"
        );
    }
    let body = one.body.and_then(|body| body.kept);
    for (column, expected) in [
        ("request_path", [Some(one.path.clone()), Some(one.path)]),
        ("request_query", [one.query, None]),
        ("request_body", [body, None]),
    ] {
        let sql = format!("select {column} from request_logs order by log_id");
        assert_eq!(
            bytes(&database.config.engine, &sql).await,
            expected,
            "{column}"
        );
    }
    store.close().await;
    database.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_are_kept_whole_on_sqlite() {
    records_are_kept_whole(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_are_kept_whole_on_postgres() {
    records_are_kept_whole(TestDatabase::postgres().await).await;
}

async fn many_come_in_their_order(database: TestDatabase) {
    let store = database.open().await;
    let ids = LogIds::default();
    // More than one statement, and more than one message.
    let records: Vec<_> = (0..1_700).map(|_| full(&ids, MIDNIGHT)).collect();
    insert(&store, &records).await;
    let made: Vec<_> = records.iter().map(|record| record.id.to_string()).collect();
    assert!(logged(&database.config.engine, "log_id").await == made);
    store.close().await;
    database.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_come_in_their_order_on_sqlite() {
    many_come_in_their_order(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_come_in_their_order_on_postgres() {
    many_come_in_their_order(TestDatabase::postgres().await).await;
}

store_test! {
    async fn a_batch_is_begun_once(store: Store) {
        let batch = Uuid::now_v7();
        for (commits, new) in [(false, true), (true, true), (true, false)] {
            let mut tx = store.begin().await.unwrap();
            assert_eq!(tx.log_batch_insert(batch, MIDNIGHT).await.unwrap(), new);
            if commits {
                tx.commit().await.unwrap();
            }
        }
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.log_batch_purge(MIDNIGHT).await.unwrap(), 0);
        assert_eq!(tx.log_batch_purge(MIDNIGHT.after(Duration::from_millis(1))).await.unwrap(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_day_has_its_table_and_what_came_before_it_was_made_moves_there() {
    let database = TestDatabase::postgres().await;
    let (store, other) = (database.open().await, database.open().await);
    let before = Millis(MIDNIGHT.0 - 1);
    let years_ago = Millis(7);
    let rows = [years_ago, before, MIDNIGHT].map(|at| bare(&LogIds::default(), at));
    insert(&store, &rows).await;
    let make = async |store: &Store| {
        let mut tx = store.begin().await.unwrap();
        let made = tx.log_partitions_make(MIDNIGHT, 2).await.unwrap();
        tx.commit().await.unwrap();
        made
    };
    let (one, two) = tokio::join!(make(&store), make(&other));
    assert_eq!(one + two, 4, "once, by two at once");
    assert_eq!(make(&store).await, 0);
    let rows = [years_ago, before, MIDNIGHT].map(|at| bare(&LogIds::default(), at));
    insert(&store, &rows).await;
    let tables = logged(&database.config.engine, "tableoid::regclass").await;
    let days = [
        "default", "default", "20261127", "20261127", "20261128", "20261128",
    ];
    assert_eq!(tables, days.map(|day| format!("request_logs_{day}")));
    store.close().await;
    other.close().await;
    database.end().await;
}
