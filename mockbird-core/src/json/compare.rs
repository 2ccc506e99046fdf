//! Equality and containment of JSON values (design section 4.2).

use std::cmp::Ordering;

use super::{Member, Node, Value};
use crate::limits::CONTAINS_STEPS_MAX;

impl Node {
    /// Deep equality: numbers by value (`1` = `1.0`), objects without regard to the order of members.
    pub fn equals(&self, other: &Node) -> bool {
        match (&self.value, &other.value) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => a.cmp_value(b) == Ordering::Equal,
            (Value::String(a), Value::String(b)) => a == b,
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b))
            }
            (Value::Object(a), Value::Object(b)) => {
                let (a, b) = (sorted(a), sorted(b));
                a.len() == b.len()
                    && a.iter()
                        .zip(&b)
                        .all(|(a, b)| a.key == b.key && a.value.equals(&b.value))
            }
            _ => false,
        }
    }

    /// Partial match: an object contains the given members (recursively), an array contains for each
    /// given element one that equals or contains it, in any order; anything else must be equal.
    ///
    /// Comparing two long arrays takes time that grows with both: after [`CONTAINS_STEPS_MAX`] comparisons the
    /// answer is no.
    pub fn contains(&self, part: &Node) -> bool {
        let mut steps = CONTAINS_STEPS_MAX;
        self.contains_within(part, &mut steps)
    }

    pub(crate) fn contains_within(&self, part: &Node, steps: &mut usize) -> bool {
        *steps = steps.saturating_sub(1);
        if *steps == 0 {
            return false;
        }
        match (&self.value, &part.value) {
            (Value::Object(have), Value::Object(wanted)) => {
                let have = sorted(have);
                sorted(wanted).into_iter().all(|member| {
                    let at = have.binary_search_by(|m| m.key.as_str().cmp(&member.key));
                    at.is_ok_and(|at| have[at].value.contains_within(&member.value, steps))
                })
            }
            (Value::Array(have), Value::Array(wanted)) => wanted
                .iter()
                .enumerate()
                // Mostly they stand in the same order.
                .all(|(at, w)| {
                    let mut nearest_first = have.get(at).into_iter().chain(have);
                    nearest_first.any(|h| h.contains_within(w, steps))
                }),
            _ => self.equals(part),
        }
    }
}

/// The members by key, the last of a repeated key alone.
pub(crate) fn sorted(members: &[Member]) -> Vec<&Member> {
    let mut all: Vec<&Member> = members.iter().rev().collect();
    all.sort_by(|a, b| a.key.cmp(&b.key));
    all.dedup_by(|a, b| a.key == b.key);
    all
}

#[cfg(test)]
mod tests {
    use crate::json::parse;

    fn n(text: &str) -> super::Node {
        parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn equality() {
        assert!(n(r#"{"a":1,"b":[2]}"#).equals(&n(r#"{"b":[2.0],"a":1.0}"#)));
        assert!(!n("[1,2]").equals(&n("[2,1]")));
        assert!(!n("1").equals(&n("true")));
        assert!(n(r#"{"a":1,"a":2}"#).equals(&n(r#"{"a":2}"#)));
    }

    #[test]
    fn containment_ends() {
        let numbers = |from: usize| {
            (from..from + 3000)
                .map(|i| format!("[{i}]"))
                .collect::<Vec<_>>()
                .join(",")
        };
        let have = n(&format!("[{}]", numbers(0)));
        assert!(have.contains(&n("[[7],[2999]]")));
        // Nine million comparisons are not made.
        assert!(!have.contains(&n(&format!("[{}]", numbers(3000)))));
        let object = |n: usize| {
            format!(
                "{{{}}}",
                (0..n)
                    .map(|i| format!("\"k{i}\":{i}"))
                    .collect::<Vec<_>>()
                    .join(",")
            )
        };
        assert!(n(&object(20_000)).contains(&n(&object(19_000))));
    }

    #[test]
    fn containment() {
        assert!(n(r#"{"a":1}"#).contains(&n(r#"{"a":2,"a":1}"#)));
        assert!(
            n(r#"{"a":{"b":1,"c":2},"d":[3,{"e":4,"f":5}]}"#)
                .contains(&n(r#"{"a":{"c":2},"d":[{"e":4}]}"#))
        );
        assert!(!n(r#"{"a":1}"#).contains(&n(r#"{"a":1,"b":2}"#)));
    }
}
