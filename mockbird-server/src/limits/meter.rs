//! What is counted of one key, by this node alone or together with others.

use std::fmt;
use std::sync::Arc;

use metrics::Counter;

use super::lease::{Lease, Lender};
use super::window::{Limit, Verdict, Window};
use crate::domain::Millis;
use crate::telemetry::LIMITS;

/// What a node knows of one key under one limit.
#[derive(Debug, Default)]
pub struct Meter {
    /// What it counts by itself.
    own: Window,
    /// What it was lent of the window that all nodes share.
    lease: Lease,
}

/// A limit by its name, and with whom its windows are shared.
#[derive(Clone, Debug)]
pub struct Limiter {
    name: &'static str,
    lender: Option<Arc<dyn Lender>>,
    outcomes: Outcomes,
}

/// Counts what came of a limit, for the operator.
#[derive(Clone, Debug)]
pub struct Outcomes {
    admitted: Counter,
    refused: Counter,
}

impl Meter {
    /// How many requests count at the moment, as far as this node knows.
    pub(super) fn used(&self, limit: Limit, now: Millis) -> u32 {
        self.own.used(limit, now).max(self.lease.used(limit, now))
    }

    /// Begins anew, for another key.
    pub(super) fn clear(&self) {
        self.own.clear();
        self.lease.clear();
    }
}

impl Outcomes {
    /// Of the limit of this name. Looked up once: a request only adds one.
    pub fn new(limit: &'static str) -> Self {
        let counter = |outcome| metrics::counter!(LIMITS, "limit" => limit, "outcome" => outcome);
        Self {
            admitted: counter("admitted"),
            refused: counter("refused"),
        }
    }

    /// Counts one request.
    pub fn count(&self, is_admitted: bool) {
        let counter = if is_admitted {
            &self.admitted
        } else {
            &self.refused
        };
        counter.increment(1);
    }
}

impl Limiter {
    /// One that this node holds by itself, or that a `lender` shares out.
    pub fn new(name: &'static str, lender: Option<Arc<dyn Lender>>) -> Self {
        Self {
            name,
            lender,
            outcomes: Outcomes::new(name),
        }
    }

    /// Counts one request.
    pub async fn ask(
        &self,
        meter: &Meter,
        key: &(dyn fmt::Display + Sync),
        limit: Limit,
        now: Millis,
    ) -> Verdict {
        let verdict = match self.asked() {
            None => meter.own.ask(limit, now),
            Some(lender) => match meter.lease.ask(limit, now) {
                Some(verdict) => verdict,
                None => match lender.lend(self.name, key, limit).await {
                    Some(loan) => meter.lease.take(loan, limit, now),
                    None => meter.own.ask(limit, now),
                },
            },
        };
        self.outcomes.count(verdict.is_ok());
        verdict
    }

    /// Whether [`ask`](Self::ask) has an answer at once. Somebody else may take the last permit in between.
    pub fn knows(&self, meter: &Meter, limit: Limit, now: Millis) -> bool {
        self.asked().is_none() || meter.lease.knows(limit, now)
    }

    pub(super) fn is_shared(&self) -> bool {
        self.asked().is_some()
    }

    fn asked(&self) -> Option<&dyn Lender> {
        self.lender.as_deref().filter(|lender| lender.is_there())
    }
}
