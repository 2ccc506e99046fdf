//! Writes down what organizations use.

use std::time::Duration;

use super::Done;
use crate::app::App;
use crate::store::StoreError;

/// How often; what was counted since is lost if the process is killed.
pub(super) const EVERY: Duration = Duration::from_secs(5);

pub(super) async fn run(app: &App) -> Result<Done, StoreError> {
    app.mock_plane().write_usage().await?;
    Ok(Done::All)
}
