//! Tests on the request (design sections 4.2 and 12).
//!
//! A [`spec::Condition`] is compiled once: [`subject`] says where a value comes from, [`check`]
//! how it is compared. [`Condition::passes`] is the fast path, [`Condition::explain`] gives the
//! reasons when someone asks, and [`Condition::probe`] lets many conditions be asked at once.

mod check;
mod compile;
mod difference;
mod effort;
mod explain;
mod finding;
mod probe;
#[cfg(feature = "json-schema")]
mod schema;
mod shown;
mod subject;
mod summary;
#[cfg(test)]
mod tests;
#[cfg(feature = "json-schema")]
mod unique;
#[cfg(feature = "json-schema")]
mod walk;

use std::sync::Arc;

use check::Check;
pub use difference::{Difference, Differences};
use effort::Effort;
pub use finding::{Came, Detail, Finding, Shown, TestFinding};
pub use probe::Probe;
pub(crate) use shown::{quoted, shown};
use subject::{Item, Subject};

use crate::budget::BudgetExceeded;
use crate::request::View;
use crate::spec;

/// A compiled condition: one test, or a group.
#[derive(Clone, Debug)]
pub struct Condition(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Test(Test),
    Any(Box<[Condition]>),
    All(Box<[Condition]>),
    Not(Box<Condition>),
}

#[derive(Clone, Debug)]
struct Test {
    /// Shared with the probes made of it.
    subject: Arc<Subject>,
    check: Check,
    negate: bool,
    /// As it was written, for reasons.
    source: spec::Source,
    field: Box<str>,
    operator: spec::Operator,
}

impl Condition {
    /// What it weighs, in bytes: an estimate that leaves out the automata of regexes.
    pub fn memory_bytes(&self) -> usize {
        let inner = match &self.0 {
            Kind::Test(test) => test.field.len() * 2,
            Kind::Any(all) | Kind::All(all) => all.iter().map(Self::memory_bytes).sum(),
            Kind::Not(inner) => inner.memory_bytes(),
        };
        size_of::<Self>() + inner
    }

    /// True if the request passes.
    ///
    /// A test passes if any of the values of its field does; negated, if none does. A missing
    /// field has no value. What is stopped by its bound, a search in the body or a comparison with a
    /// JSON Schema, passes neither way.
    pub fn passes(&self, view: &View<'_>) -> bool {
        match &self.0 {
            Kind::Test(test) => test.passes(view),
            Kind::Any(all) => all.iter().any(|one| one.passes(view)),
            Kind::All(all) => all.iter().all(|one| one.passes(view)),
            Kind::Not(inner) => !inner.passes(view),
        }
    }
}

impl Test {
    fn passes(&self, view: &View<'_>) -> bool {
        self.decide(view).is_ok_and(|found| found != self.negate)
    }

    /// True if any value found passes.
    fn decide(&self, view: &View<'_>) -> Result<bool, BudgetExceeded> {
        let mut effort = Effort::new();
        let mut holds = |item: Item<'_>| self.check.holds(item, &mut effort);
        let found = self.subject.any(view, &mut holds)?;
        if !found {
            effort.end()?;
        }
        Ok(found)
    }
}
