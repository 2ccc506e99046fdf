//! JSON, as it is written, without the values of secrets.

use std::borrow::Cow;

use mockbird_core::json::{Member, Node, Span, Value, parse};

use super::{REDACTED, SecretNames};

/// The text without secrets, borrowed if there are none; absent if it is no JSON.
pub(super) fn redacted<'b>(body: &'b [u8], names: &SecretNames) -> Option<Cow<'b, [u8]>> {
    let node = parse(body).ok()?;
    let mut spans = Vec::new();
    collect(&node, names, &mut spans);
    if spans.is_empty() {
        return Some(Cow::Borrowed(body));
    }
    let mut out = Vec::with_capacity(body.len());
    let mut from = 0;
    // They come in the order of the text, and none is in another.
    for Span { start, end } in spans {
        out.extend_from_slice(&body[from..start as usize]);
        out.extend_from_slice(format!("\"{REDACTED}\"").as_bytes());
        from = end as usize;
    }
    out.extend_from_slice(&body[from..]);
    Some(Cow::Owned(out))
}

fn collect(node: &Node, names: &SecretNames, spans: &mut Vec<Span>) {
    match &node.value {
        Value::Object(members) => {
            // `{"name": "password", "value": "x"}`
            let is_naming = |member: &Member| {
                let value = member.value.as_str();
                value.is_some_and(|value| names.name_other(&member.key, value))
            };
            let names_other = members.iter().any(is_naming);
            for member in members {
                let is_hidden = names_other || names.is_secret(&member.key);
                if is_hidden && !is_naming(member) {
                    spans.push(member.value.span);
                } else {
                    collect(&member.value, names, spans);
                }
            }
        }
        Value::Array(elements) => {
            // `["password", "x"]`
            if let [name, value] = &elements[..]
                && name.as_str().is_some_and(|name| names.is_secret(name))
            {
                spans.push(value.span);
                return;
            }
            for element in elements {
                collect(element, names, spans);
            }
        }
        Value::String(text) if names.is_in_value(text) => spans.push(node.span),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_secrets_are_taken_out_and_all_else_stays_as_it_is_written() {
        let names = SecretNames::new(["ssn"]);
        for (text, want) in [
            (r#"{"a": 1.10, "b": [ ]}"#, Some(r#"{"a": 1.10, "b": [ ]}"#)),
            (
                r#"{"password": "x", "a": 1}"#,
                Some(r#"{"password": "[redacted]", "a": 1}"#),
            ),
            (
                r#"{"p\u0061ssword": {"x": 1}}"#,
                Some(r#"{"p\u0061ssword": "[redacted]"}"#),
            ),
            (
                r#"[{"apiKey": 1}, {"apiKey": [2]}]"#,
                Some(r#"[{"apiKey": "[redacted]"}, {"apiKey": "[redacted]"}]"#),
            ),
            (
                r#"{"person": {"SSN": null}}"#,
                Some(r#"{"person": {"SSN": "[redacted]"}}"#),
            ),
            (r#"{"a": "{\"pin\": 1}"}"#, Some(r#"{"a": "[redacted]"}"#)),
            (
                r#"{"name": "password", "value": "x"}"#,
                Some(r#"{"name": "password", "value": "[redacted]"}"#),
            ),
            (
                r#"{"key": "ssn", "value": "x"}"#,
                Some(r#"{"key": "ssn", "value": "[redacted]"}"#),
            ),
            (
                r#"[["token", "x"], ["a", "b"]]"#,
                Some(r#"[["token", "[redacted]"], ["a", "b"]]"#),
            ),
            (r#""token=x""#, Some(r#""[redacted]""#)),
            (r#"{"password": "x""#, None),
            ("", None),
        ] {
            let got = redacted(text.as_bytes(), &names);
            let got = got
                .as_ref()
                .map(|text| String::from_utf8_lossy(text).into_owned());
            assert_eq!(got.as_deref(), want, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn it_stays_json(text in r#"(\{("a"|"pin"|"name"): ?("x"|"pin"|1|\[\])(, ?"b": ?"token=x")?\}|\[1, "a"\])"#) {
            let names = SecretNames::default();
            let got = redacted(text.as_bytes(), &names).unwrap();
            proptest::prop_assert!(parse(&got).is_ok());
        }
    }
}
