//! Matchers made of matchers.

use std::ops::Not;

use super::{Kind, Matcher};
use crate::Expectation;

/// A request that one of these takes.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").when(any_of([header("x-a", "1"), query("a", absent())])));
/// ```
pub fn any_of(matchers: impl IntoIterator<Item = Matcher>) -> Matcher {
    Matcher(Kind::Any(matchers.into_iter().collect()))
}

/// A request that all of these take.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// let paged = all_of([query("page", greater_than(0)), query("limit", less_or_equal(100))]);
/// server.mount(get("/birds").when(any_of([paged, query("all", exists())])));
/// ```
pub fn all_of(matchers: impl IntoIterator<Item = Matcher>) -> Matcher {
    Matcher(Kind::All(matchers.into_iter().collect()))
}

/// The opposite of an expectation or a matcher.
///
/// The opposite of an expectation is met where none of the values meets it, so also where there is no value.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").query("sort", not("song")));
/// server.mount(get("/birds").when(not(all_of([query("a", "1"), query("b", "2")]))));
/// ```
pub fn not<T: Negate>(it: T) -> T::Opposite {
    it.negate()
}

/// What has an opposite: a [`Matcher`], an [`Expectation`], and what is one by itself, such as a text.
pub trait Negate {
    /// What its opposite is.
    type Opposite;

    /// Its opposite.
    fn negate(self) -> Self::Opposite;
}

impl Negate for Matcher {
    type Opposite = Self;

    fn negate(self) -> Self {
        !self
    }
}

macro_rules! negate {
    ($($expected:ty),*) => {$(
        impl Negate for $expected {
            type Opposite = Expectation;

            fn negate(self) -> Expectation {
                !Expectation::from(self)
            }
        }
    )*};
}

negate!(
    Expectation,
    &str,
    String,
    &String,
    bool,
    f64,
    i8,
    i16,
    i32,
    i64,
    isize,
    u8,
    u16,
    u32,
    u64,
    usize
);

/// [`not`](not()) as an operator.
impl Not for Matcher {
    type Output = Self;

    fn not(self) -> Self {
        match self.0 {
            Kind::Not(inner) => *inner,
            Kind::Faulty { .. } => self,
            kind => Self(Kind::Not(Box::new(Self(kind)))),
        }
    }
}
