//! Why a use case did not come to its end.

use std::time::Duration;

use crate::auth::{HashFailed, TooOften};
use crate::domain::Role;
use crate::store::StoreError;

/// Why a use case did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashFailed),
    /// Not told apart: who asks must not learn which addresses have an account.
    #[error("e-mail address or password is wrong")]
    WrongLogin,
    /// There is no login, or it is no longer good.
    #[error("{0}")]
    Login(&'static str),
    /// The login is good, but that is not enough.
    #[error("{0}")]
    Forbidden(&'static str),
    /// It takes a higher role.
    #[error("this takes the role `{0}`, or the permission that stands for it")]
    Role(Role),
    /// The address has an account.
    #[error("there is an account with this e-mail address: log in")]
    EmailTaken,
    /// The address was never proved, and must be.
    #[error(
        "the e-mail address of this account is not proved yet: follow the link that was mailed to it, or ask for another one"
    )]
    EmailNotVerified,
    /// A mailed link leads nowhere.
    #[error("this link was used, has ended, or is none of ours: ask for another one")]
    BadLink,
    /// It was asked for too often.
    #[error("too many attempts: wait {} s", .0.as_secs().max(1))]
    TooOften(Duration),
    /// It is not there, or somebody else's.
    #[error("there is no such {0}")]
    NotFound(&'static str),
}

impl From<TooOften> for AppError {
    fn from(often: TooOften) -> Self {
        Self::TooOften(often.retry_after)
    }
}
