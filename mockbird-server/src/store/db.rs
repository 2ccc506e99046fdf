//! The pools behind a store.

use std::fs::File;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::pool::PoolOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, PgPool, Postgres, Sqlite, SqlitePool};
use tracing::{Instrument, trace_span};

use super::breaker::Breaker;
use super::conn::{Conn, Tx};
use super::error::{OpenError, StoreError};
use super::{Result, migrate};
use crate::config::{Database, Engine};
use crate::private;
use crate::telemetry::TRACED;

/// Where everything is kept; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) db: Db,
    breaker: Arc<Breaker>,
}

/// The engines.
#[derive(Clone, Debug)]
pub(super) enum Db {
    Postgres(PgPool),
    /// One connection writes and several read: SQLite has one writer at a time, and whoever waits for
    /// it in our own queue waits in turn, while those that wait for its lock only try again and again.
    Sqlite {
        reader: SqlitePool,
        writer: SqlitePool,
    },
}

impl Store {
    /// Opens the database and brings its tables up to date; SQLite makes its file.
    ///
    /// # Errors
    /// The database cannot be reached, or is that of a newer version.
    pub async fn open(config: &Database) -> std::result::Result<Self, OpenError> {
        let (db, lock) = match &config.engine {
            Engine::Postgres(url) => (postgres(config, url.expose_secret()).await?, None),
            Engine::Sqlite(file) => {
                let (db, lock) = sqlite(config, file).await?;
                (db, Some(lock))
            }
        };
        migrate::run(&db).await?;
        drop(lock);
        let breaker = Breaker::new(config.breaker_failures, config.breaker_pause);
        Ok(Self {
            db,
            breaker: Arc::new(breaker),
        })
    }

    /// A connection to read with.
    pub async fn read(&self) -> Result<Conn> {
        self.guarded("store.read", async {
            Ok(match &self.db {
                Db::Postgres(pool) => Conn::Postgres(pool.acquire().await?),
                Db::Sqlite { reader, .. } => Conn::Sqlite(reader.acquire().await?),
            })
        })
        .await
    }

    /// A connection for several reads that see one moment, whatever is written meanwhile.
    pub async fn snapshot(&self) -> Result<Conn> {
        const POSTGRES: &str = "begin isolation level repeatable read read only";
        self.guarded("store.snapshot", async {
            Ok(match &self.db {
                Db::Postgres(pool) => Conn::PostgresTx(pool.begin_with(POSTGRES).await?),
                Db::Sqlite { reader, .. } => Conn::SqliteTx(reader.begin().await?),
            })
        })
        .await
    }

    /// A transaction; dropped without [`Tx::commit`], it changes nothing.
    pub async fn begin(&self) -> Result<Tx> {
        self.guarded("store.begin", async {
            Ok(Tx(match &self.db {
                Db::Postgres(pool) => Conn::PostgresTx(pool.begin().await?),
                // It takes the lock at once: a transaction that reads first and writes then could find
                // that another process wrote in between, and would have to be done again.
                Db::Sqlite { writer, .. } => {
                    Conn::SqliteTx(writer.begin_with("begin immediate").await?)
                }
            }))
        })
        .await
    }

    /// Whether the database answers at all.
    pub async fn ping(&self) -> Result<()> {
        self.read().await?.ping().await
    }

    /// Lets connections under way finish, and closes all.
    pub async fn close(&self) {
        match &self.db {
            Db::Postgres(pool) => pool.close().await,
            Db::Sqlite { reader, writer } => {
                reader.close().await;
                writer.close().await;
            }
        }
    }

    /// Connects, unless connecting has failed too often just now.
    async fn guarded<T>(
        &self,
        name: &'static str,
        connect: impl Future<Output = std::result::Result<T, sqlx::Error>>,
    ) -> Result<T> {
        self.breaker.ask()?;
        let span = trace_span!(target: TRACED, "store", otel.name = name, otel.kind = "client");
        match connect.instrument(span).await {
            Ok(connected) => {
                self.breaker.succeeded();
                Ok(connected)
            }
            Err(error) => {
                self.breaker.failed();
                Err(StoreError::unreachable(error))
            }
        }
    }
}

async fn postgres(config: &Database, url: &str) -> std::result::Result<Db, OpenError> {
    // sqlx's message may repeat the address, which holds a password.
    let options = PgConnectOptions::from_str(url).map_err(|_| OpenError::Address)?;
    let timeout = config.statement_timeout.as_millis().to_string();
    let options = options
        .application_name("mockbird")
        .options([("statement_timeout", timeout.as_str())]);
    let pool = pool::<Postgres>(config, config.max_connections);
    Ok(Db::Postgres(pool.connect_with(options).await?))
}

/// With the lock that is to be held until its tables are there: of those who set up a new file at once, SQLite refuses some.
async fn sqlite(config: &Database, file: &Path) -> std::result::Result<(Db, File), OpenError> {
    if let Some(folder) = file.parent() {
        private::make_folder(folder).map_err(|error| OpenError::Folder {
            folder: folder.to_owned(),
            error,
        })?;
    }
    // SQLite would let others read it, and gives its log the rights of the file.
    let made = private::writing().truncate(false).open(file);
    made.map_err(|error| OpenError::File {
        file: file.to_owned(),
        error,
    })?;
    let lock = migrate::lock(file).await?;
    let options = SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        // An acknowledged change outlives even a loss of power.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // What was deleted, such as a mail with its token, is gone from the file, too.
        .pragma("secure_delete", "on")
        .busy_timeout(config.statement_timeout);
    let writer = sqlite_pool(config, 1).connect_with(options.clone()).await?;
    let options = options.pragma("query_only", "on");
    let reader = sqlite_pool(config, config.max_connections).connect_lazy_with(options);
    Ok((Db::Sqlite { reader, writer }, lock))
}

/// Where SQLite ends a transaction by itself, as it does when the disk is full, sqlx goes on counting it, and begins no other on
/// the connection: such a one is closed.
fn sqlite_pool(config: &Database, connections: u32) -> PoolOptions<Sqlite> {
    pool::<Sqlite>(config, connections).after_release(|connection, _| {
        Box::pin(async move {
            // A transaction that was dropped is undone before this is answered.
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    })
}

fn pool<D: sqlx::Database>(config: &Database, connections: u32) -> PoolOptions<D> {
    PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(config.acquire_timeout)
        .idle_timeout(Duration::from_mins(10))
}

#[cfg(test)]
mod tests {
    use sqlx::query;

    use super::*;
    use crate::domain::Clock;
    use crate::store::Mail;
    use crate::store::conn::execute;

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let config = Database::sqlite(folder.path().join("data/mockbird.db"));
        let store = Store::open(&config).await.unwrap();
        let data = folder.path().join("data");
        for (name, mode) in [
            ("", 0o700),
            ("mockbird.db", 0o600),
            ("mockbird.db.lock", 0o600),
            ("mockbird.db-wal", 0o600),
            ("mockbird.db-shm", 0o600),
        ] {
            let metadata = std::fs::metadata(data.join(name)).unwrap();
            assert_eq!(metadata.permissions().mode() & 0o777, mode, "{name}");
        }
        store.close().await;
    }

    #[tokio::test]
    async fn a_disk_that_was_full_does_no_lasting_harm() {
        let folder = tempfile::tempdir().unwrap();
        let config = Database::sqlite(folder.path().join("mockbird.db"));
        let store = Store::open(&config).await.unwrap();
        let mut mail = Mail {
            to: "ada@example.com".parse().unwrap(),
            subject: "a large one".to_owned(),
            body: "x".repeat(1 << 20),
        };
        let now = Clock::System.now();
        let mut tx = store.begin().await.unwrap();
        // No larger than it is: as if there were no room.
        execute!(tx, query("pragma max_page_count = 1")).unwrap();
        let refused = tx.mail_insert(&mail, now).await;
        assert!(
            matches!(refused, Err(StoreError::Unavailable { .. })),
            "{refused:?}"
        );
        drop(tx);
        mail.body.truncate(1);
        let mut tx = store.begin().await.unwrap();
        tx.mail_insert(&mail, now).await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
    }
}
