//! What became of an invitation.

use super::named::named;

named! {
    /// What became of an invitation.
    pub enum InvitationStatus ("status") {
        /// It waits to be accepted.
        Pending = "pending",
        /// Nobody answered in time.
        Expired = "expired",
        /// It was accepted.
        Accepted = "accepted",
        /// It was declined.
        Declined = "declined",
        /// It was taken back.
        Revoked = "revoked",
    }
}
