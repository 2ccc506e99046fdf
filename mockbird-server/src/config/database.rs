//! Where data is kept.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use super::form;
use super::read::Reader;
use super::{Section, Setting};

const URL: Setting = Setting::optional(
    "database.url",
    "URL",
    "`postgres://user:password@host/database`, or `sqlite:FILE`; without it, SQLite in the data folder.",
)
.known_as("DATABASE_URL");
const MAX_CONNECTIONS: Setting = Setting::new(
    "database.max_connections",
    "NUMBER",
    "10",
    "The most connections to PostgreSQL; with SQLite the most readers, beside the one that writes.",
);
const ACQUIRE_TIMEOUT: Setting = Setting::new(
    "database.acquire_timeout",
    "TIME",
    "5s",
    "How long a request waits for a connection before it is answered 503.",
);
const STATEMENT_TIMEOUT: Setting = Setting::new(
    "database.statement_timeout",
    "TIME",
    "10s",
    "How long one statement may take on PostgreSQL; with SQLite how long it waits for another process that writes.",
);
const BREAKER_FAILURES: Setting = Setting::new(
    "database.breaker_failures",
    "NUMBER",
    "5",
    "After so many failures to reach the database in a row, requests are answered 503 at once for a while.",
);
const BREAKER_PAUSE: Setting = Setting::new(
    "database.breaker_pause",
    "TIME",
    "2s",
    "How long that while is; then one request tries again.",
);

pub(super) const SECTION: Section = Section {
    title: "Database",
    settings: &[
        URL,
        MAX_CONNECTIONS,
        ACQUIRE_TIMEOUT,
        STATEMENT_TIMEOUT,
        BREAKER_FAILURES,
        BREAKER_PAUSE,
    ],
};

/// Where data is kept, and how long anybody waits for it.
#[derive(Clone, Debug, Default)]
pub struct Database {
    /// Which database.
    pub engine: Engine,
    /// The most connections.
    pub max_connections: u32,
    /// How long to wait for a connection.
    pub acquire_timeout: Duration,
    /// How long a statement may take.
    pub statement_timeout: Duration,
    /// So many failures in a row open the breaker.
    pub breaker_failures: u32,
    /// For so long.
    pub breaker_pause: Duration,
}

/// Which database.
#[derive(Clone, Debug)]
pub enum Engine {
    /// A file of our own.
    Sqlite(PathBuf),
    /// A server; its address holds a password.
    Postgres(SecretString),
}

impl Default for Engine {
    fn default() -> Self {
        Self::Sqlite(PathBuf::new())
    }
}

impl Database {
    /// SQLite in this file, everything else as by default.
    pub fn sqlite(file: PathBuf) -> Self {
        Self::standard(Engine::Sqlite(file))
    }

    /// PostgreSQL at this address, everything else as by default.
    pub fn postgres(url: &str) -> Self {
        Self::standard(Engine::Postgres(SecretString::from(url)))
    }

    fn standard(engine: Engine) -> Self {
        let sources = super::Sources::default();
        let standard = Self::read(&mut Reader::new(&sources), Path::new(""));
        Self { engine, ..standard }
    }

    pub(super) fn read(reader: &mut Reader<'_>, data_dir: &Path) -> Self {
        let engine = reader.optional(&URL, engine);
        Self {
            engine: engine.unwrap_or_else(|| Engine::Sqlite(data_dir.join("mockbird.db"))),
            max_connections: reader.value(&MAX_CONNECTIONS, form::whole::<1, 1000>),
            acquire_timeout: reader.value(&ACQUIRE_TIMEOUT, form::duration),
            statement_timeout: reader.value(&STATEMENT_TIMEOUT, form::duration),
            breaker_failures: reader.value(&BREAKER_FAILURES, form::whole::<1, 1000>),
            breaker_pause: reader.value(&BREAKER_PAUSE, form::duration),
        }
    }
}

/// The address of a database; it may hold a password, so that it is not repeated in the message.
fn engine(text: &str) -> Result<Engine, String> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Ok(Engine::Postgres(SecretString::from(text)));
    }
    let file = text.strip_prefix("sqlite:");
    let file = file.map(|file| file.strip_prefix("//").unwrap_or(file));
    match file {
        Some(file) if !file.is_empty() => Ok(Engine::Sqlite(file.into())),
        _ => Err(
            "is no address of a database: write `postgres://user:password@host/database` or `sqlite:FILE`"
                .to_owned(),
        ),
    }
}
