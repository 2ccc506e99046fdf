//! Removes what has ended, and what was deleted long enough ago.

use std::time::Duration;

use super::Done;
use crate::app::App;
use crate::store::StoreError;

/// How often.
pub(super) const EVERY: Duration = Duration::from_hours(1);

/// How long a session is kept after its end, because its device is known as long.
const SESSIONS: Duration = Duration::from_hours(90 * 24);

/// How long a mail is kept, sent or not.
const MAILS: Duration = Duration::from_hours(30 * 24);

/// How long what was deleted can be brought back, and keeps its slug.
const DELETED: Duration = Duration::from_hours(90 * 24);

/// How long it is known which batches of the request log were written: nobody tries one again for so long.
const BATCHES: Duration = Duration::from_hours(7 * 24);

/// Each kind in a transaction of its own, so that nobody waits for long.
pub(super) async fn run(app: &App) -> Result<Done, StoreError> {
    let now = app.clock().now();
    let store = app.store();
    let mut removed = 0;

    let mut tx = store.begin().await?;
    removed += tx.token_purge(now).await?;
    removed += tx.idempotency_purge(now).await?;
    tx.commit().await?;

    let mut tx = store.begin().await?;
    removed += tx.session_purge(now.before(SESSIONS)).await?;
    tx.commit().await?;

    let mut tx = store.begin().await?;
    removed += tx.mail_purge(now.before(MAILS)).await?;
    tx.commit().await?;

    let mut tx = store.begin().await?;
    removed += tx.log_batch_purge(now.before(BATCHES)).await?;
    tx.commit().await?;

    let mut tx = store.begin().await?;
    removed += tx.deleted_purge(now.before(DELETED), now).await?;
    removed += tx.past_slug_purge(now.before(DELETED)).await?;
    tx.commit().await?;

    if removed > 0 {
        tracing::info!(rows = removed, "what had ended was removed");
    }
    Ok(Done::All)
}
