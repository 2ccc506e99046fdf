//! What organizations use, by the month.

use sqlx::{QueryBuilder, query_as};
use uuid::Uuid;

use super::conn::on;
use super::mocks::ROWS_MAX;
use super::row::row;
use super::{Conn, Result, Tx};
use crate::domain::{Millis, Month, OrganizationId};

/// What was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Requests to mocks.
    pub requests: u64,
    /// Bytes of their replies.
    pub bytes: u64,
    /// How many of them were answered by a status of 400 or above.
    pub errors: u64,
}

row! {
    struct UsedRow {
        requests: i64 = "request_count",
        bytes: i64 = "bandwidth_bytes",
        errors: i64 = "error_count",
    }
}

impl std::ops::Add for Used {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self {
            requests: self.requests + more.requests,
            bytes: self.bytes + more.bytes,
            errors: self.errors + more.errors,
        }
    }
}

impl Conn {
    /// What an organization used in a month, as far as it is written down.
    pub async fn usage_get(&mut self, organization: OrganizationId, month: Month) -> Result<Used> {
        const SQL: &str = "select request_count, bandwidth_bytes, error_count from usage_stats \
             where organization_id = $1 and month = $2";
        let row: Option<UsedRow> = on!(self, link => query_as(SQL)
            .bind(organization.to_string())
            .bind(month.to_string())
            .fetch_optional(link)
            .await)?;
        // A count is never negative.
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        Ok(row.map_or_else(Used::default, |row| Used {
            requests: count(row.requests),
            bytes: count(row.bytes),
            errors: count(row.errors),
        }))
    }
}

impl Tx {
    /// Adds to what organizations used; of those that are gone for good, nothing is kept.
    pub async fn usage_add(
        &mut self,
        used: &[(OrganizationId, Month, Used)],
        now: Millis,
    ) -> Result<()> {
        const INSERT: &str = "insert into usage_stats (stat_id, organization_id, month, endpoint_count, request_count, \
             bandwidth_bytes, unique_ips, error_count, updated_at) \
             select column1, column2, column3, 0, column4, column5, 0, column6, column7 from (";
        const ADD: &str = ") as used where exists (select 1 from organization where organization_id = column2) \
             on conflict (organization_id, month) do update set \
             request_count = usage_stats.request_count + excluded.request_count, \
             bandwidth_bytes = usage_stats.bandwidth_bytes + excluded.bandwidth_bytes, \
             error_count = usage_stats.error_count + excluded.error_count, updated_at = excluded.updated_at";
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        for used in used.chunks(ROWS_MAX) {
            on!(self, link => {
                let mut statement = QueryBuilder::new(INSERT);
                statement.push_values(used, |mut row, (organization, month, used)| {
                    row.push_bind(Uuid::now_v7().to_string())
                        .push_bind(organization.to_string())
                        .push_bind(month.to_string())
                        .push_bind(number(used.requests))
                        .push_bind(number(used.bytes))
                        .push_bind(number(used.errors))
                        .push_bind(now.0);
                });
                statement.push(ADD);
                // Its text differs with the number of rows: not worth to be kept.
                statement.build().persistent(false).execute(link).await.map(|_| ())
            })?;
        }
        Ok(())
    }
}
