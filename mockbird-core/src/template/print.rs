//! Values as text: plain, and as JSON.

use std::fmt::{self, Write};

use super::value::{Kind, Value};
use crate::json::{self, Node, write_string};

/// A value as people read it: nothing for what is missing, JSON for lists and maps.
pub(super) fn text(out: &mut impl Write, value: &Value<'_>) -> fmt::Result {
    match value {
        Value::Undefined | Value::None => Ok(()),
        Value::Text(text, _) => out.write_str(text.as_str()),
        Value::Capture(capture) => out.write_str(&capture.text),
        Value::Float(number) => float(out, *number),
        Value::Macro(definition) => write!(out, "<macro {}>", definition.name()),
        _ => json_in_list(out, value),
    }
}

/// A value as a JSON value of its own: text from the wire, which has no type, is bare where it can be.
pub(super) fn json_value(out: &mut impl Write, value: &Value<'_>) -> fmt::Result {
    match value {
        Value::Text(text, Kind::Wire) if is_bare(text.as_str()) => out.write_str(text.as_str()),
        _ => json_in_list(out, value),
    }
}

/// The key of a map, which is no list or map itself, as the name of a JSON member.
fn json_name(out: &mut impl Write, key: &Value<'_>) -> fmt::Result {
    match key.as_str() {
        Some(text) => write_string(out, text),
        None => write_string(out, &to_string(key)),
    }
}

/// A value as JSON; text is always a string, unless it is known to be JSON.
pub(super) fn json_in_list(out: &mut impl Write, value: &Value<'_>) -> fmt::Result {
    match value {
        Value::Undefined
        | Value::None
        | Value::Namespace(_)
        | Value::Loop(_)
        | Value::Request(_) => out.write_str("null"),
        Value::Bool(flag) => out.write_str(if *flag { "true" } else { "false" }),
        Value::Int(number) => int(out, *number),
        Value::Float(number) => {
            if number.is_finite() {
                return float(out, *number);
            }
            out.write_str("null")
        }
        Value::Number(number) => out.write_str(number.as_str()),
        Value::Text(text, Kind::Json) => out.write_str(text.as_str()),
        Value::Text(text, _) => write_string(out, text.as_str()),
        Value::Capture(capture) => write_string(out, &capture.text),
        Value::Macro(definition) => write_string(out, definition.name()),
        Value::Node(node) => self::node(out, node),
        Value::Form(fields) => object(
            out,
            fields.iter().map(|(k, v)| (k.as_str(), v)),
            |out, v| write_string(out, v),
        ),
        Value::List(list) => array(out, list.iter(), json_in_list),
        Value::Range(range) => array(out, range.iter(), int),
        Value::Map(map) => {
            out.write_char('{')?;
            for (i, (key, value)) in map.iter().enumerate() {
                if i > 0 {
                    out.write_char(',')?;
                }
                json_name(out, key)?;
                out.write_char(':')?;
                json_in_list(out, value)?;
            }
            out.write_char('}')
        }
    }
}

/// A node of a body, as it came but for white space.
pub(super) fn node(out: &mut impl Write, node: &Node) -> fmt::Result {
    match &node.value {
        json::Value::Null => out.write_str("null"),
        json::Value::Bool(flag) => out.write_str(if *flag { "true" } else { "false" }),
        json::Value::Number(number) => out.write_str(number.as_str()),
        json::Value::String(text) => write_string(out, text),
        json::Value::Array(elements) => array(out, elements.iter(), self::node),
        json::Value::Object(members) => object(
            out,
            members.iter().map(|m| (m.key.as_str(), &m.value)),
            self::node,
        ),
    }
}

fn array<W: Write, T>(
    out: &mut W,
    elements: impl Iterator<Item = T>,
    mut one: impl FnMut(&mut W, T) -> fmt::Result,
) -> fmt::Result {
    out.write_char('[')?;
    for (i, element) in elements.enumerate() {
        if i > 0 {
            out.write_char(',')?;
        }
        one(out, element)?;
    }
    out.write_char(']')
}

fn object<'k, W: Write, T>(
    out: &mut W,
    members: impl Iterator<Item = (&'k str, T)>,
    mut one: impl FnMut(&mut W, T) -> fmt::Result,
) -> fmt::Result {
    out.write_char('{')?;
    for (i, (key, value)) in members.enumerate() {
        if i > 0 {
            out.write_char(',')?;
        }
        write_string(out, key)?;
        out.write_char(':')?;
        one(out, value)?;
    }
    out.write_char('}')
}

pub(super) fn int<W: Write>(out: &mut W, number: i128) -> fmt::Result {
    // Formatting 128 bits is slow, and nearly all numbers need no more than 64.
    match i64::try_from(number) {
        Ok(small) => write!(out, "{small}"),
        Err(_) => write!(out, "{number}"),
    }
}

/// A float always shows that it is one.
fn float(out: &mut impl Write, number: f64) -> fmt::Result {
    if number.is_nan() {
        return out.write_str("NaN");
    }
    if number.is_infinite() {
        return out.write_str(if number > 0.0 { "inf" } else { "-inf" });
    }
    let text = number.to_string();
    out.write_str(&text)?;
    if text.contains('.') {
        return Ok(());
    }
    out.write_str(".0")
}

/// True if text is itself a JSON number, `true`, `false` or `null`.
pub(super) fn is_bare(text: &str) -> bool {
    matches!(text, "true" | "false" | "null") || json::is_number(text.as_bytes())
}

/// The value as a string of its own.
pub(super) fn to_string(value: &Value<'_>) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = text(&mut out, value);
    out
}
