//! What organizations use, by the month.

use sqlx::{QueryBuilder, query, query_as};
use uuid::Uuid;

use super::conn::{execute, on};
use super::mocks::ROWS_MAX;
use super::row::{Beside, row};
use super::{Conn, Result, Tx};
use crate::domain::{Millis, Month, OrganizationId, Plan};

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
    struct WrittenRow {
        organization: OrganizationId = "organization_id",
        noticed: i64 = "noticed_percent",
        plan: Plan = "subscription_tier",
        month: Month = "month",
    }
}

/// What an organization has used in a month by now, on all servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Which organization.
    pub organization: OrganizationId,
    /// What it pays for.
    pub plan: Plan,
    /// In which month.
    pub month: Month,
    /// All that was written down so far.
    pub used: Used,
    /// At how many percent its owners were told last.
    pub noticed: u8,
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
        Ok(row.map(Used::from).unwrap_or_default())
    }

    /// At how many percent the owners of an organization were told in a month; 0 if they were not.
    pub async fn usage_noticed(
        &mut self,
        organization: OrganizationId,
        month: Month,
    ) -> Result<u8> {
        const SQL: &str =
            "select noticed_percent from usage_stats where organization_id = $1 and month = $2";
        let row: Option<(i64,)> = on!(self, link => query_as(SQL)
            .bind(organization.to_string())
            .bind(month.to_string())
            .fetch_optional(link)
            .await)?;
        Ok(row.map_or(0, |(percent,)| told(percent)))
    }
}

/// A count is never negative.
fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// A percentage, as it was put in.
fn told(percent: i64) -> u8 {
    u8::try_from(percent).unwrap_or_default()
}

impl From<UsedRow> for Used {
    fn from(row: UsedRow) -> Self {
        Self {
            requests: count(row.requests),
            bytes: count(row.bytes),
            errors: count(row.errors),
        }
    }
}

impl From<Beside<WrittenRow, UsedRow>> for Written {
    fn from(Beside(row, used): Beside<WrittenRow, UsedRow>) -> Self {
        Self {
            organization: row.organization,
            plan: row.plan,
            month: row.month,
            used: used.into(),
            noticed: told(row.noticed),
        }
    }
}

impl Tx {
    /// Adds to what organizations used, and gives what each has used by then; of those that are gone for good, nothing is kept.
    pub async fn usage_add(
        &mut self,
        used: &[(OrganizationId, Month, Used)],
        now: Millis,
    ) -> Result<Vec<Written>> {
        const INSERT: &str = "insert into usage_stats (stat_id, organization_id, month, endpoint_count, request_count, \
             bandwidth_bytes, unique_ips, error_count, updated_at) \
             select column1, column2, column3, 0, column4, column5, 0, column6, column7 from (";
        const ADD: &str = ") as used where exists (select 1 from organization where organization_id = column2) \
             on conflict (organization_id, month) do update set \
             request_count = usage_stats.request_count + excluded.request_count, \
             bandwidth_bytes = usage_stats.bandwidth_bytes + excluded.bandwidth_bytes, \
             error_count = usage_stats.error_count + excluded.error_count, updated_at = excluded.updated_at \
             returning organization_id, month, request_count, bandwidth_bytes, error_count, noticed_percent, \
             (select subscription_tier from organization where organization.organization_id = usage_stats.organization_id) \
             as subscription_tier";
        let mut written = Vec::with_capacity(used.len());
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        for used in used.chunks(ROWS_MAX) {
            let rows: Vec<Beside<WrittenRow, UsedRow>> = on!(self, link => {
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
                statement.build_query_as().persistent(false).fetch_all(link).await
            })?;
            written.extend(rows.into_iter().map(Written::from));
        }
        Ok(written)
    }

    /// Notes that the owners were told so much, in this month.
    pub async fn usage_notice_set(
        &mut self,
        organization: OrganizationId,
        month: Month,
        percent: u8,
    ) -> Result<()> {
        const SQL: &str =
            "update usage_stats set noticed_percent = $1 where organization_id = $2 and month = $3";
        execute!(
            self,
            query(SQL)
                .bind(i64::from(percent))
                .bind(organization.to_string())
                .bind(month.to_string())
        )?;
        Ok(())
    }
}
