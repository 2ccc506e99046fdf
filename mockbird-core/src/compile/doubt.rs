//! Conditions that can be compiled but never decide anything.

use crate::fault::{Faults, Place};
use crate::limits::CONDITION_DEPTH_MAX;
use crate::spec::{Condition, Source};
use crate::template::params_hint;

/// Warns of tests of path parameters that the mock's path does not have.
pub(super) fn warn_of_unknown_params(
    conditions: &[Condition],
    params: &[Box<str>],
    list: &Place<'_>,
    faults: &mut Faults,
) {
    for (i, condition) in conditions.iter().enumerate() {
        warn(condition, params, &list.index(i), faults, 0);
    }
}

fn warn(
    condition: &Condition,
    params: &[Box<str>],
    place: &Place<'_>,
    faults: &mut Faults,
    depth: usize,
) {
    // A deeper one is refused elsewhere.
    if depth > CONDITION_DEPTH_MAX {
        return;
    }
    let mut group = |all: &[Condition], key| {
        let list = place.key(key);
        for (i, one) in all.iter().enumerate() {
            warn(one, params, &list.index(i), faults, depth + 1);
        }
    };
    match condition {
        Condition::Any(all) => group(all, "any"),
        Condition::All(all) => group(all, "all"),
        Condition::Not(inner) => warn(inner, params, &place.key("not"), faults, depth + 1),
        Condition::Test(test) => {
            let name = &*test.field;
            let is_param = test.source == Source::Path && !name.is_empty();
            if is_param && params.iter().all(|param| **param != *name) {
                let passes = match test.negate {
                    Some(true) => "always",
                    Some(false) | None => "never",
                };
                let name = name.escape_debug();
                let message =
                    format!("the mock's path has no parameter `{name}`, so this {passes} passes");
                faults.warn(
                    &place.key("field"),
                    message,
                    params_hint(&test.field, params),
                );
            }
        }
    }
}
