//! Mails: what they say, and how they are sent.
//!
//! A use case writes a [`Letter`] into the outbox, in the transaction of what it tells of; a job
//! ([`jobs`](crate::jobs)) hands it to the mail server. The texts are files in `mail/texts`.

mod letter;
mod sender;

pub use letter::Letter;
pub use sender::{SendError, Sender, SenderError};
