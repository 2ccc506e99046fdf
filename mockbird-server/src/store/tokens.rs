//! Tokens that are mailed, each good for one thing, once, and for a while.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::row;
use super::{Conn, Result, Tx};
use crate::domain::{Email, HashedToken, Millis, Purpose, TokenId, UserId};

row! {
    /// A token that was mailed.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct MailedToken {
        /// Whom it was made for.
        pub user: UserId = "user_id",
        /// The address that it was mailed to.
        pub email: Email = "email",
    }
}

/// A token to be.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Whom it is for.
    pub user: UserId,
    /// What it is good for.
    pub purpose: Purpose,
    /// What is kept of it.
    pub hash: HashedToken,
    /// The address that it is mailed to.
    pub email: Email,
    /// When it ends.
    pub expires_at: Millis,
}

impl Conn {
    /// The token of this hash, as long as it is good.
    pub async fn token_get(
        &mut self,
        hash: &HashedToken,
        purpose: Purpose,
        now: Millis,
    ) -> Result<Option<MailedToken>> {
        const SQL: &str = "select user_id, email from tokens \
             where token_hash = $1 and purpose = $2 and used_at is null and expires_at > $3";
        on!(self, link => query_as(SQL)
            .bind(hash.as_str())
            .bind(purpose.name())
            .bind(now.0)
            .fetch_optional(link)
            .await)
    }
}

impl Tx {
    /// Keeps a token.
    pub async fn token_insert(&mut self, new: &NewToken, now: Millis) -> Result<()> {
        const SQL: &str = "insert into tokens (token_id, user_id, purpose, token_hash, email, created_at, expires_at) \
             values ($1, $2, $3, $4, $5, $6, $7)";
        execute!(
            self,
            query(SQL)
                .bind(TokenId::new(now).to_string())
                .bind(new.user.to_string())
                .bind(new.purpose.name())
                .bind(new.hash.as_str())
                .bind(new.email.as_str())
                .bind(now.0)
                .bind(new.expires_at.0)
        )?;
        Ok(())
    }

    /// Uses a token up, and all others of its user that are good for the same. Nothing if it is not good, or no
    /// longer: of many who show it at once, one gets it.
    pub async fn token_use(
        &mut self,
        hash: &HashedToken,
        purpose: Purpose,
        now: Millis,
    ) -> Result<Option<MailedToken>> {
        const USE: &str = "update tokens set used_at = $3 \
             where token_hash = $1 and purpose = $2 and used_at is null and expires_at > $3 returning user_id, email";
        const OTHERS: &str = "update tokens set used_at = $3 where user_id = $1 and purpose = $2 and used_at is null";
        let used: Option<MailedToken> = on!(self, link => query_as(USE)
            .bind(hash.as_str())
            .bind(purpose.name())
            .bind(now.0)
            .fetch_optional(link)
            .await)?;
        if let Some(token) = &used {
            execute!(
                self,
                query(OTHERS)
                    .bind(token.user.to_string())
                    .bind(purpose.name())
                    .bind(now.0)
            )?;
        }
        Ok(used)
    }

    /// Uses up all tokens of the user.
    pub async fn token_use_all(&mut self, user: UserId, now: Millis) -> Result<()> {
        const SQL: &str = "update tokens set used_at = $1 where user_id = $2 and used_at is null";
        execute!(self, query(SQL).bind(now.0).bind(user.to_string()))?;
        Ok(())
    }

    /// Removes the tokens that ended before `before`; gives their number.
    pub async fn token_purge(&mut self, before: Millis) -> Result<u64> {
        const SQL: &str = "delete from tokens where expires_at <= $1";
        execute!(self, query(SQL).bind(before.0))
    }
}
