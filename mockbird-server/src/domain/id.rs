//! Ids: each kind of thing has its own, so that none is taken for another.

use std::fmt;
use std::str::FromStr;

use uuid::{Builder, Uuid};

use super::{Millis, Refusal};

mod log_ids;

pub use log_ids::LogIds;

macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident = $noun:literal;)*) => {
        $(
            $(#[$doc])*
            ///
            /// A UUID of version 7: ids sort by the time they were made.
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $id(Uuid);

            impl $id {
                /// A fresh one, made `now`.
                pub fn new(now: Millis) -> Self {
                    Self(fresh(now))
                }
            }

            impl FromStr for $id {
                type Err = Refusal;

                fn from_str(text: &str) -> Result<Self, Refusal> {
                    read(text, $noun).map(Self)
                }
            }

            impl fmt::Display for $id {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.0.hyphenated().fmt(f)
                }
            }

            impl serde::Serialize for $id {
                fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                    to.collect_str(self)
                }
            }

            impl<'de> serde::Deserialize<'de> for $id {
                fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                    let text = String::deserialize(from)?;
                    text.parse().map_err(serde::de::Error::custom)
                }
            }

            impl fmt::Debug for $id {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write!(f, concat!(stringify!($id), "({})"), self.0)
                }
            }
        )*

        #[cfg(test)]
        pub(super) const NOUNS: &[&str] = &[$($noun),*];
    };
}

ids! {
    /// The id of a user.
    UserId = "user";
    /// The id of an organization.
    OrganizationId = "organization";
    /// The id of a project.
    ProjectId = "project";
    /// The id of a mock.
    MockId = "mock";
    /// The id of a response of a mock.
    ResponseId = "response";
    /// The id of a response template.
    TemplateId = "response template";
    /// The id of a session.
    SessionId = "session";
    /// The id of an API key.
    KeyId = "API key";
    /// The id of an invitation.
    InvitationId = "invitation";
    /// The id of a token that was mailed.
    TokenId = "token";
    /// The id of a mail in the outbox.
    MailId = "mail";
    /// The id of a line of the audit log.
    AuditId = "audit entry";
    /// The id of a request to a mock, and of what is logged of it.
    LogId = "logged request";
}

/// Ids need not be secret, but must not meet: 74 random bits a millisecond.
fn fresh(now: Millis) -> Uuid {
    let mut random = [0; 10];
    fastrand::fill(&mut random);
    let ms = u64::try_from(now.0).unwrap_or_default();
    Builder::from_unix_timestamp_millis(ms, &random).into_uuid()
}

/// Only the form that we write: one id is one text.
fn read(text: &str, noun: &str) -> Result<Uuid, Refusal> {
    let uuid = Uuid::try_parse(text).ok();
    uuid.filter(|uuid| uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text)
        .ok_or_else(|| Refusal(format!("this is no id of a {noun}")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_kind_has_its_noun() {
        let distinct: std::collections::HashSet<_> = NOUNS.iter().collect();
        assert_eq!(distinct.len(), NOUNS.len());
        let refusal = "7".parse::<UserId>().unwrap_err();
        assert_eq!(refusal.to_string(), "this is no id of a user");
    }

    proptest! {
        #[test]
        fn an_id_is_read_back_and_sorts_by_time(early in 0..1_i64 << 47, later in 1..1_000_i64) {
            let id = UserId::new(Millis(early));
            prop_assert_eq!(id.to_string().parse(), Ok(id));
            prop_assert!(id.to_string() < UserId::new(Millis(early + later)).to_string());
            let shouted = id.to_string().to_ascii_uppercase();
            prop_assert!(shouted == id.to_string() || shouted.parse::<UserId>().is_err());
        }

        #[test]
        fn no_text_is_too_much(text in "\\PC{0,40}") {
            let _ = text.parse::<MockId>();
        }
    }
}
