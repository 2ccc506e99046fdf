//! Removes requests from the log once their plan keeps them no longer, and what is left of scopes that are gone.

use std::time::Duration;

use super::Done;
use crate::app::App;
use crate::domain::{Millis, Period, Plan};
use crate::store::StoreError;

/// How often.
pub(super) const EVERY: Duration = Duration::from_hours(1);

/// The longest that any plan keeps requests, in days.
const DAYS_MAX: u16 = 90;

/// So many rows are removed in one transaction.
const AT_ONCE: u32 = 1_000;

/// So many organizations, or scopes that are gone, are looked at in one run.
const OWNERS_AT_ONCE: u32 = 50;

pub(super) async fn run(app: &App) -> Result<Done, StoreError> {
    let now = app.clock().now();
    let done = [
        remove_days(app, now).await?,
        remove_by_plan(app, now).await?,
        remove_purged(app, now).await?,
    ];
    let part = done.contains(&Done::Part);
    Ok(if part { Done::Part } else { Done::All })
}

/// What no plan keeps: whole days.
async fn remove_days(app: &App, now: Millis) -> Result<Done, StoreError> {
    let before = Period::Day.start_of(kept_since(now, DAYS_MAX));
    let mut tx = app.store().begin().await?;
    let dropped = tx.log_partition_drop(before).await?;
    tx.commit().await?;
    if dropped {
        tracing::info!("a day of the request log was dropped");
        return Ok(Done::Part);
    }
    let mut tx = app.store().begin().await?;
    let removed = tx.log_purge(before, AT_ONCE).await?;
    tx.commit().await?;
    Ok(Done::unless_full(removed, AT_ONCE))
}

/// What the plan of its organization keeps no longer.
async fn remove_by_plan(app: &App, now: Millis) -> Result<Done, StoreError> {
    let mut removed = 0;
    for plan in Plan::ALL {
        let days = plan.allowance().log_days;
        if days >= DAYS_MAX {
            continue;
        }
        let before = kept_since(now, days);
        let mut read = app.store().read().await?;
        let organizations = read.log_keepers(*plan, before, OWNERS_AT_ONCE).await?;
        drop(read);
        for organization in organizations {
            let mut tx = app.store().begin().await?;
            removed += tx.log_purge_of(organization, before, AT_ONCE).await?;
            tx.commit().await?;
        }
    }
    Ok(if removed > 0 { Done::Part } else { Done::All })
}

/// What is left of mocks, projects and organizations that are gone for good.
async fn remove_purged(app: &App, now: Millis) -> Result<Done, StoreError> {
    let mut read = app.store().read().await?;
    let scopes = read.purged_scopes(now, OWNERS_AT_ONCE).await?;
    drop(read);
    for scope in &scopes {
        let mut tx = app.store().begin().await?;
        if tx.purge_scope(scope, AT_ONCE).await? == 0 {
            tx.purge_settle(scope).await?;
        }
        tx.commit().await?;
    }
    // Each is due again until nothing is left of it.
    Ok(if scopes.is_empty() {
        Done::All
    } else {
        Done::Part
    })
}

fn kept_since(now: Millis, days: u16) -> Millis {
    now.before(Duration::from_hours(24) * days.into())
}
