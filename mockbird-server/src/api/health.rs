//! What a load balancer and an operator ask.

use axum::extract::State;

use super::Problem;
use crate::app::App;
use crate::nodes::Bond;

/// The process runs.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// It can do its work: the database answers. Without Redis it can, too, and says so.
pub(super) async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    app.store().ping().await?;
    Ok(match app.nodes().bond() {
        Bond::Alone | Bond::Joined => "ready\n",
        Bond::Away => {
            "ready, degraded: Redis is away or slow, so that this server counts for itself\n"
        }
    })
}

/// What was counted, in the text format of Prometheus.
pub(super) async fn metrics(State(app): State<App>) -> impl axum::response::IntoResponse {
    app.gauge().await;
    let kind = [("content-type", "text/plain; version=0.0.4; charset=utf-8")];
    (kind, crate::telemetry::metrics().render())
}
