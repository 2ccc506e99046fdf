//! Makes the days of the request log ahead, so that none is missing when it begins.

use std::time::Duration;

use super::Done;
use crate::app::App;
use crate::store::StoreError;

/// How often; the first time is the start of the server.
pub(super) const EVERY: Duration = Duration::from_hours(1);

/// How many days there are ahead: as long may the job fail.
const DAYS_AHEAD: u32 = 7;

pub(super) async fn run(app: &App) -> Result<Done, StoreError> {
    let mut tx = app.store().begin().await?;
    let made = tx
        .log_partitions_make(app.clock().now(), DAYS_AHEAD)
        .await?;
    tx.commit().await?;
    if made > 0 {
        tracing::info!(days = made, "days of the request log were made");
    }
    Ok(Done::All)
}
