//! A database of its own for each test, on either engine.

use std::future::Future;
use std::path::PathBuf;

use mockbird_server::config::{Database, Engine};
use mockbird_server::store::Store;
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// What names the PostgreSQL server that tests may use.
const SERVER: &str = "MOCKBIRD_TEST_POSTGRES";

/// A database that ends with the test.
pub(crate) struct TestDatabase {
    pub(crate) config: Database,
    postgres: Option<String>,
    _folder: Option<TempDir>,
}

impl TestDatabase {
    /// SQLite, without tables.
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            config: Database::sqlite(folder.path().join("mockbird.db")),
            postgres: None,
            _folder: Some(folder),
        }
    }

    /// PostgreSQL, without tables.
    pub(crate) async fn empty_postgres() -> Self {
        let name = fresh_name();
        administer(&format!("create database {name}")).await;
        Self::named_postgres(name)
    }

    /// PostgreSQL, with the tables of today: a copy is made faster than they are.
    pub(crate) async fn postgres() -> Self {
        let (name, template) = (fresh_name(), template().await);
        administer(&format!("create database {name} template {template}")).await;
        Self::named_postgres(name)
    }

    fn named_postgres(name: String) -> Self {
        Self {
            config: Database::postgres(&address(&name)),
            postgres: Some(name),
            _folder: None,
        }
    }

    /// The same database for somebody else, who does not end it.
    pub(crate) fn shared(&self) -> Self {
        Self {
            config: self.config.clone(),
            postgres: None,
            _folder: None,
        }
    }

    /// The engine as it was made, whatever the address became since.
    pub(crate) fn direct_engine(&self) -> Engine {
        match &self.postgres {
            Some(name) => Engine::Postgres(address(name).into()),
            None => self.config.engine.clone(),
        }
    }

    /// Its address, as `DATABASE_URL` has it.
    pub(crate) fn url(&self) -> String {
        match &self.config.engine {
            Engine::Sqlite(file) => format!("sqlite:{}", file.display()),
            Engine::Postgres(url) => url.expose_secret().to_owned(),
        }
    }

    /// The file, where it is SQLite's.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match &self.config.engine {
            Engine::Sqlite(file) => Some(file.clone()),
            Engine::Postgres(_) => None,
        }
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.config).await.unwrap()
    }

    /// Runs a test on a store of this database.
    pub(crate) async fn with<F: Future<Output = ()>>(self, test: impl FnOnce(Store) -> F) {
        let store = self.open().await;
        test(store.clone()).await;
        store.close().await;
        self.end().await;
    }

    pub(crate) async fn end(self) {
        if let Some(name) = self.postgres {
            administer(&format!("drop database {name} with (force)")).await;
        }
    }
}

/// Runs a test on both engines: `name::sqlite` and `name::postgres`.
macro_rules! store_test {
    ($(#[$meta:meta])* async fn $name:ident($store:ident: Store) $body:block) => {
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn check($store: Store) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                TestDatabase::sqlite().with(check).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                TestDatabase::postgres().await.with(check).await;
            }
        }
    };
}

/// Runs a test of the server on both engines: `name::sqlite` and `name::postgres`.
macro_rules! app_test {
    ($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block) => {
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn check(database: crate::support::database::TestDatabase) {
                let server = TestApp::with(database, &[]).await;
                {
                    let $app = &server;
                    $body
                }
                server.stop().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                check(crate::support::database::TestDatabase::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                check(crate::support::database::TestDatabase::postgres().await).await;
            }
        }
    };
}

pub(crate) use {app_test, store_test};

/// The address of a database on the server of the tests.
fn address(database: &str) -> String {
    let server = std::env::var(SERVER).unwrap_or_else(|_| {
        panic!(
            "{SERVER} names no PostgreSQL server: run `bash .ci/postgres cargo test -p mockbird-server --test serve`"
        )
    });
    let (server, _) = server.rsplit_once('/').unwrap();
    format!("{server}/{database}")
}

fn fresh_name() -> String {
    format!("mockbird_test_{:016x}", fastrand::u64(..))
}

async fn administer(statement: &str) {
    let mut connection = PgConnection::connect(&address("postgres")).await.unwrap();
    connection.execute(AssertSqlSafe(statement)).await.unwrap();
    connection.close().await.unwrap();
}

/// A database with the tables of today, made once a run.
async fn template() -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let make = async || {
        let name = fresh_name();
        administer(&format!("create database {name}")).await;
        let store = Store::open(&Database::postgres(&address(&name))).await;
        store.unwrap().close().await;
        name
    };
    TEMPLATE.get_or_init(make).await
}
