//! Matchers that the engine does not ask: compiled once, and asked with a reason.

use mockbird_core::condition::Condition;
use mockbird_core::fault::{Faults, Place};
use mockbird_core::request::View;

use super::{Kind, Matcher, Predicate};
use crate::ReceivedRequest;

/// A matcher as it is asked.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    /// What messages call it.
    pub(crate) what: String,
    asked: Asked,
}

#[derive(Clone, Debug)]
enum Asked {
    Condition(Condition),
    Predicate(Predicate),
    Any(Vec<Asked>),
    All(Vec<Asked>),
    /// With what messages call the inner one.
    Not(String, Box<Asked>),
}

impl Compiled {
    /// Compiles a matcher, or says all that is wrong with it.
    pub(crate) fn of(matcher: &Matcher) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        match Asked::of(matcher, &mut faults) {
            Some(asked) if faults.is_empty() => Ok(Self {
                what: matcher.to_string(),
                asked,
            }),
            _ => Err(faults),
        }
    }

    /// Whether the request is as wanted. It may panic as closures do.
    pub(crate) fn passes(&self, view: &View<'_>, received: &ReceivedRequest) -> bool {
        self.asked.passes(view, received)
    }

    /// Nothing, or why it says no. It may panic as closures do.
    pub(crate) fn ask(&self, view: &View<'_>, received: &ReceivedRequest) -> Result<(), String> {
        self.asked.ask(view, received)
    }
}

impl Asked {
    fn of(matcher: &Matcher, faults: &mut Vec<String>) -> Option<Self> {
        // A part that is all the engine's is asked at once.
        if let Some(condition) = matcher.condition() {
            let mut found = Faults::default();
            let compiled = Condition::compile(&condition, &Place::ROOT, &mut found);
            // What can never pass is refused here as it is in the engine.
            let found_all = found.errors.iter().chain(&found.warnings);
            faults.extend(found_all.map(ToString::to_string));
            return compiled.map(Self::Condition);
        }
        let mut each = |all: &[Matcher]| -> Option<Vec<Self>> {
            let all: Vec<_> = all.iter().map(|one| Self::of(one, faults)).collect();
            all.into_iter().collect()
        };
        Some(match &matcher.0 {
            Kind::Predicate(predicate) => Self::Predicate(predicate.clone()),
            Kind::Any(all) => Self::Any(each(all)?),
            Kind::All(all) => Self::All(each(all)?),
            Kind::Not(inner) => Self::Not(inner.to_string(), Box::new(Self::of(inner, faults)?)),
            Kind::Faulty { what, why } => {
                faults.push(format!("{what}: {why}"));
                return None;
            }
            // It is a condition, which was compiled above.
            Kind::Test(_) => return None,
        })
    }

    fn passes(&self, view: &View<'_>, received: &ReceivedRequest) -> bool {
        match self {
            Self::Condition(condition) => condition.passes(view),
            Self::Predicate(predicate) => predicate.ask(received).is_ok(),
            Self::Any(all) => all.iter().any(|one| one.passes(view, received)),
            Self::All(all) => all.iter().all(|one| one.passes(view, received)),
            Self::Not(_, inner) => !inner.passes(view, received),
        }
    }

    fn ask(&self, view: &View<'_>, received: &ReceivedRequest) -> Result<(), String> {
        match self {
            Self::Condition(condition) if condition.passes(view) => Ok(()),
            Self::Condition(condition) => Err(condition.explain(view).to_string()),
            Self::Predicate(predicate) => predicate.ask(received),
            Self::Any(all) => {
                let mut reasons = Vec::with_capacity(all.len());
                for one in all {
                    match one.ask(view, received) {
                        Ok(()) => return Ok(()),
                        Err(reason) => reasons.push(reason),
                    }
                }
                Err(format!("none of: {}", reasons.join("; ")))
            }
            Self::All(all) => all.iter().try_for_each(|one| one.ask(view, received)),
            Self::Not(what, inner) if inner.passes(view, received) => {
                Err(format!("{what} says yes, expected no"))
            }
            Self::Not(..) => Ok(()),
        }
    }
}
