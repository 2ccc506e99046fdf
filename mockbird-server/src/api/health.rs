//! What a load balancer asks.

use axum::extract::State;

use super::Problem;
use crate::app::App;

/// The process runs.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// It can do its work: the database answers.
pub(super) async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    app.store().ping().await?;
    Ok("ready\n")
}
