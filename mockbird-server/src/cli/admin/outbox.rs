//! The outbox, as an operator reads it.

use std::fmt::Write;

use jiff::Timestamp;

use super::{Failure, work};
use crate::console::Harmless;
use crate::domain::{Millis, Page};
use crate::store::{OutboxMail, Store};

/// A page of mails, the latest first.
pub(super) async fn show(store: &Store, page: u32) -> Result<String, Failure> {
    let page =
        Page::new(Some(page), None).map_err(|refusal| Failure::Usage(refusal.to_string()))?;
    let mut read = store.read().await.map_err(work)?;
    let mails = read.mail_list(page).await.map_err(work)?;
    let mut text: String = mails.items.iter().map(told).collect();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{} of {} mails, page {}",
        mails.items.len(),
        mails.total,
        page.number()
    );
    Ok(text)
}

/// One mail; what people wrote must not steer the terminal.
fn told(mail: &OutboxMail) -> String {
    let mut text = format!(
        "To: {}\nSubject: {}\nWritten: {}\nState: {}\n\n",
        Harmless(mail.to.as_str()),
        Harmless(&mail.subject),
        moment(mail.created_at),
        state(mail),
    );
    for line in mail.body.lines() {
        let _ = writeln!(text, "    {}", Harmless(line));
    }
    text + "\n"
}

fn state(mail: &OutboxMail) -> String {
    match (mail.sent_at, &mail.last_error) {
        (Some(at), _) => format!("sent {}", moment(at)),
        (None, Some(error)) => format!("tried {} times: {}", mail.attempts, Harmless(error)),
        (None, None) => "waits".to_owned(),
    }
}

fn moment(at: Millis) -> String {
    Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |at| format!("{at:.0}"))
}
