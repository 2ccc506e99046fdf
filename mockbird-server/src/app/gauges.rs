//! What is looked at only when the operator asks for the metrics.

use super::App;
use crate::telemetry::{DATABASE_BYTES, SNAPSHOT_BYTES, SNAPSHOTS, STORE_CONNECTIONS, gauge};

impl App {
    /// Sets the gauges to what there is at the moment. Where the database is away, its size stays what it was.
    pub(crate) async fn gauge(&self) {
        let held = self.mock_plane().held().await;
        gauge(SNAPSHOTS, held.projects);
        gauge(SNAPSHOT_BYTES, held.bytes);
        let connections = self.store().connections();
        for (state, count) in [("idle", connections.idle), ("used", connections.used)] {
            metrics::gauge!(STORE_CONNECTIONS, "state" => state).set(f64::from(count));
        }
        if let Ok(bytes) = self.store().bytes().await {
            gauge(DATABASE_BYTES, bytes);
        }
    }
}
