//! Hours are made from minutes, and days from hours.

use sqlx::{QueryBuilder, query, query_as};

use super::super::conn::{Link, execute, on};
use super::super::row::Beside;
use super::super::{Result, Tx};
use super::write::{Place, RollupRow};
use super::{Counted, Sketched};
use crate::domain::{Millis, Period, Rollup};

impl Tx {
    /// Makes those hours or days anew whose parts have changed and that ended until `until`, at most `most` of them. Gives how many
    /// there were.
    ///
    /// They are made from all of their parts, so that it does not matter how often, nor by how many servers at once. Before `whole_since`
    /// parts may have been removed: what is there is added to what was made, and removed with it.
    pub async fn rollups_make(
        &mut self,
        period: Period,
        whole_since: Millis,
        until: Millis,
        most: u32,
    ) -> Result<usize> {
        let part = match period {
            Period::Minute => return Ok(0),
            Period::Hour => Period::Minute,
            Period::Day => Period::Hour,
        };
        let places = self.stale_rollups(period, until, most).await?;
        let mut rows = Vec::with_capacity(places.len());
        for place in places {
            let end = period.end_of(place.start);
            let mut rollup = self.merged(part, &place, end).await?;
            if place.start < whole_since {
                let made = self.merged(period, &place, end).await?;
                rollup.merge(&made);
                self.remove_parts(part, &place, end).await?;
            }
            rows.push(RollupRow { place, rollup });
        }
        self.put_rollups(period, &rows).await?;
        let made = rows.len();
        self.mark_whole(period, rows.into_iter().map(|row| row.place))
            .await?;
        Ok(made)
    }

    /// Locks them, so that what changes their parts waits, or was waited for and is seen.
    async fn stale_rollups(
        &mut self,
        period: Period,
        until: Millis,
        most: u32,
    ) -> Result<Vec<Place>> {
        const SQL: &str = "select scope_id, start_at, organization_id, project_id from request_rollups where is_stale and period = ";
        let lock = match self.link() {
            Link::Postgres(_) => " for update",
            Link::Sqlite(_) => "",
        };
        let last = until.0.saturating_sub(period.length_ms());
        on!(self, link => {
            let mut statement = QueryBuilder::new(SQL);
            statement.push_bind(period.name());
            statement.push(" and start_at <= ").push_bind(last);
            statement.push(" order by scope_id, start_at limit ").push_bind(i64::from(most));
            statement.push(lock);
            statement.build_query_as().fetch_all(link).await
        })
    }

    /// What there is of a scope and period from a place until before `end`.
    async fn merged(&mut self, period: Period, place: &Place, end: Millis) -> Result<Rollup> {
        const SQL: &str = "select requests, errors, unmatched, bytes, status_1xx, status_2xx, status_3xx, status_4xx, \
             status_5xx, latencies, visitors, paths from request_rollups \
             where scope_id = $1 and period = $2 and start_at >= $3 and start_at < $4 order by start_at";
        let rows: Vec<Beside<Counted, Sketched>> = on!(self, link => query_as(SQL)
            .bind(&place.scope)
            .bind(period.name())
            .bind(place.start.0)
            .bind(end.0)
            .fetch_all(link)
            .await)?;
        let mut whole = Rollup::default();
        for Beside(counted, sketched) in rows {
            whole.merge(&sketched.rollup(counted.counts())?);
        }
        Ok(whole)
    }

    async fn remove_parts(&mut self, part: Period, place: &Place, end: Millis) -> Result<()> {
        const SQL: &str = "delete from request_rollups where scope_id = $1 and period = $2 and start_at >= $3 and start_at < $4";
        execute!(
            self,
            query(SQL)
                .bind(&place.scope)
                .bind(part.name())
                .bind(place.start.0)
                .bind(end.0)
        )?;
        Ok(())
    }
}
