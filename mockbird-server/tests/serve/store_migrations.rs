//! The tables: the same on both engines, from nothing, twice, and by several at once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mockbird_server::config::{Database, Engine};
use mockbird_server::store::{Constraint, OpenError, Store, StoreError};
use secrecy::ExposeSecret;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, Row, SqliteConnection};

use crate::support::database::{TestDatabase, store_test};

/// Type and whether it may be null, by table and column.
type Columns = BTreeMap<(String, String), (String, bool)>;

/// Columns and whether they are unique together, by name.
type Indexes = BTreeMap<String, (Vec<String>, bool)>;

async fn sqlite(database: &TestDatabase) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(database.file().unwrap());
    options.connect().await.unwrap()
}

async fn postgres(database: &TestDatabase) -> PgConnection {
    let Engine::Postgres(url) = &database.config.engine else {
        panic!("PostgreSQL has an address")
    };
    PgConnection::connect(url.expose_secret()).await.unwrap()
}

async fn columns_of_sqlite(connection: &mut SqliteConnection) -> Columns {
    let sql = "select t.name, c.name, lower(c.type), c.\"notnull\" or c.pk from sqlite_master t, pragma_table_info(t.name) c \
         where t.type = 'table' and t.name not like '\\_%' escape '\\'";
    let rows = connection.fetch_all(sql).await.unwrap();
    let rows = rows.into_iter().map(|row| {
        let not_null: i64 = row.get(3);
        ((row.get(0), row.get(1)), (row.get(2), not_null == 0))
    });
    rows.collect()
}

/// Without the days of the request log, which SQLite has not.
async fn columns_of_postgres(connection: &mut PgConnection) -> Columns {
    let sql = "select table_name::text, column_name::text, data_type::text, is_nullable::text from information_schema.columns \
         where table_schema = 'public' and table_name not like '\\_%' and table_name not like 'request\\_logs\\_%'";
    let rows = connection.fetch_all(sql).await.unwrap();
    let rows = rows.into_iter().map(|row| {
        let nullable: String = row.get(3);
        let kind: String = row.get(2);
        let kind = if kind == "bytea" {
            "blob".to_owned()
        } else {
            kind
        };
        ((row.get(0), row.get(1)), (kind, nullable == "YES"))
    });
    rows.collect()
}

async fn indexes_of_sqlite(connection: &mut SqliteConnection) -> Indexes {
    let sql = "select t.name, i.name, i.\"unique\", c.name, i.origin from sqlite_master t, pragma_index_list(t.name) i, \
         pragma_index_info(i.name) c where t.type = 'table' and t.name not like '\\_%' escape '\\' order by i.name, c.seqno";
    let mut indexes = Indexes::new();
    for row in connection.fetch_all(sql).await.unwrap() {
        let (table, origin): (String, String) = (row.get(0), row.get(4));
        // A primary key has a name of the engine's own choice.
        let name = if origin == "pk" {
            format!("{table}_pkey")
        } else {
            row.get(1)
        };
        let unique: i64 = row.get(2);
        let index = indexes.entry(name).or_insert((Vec::new(), unique == 1));
        index.0.push(format!("{table}.{}", row.get::<String, _>(3)));
    }
    indexes
}

async fn indexes_of_postgres(connection: &mut PgConnection) -> Indexes {
    let sql = "select t.relname::text, i.relname::text, x.indisunique, a.attname::text from pg_index x \
         join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid \
         join pg_namespace n on n.oid = t.relnamespace \
         join unnest(x.indkey) with ordinality k (attnum, place) on true \
         join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum \
         where n.nspname = 'public' and t.relname not like '\\_%' and not t.relispartition order by i.relname, k.place";
    let mut indexes = Indexes::new();
    for row in connection.fetch_all(sql).await.unwrap() {
        let (table, column): (String, String) = (row.get(0), row.get(3));
        let index = indexes
            .entry(row.get(1))
            .or_insert((Vec::new(), row.get(2)));
        index.0.push(format!("{table}.{column}"));
    }
    indexes
}

/// Indexes for what is rare: PostgreSQL alone counts what is, and goes by them for nothing else.
const BY_FREQUENCY: [&str; 5] = [
    "request_logs_status",
    "request_logs_method",
    "request_logs_path",
    "request_logs_answered",
    "request_logs_response",
];

#[tokio::test]
async fn both_engines_have_the_same_tables() {
    let (one, other) = (TestDatabase::sqlite(), TestDatabase::postgres().await);
    one.open().await.close().await;
    let (mut sqlite, mut postgres) = (sqlite(&one).await, postgres(&other).await);
    let columns = columns_of_sqlite(&mut sqlite).await;
    assert_eq!(columns, columns_of_postgres(&mut postgres).await);
    let tables: BTreeSet<_> = columns.keys().map(|(table, _)| table.as_str()).collect();
    for table in [
        "users",
        "organization",
        "members",
        "projects",
        "mocks",
        "mock_responses",
        "request_logs",
        "log_batches",
        "usage_stats",
        "api_keys",
        "invitations",
        "subscriptions",
        "billing_events",
        "organization_settings",
        "past_slugs",
        "response_templates",
        "audit_logs",
        "credentials",
        "sessions",
        "tokens",
        "outbox",
        "idempotency_keys",
    ] {
        assert!(tables.contains(table), "{table}");
    }

    let indexes = indexes_of_sqlite(&mut sqlite).await;
    let mut others = indexes_of_postgres(&mut postgres).await;
    for name in BY_FREQUENCY {
        assert!(others.remove(name).is_some(), "{name}");
    }
    assert_eq!(indexes, others);
    for constraint in Constraint::ALL {
        let (columns, unique) = &indexes[constraint.name()];
        assert_eq!(
            (columns.join(", ").as_str(), *unique),
            (constraint.columns(), true)
        );
    }
    sqlite.close().await.unwrap();
    postgres.close().await.unwrap();
    other.end().await;
}

/// From nothing, by four at once, and then once more.
async fn opens_together(database: &TestDatabase) {
    let opening: Vec<_> = std::iter::repeat_n(database.config.clone(), 4)
        .map(|config| tokio::spawn(async move { Store::open(&config).await }))
        .collect();
    for store in opening {
        let store = store.await.unwrap().unwrap();
        store.ping().await.unwrap();
        store.close().await;
    }
    database.open().await.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_may_migrate_at_once_on_sqlite() {
    opens_together(&TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_may_migrate_at_once_on_postgres() {
    let database = TestDatabase::empty_postgres().await;
    opens_together(&database).await;
    database.end().await;
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let database = TestDatabase::sqlite();
    database.open().await.close().await;
    let mut connection = sqlite(&database).await;
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (9999, 'of tomorrow', true, x'00', 0)";
    connection.execute(newer).await.unwrap();
    connection.close().await.unwrap();
    let refused = Store::open(&database.config).await;
    assert!(matches!(refused, Err(OpenError::Migrate(_))), "{refused:?}");
}

store_test! {
    async fn a_store_that_was_closed_is_unavailable(store: Store) {
        store.ping().await.unwrap();
        store.close().await;
        let refused = store.ping().await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable_and_the_password_is_not_told() {
    let config = Database {
        acquire_timeout: Duration::from_millis(300),
        ..Database::postgres("postgres://mockbird:hunter2@127.0.0.1:1/mockbird")
    };
    let refused = Store::open(&config).await.unwrap_err();
    let told = format!("{refused} {refused:?} {config:?}");
    assert!(matches!(refused, OpenError::Connect(_)), "{refused:?}");
    assert!(!told.contains("hunter2"), "{told}");
}
