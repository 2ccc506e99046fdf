//! JSON merge patches (RFC 7396).

use std::collections::HashSet;

use mockbird_core::fault::{Faults, Place};
use mockbird_core::json::{Member, Node, Value};

use crate::app::AppError;

/// The target as the patch, which stands at a place, wishes it: members that are null go, objects are merged, all else takes
/// the place of what was.
///
/// # Errors
/// Keys of the patch that are repeated: one of them would be lost.
pub(super) fn merge(target: Node, patch: Node, at: &Place<'_>) -> Result<Node, AppError> {
    let mut faults = Faults::default();
    refuse_repeated(&patch, at, &mut faults);
    if faults.errors.is_empty() {
        Ok(merged(target, patch))
    } else {
        Err(AppError::Faults(faults.errors))
    }
}

/// Lists are put in place as they are, so that what is in them is not looked at here.
fn refuse_repeated(patch: &Node, at: &Place<'_>, faults: &mut Faults) {
    let mut seen = HashSet::new();
    for Member { key, value, .. } in patch.members().unwrap_or_default() {
        let at = at.key(key);
        if !seen.insert(key) {
            let message = format!("the key `{key}` is repeated");
            faults.error(&at, message, "remove one of them");
        }
        refuse_repeated(value, &at, faults);
    }
}

fn merged(target: Node, patch: Node) -> Node {
    let Value::Object(changes) = patch.value else {
        return patch;
    };
    let mut members = match target.value {
        Value::Object(members) => members,
        _ => Vec::new(),
    };
    for change in changes {
        let place = members.iter().position(|member| member.key == change.key);
        match (place, change.value.value) {
            (Some(place), Value::Null) => drop(members.remove(place)),
            (None, Value::Null) => {}
            (Some(place), value) => {
                let before = std::mem::replace(&mut members[place].value, Value::Null.into());
                members[place].value = merged(before, value.into());
            }
            (None, value) => members.push(Member {
                key: change.key,
                key_span: change.key_span,
                value: merged(Value::Null.into(), value.into()),
            }),
        }
    }
    Value::Object(members).into()
}

#[cfg(test)]
mod tests {
    use mockbird_core::json;

    use super::*;

    /// The examples of RFC 7396, appendix A.
    #[test]
    fn merges_as_the_rfc_says() {
        for (target, patch, merged) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (
                r#"{"a":{"b":"c"}}"#,
                r#"{"a":{"b":"d","c":null}}"#,
                r#"{"a":{"b":"d"}}"#,
            ),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
            (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
            (r#"{"a":"foo"}"#, "null", "null"),
            (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
            ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
            ("{}", r#"{"a":1e400,"b":1.50}"#, r#"{"a":1e400,"b":1.50}"#),
        ] {
            let parse = |text: &str| json::parse(text.as_bytes()).unwrap();
            let made = merge(parse(target), parse(patch), &Place::ROOT).unwrap();
            assert_eq!(made.to_string(), merged);
        }
    }

    #[test]
    fn a_key_that_is_repeated_is_refused_with_its_place() {
        let patch = r#"{"a": 1, "b": {"c": 1, "c": 2}, "d": [{"e": 1, "e": 2}], "a": 2}"#;
        let patch = json::parse(patch.as_bytes()).unwrap();
        let root = Place::ROOT.key("response");
        let Err(AppError::Faults(faults)) = merge(Value::Null.into(), patch, &root) else {
            panic!("it was merged");
        };
        let places: Vec<_> = faults.iter().map(|fault| fault.at.as_str()).collect();
        assert_eq!(places, ["response.b.c", "response.a"]);
    }
}
