//! The end of what was deleted or has run out.

use sqlx::query;

use super::conn::execute;
use super::{Result, Tx};
use crate::domain::Millis;

impl Tx {
    /// Removes the sessions that ended before `before`; gives their number.
    pub async fn session_purge(&mut self, before: Millis) -> Result<u64> {
        const SQL: &str = "delete from sessions where expires_at <= $1 or revoked_at <= $1";
        execute!(self, query(SQL).bind(before.0))
    }

    /// Removes the answers that were kept for a second asking until `before`; gives their number.
    pub async fn idempotency_purge(&mut self, before: Millis) -> Result<u64> {
        const SQL: &str = "delete from idempotency_keys where expires_at <= $1";
        execute!(self, query(SQL).bind(before.0))
    }

    /// Removes what was written down of slugs that projects gave up before `before`; gives the number.
    pub async fn past_slug_purge(&mut self, before: Millis) -> Result<u64> {
        const SQL: &str = "delete from past_slugs where released_at <= $1";
        execute!(self, query(SQL).bind(before.0))
    }

    /// Removes for good the projects and organizations that were deleted before `before`, with all that is theirs;
    /// gives their number. From then on their slugs can be taken. Their requests, and what was counted of them, are
    /// [removed](Tx::purge_scope) after them.
    pub async fn deleted_purge(&mut self, before: Millis, now: Millis) -> Result<u64> {
        const PROJECTS: &str = "delete from projects where deleted_at <= $1";
        const ORGANIZATIONS: &str = "delete from organization where deleted_at <= $1";
        self.purge_deleted(before, now).await?;
        let projects = execute!(self, query(PROJECTS).bind(before.0))?;
        let organizations = execute!(self, query(ORGANIZATIONS).bind(before.0))?;
        Ok(projects + organizations)
    }
}
