//! Values as columns: how the words of the service are kept, in one place.

use std::str::FromStr;

use crate::domain::{
    AnsweredBy, AuditId, Email, EmailDomains, HashedPassword, HashedToken, InvitationId, KeyId,
    LogId, MailId, Millis, MockId, Month, OrganizationId, Permission, Permissions, Plan, ProjectId,
    RedactedNames, ResponseId, Role, ScopeKind, Seed, SessionId, Slug, TemplateId, TokenId, UserId,
    Visibility,
};

/// A value that is kept in a column.
pub(super) trait Column: Sized {
    /// What the column holds: a text, a number, a flag, bytes, or nothing.
    type Raw;

    /// The value that is kept.
    fn of_raw(raw: Self::Raw) -> Result<Self, String>;
}

/// Values that are kept as they are.
macro_rules! plain {
    ($($type:ty),*) => {
        $(impl Column for $type {
            type Raw = Self;

            fn of_raw(raw: Self) -> Result<Self, String> {
                Ok(raw)
            }
        })*
    };
}

plain!(String, i64, bool, Vec<u8>);

/// Values that are kept as text.
macro_rules! parsed {
    ($($type:ty),* $(,)?) => {
        $(impl Column for $type {
            type Raw = String;

            fn of_raw(raw: String) -> Result<Self, String> {
                <$type>::from_str(&raw).map_err(|refusal| refusal.to_string())
            }
        })*
    };
}

parsed!(
    AnsweredBy,
    AuditId,
    Email,
    EmailDomains,
    InvitationId,
    KeyId,
    LogId,
    MailId,
    MockId,
    Month,
    OrganizationId,
    Permission,
    Permissions,
    Plan,
    ProjectId,
    RedactedNames,
    ResponseId,
    Role,
    ScopeKind,
    Seed,
    SessionId,
    Slug,
    TemplateId,
    TokenId,
    UserId,
    Visibility,
);

impl Column for Millis {
    type Raw = i64;

    fn of_raw(raw: i64) -> Result<Self, String> {
        Ok(Self(raw))
    }
}

impl Column for HashedPassword {
    type Raw = String;

    fn of_raw(raw: String) -> Result<Self, String> {
        Ok(Self::new(raw))
    }
}

impl Column for HashedToken {
    type Raw = String;

    fn of_raw(raw: String) -> Result<Self, String> {
        Ok(Self::kept(raw))
    }
}

impl<T: Column> Column for Option<T> {
    type Raw = Option<T::Raw>;

    fn of_raw(raw: Self::Raw) -> Result<Self, String> {
        raw.map(T::of_raw).transpose()
    }
}
