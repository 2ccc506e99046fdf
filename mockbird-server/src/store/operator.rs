//! What only the operator asks and changes, whosever it is.

use sqlx::{AssertSqlSafe, Connection, Executor, query, query_as};

use super::conn::{Link, execute, on};
use super::db::Db;
use super::row::row;
use super::{Conn, Result, Store, StoreError, Tx};
use crate::domain::{Millis, OrganizationId, Slug, UserId};

row! {
    struct Found {
        id: OrganizationId = "organization_id",
    }
}

/// What is counted: its name, and what is counted as.
const COUNTS: [(&str, &str); 9] = [
    ("users", "users where deleted_at is null"),
    ("organizations", "organization where deleted_at is null"),
    ("projects", "projects where deleted_at is null"),
    ("mocks", "mocks"),
    ("responses", "mock_responses"),
    ("API keys", "api_keys where revoked_at is null"),
    ("sessions", "sessions where revoked_at is null"),
    ("mails waiting", "outbox where sent_at is null"),
    ("audit entries", "audit_logs"),
];

impl Conn {
    /// The organization with this slug.
    pub async fn organization_id_of_slug(&mut self, slug: &Slug) -> Result<Option<OrganizationId>> {
        const SQL: &str =
            "select organization_id from organization where deleted_at is null and slug = $1";
        let found: Option<Found> =
            on!(self, link => query_as(SQL).bind(slug.as_str()).fetch_optional(link).await)?;
        Ok(found.map(|found| found.id))
    }

    /// How many there are of what, and the bytes that the database takes.
    pub async fn stats(&mut self) -> Result<Vec<(&'static str, i64)>> {
        let mut stats = Vec::with_capacity(COUNTS.len() + 1);
        for (name, from) in COUNTS {
            let sql = format!("select count(*) from {from}");
            // Made of constants alone.
            let (count,): (i64,) =
                on!(self, link => query_as(AssertSqlSafe(sql)).fetch_one(link).await)?;
            stats.push((name, count));
        }
        let size = match self.link() {
            Link::Postgres(_) => "select pg_database_size(current_database())",
            Link::Sqlite(_) => {
                "select page_count * page_size from pragma_page_count(), pragma_page_size()"
            }
        };
        let (bytes,): (i64,) = on!(self, link => query_as(size).fetch_one(link).await)?;
        stats.push(("bytes", bytes));
        Ok(stats)
    }
}

impl Store {
    /// Gives back the room of what was deleted, and tells the engine anew what it holds. A running server waits meanwhile.
    pub async fn vacuum(&self) -> Result<()> {
        let done = match &self.db {
            Db::Postgres(pool) => {
                // It takes as long as it takes, on a connection that nobody else gets.
                let mut connection = pool.acquire().await?.detach();
                connection.execute("set statement_timeout = 0").await?;
                connection.execute("vacuum (analyze)").await?;
                connection.close().await
            }
            Db::Sqlite { writer, .. } => {
                let statements = "vacuum; pragma wal_checkpoint(truncate); analyze";
                writer.execute(statements).await.map(drop)
            }
        };
        done.map_err(StoreError::from)
    }
}

impl Tx {
    /// Shuts a user out, or lets it in again.
    pub async fn user_activate(&mut self, id: UserId, is_active: bool, now: Millis) -> Result<()> {
        const SQL: &str = "update users set is_active = $1, updated_at = $2, version = version + 1 where user_id = $3";
        execute!(
            self,
            query(SQL).bind(is_active).bind(now.0).bind(id.to_string())
        )?;
        Ok(())
    }
}
