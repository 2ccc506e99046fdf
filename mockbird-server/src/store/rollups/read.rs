//! What was counted of a scope.

use sqlx::query_as;

use super::super::conn::on;
use super::super::row::{Beside, row};
use super::super::{Conn, Result};
use super::{Counted, Sketched, count};
use crate::domain::{Millis, Period, Rollup, Scope};

/// A rollup, and the stretch of time it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollupAt {
    /// How long that is.
    pub period: Period,
    /// When it begins.
    pub start: Millis,
    /// What was counted.
    pub rollup: Rollup,
}

row! {
    struct Start {
        start: Millis = "start_at",
    }
}

row! {
    struct Requests {
        requests: i64 = "requests",
    }
}

/// The rows of a scope and period in a stretch of time. One without requests was marked, but not made yet: its parts count.
macro_rules! rows {
    ($columns:literal) => {
        concat!(
            "select start_at, requests, errors, unmatched, bytes, status_1xx, status_2xx, status_3xx, status_4xx, status_5xx ",
            $columns,
            " from request_rollups where scope_id = $1 and period = $2 and start_at >= $3 and start_at < $4 \
             and requests > 0 order by start_at"
        )
    };
}

impl Conn {
    /// What was counted of a scope from the day, hour or minute on that begins at `from`, until before `until`: by days as far as
    /// they are made, then by hours, then by minutes. Together they are everything, each request once.
    ///
    /// Ask within a [`snapshot`](crate::store::Store::snapshot): it takes several statements, between which an hour may be made.
    pub async fn rollups_since(
        &mut self,
        scope: Scope,
        longest: Period,
        from: Millis,
        until: Millis,
    ) -> Result<Vec<RollupAt>> {
        const SQL: &str = rows!(", latencies, visitors, paths");
        let (mut all, mut from) = (Vec::new(), from);
        for period in longest.downwards() {
            let rows: Vec<Beside<Start, Beside<Counted, Sketched>>> = on!(self, link => query_as(SQL)
                .bind(scope.id())
                .bind(period.name())
                .bind(from.0)
                .bind(until.0)
                .fetch_all(link)
                .await)?;
            for Beside(Start { start }, Beside(counted, sketched)) in rows {
                let rollup = sketched.rollup(counted.counts())?;
                from = period.end_of(start);
                all.push(RollupAt {
                    period,
                    start,
                    rollup,
                });
            }
        }
        Ok(all)
    }

    /// How many requests of a scope there were from the day on that begins at `since`: what is kept of them in the log, but for
    /// what was written without its rollup.
    ///
    /// Ask within a [`snapshot`](crate::store::Store::snapshot), as for [`rollups_since`](Self::rollups_since).
    pub async fn request_count_since(&mut self, scope: Scope, since: Millis) -> Result<u64> {
        const SQL: &str = rows!("");
        let (mut requests, mut from) = (0, Period::Day.start_of(since));
        for period in Period::Day.downwards() {
            let rows: Vec<Beside<Start, Requests>> = on!(self, link => query_as(SQL)
                .bind(scope.id())
                .bind(period.name())
                .bind(from.0)
                .bind(i64::MAX)
                .fetch_all(link)
                .await)?;
            for Beside(Start { start }, row) in rows {
                from = period.end_of(start);
                requests += count(row.requests);
            }
        }
        Ok(requests)
    }
}
