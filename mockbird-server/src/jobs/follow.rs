//! Follows what other servers on the database, and the operator, change in projects.

use std::time::Duration;

use super::Done;
use crate::app::App;
use crate::store::StoreError;

/// How often.
pub(super) const EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(app: &App) -> Result<Done, StoreError> {
    let now = app.clock().now();
    app.mock_plane().catch_up(now).await?;
    Ok(Done::All)
}
