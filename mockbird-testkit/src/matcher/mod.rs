//! What a request must be: matchers, as values that can be combined.
//!
//! What a mock file can say becomes a condition of the engine: compiled, indexed and exported. The rest ([`predicate`])
//! is asked by the testkit, after the conditions ([`compiled`]).

mod compiled;
mod group;
mod predicate;
mod several;
mod source;

use std::fmt;

use mockbird_core::spec::{Condition, Source, Test};

pub(crate) use compiled::Compiled;
pub use group::{Negate, all_of, any_of, not};
pub(crate) use predicate::Predicate;
pub use predicate::{Verdict, matching};
pub use several::{body_bytes, each_header, header_values, only_query, query_count};
pub use source::{
    basic_auth, bearer, body, cookie, form, header, json_path, method, multipart, param, query,
    xpath,
};

/// What a request must be to be answered, or what is checked when it was.
///
/// Made by functions that say where a value comes from ([`header`], [`query`], [`body`], ...), put together by
/// [`any_of`], [`all_of`] and [`not`], or made of a closure by [`matching`].
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// let server = MockServer::start().lenient();
/// let signed_in = any_of([cookie("sid", exists()), header("authorization", starts_with("Bearer "))]);
/// server.mount(get("/me").when(signed_in.clone()).json(r#"{"name": "wren"}"#));
/// server.mount(get("/me").when(not(signed_in)).status(401));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a matcher does nothing until a mock has it"]
pub struct Matcher(pub(crate) Kind);

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Test(Test),
    Predicate(Predicate),
    /// What cannot be asked, and why; said when the mock is mounted.
    Faulty {
        what: String,
        why: String,
    },
    Any(Vec<Matcher>),
    All(Vec<Matcher>),
    Not(Box<Matcher>),
}

impl Matcher {
    /// The condition of a mock file that says the same, if there is one.
    pub(crate) fn condition(&self) -> Option<Condition> {
        let each = |all: &[Self]| -> Option<Vec<_>> { all.iter().map(Self::condition).collect() };
        Some(match &self.0 {
            Kind::Test(test) => Condition::Test(test.clone()),
            Kind::Predicate(_) | Kind::Faulty { .. } => return None,
            Kind::Any(all) => Condition::Any(each(all)?),
            Kind::All(all) => Condition::All(each(all)?),
            Kind::Not(inner) => Condition::Not(Box::new(inner.condition()?)),
        })
    }

    /// Every matcher in it that is no group.
    pub(crate) fn visit<'m>(&'m self, look: &mut impl FnMut(&'m Kind)) {
        match &self.0 {
            Kind::Any(all) | Kind::All(all) => all.iter().for_each(|one| one.visit(look)),
            Kind::Not(inner) => inner.visit(look),
            kind => look(kind),
        }
    }

    /// True if code of the test is asked.
    pub(crate) fn has_closure(&self) -> bool {
        let mut has = false;
        self.visit(&mut |kind| {
            has |= matches!(kind, Kind::Predicate(predicate) if predicate.is_closure);
        });
        has
    }
}

impl Kind {
    /// The query parameter that is asked for.
    pub(crate) fn query_name(&self) -> Option<&str> {
        match self {
            Self::Test(test) if test.source == Source::Query => Some(&test.field),
            Self::Predicate(predicate) => predicate.query.as_deref(),
            _ => None,
        }
    }
}

impl From<Condition> for Matcher {
    /// A condition in the words of a mock file.
    fn from(condition: Condition) -> Self {
        let each = |all: Vec<Condition>| all.into_iter().map(Self::from).collect();
        Self(match condition {
            Condition::Test(test) => Kind::Test(test),
            Condition::Any(all) => Kind::Any(each(all)),
            Condition::All(all) => Kind::All(each(all)),
            Condition::Not(inner) => Kind::Not(Box::new(Self::from(*inner))),
        })
    }
}

/// What it looks at, without the values, which may be secrets: `any_of(header x-a, query a)`.
impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Test(test) => write_test(f, test),
            Kind::Predicate(predicate) => f.write_str(&predicate.what),
            Kind::Faulty { what, .. } => f.write_str(what),
            Kind::Any(all) => write_group(f, "any_of", all),
            Kind::All(all) => write_group(f, "all_of", all),
            Kind::Not(inner) => write!(f, "not({inner})"),
        }
    }
}

fn write_test(f: &mut fmt::Formatter<'_>, test: &Test) -> fmt::Result {
    let name = match (test.source, test.field.is_empty()) {
        (Source::Header, _) => "header",
        (Source::Query, _) => "query",
        (Source::Cookie, _) => "cookie",
        (Source::Method, _) => return f.write_str("method"),
        (Source::Path, true) => return f.write_str("path"),
        (Source::Path, false) => "param",
        (Source::Body, true) => return f.write_str("body"),
        (Source::Body, false) if test.field.starts_with('/') => "xpath",
        (Source::Body, false) => "body field",
    };
    write!(f, "{name} {}", test.field.escape_debug())
}

fn write_group(f: &mut fmt::Formatter<'_>, name: &str, all: &[Matcher]) -> fmt::Result {
    write!(f, "{name}(")?;
    for (at, one) in all.iter().enumerate() {
        write!(f, "{}{one}", if at == 0 { "" } else { ", " })?;
    }
    f.write_str(")")
}
