//! Links that are mailed: each holds a token that is good once.

use super::{App, AppError, Visitor};
use crate::domain::{Email, PlainToken, Purpose, UserId};
use crate::mail::Letter;
use crate::store::{NewToken, Tx};

/// The page that resets a password.
pub(crate) const RESET_PAGE: &str = "/reset-password";

/// The page that proves an address.
pub(crate) const VERIFY_PAGE: &str = "/verify-email";

/// The page that an invitation is answered on.
pub(crate) const INVITATION_PAGE: &str = "/invitation";

impl App {
    /// Counts one wish for a mail to `email`, whether there is such an account or not.
    pub(super) async fn mail_throttle(
        &self,
        email: &Email,
        visitor: &Visitor,
    ) -> Result<(), AppError> {
        let (throttles, now) = (self.throttles(), self.clock().now());
        throttles.mail_address.ask(visitor.ip, now).await?;
        throttles.mail_account.ask(email.as_str(), now).await?;
        Ok(())
    }

    /// Mails a link that is good for `purpose`.
    pub(super) async fn link_mail(
        &self,
        tx: &mut Tx,
        user: UserId,
        email: &Email,
        purpose: Purpose,
    ) -> Result<(), AppError> {
        let now = self.clock().now();
        let auth = &self.config().auth;
        let (prefix, page, life) = match purpose {
            Purpose::ResetPassword => ("mp_", RESET_PAGE, auth.reset_lifetime),
            Purpose::VerifyEmail => ("mv_", VERIFY_PAGE, auth.verify_lifetime),
        };
        let token = PlainToken::random(prefix);
        let new = NewToken {
            user,
            purpose,
            hash: token.hash(),
            email: email.clone(),
            expires_at: now.after(life),
        };
        tx.token_insert(&new, now).await?;
        let base = self.config().listen.base_url();
        let link = format!("{base}{page}?token={}", token.reveal());
        let letter = match purpose {
            Purpose::ResetPassword => Letter::ResetPassword { link: &link, life },
            Purpose::VerifyEmail => Letter::VerifyEmail { link: &link, life },
        };
        tx.mail_insert(&letter.to(email), now).await?;
        Ok(())
    }
}
