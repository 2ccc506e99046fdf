//! Passwords, as hashes.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::row;
use super::{Conn, Result, Tx};
use crate::domain::{HashedPassword, Millis, UserId};

row! {
    struct Kept {
        hash: HashedPassword = "password_hash",
    }
}

impl Conn {
    /// The hash of the user's password, if it has one.
    pub async fn credential_get(&mut self, user: UserId) -> Result<Option<HashedPassword>> {
        const SQL: &str = "select password_hash from credentials where user_id = $1";
        let kept: Option<Kept> =
            on!(self, link => query_as(SQL).bind(user.to_string()).fetch_optional(link).await)?;
        Ok(kept.map(|kept| kept.hash))
    }
}

impl Tx {
    /// Holds the user's password until the transaction ends, so that nobody changes it meanwhile. False if it has
    /// been changed since it was read.
    pub async fn credential_hold(&mut self, user: UserId, read: &HashedPassword) -> Result<bool> {
        const SQL: &str = "update credentials set changed_at = changed_at where user_id = $1 and password_hash = $2";
        let held = execute!(self, query(SQL).bind(user.to_string()).bind(read.as_str()))?;
        Ok(held == 1)
    }

    /// Gives the user this password, whatever it had.
    pub async fn credential_put(
        &mut self,
        user: UserId,
        hash: &HashedPassword,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "insert into credentials (user_id, password_hash, changed_at) values ($1, $2, $3) \
             on conflict (user_id) do update set password_hash = excluded.password_hash, \
             changed_at = excluded.changed_at";
        execute!(
            self,
            query(SQL)
                .bind(user.to_string())
                .bind(hash.as_str())
                .bind(now.0)
        )?;
        Ok(())
    }
}
