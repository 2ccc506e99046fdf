//! Who may call the mocks of a project.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};
use mockbird_core::ErrorCode;
use subtle::{Choice, ConstantTimeEq};

use crate::domain::{Feature, Millis, PlainToken, Plan};
use crate::store::{CallKey, Project, Settings};

/// Where the key of a private project travels, so that `Authorization` and `X-API-Key` stay free for mocks.
const KEY: HeaderName = HeaderName::from_static("x-mockbird-key");

/// Who may call a project.
#[derive(Debug)]
pub(super) struct Guard {
    access: Access,
}

#[derive(Debug)]
enum Access {
    /// Nobody: it is at rest.
    Nobody,
    Everybody,
    KeyHolders(Box<[CallKey]>),
}

/// Why somebody may not call a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    AtRest,
    NoKey,
    WrongKey,
    /// The plan includes no host of its own.
    NoHost(Plan),
}

impl Guard {
    pub(super) fn new(project: &Project, settings: &Settings, keys: Vec<CallKey>) -> Self {
        let at_rest =
            !project.is_active || project.archived_at.is_some() || project.suspended_at.is_some();
        let access = if at_rest {
            Access::Nobody
        } else if settings.opens(project.is_public) {
            Access::Everybody
        } else {
            Access::KeyHolders(keys.into())
        };
        Self { access }
    }

    /// Whether somebody who shows this may call it now.
    pub(super) fn admit(&self, shown: Option<&HeaderValue>, now: Millis) -> Result<(), Refused> {
        match (&self.access, shown) {
            (Access::Everybody, _) => Ok(()),
            (Access::Nobody, _) => Err(Refused::AtRest),
            (Access::KeyHolders(_), None) => Err(Refused::NoKey),
            (Access::KeyHolders(keys), Some(shown)) => {
                let is_good = shown.to_str().is_ok_and(|text| opens(keys, text, now));
                is_good.then_some(()).ok_or(Refused::WrongKey)
            }
        }
    }

    /// What it weighs.
    pub(super) fn memory_bytes(&self) -> usize {
        match &self.access {
            Access::KeyHolders(keys) => {
                let hashes = keys.iter().map(|key| key.hash.as_str().len());
                size_of_val::<[CallKey]>(keys) + hashes.sum::<usize>()
            }
            Access::Nobody | Access::Everybody => 0,
        }
    }
}

/// Takes the key out of the headers: no mock sees it, and no log.
pub(super) fn take_key(headers: &mut HeaderMap) -> Option<HeaderValue> {
    headers.remove(KEY)
}

/// Compares with every key, and each to its end, so that the time tells nothing of them.
fn opens(keys: &[CallKey], shown: &str, now: Millis) -> bool {
    let shown = PlainToken::presented(shown).hash();
    let shown = shown.as_str().as_bytes();
    let good = keys.iter().fold(Choice::from(0), |good, key| {
        let lives = key.expires_at.is_none_or(|end| now < end);
        good | (key.hash.as_str().as_bytes().ct_eq(shown) & Choice::from(u8::from(lives)))
    });
    good.into()
}

impl Refused {
    pub(super) fn code(self) -> ErrorCode {
        match self {
            Self::AtRest => ErrorCode::ProjectInactive,
            Self::NoKey | Self::WrongKey => ErrorCode::Unauthorized,
            Self::NoHost(_) => ErrorCode::SubscriptionLimit,
        }
    }

    pub(super) fn why(self) -> Cow<'static, str> {
        let why = match self {
            Self::AtRest => "this project is at rest",
            Self::NoKey => {
                "this project takes a key: send one with the permission `mocks:call` in `X-Mockbird-Key`"
            }
            Self::WrongKey => {
                "the key in `X-Mockbird-Key` does not open this project: it is wrong, expired or revoked, \
                 or has not the permission `mocks:call`"
            }
            Self::NoHost(plan) => {
                let feature = Feature::Subdomain;
                return format!(
                    "the plan `{plan}` does not include {feature}: this project answers at `/m/` and its slug"
                )
                .into();
            }
        };
        why.into()
    }
}
