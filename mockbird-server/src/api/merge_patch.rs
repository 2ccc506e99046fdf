//! JSON merge patches (RFC 7396).

use mockbird_core::json::{Member, Node, Value};

/// The target as the patch wishes it: members that are null go, objects are merged, all else takes the place of what was.
pub(super) fn merge(target: Node, patch: Node) -> Node {
    let Value::Object(changes) = patch.value else {
        return patch;
    };
    let mut members = match target.value {
        Value::Object(members) => members,
        _ => Vec::new(),
    };
    for change in changes {
        // In their order: of a key that is there twice, the last one counts.
        let place = members.iter().position(|member| member.key == change.key);
        match (place, change.value.value) {
            (Some(place), Value::Null) => drop(members.remove(place)),
            (None, Value::Null) => {}
            (Some(place), value) => {
                let before = std::mem::replace(&mut members[place].value, Value::Null.into());
                members[place].value = merge(before, value.into());
            }
            (None, value) => members.push(Member {
                key: change.key,
                key_span: change.key_span,
                value: merge(Value::Null.into(), value.into()),
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
            ("{}", r#"{"a":1e400,"a":1.50}"#, r#"{"a":1.50}"#),
        ] {
            let parse = |text: &str| json::parse(text.as_bytes()).unwrap();
            assert_eq!(merge(parse(target), parse(patch)).to_string(), merged);
        }
    }
}
