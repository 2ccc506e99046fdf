//! Changes that others made: another server on the same database, or the operator at the command line.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::MockPlane;
use crate::domain::Millis;
use crate::store::StoreError;

/// How far before the last look the next one begins: a change is dated before it commits, and the clocks of servers differ.
const LOOK_BACK: Duration = Duration::from_secs(30);

impl MockPlane {
    /// Forgets what others have changed since the last time. What is missed while the database is away is caught up with later.
    pub async fn catch_up(&self, now: Millis) -> Result<(), StoreError> {
        // Nothing is in memory that is older than the first look.
        let last = self.caught_up.load(Ordering::Relaxed).min(now.0);
        let since = Millis(last).before(LOOK_BACK);
        let mut read = self.store.read().await?;
        let changes = read.project_changes(since).await?;
        let released = read.project_slugs_released(since).await?;
        drop(read);
        for change in released {
            let wanted = self.generations.now(&change.slug);
            let held = self.projects.get(&wanted).await;
            // Who has the slug now, if it is another one, is among the changes.
            if held.is_some_and(|held| held.project == change.id && held.version < change.version) {
                self.forget(&change.slug).await;
            }
        }
        for change in changes {
            let wanted = self.generations.now(&change.slug);
            let held = self.projects.get(&wanted).await;
            let is_old =
                held.is_some_and(|held| held.project != change.id || held.version < change.version);
            if is_old || self.misses.contains_key(&wanted) {
                self.forget(&change.slug).await;
            }
        }
        self.caught_up.store(now.0, Ordering::Relaxed);
        Ok(())
    }
}
