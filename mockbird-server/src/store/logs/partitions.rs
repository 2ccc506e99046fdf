//! The days of `request_logs` on PostgreSQL, each a table of its own: a day that is over goes in an instant.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::Offset;
use sqlx::{AssertSqlSafe, Executor, query_as};

use crate::domain::{LogId, Millis};
use crate::store::conn::Link;
use crate::store::{Result, Tx};

const DAY: Duration = Duration::from_hours(24);

/// One day, in UTC.
struct Partition {
    name: String,
    /// Its first id, and that of the next day.
    ids: [LogId; 2],
}

impl Partition {
    fn of(moment: Millis) -> Self {
        let day = i64::try_from(DAY.as_millis()).unwrap_or(i64::MAX);
        let start = Millis(moment.0 - moment.0.rem_euclid(day));
        let time = Timestamp::from_millisecond(start.0).unwrap_or_default();
        let date = Offset::UTC.to_datetime(time).date();
        Self {
            name: format!("request_logs_{}", date.strftime("%Y%m%d")),
            ids: [start, start.after(DAY)].map(LogId::first_at),
        }
    }
}

impl Tx {
    /// Makes the partitions of the days from yesterday on that have none; gives their number. SQLite has one table.
    ///
    /// What lies in the default partition meanwhile moves with it. Rows are written and read all along, but for those of the
    /// default partition.
    pub async fn log_partitions_make(&mut self, now: Millis, days_ahead: u32) -> Result<u64> {
        // Servers of one database make each once. Whoever reads the default partition for long is not waited for.
        const ALONE: &str =
            "set local lock_timeout = '2s'; select pg_advisory_xact_lock(6310472871)";
        // Read as the rows they are: what names stand for is remembered by a session for longer than another needs to make them.
        const THERE: &str = "select exists (select from pg_inherits join pg_class on pg_class.oid = inhrelid \
             where inhparent = 'request_logs'::regclass and relname = $1)";
        let Link::Postgres(link) = self.link() else {
            return Ok(0);
        };
        let mut made = 0;
        let days = (0..days_ahead + 2).map(|day| Partition::of(now.before(DAY).after(DAY * day)));
        for Partition {
            name,
            ids: [first, end],
        } in days
        {
            let (there,): (bool,) = query_as(THERE).bind(&name).fetch_one(&mut *link).await?;
            if there {
                continue;
            }
            link.execute(ALONE).await?;
            let (there,): (bool,) = query_as(THERE).bind(&name).fetch_one(&mut *link).await?;
            if there {
                continue;
            }
            // Names and bounds are our own: no text from outside is in them.
            link.execute(AssertSqlSafe(format!(
                "create table {name} (like request_logs including defaults including constraints); \
                 lock table request_logs_default in access exclusive mode; \
                 with moved as (delete from request_logs_default where log_id >= '{first}' and log_id < '{end}' returning *) \
                 insert into {name} select * from moved; \
                 alter table request_logs attach partition {name} for values from ('{first}') to ('{end}')"
            )))
            .await?;
            made += 1;
        }
        Ok(made)
    }

    /// Drops the partition of the earliest day if it was over before `before`; gives whether there was one. SQLite has none.
    ///
    /// One a transaction, because all of the log waits meanwhile: for an instant, or where somebody reads for long, not at all,
    /// and it fails.
    pub async fn log_partition_drop(&mut self, before: Millis) -> Result<bool> {
        const ALONE: &str =
            "set local lock_timeout = '2s'; select pg_advisory_xact_lock(6310472871)";
        const EARLIEST: &str = "select relname::text from pg_inherits join pg_class on pg_class.oid = inhrelid \
             where inhparent = 'request_logs'::regclass and relname <> 'request_logs_default' and relname < $1 \
             order by relname limit 1";
        let Link::Postgres(link) = self.link() else {
            return Ok(false);
        };
        link.execute(ALONE).await?;
        let first_kept = Partition::of(before).name;
        let earliest: Option<(String,)> = query_as(EARLIEST)
            .bind(first_kept)
            .fetch_optional(&mut *link)
            .await?;
        let Some((name,)) = earliest else {
            return Ok(false);
        };
        // The name of a table of ours: letters, digits and underscores.
        link.execute(AssertSqlSafe(format!("drop table {name}")))
            .await?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_and_ends_at_midnight() {
        for (at, name, first) in [
            (
                0,
                "request_logs_19700101",
                "00000000-0000-7000-8000-000000000000",
            ),
            (
                1_795_823_999_999,
                "request_logs_20261127",
                "01a21a4d-4000-7000-8000-000000000000",
            ),
            (
                1_795_824_000_000,
                "request_logs_20261128",
                "01a21f73-9c00-7000-8000-000000000000",
            ),
        ] {
            let day = Partition::of(Millis(at));
            assert_eq!(
                (day.name.as_str(), day.ids[0].to_string().as_str()),
                (name, first)
            );
            assert_eq!(day.ids[1].moment(), day.ids[0].moment().after(DAY));
        }
    }
}
