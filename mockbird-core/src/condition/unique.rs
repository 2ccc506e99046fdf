//! The keyword `uniqueItems` of JSON Schema, in time that hardly grows faster than the array.
//!
//! The crate's own looks elements up by a hash that does not say how arrays are nested, so that a
//! body of 10 MiB can make all of its elements collide.

use jsonschema::{Keyword, ValidationError};
use serde_json::Value;

/// What `uniqueItems` says.
pub(super) struct UniqueItems(bool);

impl UniqueItems {
    /// Takes the keyword's value; that it is true or false, the meta-schema sees to.
    pub(super) fn of(value: &Value) -> Self {
        Self(value.as_bool().unwrap_or(false))
    }
}

impl<'i> Keyword<'i> for UniqueItems {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) {
            Ok(())
        } else {
            Err(ValidationError::custom("two items are equal"))
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        !self.0 || instance.as_array().is_none_or(|items| are_unique(items))
    }
}

fn are_unique(items: &[Value]) -> bool {
    let texts = items.iter().map(|item| {
        let mut text = String::new();
        write_canonical(&mut text, item);
        text
    });
    let mut texts: Vec<_> = texts.collect();
    texts.sort_unstable();
    texts.windows(2).all(|pair| pair[0] != pair[1])
}

/// Writes a text that equal values have in common, and only they; a body is nested no deeper than its
/// parser allows.
fn write_canonical(out: &mut String, value: &Value) {
    match value {
        Value::Null | Value::Bool(_) => out.push_str(&value.to_string()),
        Value::Number(number) => out.push_str(&canonical_number(number)),
        Value::String(text) => write_text(out, text),
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write_canonical(out, item);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(members) => {
            // In which order a map gives them depends on the features of the build.
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (key, value) in members {
                write_text(out, key);
                write_canonical(out, value);
            }
            out.push('}');
        }
    }
}

/// A text with its length before it needs no escapes.
fn write_text(out: &mut String, text: &str) {
    out.push_str(&text.len().to_string());
    out.push(':');
    out.push_str(text);
}

/// `1` for `1.0` as well.
fn canonical_number(number: &serde_json::Number) -> String {
    /// From here on an `f64` is an integer that no 64 bits hold.
    const INTEGERS_END: f64 = 18_446_744_073_709_551_616.0;
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < INTEGERS_END => {
            format!("#{float:.0}").replace("#-0", "#0")
        }
        Some(float) if number.is_f64() => format!("#{float:e}"),
        _ => format!("#{number}"),
    }
}
