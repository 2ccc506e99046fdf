//! Passwords that were forgotten, and addresses that are to be proved.
//!
//! Who asks for a mail learns nothing: neither from the answer nor from its time whether there is such an account.

use super::{Actor, App, AppError, Entered, Visitor};
use crate::auth::evenly;
use crate::domain::{Email, Password, PlainToken, Purpose};
use crate::mail::Letter;
use crate::store::User;

impl App {
    /// Mails a link for a new password, if there is such an account.
    pub async fn password_forgotten(
        &self,
        email: &Email,
        visitor: &Visitor,
    ) -> Result<(), AppError> {
        self.mail_throttle(email, visitor).await?;
        evenly(self.link_ask(email, Purpose::ResetPassword, |_| true)).await
    }

    /// Mails a link that proves the address, if there is such an account and it needs one.
    pub async fn verification_ask(&self, email: &Email, visitor: &Visitor) -> Result<(), AppError> {
        self.mail_throttle(email, visitor).await?;
        let unproved = |user: &User| user.email_verified_at.is_none();
        evenly(self.link_ask(email, Purpose::VerifyEmail, unproved)).await
    }

    async fn link_ask(
        &self,
        email: &Email,
        purpose: Purpose,
        wanted: impl Fn(&User) -> bool,
    ) -> Result<(), AppError> {
        let user = self.store().read().await?.user_by_email(email).await?;
        let Some(user) = user.filter(|user| user.is_active && wanted(user)) else {
            return Ok(());
        };
        let mut tx = self.store().begin().await?;
        self.link_mail(&mut tx, user.id, email, purpose).await?;
        Ok(tx.commit().await?)
    }

    /// Sets a new password by the token of a link. The address is proved by it, and all sessions end: whoever knew the
    /// old password is out.
    pub async fn password_reset(
        &self,
        token: &PlainToken,
        password: &Password,
        visitor: &Visitor,
    ) -> Result<(), AppError> {
        const PURPOSE: Purpose = Purpose::ResetPassword;
        let now = self.clock().now();
        self.throttles().reset.ask(visitor.ip, now).await?;
        let token = token.hash();
        let mut read = self.store().read().await?;
        let known = read.token_get(&token, PURPOSE, self.clock().now()).await?;
        // No connection is held meanwhile: a hash takes long.
        drop(read);
        known.ok_or(AppError::BadLink)?;
        let hash = self.passwords().hash(password).await?;
        let now = self.clock().now();
        let mut tx = self.store().begin().await?;
        let used = tx.token_use(&token, PURPOSE, now).await?;
        let used = used.ok_or(AppError::BadLink)?;
        let user = tx.user_get(used.user).await?;
        let user = user.filter(|user| user.is_active && user.email == used.email);
        let user = user.ok_or(AppError::BadLink)?;
        tx.credential_put(user.id, &hash, now).await?;
        tx.session_revoke_all(user.id, now).await?;
        tx.user_verify(user.id, now).await?;
        tx.mail_insert(&Letter::PasswordChanged.to(&user.email), now)
            .await?;
        Actor::user(user.id, visitor)
            .user_audit(&mut tx, user.id, "user.password_reset", now)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Proves the address of an account by the token of a link, and logs it in. It takes the password too: somebody may
    /// have signed up with the address of another, who must not open the account to him by following the link.
    pub async fn email_verify(
        &self,
        token: &PlainToken,
        password: &str,
        visitor: &Visitor,
    ) -> Result<Entered, AppError> {
        const PURPOSE: Purpose = Purpose::VerifyEmail;
        let token = token.hash();
        let mut read = self.store().read().await?;
        let known = read.token_get(&token, PURPOSE, self.clock().now()).await?;
        drop(read);
        let known = known.ok_or(AppError::BadLink)?;
        let known = self
            .password_check(known.email.as_str(), password, visitor)
            .await?;
        let now = self.clock().now();
        let mut tx = self.store().begin().await?;
        let used = tx.token_use(&token, PURPOSE, now).await?;
        used.filter(|used| used.user == known.user.id)
            .ok_or(AppError::BadLink)?;
        tx.user_verify(known.user.id, now).await?;
        let id = known.user.id;
        Actor::user(id, visitor)
            .user_audit(&mut tx, id, "user.email_verified", now)
            .await?;
        let entered = self.enter(&mut tx, &known, visitor).await?;
        tx.commit().await?;
        Ok(entered)
    }
}
