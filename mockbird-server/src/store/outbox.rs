//! The outbox: mails that wait for the mail server, or for the operator who has none.
//!
//! A mail is written in the transaction of what it tells of, so that neither is there without the other. Whoever
//! sends it claims it first, for a time: several servers on one database never send one mail at once, and what a
//! server that died had claimed is sent by another.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::row;
use super::{Conn, Result, Tx};
use crate::domain::{Email, MailId, Millis, Page, Paged};

/// A mail to be.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Who gets it.
    pub to: Email,
    /// What it is about, on one line.
    pub subject: String,
    /// Plain text. It may hold a link that opens an account.
    pub body: String,
}

/// The body may hold a secret.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { to, subject, .. } = self;
        write!(f, "Mail({to}, {subject:?})")
    }
}

row! {
    /// A mail in the outbox, and what became of it.
    #[derive(Clone, PartialEq, Eq)]
    pub struct OutboxMail {
        /// Its id.
        pub id: MailId = "mail_id",
        /// Who gets it.
        pub to: Email = "recipient",
        /// What it is about.
        pub subject: String = "subject",
        /// Plain text; empty once it is sent.
        pub body: String = "body",
        /// How often it was tried to send it.
        pub attempts: i64 = "attempts",
        /// When it is tried next; never again if it is neither this nor sent.
        pub next_attempt_at: Option<Millis> = "next_attempt_at",
        /// Why it could not be sent.
        pub last_error: Option<String> = "last_error",
        /// When the mail server took it.
        pub sent_at: Option<Millis> = "sent_at",
        /// When it was written.
        pub created_at: Millis = "created_at",
    }
}

/// The body may hold a secret.
impl std::fmt::Debug for OutboxMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, to, .. } = self;
        write!(f, "OutboxMail({id}, {to})")
    }
}

/// The columns of [`OutboxMail`], for the statements below.
macro_rules! mail_columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " mail_id, recipient, subject, body, attempts, next_attempt_at, last_error, sent_at, created_at ",
            $after
        )
    };
}

impl Conn {
    /// A page of the outbox, the latest first.
    pub async fn mail_list(&mut self, page: Page) -> Result<Paged<OutboxMail>> {
        const COUNT: &str = "select count(*) from outbox";
        const SQL: &str = mail_columns!(
            "select",
            "from outbox order by created_at desc, mail_id desc limit $1 offset $2"
        );
        let (total,): (i64,) = on!(self, link => query_as(COUNT).fetch_one(link).await)?;
        let items = on!(self, link => query_as(SQL)
            .bind(i64::from(page.limit()))
            .bind(page.offset())
            .fetch_all(link)
            .await)?;
        Ok(Paged::of_rows(items, page, total))
    }

    /// Whether a mail that was written after `since` is to be sent by now.
    pub async fn mail_due(&mut self, since: Millis, now: Millis) -> Result<bool> {
        const SQL: &str = "select mail_id from outbox \
             where sent_at is null and next_attempt_at <= $1 and created_at > $2 limit 1";
        let found: Option<(String,)> =
            on!(self, link => query_as(SQL).bind(now.0).bind(since.0).fetch_optional(link).await)?;
        Ok(found.is_some())
    }
}

impl Tx {
    /// Puts a mail into the outbox. It is sent once the transaction is committed, or waits for the operator.
    pub async fn mail_insert(&mut self, mail: &Mail, now: Millis) -> Result<MailId> {
        const SQL: &str = "insert into outbox (mail_id, recipient, subject, body, attempts, next_attempt_at, \
             created_at) values ($1, $2, $3, $4, 0, $5, $5)";
        let id = MailId::new(now);
        execute!(
            self,
            query(SQL)
                .bind(id.to_string())
                .bind(mail.to.as_str())
                .bind(mail.subject.as_str())
                .bind(mail.body.as_str())
                .bind(now.0)
        )?;
        Ok(id)
    }

    /// Claims the mail that has waited longest of those written after `since`: until `until` nobody else gets it.
    pub async fn mail_claim(
        &mut self,
        since: Millis,
        now: Millis,
        until: Millis,
    ) -> Result<Option<OutboxMail>> {
        // The outer condition is asked again of a row that another transaction claimed meanwhile.
        const SQL: &str = mail_columns!(
            "update outbox set attempts = attempts + 1, next_attempt_at = $3 \
             where sent_at is null and next_attempt_at <= $1 and mail_id = (select mail_id from outbox \
             where sent_at is null and next_attempt_at <= $1 and created_at > $2 \
             order by next_attempt_at, mail_id limit 1) returning",
            ""
        );
        on!(self, link => query_as(SQL)
            .bind(now.0)
            .bind(since.0)
            .bind(until.0)
            .fetch_optional(link)
            .await)
    }

    /// Notes that a claimed mail was sent, and forgets its text. False if somebody else has claimed it since.
    pub async fn mail_sent(&mut self, claimed: &OutboxMail, now: Millis) -> Result<bool> {
        const SQL: &str = "update outbox set sent_at = $1, next_attempt_at = null, last_error = null, body = '' \
             where mail_id = $2 and attempts = $3 and sent_at is null";
        let changed = execute!(
            self,
            query(SQL)
                .bind(now.0)
                .bind(claimed.id.to_string())
                .bind(claimed.attempts)
        )?;
        Ok(changed == 1)
    }

    /// Notes why a claimed mail was not sent, and when it is tried again, if ever. False if somebody else has
    /// claimed it since.
    pub async fn mail_failed(
        &mut self,
        claimed: &OutboxMail,
        error: &str,
        next: Option<Millis>,
    ) -> Result<bool> {
        const SQL: &str = "update outbox set last_error = $1, next_attempt_at = $2 \
             where mail_id = $3 and attempts = $4 and sent_at is null";
        let changed = execute!(
            self,
            query(SQL)
                .bind(error)
                .bind(next.map(|next| next.0))
                .bind(claimed.id.to_string())
                .bind(claimed.attempts)
        )?;
        Ok(changed == 1)
    }

    /// Removes mails that were written before `before`, sent or not; gives their number.
    pub async fn mail_purge(&mut self, before: Millis) -> Result<u64> {
        const SQL: &str = "delete from outbox where created_at <= $1";
        execute!(self, query(SQL).bind(before.0))
    }
}
