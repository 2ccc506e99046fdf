//! The end of rollups.

use sqlx::query;

use super::super::conn::execute;
use super::super::{Result, Tx};
use crate::domain::{Millis, Period};

impl Tx {
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
