//! Sends what waits in the outbox.

use std::time::Duration;

use super::Done;
use crate::app::App;
use crate::domain::Millis;
use crate::mail::{SendError, Sender};
use crate::store::{OutboxMail, StoreError};
use crate::telemetry::MAILS;

/// How often the outbox is looked at.
pub(super) const EVERY: Duration = Duration::from_secs(1);

/// How long a mail is this server's to send: longer than sending takes. If the server dies meanwhile, another one sends
/// it after this time.
const CLAIM: Duration = Duration::from_mins(3);

/// What waited longer is of no use any more: every link in it has ended. It stays for the operator to see.
const USEFUL: Duration = Duration::from_hours(7 * 24);

/// The pause after the first failure; it doubles with each.
const PAUSE: Duration = Duration::from_mins(1);

/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_hours(6);

/// After so many failures, which is about three days, a mail is given up.
const ATTEMPTS: i64 = 20;

/// Sends the mail that has waited longest.
pub(super) async fn run(app: &App, sender: &Sender) -> Result<Done, StoreError> {
    let now = app.clock().now();
    let since = now.before(USEFUL);
    // Most of the time there is none, and looking takes no lock.
    if !app.store().read().await?.mail_due(since, now).await? {
        return Ok(Done::All);
    }
    let mut tx = app.store().begin().await?;
    let claimed = tx.mail_claim(since, now, now.after(CLAIM)).await?;
    tx.commit().await?;
    let Some(mail) = claimed else {
        return Ok(Done::All);
    };
    let sent = sender.send(&mail).await;
    note(app, &mail, sent.as_ref().err()).await?;
    Ok(match sent {
        Err(SendError::Away(_) | SendError::TooSlow) => Done::All,
        Ok(()) | Err(SendError::Refused(_) | SendError::Malformed(_)) => Done::Part,
    })
}

async fn note(app: &App, mail: &OutboxMail, error: Option<&SendError>) -> Result<(), StoreError> {
    let now = app.clock().now();
    let mut tx = app.store().begin().await?;
    let outcome = match error {
        None => {
            tx.mail_sent(mail, now).await?;
            "sent"
        }
        Some(error) => {
            let next = match error {
                // It will be no better.
                SendError::Malformed(_) => None,
                _ => next(mail.attempts, now),
            };
            let error = chain(error);
            tracing::warn!(mail = %mail.id, attempt = mail.attempts, given_up = next.is_none(), error, "a mail was not sent");
            tx.mail_failed(mail, &error, next).await?;
            next.map_or("given_up", |_| "failed")
        }
    };
    tx.commit().await?;
    metrics::counter!(MAILS, "outcome" => outcome).increment(1);
    Ok(())
}

/// When a mail is tried again that was tried so often, if ever.
fn next(attempts: i64, now: Millis) -> Option<Millis> {
    let doubled = u32::try_from(attempts - 1)
        .ok()
        .and_then(|n| 1_u32.checked_shl(n));
    let pause = doubled.map_or(PAUSE_MAX, |factor| PAUSE.saturating_mul(factor));
    (attempts < ATTEMPTS).then(|| now.after(pause.min(PAUSE_MAX)))
}

/// The error with its causes, on one line, as PostgreSQL takes it.
fn chain(error: &SendError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.extend([": ", &said]);
        }
        cause = error.source();
    }
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound_and_then_it_is_given_up() {
        let pauses: Vec<_> = (1..)
            .map_while(|attempts| next(attempts, Millis(0)))
            .map(|next| next.0 / 60_000)
            .collect();
        assert_eq!(pauses[..10], [1, 2, 4, 8, 16, 32, 64, 128, 256, 360]);
        assert_eq!(pauses.len(), 19);
        let days = pauses.iter().sum::<i64>() / (24 * 60);
        assert_eq!(days, 2, "and some hours");
        assert_eq!(next(i64::MAX, Millis(0)), None);
    }
}
