//! What a mailed token is good for.

use super::named::named;

named! {
    /// What a mailed token is good for.
    pub enum Purpose ("purpose") {
        /// To set a new password.
        ResetPassword = "reset_password",
        /// To prove that an e-mail address is one's own.
        VerifyEmail = "verify_email",
    }
}
