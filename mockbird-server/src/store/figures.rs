//! What there is to tell of the database itself.

use sqlx::{Pool, query_as};

use super::conn::Link;
use super::db::Db;
use super::{Result, Store};

/// Connections that are open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// Those that wait for work.
    pub idle: u32,
    /// Those that have some.
    pub used: u32,
}

impl Connections {
    fn of<D: sqlx::Database>(pool: &Pool<D>) -> Self {
        let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
        Self {
            idle,
            used: pool.size().saturating_sub(idle),
        }
    }
}

impl Store {
    /// The connections of this process.
    pub fn connections(&self) -> Connections {
        match &self.db {
            Db::Postgres(pool) => Connections::of(pool),
            Db::Sqlite { reader, writer } => {
                let (reading, writing) = (Connections::of(reader), Connections::of(writer));
                Connections {
                    idle: reading.idle + writing.idle,
                    used: reading.used + writing.used,
                }
            }
        }
    }

    /// How many bytes the database has.
    pub async fn bytes(&self) -> Result<u64> {
        const POSTGRES: &str = "select pg_database_size(current_database())";
        const SQLITE: &str =
            "select page_count * page_size from pragma_page_count(), pragma_page_size()";
        let mut read = self.read().await?;
        let (bytes,): (i64,) = match read.link() {
            Link::Postgres(link) => query_as(POSTGRES).fetch_one(link).await?,
            Link::Sqlite(link) => query_as(SQLITE).fetch_one(link).await?,
        };
        // A size is never negative.
        Ok(u64::try_from(bytes).unwrap_or_default())
    }
}
