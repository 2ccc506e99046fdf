//! Sessions: one row a login.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::row;
use super::{Conn, Result, Tx};
use crate::domain::{HashedToken, Millis, Page, Paged, SessionId, UserId};

row! {
    /// A login, and what has become of it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Session {
        /// Its id.
        pub id: SessionId = "session_id",
        /// Whose it is.
        pub user: UserId = "user_id",
        /// The refresh token that is good now.
        pub refresh_hash: HashedToken = "refresh_hash",
        /// The one before.
        pub previous_hash: Option<HashedToken> = "previous_hash",
        /// When the one took the place of the other.
        pub rotated_at: Option<Millis> = "rotated_at",
        /// The device it is bound to.
        pub device_hash: Option<HashedToken> = "device_hash",
        /// With what program it began.
        pub user_agent: Option<String> = "user_agent",
        /// From which address it was last used.
        pub ip_address: Option<String> = "ip_address",
        /// When it began.
        pub created_at: Millis = "created_at",
        /// When it was last refreshed.
        pub last_used_at: Millis = "last_used_at",
        /// When it ends if nobody uses it.
        pub expires_at: Millis = "expires_at",
        /// When somebody ended it.
        pub revoked_at: Option<Millis> = "revoked_at",
    }
}

impl Session {
    /// Whether it goes on.
    pub fn is_live(&self, now: Millis) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// A session to be.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Whose it will be.
    pub user: UserId,
    /// Its first refresh token.
    pub refresh_hash: HashedToken,
    /// The device it is bound to.
    pub device_hash: HashedToken,
    /// With what program it begins.
    pub user_agent: Option<String>,
    /// From which address.
    pub ip_address: Option<String>,
    /// When it ends if nobody uses it.
    pub expires_at: Millis,
}

/// The columns of [`Session`], for the statements below.
macro_rules! select_session {
    ($rest:literal) => {
        concat!(
            "select session_id, user_id, refresh_hash, previous_hash, rotated_at, device_hash, user_agent, \
             ip_address, created_at, last_used_at, expires_at, revoked_at from sessions where ",
            $rest
        )
    };
}

impl Conn {
    /// The session of this id, whether it goes on or not.
    pub async fn session_get(&mut self, id: SessionId) -> Result<Option<Session>> {
        const SQL: &str = select_session!("session_id = $1");
        on!(self, link => query_as(SQL).bind(id.to_string()).fetch_optional(link).await)
    }

    /// Whether the user has logged in before, but never on this device.
    pub async fn device_is_new(&mut self, user: UserId, device: &HashedToken) -> Result<bool> {
        const SQL: &str = "select count(*), count(case when device_hash = $2 then 1 end) from sessions where user_id = $1";
        let (all, same): (i64, i64) = on!(self, link => query_as(SQL)
            .bind(user.to_string())
            .bind(device.as_str())
            .fetch_one(link)
            .await)?;
        Ok(all > 0 && same == 0)
    }

    /// A page of the sessions of a user that go on, the latest first.
    pub async fn session_list(
        &mut self,
        user: UserId,
        page: Page,
        now: Millis,
    ) -> Result<Paged<Session>> {
        const COUNT: &str = "select count(*) from sessions where user_id = $1 and revoked_at is null and expires_at > $2";
        const SQL: &str = select_session!(
            "user_id = $1 and revoked_at is null and expires_at > $2 \
             order by created_at desc, session_id desc limit $3 offset $4"
        );
        let user = user.to_string();
        let (total,): (i64,) = on!(self, link => query_as(COUNT).bind(user.as_str()).bind(now.0).fetch_one(link).await)?;
        let items = on!(self, link => query_as(SQL)
            .bind(user.as_str())
            .bind(now.0)
            .bind(i64::from(page.limit()))
            .bind(page.offset())
            .fetch_all(link)
            .await)?;
        Ok(Paged::of_rows(items, page, total))
    }
}

impl Tx {
    /// Begins a session.
    pub async fn session_insert(&mut self, new: &NewSession, now: Millis) -> Result<()> {
        const SQL: &str = "insert into sessions (session_id, user_id, refresh_hash, device_hash, user_agent, \
             ip_address, created_at, last_used_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $7, $8)";
        execute!(
            self,
            query(SQL)
                .bind(new.id.to_string())
                .bind(new.user.to_string())
                .bind(new.refresh_hash.as_str())
                .bind(new.device_hash.as_str())
                .bind(new.user_agent.as_deref())
                .bind(new.ip_address.as_deref())
                .bind(now.0)
                .bind(new.expires_at.0)
        )?;
        Ok(())
    }

    /// Puts a new refresh token in the place of the one that is good, and makes the session live longer.
    /// False if somebody did so, or ended it, since it was read.
    pub async fn session_rotate(
        &mut self,
        read: &Session,
        next: &HashedToken,
        expires_at: Millis,
        ip_address: Option<&str>,
        now: Millis,
    ) -> Result<bool> {
        const SQL: &str = "update sessions set previous_hash = refresh_hash, refresh_hash = $1, rotated_at = $2, \
             last_used_at = $2, expires_at = $3, ip_address = $4 \
             where session_id = $5 and refresh_hash = $6 and revoked_at is null";
        let changed = execute!(
            self,
            query(SQL)
                .bind(next.as_str())
                .bind(now.0)
                .bind(expires_at.0)
                .bind(ip_address)
                .bind(read.id.to_string())
                .bind(read.refresh_hash.as_str())
        )?;
        Ok(changed == 1)
    }

    /// Ends a session of the user. False if it has no such session that goes on.
    pub async fn session_revoke(
        &mut self,
        user: UserId,
        id: SessionId,
        now: Millis,
    ) -> Result<bool> {
        const SQL: &str = "update sessions set revoked_at = $1 \
             where user_id = $2 and session_id = $3 and revoked_at is null and expires_at > $1";
        let changed = execute!(
            self,
            query(SQL)
                .bind(now.0)
                .bind(user.to_string())
                .bind(id.to_string())
        )?;
        Ok(changed == 1)
    }

    /// Ends all sessions of the user.
    pub async fn session_revoke_all(&mut self, user: UserId, now: Millis) -> Result<()> {
        const SQL: &str =
            "update sessions set revoked_at = $1 where user_id = $2 and revoked_at is null";
        execute!(self, query(SQL).bind(now.0).bind(user.to_string()))?;
        Ok(())
    }
}
