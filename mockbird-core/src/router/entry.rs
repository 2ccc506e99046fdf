//! What a router holds, and what a value may tell it to be found faster.

use std::cmp::Reverse;
use std::fmt;
use std::sync::Arc;

use super::map::Defined;
use super::pattern::Pattern;
use crate::spec::MethodPattern;

/// One thing to route to: a pattern, a method, its place in the order, and a value.
#[derive(Clone, Debug)]
pub struct Entry<T> {
    /// The paths it answers.
    pub pattern: Pattern,
    /// The methods it answers.
    pub method: MethodPattern,
    /// Higher goes first.
    pub priority: i32,
    /// Of entries equal in all else, the smallest goes first.
    pub order: i64,
    /// By which it is found and removed; unique in a router.
    pub key: u64,
    /// What the caller wants back.
    pub value: T,
}

impl<T> Entry<T> {
    /// The order among entries of one shape and method: the smaller goes first.
    pub(super) fn rank(&self) -> (Reverse<i32>, i64, u64) {
        (Reverse(self.priority), self.order, self.key)
    }
}

impl<T> Defined for Arc<Entry<T>> {
    fn first(&self) -> i64 {
        self.order
    }
}

/// Tells entries of one shape and method apart by one text of the request.
///
/// Where many entries share a probe, a router resolves it once and looks only at those that have
/// one of the texts it yields. A value that has no such text is always looked at.
pub trait Discriminate: Clone {
    /// Where in a request the text is found, such as a header's name.
    type Probe: Clone + Eq;

    /// The text without which the value cannot answer.
    fn discriminator(&self) -> Option<Discriminator<'_, Self::Probe>>;
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
    Put(Entry<T>),
    /// Removes the entry of this key, if there is one.
    Remove(u64),
}

impl<T> fmt::Display for Entry<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.method {
            MethodPattern::Any => write!(f, "ANY {}", self.pattern),
            MethodPattern::Exact(method) => write!(f, "{method} {}", self.pattern),
        }
    }
}
