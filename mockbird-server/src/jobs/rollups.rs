//! Makes hours of minutes and days of hours, and removes those that were made into longer ones long enough ago.

use std::time::Duration;

use super::Done;
use crate::app::App;
use crate::domain::{Millis, Period};
use crate::store::StoreError;

/// How often: so long after its end an hour is made at the latest.
pub(super) const EVERY: Duration = Duration::from_secs(30);

/// How long minutes are kept.
const MINUTES: Duration = Duration::from_hours(2 * 24);

/// How long hours are kept; days stay until their owner is purged.
const HOURS: Duration = Duration::from_hours(90 * 24);

/// So many are made in one transaction, each of at most 60.
const MADE_AT_ONCE: u32 = 50;

/// So many are removed in one transaction.
const REMOVED_AT_ONCE: u32 = 1_000;

/// A step in a transaction of its own; there may be more to do if it did as much as it may.
pub(super) async fn run(app: &App) -> Result<Done, StoreError> {
    let now = app.clock().now();
    let hours = oldest(Period::Hour, now.before(MINUTES));
    let days = oldest(Period::Day, now.before(HOURS));
    for (whole, part, oldest) in [
        (Period::Hour, Period::Minute, hours),
        (Period::Day, Period::Hour, days),
    ] {
        if make(app, whole, oldest, now).await? == Done::Part {
            return Ok(Done::Part);
        }
        if remove(app, part, oldest).await? == Done::Part {
            return Ok(Done::Part);
        }
    }
    Ok(Done::All)
}

/// The first one of which all parts are kept: they are removed together.
fn oldest(whole: Period, parts_since: Millis) -> Millis {
    whole.start_of(parts_since)
}

async fn make(app: &App, whole: Period, oldest: Millis, now: Millis) -> Result<Done, StoreError> {
    // Another server may remove parts of the oldest just now, whose clock is ahead of ours.
    let whole_since = whole.end_of(oldest);
    let mut tx = app.store().begin().await?;
    let made = tx
        .rollups_make(whole, whole_since, now, MADE_AT_ONCE)
        .await?;
    tx.commit().await?;
    Ok(Done::unless_full(made as u64, MADE_AT_ONCE))
}

async fn remove(app: &App, part: Period, before: Millis) -> Result<Done, StoreError> {
    let mut tx = app.store().begin().await?;
    let removed = tx.rollup_purge(part, before, REMOVED_AT_ONCE).await?;
    tx.commit().await?;
    Ok(Done::unless_full(removed, REMOVED_AT_ONCE))
}
