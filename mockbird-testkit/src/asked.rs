//! What is asked of a request beside the engine: predicates and checks, and why they say no.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mockbird_core::Turn;
use mockbird_core::request::View;

use crate::journal::Journal;
use crate::matcher::Compiled;
use crate::mounted::Mounted;
use crate::report::panic_text;
use crate::{ReceivedRequest, Times};

/// A check that a request failed which was answered; see [`Mount::check`](crate::Mount::check).
///
/// `Display` is one line: `check failed: header idempotency-key is missing`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedCheck {
    check: Box<str>,
    reason: Box<str>,
}

impl FailedCheck {
    /// What is checked: `header idempotency-key`.
    pub fn check(&self) -> &str {
        &self.check
    }

    /// What was expected and what came, secrets hidden: `header idempotency-key is missing`.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What it weighs.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.check.len() + self.reason.len()
    }
}

impl fmt::Display for FailedCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "check failed: {}", self.reason)
    }
}

impl Mounted {
    /// Whether all that the engine cannot ask says yes.
    pub(crate) fn agrees(
        &self,
        turn: &Turn<'_, '_>,
        received: &ReceivedRequest,
        journal: &Journal,
    ) -> bool {
        self.predicates.iter().all(|predicate| {
            let ask = || predicate.passes(&turn.view(), received);
            self.guarded(ask, received, journal).unwrap_or(false)
        })
    }

    /// Why it passes on a request that the engine would let it answer: each predicate that says no. Only for messages,
    /// as closures are asked again.
    pub(crate) fn objections(&self, view: &View<'_>, received: &ReceivedRequest) -> Vec<String> {
        let ask = |predicate: &Compiled| {
            let asked = catch_unwind(AssertUnwindSafe(|| predicate.ask(view, received)));
            // What it says was written down when it was asked first.
            asked.unwrap_or_else(|_| Err(format!("the {} panics", predicate.what)))
        };
        let asked = self.predicates.iter().map(ask);
        asked.filter_map(Result::err).collect()
    }

    /// Why it answers no more, if it has had all the calls it may have.
    pub(crate) fn used_up(&self) -> Option<String> {
        let most = self.limit().filter(|most| self.claimed() >= *most)?;
        let calls = Times::from(most).counted("call", "calls");
        Some(format!("it answers at most {calls}, and has had them"))
    }

    /// The checks that a request fails.
    pub(crate) fn failed_checks(
        &self,
        turn: &Turn<'_, '_>,
        received: &ReceivedRequest,
        journal: &Journal,
    ) -> Vec<FailedCheck> {
        let checks = self.checks.iter().filter_map(|check| {
            let ask = || check.ask(&turn.view(), received);
            // A check that panics is reported as that.
            let asked = self.guarded(ask, received, journal)?;
            Some(FailedCheck {
                check: check.what.as_str().into(),
                reason: asked.err()?.into(),
            })
        });
        checks.collect()
    }

    /// What code of the test says; `None` if it panics, which is written down.
    fn guarded<T>(
        &self,
        ask: impl FnOnce() -> T,
        received: &ReceivedRequest,
        journal: &Journal,
    ) -> Option<T> {
        let asked = catch_unwind(AssertUnwindSafe(ask));
        let panic = match asked {
            Ok(said) => return Some(said),
            Err(panic) => panic,
        };
        journal.add_panic(format!(
            "a closure of `{}` ({}) panicked on {received}: {}",
            self.name(),
            self.place(),
            panic_text(&*panic)
        ));
        None
    }
}
