//! A new version beside old ones, on one database: what runs goes on while the tables grow, and what is too old does not start.

use mockbird_server::config::Engine;
use mockbird_server::store::{OpenError, Store};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, sqlite::SqliteConnectOptions};

use crate::support::app::TestApp;
use crate::support::database::TestDatabase;
use crate::support::projects::TestProject;

/// What a migration of a later version does, if old servers are to go on: it adds what may be left out.
const LATER: [&str; 6] = [
    "alter table projects add column colour text",
    "alter table mocks add column colour text not null default 'red'",
    "alter table mock_responses add column colour text",
    "alter table request_logs add column colour text",
    "create table colours (colour text primary key)",
    "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9999, 'colours', true, ",
];

/// Brings the tables to where a later version has them.
async fn migrate(engine: &Engine) {
    let [tables @ .., noted] = LATER;
    match engine {
        Engine::Sqlite(file) => {
            let options = SqliteConnectOptions::new().filename(file);
            let mut link = options.connect().await.unwrap();
            for sql in tables {
                link.execute(sql).await.unwrap();
            }
            let noted = format!("{noted} x'00', 0)");
            link.execute(sqlx::AssertSqlSafe(noted)).await.unwrap();
            link.close().await.unwrap();
        }
        Engine::Postgres(url) => {
            let mut link = PgConnection::connect(url.expose_secret()).await.unwrap();
            for sql in tables {
                link.execute(sql).await.unwrap();
            }
            let noted = format!("{noted} '\\x00', 0)");
            link.execute(sqlx::AssertSqlSafe(noted)).await.unwrap();
            link.close().await.unwrap();
        }
    }
}

async fn old_servers_go_on(database: TestDatabase) {
    let app = TestApp::with(database, &[]).await;
    let login = app.register("ada@example.com").await;
    let shop = TestProject::new(&app, &login).await;
    let birds = shop
        .mock(json!({"path": "/birds", "responses": [{"body": "wren"}]}))
        .await;
    assert_eq!(shop.body("GET /birds").await, "wren");

    migrate(&app.direct_engine()).await;

    // It reads and writes all it did, the log among it.
    assert_eq!(shop.body("GET /birds").await, "wren");
    let route = format!("PATCH /api/mocks/{}", birds["id"].as_str().unwrap());
    shop.done(&route, json!({"responses": [{"body": "owl"}]}), 200)
        .await;
    assert_eq!(shop.body("GET /birds").await, "owl");
    let other = shop
        .mock(json!({"path": "/eggs", "responses": [{"body": "three"}]}))
        .await;
    assert_eq!(shop.body("GET /eggs").await, "three");
    app.register("eve@example.com").await;
    let made = TestProject::new(&app, &login).await;
    made.mock(json!({"path": "/new", "responses": [{}]})).await;
    assert_eq!(made.call("GET /new").await.status, 200);
    assert_eq!(app.get("/readyz").await.status, 200);
    let log = format!("/api/mocks/{}/logs", other["id"].as_str().unwrap());
    while app
        .call_as(login.access(), &format!("GET {log}"), Value::Null)
        .await
        .json()["items"]
        .as_array()
        .unwrap()
        .is_empty()
    {
        tokio::task::yield_now().await;
    }

    // One of its version that is started now is not let in, and says why.
    let config = mockbird_server::config::Database {
        engine: app.direct_engine(),
        ..mockbird_server::config::Database::postgres("postgres://nowhere")
    };
    let refused = Store::open(&config).await.unwrap_err();
    assert!(matches!(refused, OpenError::Migrate(_)), "{refused:?}");
    assert!(refused.to_string().contains("9999"), "{refused}");
    app.stop().await;
}

#[tokio::test]
async fn old_servers_go_on_on_sqlite() {
    old_servers_go_on(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn old_servers_go_on_on_postgres() {
    old_servers_go_on(TestDatabase::postgres().await).await;
}
