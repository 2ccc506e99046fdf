//! What owners hear before a month is used up.

use crate::domain::{Millis, Month, Quota};
use crate::mail::Letter;
use crate::store::{StoreError, Tx, Written};

/// Mails the owners if so much of a month is used that they are to be told, once for each step: in the transaction in which it was
/// written down, so that one server does it.
pub(crate) async fn notify(tx: &mut Tx, total: &Written, now: Millis) -> Result<(), StoreError> {
    let Some(quota) = Quota::of(total.plan).filter(|_| total.month == Month::of(now)) else {
        return Ok(());
    };
    let used = quota.per_mille(total.used.requests, total.used.bytes);
    let Some(percent) = Quota::notice(used).filter(|percent| *percent > total.noticed) else {
        return Ok(());
    };
    tx.usage_notice_set(total.organization, total.month, percent)
        .await?;
    let Some(organization) = tx.organization_get(total.organization).await? else {
        return Ok(());
    };
    let letter = Letter::Quota {
        organization: &organization.name,
        plan: total.plan,
        percent,
        requests: total.used.requests,
        bytes: total.used.bytes,
        month: total.month,
    };
    for owner in tx.owner_emails(total.organization).await? {
        tx.mail_insert(&letter.to(&owner), now).await?;
    }
    Ok(())
}
