//! Sessions: what becomes of a login.

use std::time::Duration;

use super::refresh_token::session_of;
use super::{App, AppError, SigningSecret, Visitor};
use crate::auth::Access;
use crate::domain::{Millis, Page, Paged, PlainToken, SessionId, UserId};
use crate::store::{NewSession, Session, Tx};

/// How long the refresh token before the last is still taken: whoever did not get the reply asks again, and the
/// windows of a browser may ask at once. All get the same token.
const GRACE: Duration = Duration::from_secs(10);

/// A refresh that meets another one starts over, so often.
const TRIES: u32 = 3;

/// What somebody comes in with.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// For each call.
    pub access: String,
    /// For new tokens; good once.
    pub refresh: PlainToken,
    /// How long the access token is good.
    pub expires_in: Duration,
}

/// What a session says to a refresh token.
enum Verdict {
    /// New tokens.
    Rotate,
    /// The tokens that took the place of this one a moment ago.
    Repeat,
    /// Nothing: it ended, or was never one of ours.
    Refuse(&'static str),
    /// The session ends: the token, or its device, is somebody else's.
    End(&'static str),
}

impl App {
    pub(super) async fn session_begin(
        &self,
        tx: &mut Tx,
        user: UserId,
        visitor: &Visitor,
    ) -> Result<Tokens, AppError> {
        let now = self.clock().now();
        let id = SessionId::new(now);
        let refresh = self.secret().refresh_first(id);
        let session = NewSession {
            id,
            user,
            refresh_hash: refresh.hash(),
            device_hash: visitor.device(),
            user_agent: visitor.user_agent.clone(),
            ip_address: visitor.address(),
            expires_at: now.after(self.config().auth.refresh_lifetime),
        };
        tx.session_insert(&session, now).await?;
        Ok(self.tokens(user, id, refresh, now))
    }

    fn tokens(&self, user: UserId, session: SessionId, refresh: PlainToken, now: Millis) -> Tokens {
        let expires_in = self.config().auth.access_lifetime;
        let access = Access { user, session };
        Tokens {
            access: access.sign(self.secret().expose(), now, now.after(expires_in)),
            refresh,
            expires_in,
        }
    }

    /// New tokens for a refresh token, which is good once. One that was used before, or on another device, ends
    /// the session: it was stolen, and nobody knows from whom.
    pub async fn session_refresh(
        &self,
        token: &PlainToken,
        visitor: &Visitor,
    ) -> Result<Tokens, AppError> {
        let now = self.clock().now();
        self.throttles().refresh.ask(visitor.ip, now).await?;
        let id = session_of(token).ok_or(AppError::Login("this is no refresh token"))?;
        for _ in 0..TRIES {
            if let Some(tokens) = self.rotate(id, token, visitor).await? {
                return Ok(tokens);
            }
        }
        Err(AppError::Login("the session was refreshed elsewhere"))
    }

    /// Nothing if somebody else came between.
    async fn rotate(
        &self,
        id: SessionId,
        token: &PlainToken,
        visitor: &Visitor,
    ) -> Result<Option<Tokens>, AppError> {
        let now = self.clock().now();
        let mut tx = self.store().begin().await?;
        let session = tx.session_get(id).await?;
        let session = session.ok_or(AppError::Login("there is no such session: log in"))?;
        let verdict = judge(&session, token, visitor, self.secret(), now);
        match verdict {
            Verdict::Refuse(why) => return Err(AppError::Login(why)),
            Verdict::End(why) => {
                tx.session_revoke(session.user, id, now).await?;
                tx.commit().await?;
                tracing::warn!(session = %id, user = %session.user, why, "a session was ended");
                return Err(AppError::Login(why));
            }
            Verdict::Rotate | Verdict::Repeat => {}
        }
        let user = tx.user_get(session.user).await?;
        if !user.is_some_and(|user| user.is_active) {
            return Err(AppError::Login("this account was shut"));
        }
        let next = self.secret().refresh_next(id, token);
        if matches!(verdict, Verdict::Repeat) {
            return Ok(Some(self.tokens(session.user, id, next, now)));
        }
        let expires_at = now.after(self.config().auth.refresh_lifetime);
        let address = visitor.address();
        let rotated = tx
            .session_rotate(&session, &next.hash(), expires_at, address.as_deref(), now)
            .await?;
        tx.commit().await?;
        Ok(rotated.then(|| self.tokens(session.user, id, next, now)))
    }

    /// The user's sessions that go on.
    pub async fn session_list(&self, user: UserId, page: Page) -> Result<Paged<Session>, AppError> {
        let now = self.clock().now();
        let mut read = self.store().snapshot().await?;
        Ok(read.session_list(user, page, now).await?)
    }

    /// Ends one session of the user.
    pub async fn session_revoke(&self, user: UserId, id: SessionId) -> Result<(), AppError> {
        let mut tx = self.store().begin().await?;
        if !tx.session_revoke(user, id, self.clock().now()).await? {
            return Err(AppError::NotFound("session"));
        }
        Ok(tx.commit().await?)
    }

    /// Ends all sessions of the user.
    pub async fn session_revoke_all(&self, user: UserId) -> Result<(), AppError> {
        let mut tx = self.store().begin().await?;
        tx.session_revoke_all(user, self.clock().now()).await?;
        Ok(tx.commit().await?)
    }
}

fn judge(
    session: &Session,
    token: &PlainToken,
    visitor: &Visitor,
    secret: &SigningSecret,
    now: Millis,
) -> Verdict {
    if !session.is_live(now) {
        return Verdict::Refuse("the session has ended: log in");
    }
    // Comparing hashes tells nothing of the token by its time.
    let hash = token.hash();
    let current = session.refresh_hash == hash;
    let previous = session.previous_hash.as_ref() == Some(&hash);
    let fresh = session.rotated_at.is_some_and(|at| now < at.after(GRACE));
    let good = current || (previous && fresh);
    if !good {
        return outdated(fresh, secret.refresh_is_ours(token));
    }
    if session.device_hash.as_ref() != Some(&visitor.device()) {
        return Verdict::End("the session began on another device, so that it was ended: log in");
    }
    if current {
        Verdict::Rotate
    } else if secret.refresh_next(session.id, token).hash() == session.refresh_hash {
        Verdict::Repeat
    } else {
        // The signing secret was changed in between.
        Verdict::Refuse("the refresh token was used before: log in")
    }
}

/// A token that is not good, or no longer. One that was good before is a thief's, or its victim's; but right after a refresh
/// it may only be late.
fn outdated(fresh: bool, ours: bool) -> Verdict {
    match (ours, fresh) {
        (false, _) => Verdict::Refuse("this is no refresh token of the session: log in"),
        (true, true) => {
            Verdict::Refuse("the refresh token was used a moment ago: take the new one")
        }
        (true, false) => {
            Verdict::End("the refresh token was used before, so that the session was ended: log in")
        }
    }
}
