//! What a router holds: anything that says which requests it answers.

use std::cmp::Reverse;

use super::map::Defined;
use super::pattern::Pattern;
use crate::spec::MethodPattern;

/// One thing to route to; cheap to clone, such as an `Arc`.
///
/// A router keeps clones of it and asks them again at every lookup, so its answers must not change.
pub trait Entry: Clone {
    /// Where in a request the text of a [`Discriminator`] is found, such as a header's name.
    type Probe: Clone + Eq;

    /// The paths it answers.
    fn pattern(&self) -> &Pattern;

    /// The methods it answers.
    fn method(&self) -> &MethodPattern;

    /// Its place among entries of one shape and method.
    fn rank(&self) -> Rank;

    /// The text without which it cannot answer, if there is such a text.
    ///
    /// Where many entries share a probe, a router resolves it once and looks only at those that
    /// have one of the texts it yields. An entry without such a text is always looked at.
    fn discriminator(&self) -> Option<Discriminator<'_, Self::Probe>>;
}

/// The place of an entry among those of one shape and method: the smaller goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rank {
    /// Higher goes first.
    pub priority: i32,
    /// Of entries equal in all else, the smallest goes first.
    pub order: i64,
    /// By which it is found and removed; unique in a router.
    pub key: u64,
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |rank: &Self| (Reverse(rank.priority), rank.order, rank.key);
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// A value that is kept in a [`Map`](super::map::Map) beside others like it.
impl<T: Entry> Defined for T {
    fn first(&self) -> i64 {
        self.rank().order
    }
}

/// "It can only answer if the texts of `probe` contain `key`."
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discriminator<'a, P> {
    /// Where to look.
    pub probe: &'a P,
    /// What must be among the texts found there.
    pub key: &'a str,
}

/// How well a method fits: the smaller goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum MethodClass {
    Exact,
    /// A GET entry for a HEAD request.
    GetForHead,
    Any,
}

/// The method that an entry answers, in a byte that stands beside the entry: where an entry is in
/// no cache, asking it costs more than all else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Any,
    Get,
    Post,
    Put,
    Patch,
    Delete,
    /// Another one, which the entry knows.
    Other,
}

impl Wanted {
    pub(super) fn of(method: &MethodPattern) -> Self {
        match method {
            MethodPattern::Any => Self::Any,
            MethodPattern::Exact(method) => match *method {
                http::Method::GET => Self::Get,
                http::Method::POST => Self::Post,
                http::Method::PUT => Self::Put,
                http::Method::PATCH => Self::Patch,
                http::Method::DELETE => Self::Delete,
                _ => Self::Other,
            },
        }
    }

    /// How the entry, of which this is the method, fits a request of `method`; `None` if not at all.
    #[inline]
    pub(super) fn class(self, method: &http::Method, entry: &impl Entry) -> Option<MethodClass> {
        let fits = match self {
            Self::Any => return Some(MethodClass::Any),
            Self::Get if *method == http::Method::HEAD => return Some(MethodClass::GetForHead),
            Self::Get => *method == http::Method::GET,
            Self::Post => *method == http::Method::POST,
            Self::Put => *method == http::Method::PUT,
            Self::Patch => *method == http::Method::PATCH,
            Self::Delete => *method == http::Method::DELETE,
            Self::Other => return method_class(entry.method(), method),
        };
        fits.then_some(MethodClass::Exact)
    }
}

/// How `wanted` fits a request of `method`; `None` if not at all.
#[inline]
pub(super) fn method_class(wanted: &MethodPattern, method: &http::Method) -> Option<MethodClass> {
    match wanted {
        MethodPattern::Any => Some(MethodClass::Any),
        MethodPattern::Exact(exact) if exact == method => Some(MethodClass::Exact),
        MethodPattern::Exact(exact) => {
            let head = *exact == http::Method::GET && *method == http::Method::HEAD;
            head.then_some(MethodClass::GetForHead)
        }
    }
}

/// One change of a router.
#[derive(Clone, Debug)]
pub enum Edit<T> {
    /// Adds an entry, in place of the one of its key if there is one.
    Put(T),
    /// Removes the entry of this key, if there is one.
    Remove(u64),
}
