//! Adds batches to their minutes, and puts rollups where they belong.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::time::Instant;

use sqlx::QueryBuilder;

use super::super::conn::on;
use super::super::mocks::ROWS_MAX;
use super::super::row::{Beside, row};
use super::super::{Result, Tx};
use super::{Sketched, count, number};
use crate::domain::{LogRecord, Millis, Period, Rollup};
use crate::telemetry::ROLLUP_SECONDS;

/// A rollup with what names it, as it is written.
#[derive(Clone, Debug)]
pub(super) struct RollupRow {
    pub(super) place: Place,
    pub(super) rollup: Rollup,
}

row! {
    /// Where a rollup belongs; in this order rows are locked, so that nobody waits in a circle.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub(super) struct Place {
        pub(super) scope: String = "scope_id",
        pub(super) start: Millis = "start_at",
        pub(super) organization: String = "organization_id",
        pub(super) project: Option<String> = "project_id",
    }
}

row! {
    /// What an addition leaves: the sum of requests, and the sketches that were there.
    struct Added {
        scope: String = "scope_id",
        start: Millis = "start_at",
        requests: i64 = "requests",
    }
}

/// Rows to insert, whatever is done where there is one.
macro_rules! insert {
    ($on_conflict:literal) => {
        (
            "insert into request_rollups (scope_id, organization_id, project_id, period, start_at, is_stale, requests, errors, \
             unmatched, bytes, status_1xx, status_2xx, status_3xx, status_4xx, status_5xx, latencies, visitors, paths) ",
            concat!(" on conflict (scope_id, period, start_at) do update set ", $on_conflict),
        )
    };
}

/// Numbers are added by the database; sketches it cannot merge, so that it tells what it has.
const ADD: (&str, &str) = insert!(
    "requests = request_rollups.requests + excluded.requests, errors = request_rollups.errors + excluded.errors, \
     unmatched = request_rollups.unmatched + excluded.unmatched, bytes = request_rollups.bytes + excluded.bytes, \
     status_1xx = request_rollups.status_1xx + excluded.status_1xx, status_2xx = request_rollups.status_2xx + excluded.status_2xx, \
     status_3xx = request_rollups.status_3xx + excluded.status_3xx, status_4xx = request_rollups.status_4xx + excluded.status_4xx, \
     status_5xx = request_rollups.status_5xx + excluded.status_5xx \
     returning scope_id, start_at, requests, latencies, visitors, paths"
);

/// What is made anew from its parts.
const REPLACE: (&str, &str) = insert!(
    "is_stale = excluded.is_stale, requests = excluded.requests, errors = excluded.errors, unmatched = excluded.unmatched, \
     bytes = excluded.bytes, status_1xx = excluded.status_1xx, status_2xx = excluded.status_2xx, status_3xx = excluded.status_3xx, \
     status_4xx = excluded.status_4xx, status_5xx = excluded.status_5xx, latencies = excluded.latencies, \
     visitors = excluded.visitors, paths = excluded.paths"
);

/// A row that is stale already is locked all the same: who makes it anew waits until its parts are committed.
const MARK: (&str, &str) = insert!("is_stale = true where not request_rollups.is_stale");

/// The statement for these rows.
macro_rules! statement {
    ($sql:expr, $period:expr, $is_stale:expr, $rows:expr) => {{
        let (insert, on_conflict) = $sql;
        let mut statement = QueryBuilder::new(insert);
        statement.push_values($rows, |mut row, RollupRow { place, rollup }| {
            let counts = rollup.counts;
            row.push_bind(&place.scope)
                .push_bind(&place.organization)
                .push_bind(place.project.as_deref())
                .push_bind($period.name())
                .push_bind(place.start.0)
                .push_bind($is_stale);
            let numbers = [
                counts.requests,
                counts.errors,
                counts.unmatched,
                counts.bytes,
            ];
            for count in numbers.into_iter().chain(counts.classes) {
                row.push_bind(number(count));
            }
            row.push_bind(rollup.latencies.to_bytes())
                .push_bind(rollup.visitors.to_bytes())
                .push_bind(rollup.paths.to_bytes());
        });
        statement.push(on_conflict);
        statement
    }};
}

impl Tx {
    /// Counts requests in the minutes of their mocks, projects and organizations: three statements, whatever their number, for
    /// each 500 of these minutes.
    ///
    /// Servers that count at the same time wait for each other and add up.
    pub async fn rollups_add<R: Borrow<LogRecord> + Sync>(&mut self, records: &[R]) -> Result<()> {
        let began = Instant::now();
        let rows = rows_of(records);
        let mut merged = Vec::new();
        for rows in rows.chunks(ROWS_MAX) {
            merged.extend(self.add_minutes(rows).await?);
        }
        for rows in merged.chunks(ROWS_MAX) {
            self.put_sketches(rows).await?;
        }
        self.mark_whole(Period::Minute, rows.into_iter().map(|row| row.place))
            .await?;
        metrics::histogram!(ROLLUP_SECONDS).record(began.elapsed());
        Ok(())
    }

    /// Adds the numbers, and gives those whose sketches are to be put, merged with what is there.
    async fn add_minutes(&mut self, rows: &[RollupRow]) -> Result<Vec<RollupRow>> {
        let there: Vec<Beside<Added, Sketched>> = on!(self, link => {
            let mut statement = statement!(ADD, Period::Minute, false, rows);
            statement.build_query_as().persistent(false).fetch_all(link).await
        })?;
        let mut there: HashMap<_, _> = there
            .into_iter()
            .map(|Beside(added, sketched)| ((added.scope, added.start), (added.requests, sketched)))
            .collect();
        let mut merged = Vec::new();
        for RollupRow { place, rollup } in rows {
            let Some((requests, sketched)) = there.remove(&(place.scope.clone(), place.start))
            else {
                continue;
            };
            // Nobody was there before: what came back is our own.
            if count(requests) == rollup.counts.requests {
                continue;
            }
            let mut both = sketched.rollup(rollup.counts)?;
            both.latencies.merge(&rollup.latencies);
            both.visitors.merge(&rollup.visitors);
            both.paths.merge(&rollup.paths);
            merged.push(RollupRow {
                place: place.clone(),
                rollup: both,
            });
        }
        Ok(merged)
    }

    /// Puts the sketches of minutes that this transaction has locked.
    async fn put_sketches(&mut self, rows: &[RollupRow]) -> Result<()> {
        const UPDATE: &str = "update request_rollups set latencies = merged.column3, visitors = merged.column4, \
             paths = merged.column5 from (";
        const WHERE: &str = ") as merged where scope_id = merged.column1 and period = 'minute' and start_at = merged.column2";
        on!(self, link => {
            let mut statement = QueryBuilder::new(UPDATE);
            statement.push_values(rows, |mut row, RollupRow { place, rollup }| {
                row.push_bind(&place.scope)
                    .push_bind(place.start.0)
                    .push_bind(rollup.latencies.to_bytes())
                    .push_bind(rollup.visitors.to_bytes())
                    .push_bind(rollup.paths.to_bytes());
            });
            statement.push(WHERE);
            statement.build().persistent(false).execute(link).await.map(|_| ())
        })
    }

    /// Puts rollups in the place of what is there.
    pub(super) async fn put_rollups(&mut self, period: Period, rows: &[RollupRow]) -> Result<()> {
        for rows in rows.chunks(ROWS_MAX) {
            on!(self, link => {
                let mut statement = statement!(REPLACE, period, false, rows);
                statement.build().persistent(false).execute(link).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Marks the longer periods that these are parts of: they are to be made anew.
    pub(super) async fn mark_whole(
        &mut self,
        part: Period,
        parts: impl Iterator<Item = Place>,
    ) -> Result<()> {
        let Some(whole) = part.whole() else {
            return Ok(());
        };
        let places = parts.map(|place| Place {
            start: whole.start_of(place.start),
            ..place
        });
        let mut places: Vec<_> = places.collect();
        places.sort_unstable();
        places.dedup();
        let empty = |place| RollupRow {
            place,
            rollup: Rollup::default(),
        };
        let rows: Vec<_> = places.into_iter().map(empty).collect();
        for rows in rows.chunks(ROWS_MAX) {
            on!(self, link => {
                let mut statement = statement!(MARK, whole, true, rows);
                statement.build().persistent(false).execute(link).await.map(|_| ())
            })?;
        }
        Ok(())
    }
}

/// The minutes of a batch in the order in which they are locked.
fn rows_of<R: Borrow<LogRecord>>(records: &[R]) -> Vec<RollupRow> {
    let rollups = Rollup::of_batch(records.iter().map(Borrow::borrow)).into_iter();
    let mut rows: Vec<_> = rollups
        .map(|(minute, rollup)| RollupRow {
            place: Place {
                scope: minute.scope.id(),
                start: minute.start,
                organization: minute.organization.to_string(),
                project: minute.project.map(|project| project.to_string()),
            },
            rollup,
        })
        .collect();
    rows.sort_unstable_by(|one, other| one.place.cmp(&other.place));
    rows
}
