//! Scopes that are gone for good: a list of them outlives them until what was kept of their requests is gone, too.

use std::time::Duration;

use sqlx::{QueryBuilder, query, query_as};

use super::super::conn::{execute, on};
use super::super::mocks::ROWS_MAX;
use super::super::row::row;
use super::super::{Conn, Result, Tx};
use crate::domain::{Millis, MockId, ProjectId, ScopeKind};

/// When it is looked at again: requests that were under way are written down by then.
const AGAIN: Duration = Duration::from_hours(24);

row! {
    /// A scope that is gone.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PurgedScope {
        /// Its id.
        pub id: String = "scope_id",
        /// What it was.
        pub kind: ScopeKind = "kind",
        /// Since when it is gone.
        pub purged_at: Millis = "purged_at",
        /// When it is to be looked at.
        pub due_at: Millis = "due_at",
    }
}

impl Conn {
    /// The scopes that are gone and to be looked at `now`, at most `most`.
    pub async fn purged_scopes(&mut self, now: Millis, most: u32) -> Result<Vec<PurgedScope>> {
        const SQL: &str = "select scope_id, kind, purged_at, due_at from purged_scopes where due_at <= $1 order by due_at limit $2";
        on!(self, link => query_as(SQL)
            .bind(now.0)
            .bind(i64::from(most))
            .fetch_all(link)
            .await)
    }
}

impl Tx {
    /// Notes mocks that are about to be deleted.
    pub(in crate::store) async fn purge_mocks(
        &mut self,
        project: ProjectId,
        ids: &[MockId],
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "insert into purged_scopes (scope_id, kind, purged_at, due_at) ";
        for ids in ids.chunks(ROWS_MAX) {
            on!(self, link => {
                let mut statement = QueryBuilder::new(SQL);
                statement.push("select mock_id, 'mock', cast(").push_bind(now.0);
                statement.push(" as bigint), cast(").push_bind(now.0);
                statement.push(" as bigint) from mocks where project_id = ").push_bind(project.to_string());
                statement.push(" and mock_id in (");
                let mut list = statement.separated(", ");
                for id in ids {
                    list.push_bind(id.to_string());
                }
                statement.push(") on conflict do nothing");
                statement.build().execute(link).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Notes the projects and organizations that were deleted before `before` and are about to go.
    pub(in crate::store) async fn purge_deleted(
        &mut self,
        before: Millis,
        now: Millis,
    ) -> Result<()> {
        const PROJECTS: &str = "insert into purged_scopes (scope_id, kind, purged_at, due_at) \
             select project_id, 'project', cast($2 as bigint), cast($2 as bigint) from projects where deleted_at <= $1 \
             on conflict do nothing";
        const ORGANIZATIONS: &str = "insert into purged_scopes (scope_id, kind, purged_at, due_at) \
             select organization_id, 'organization', cast($2 as bigint), cast($2 as bigint) from organization \
             where deleted_at <= $1 on conflict do nothing";
        execute!(self, query(PROJECTS).bind(before.0).bind(now.0))?;
        execute!(self, query(ORGANIZATIONS).bind(before.0).bind(now.0))?;
        Ok(())
    }

    /// Removes what is left of a scope, at most `most` requests and as many rollups; gives their number.
    pub async fn purge_scope(&mut self, scope: &PurgedScope, most: u32) -> Result<u64> {
        /// What is removed by one column.
        macro_rules! of {
            ($table:literal, $key:literal, $parts:literal, $column:literal) => {
                concat!(
                    "delete from ",
                    $table,
                    " where ",
                    $key,
                    " in (select ",
                    $parts,
                    " from ",
                    $table,
                    " where ",
                    $column,
                    " = $1 limit $2)"
                )
            };
        }
        macro_rules! rollups {
            ($column:literal) => {
                of!(
                    "request_rollups",
                    "(scope_id, period, start_at)",
                    "scope_id, period, start_at",
                    $column
                )
            };
        }
        macro_rules! logs {
            ($column:literal) => {
                Some(of!("request_logs", "log_id", "log_id", $column))
            };
        }
        let (rollups, logs) = match scope.kind {
            ScopeKind::Mock => (rollups!("scope_id"), None),
            ScopeKind::Project => (rollups!("project_id"), logs!("project_id")),
            ScopeKind::Organization => (rollups!("organization_id"), logs!("organization_id")),
        };
        let mut removed = 0;
        for sql in [Some(rollups), logs].into_iter().flatten() {
            removed += execute!(self, query(sql).bind(&scope.id).bind(i64::from(most)))?;
        }
        Ok(removed)
    }

    /// Notes that nothing is left of a scope: it is looked at once more, and then forgotten.
    pub async fn purge_settle(&mut self, scope: &PurgedScope) -> Result<()> {
        const AGAIN_AT: &str = "update purged_scopes set due_at = $2 where scope_id = $1";
        const FORGET: &str = "delete from purged_scopes where scope_id = $1";
        if scope.due_at == scope.purged_at {
            let due = scope.purged_at.after(AGAIN);
            execute!(self, query(AGAIN_AT).bind(&scope.id).bind(due.0))?;
        } else {
            execute!(self, query(FORGET).bind(&scope.id))?;
        }
        Ok(())
    }
}
