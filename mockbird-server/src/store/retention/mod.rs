//! How long requests and what was counted of them are kept: what is older goes, a bounded number at a time.

mod purged;

pub use purged::PurgedScope;

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::row;
use super::{Conn, Result, Tx};
use crate::domain::{LogId, Millis, OrganizationId, Period, Plan};

row! {
    struct Owner {
        id: OrganizationId = "organization_id",
    }
}

impl Conn {
    /// Organizations on a plan that have requests in the log from before `before`: at most `most`.
    pub async fn log_keepers(
        &mut self,
        plan: Plan,
        before: Millis,
        most: u32,
    ) -> Result<Vec<OrganizationId>> {
        const SQL: &str = "select organization_id from organization where subscription_tier = $1 and exists (select 1 from request_logs \
             where request_logs.organization_id = organization.organization_id and log_id < $2) limit $3";
        let rows: Vec<Owner> = on!(self, link => query_as(SQL)
            .bind(plan.name())
            .bind(LogId::first_at(before).to_string())
            .bind(i64::from(most))
            .fetch_all(link)
            .await)?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }
}

impl Tx {
    /// Removes requests of an organization from before `before`, at most `most`; gives their number.
    pub async fn log_purge_of(
        &mut self,
        organization: OrganizationId,
        before: Millis,
        most: u32,
    ) -> Result<u64> {
        const SQL: &str = "delete from request_logs where log_id < $2 and log_id in (select log_id from request_logs \
             where organization_id = $1 and log_id < $2 order by log_id limit $3)";
        execute!(
            self,
            query(SQL)
                .bind(organization.to_string())
                .bind(LogId::first_at(before).to_string())
                .bind(i64::from(most))
        )
    }

    /// Removes requests of anybody from before `before`, at most `most`; gives their number. On PostgreSQL the days should be
    /// [dropped](Self::log_partition_drop) first.
    pub async fn log_purge(&mut self, before: Millis, most: u32) -> Result<u64> {
        const SQL: &str = "delete from request_logs where log_id < $1 and log_id in (select log_id from request_logs \
             where log_id < $1 order by log_id limit $2)";
        execute!(
            self,
            query(SQL)
                .bind(LogId::first_at(before).to_string())
                .bind(i64::from(most))
        )
    }

    /// Removes the rollups of a period that began before `before`, at most `most`; gives their number.
    pub async fn rollup_purge(&mut self, period: Period, before: Millis, most: u32) -> Result<u64> {
        const SQL: &str = "delete from request_rollups where (scope_id, period, start_at) in (select scope_id, period, start_at \
             from request_rollups where period = $1 and start_at < $2 order by start_at limit $3)";
        execute!(
            self,
            query(SQL)
                .bind(period.name())
                .bind(before.0)
                .bind(i64::from(most))
        )
    }
}
