//! What is asked of a request beside the engine: predicates and checks, and why they say no.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mockbird_core::Turn;

use crate::ReceivedRequest;
use crate::journal::{FailedCheck, Journal};
use crate::report::panic_text;
use crate::state::Mounted;

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

    /// The checks that a request fails.
    pub(crate) fn failed_checks(
        &self,
        turn: &Turn<'_, '_>,
        received: &ReceivedRequest,
        journal: &Journal,
    ) -> Vec<FailedCheck> {
        let failed = |reason: String, check: &str| FailedCheck {
            check: check.to_owned(),
            reason,
        };
        let checks = self.checks.iter().filter_map(|check| {
            let ask = || check.ask(&turn.view(), received);
            // A check that panics is reported as that.
            let asked = self.guarded(ask, received, journal)?;
            asked.err().map(|reason| failed(reason, &check.what))
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
            self.name,
            self.at,
            panic_text(&*panic)
        ));
        None
    }
}
