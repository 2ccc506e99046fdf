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
    KeyHolders(Box<[Opener]>),
}

/// A key that opens a project, and what it opens.
#[derive(Debug)]
struct Opener {
    key: CallKey,
    sight: Sight,
}

/// What somebody who may call a project may see of it beside what its mocks answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// Nothing.
    Answers,
    /// What its mocks are, such as those that almost answered.
    Mocks,
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
            Access::KeyHolders(keys.into_iter().map(Opener::from).collect())
        };
        Self { access }
    }

    /// What somebody who shows this may see, if they may call it now.
    pub(super) fn admit(&self, shown: Option<&HeaderValue>, now: Millis) -> Result<Sight, Refused> {
        match (&self.access, shown) {
            (Access::Everybody, _) => Ok(Sight::Mocks),
            (Access::Nobody, _) => Err(Refused::AtRest),
            (Access::KeyHolders(_), None) => Err(Refused::NoKey),
            (Access::KeyHolders(keys), Some(shown)) => {
                let opened = shown.to_str().ok().and_then(|text| open(keys, text, now));
                opened.ok_or(Refused::WrongKey)
            }
        }
    }

    /// Whether whoever calls it is known by its key.
    pub(super) fn takes_keys(&self) -> bool {
        matches!(self.access, Access::KeyHolders(_))
    }

    /// What it weighs.
    pub(super) fn memory_bytes(&self) -> usize {
        match &self.access {
            Access::KeyHolders(keys) => {
                let hashes = keys.iter().map(|opener| opener.key.hash.as_str().len());
                size_of_val::<[Opener]>(keys) + hashes.sum::<usize>()
            }
            Access::Nobody | Access::Everybody => 0,
        }
    }
}

/// The key that came with a request.
pub(super) fn shown_key(headers: &HeaderMap) -> Option<&HeaderValue> {
    headers.get(KEY)
}

/// Takes the key out of the headers: no mock sees it, and no log.
pub(super) fn take_key(headers: &mut HeaderMap) {
    headers.remove(KEY);
}

impl From<CallKey> for Opener {
    /// What its mocks are, a key is told that could ask the API for them.
    fn from(key: CallKey) -> Self {
        let sight = match key.permissions.role() {
            Some(_) => Sight::Mocks,
            None => Sight::Answers,
        };
        Self { key, sight }
    }
}

/// What the key opens that somebody shows. Compares with every key, and each to its end, so that the time tells nothing of them.
fn open(keys: &[Opener], shown: &str, now: Millis) -> Option<Sight> {
    let shown = PlainToken::presented(shown).hash();
    let shown = shown.as_str().as_bytes();
    let (mut good, mut sees) = (Choice::from(0), Choice::from(0));
    for Opener { key, sight } in keys {
        let lives = key.expires_at.is_none_or(|end| now < end);
        let is_it = key.hash.as_str().as_bytes().ct_eq(shown) & Choice::from(u8::from(lives));
        good |= is_it;
        sees |= is_it & Choice::from(u8::from(*sight == Sight::Mocks));
    }
    let sight = if sees.into() {
        Sight::Mocks
    } else {
        Sight::Answers
    };
    bool::from(good).then_some(sight)
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
