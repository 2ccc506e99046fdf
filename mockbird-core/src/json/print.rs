//! [`Node`] to compact text.

use std::fmt::{self, Write};

use super::{Node, Value};

impl fmt::Display for Node {
    /// Compact JSON: no spaces, numbers as they were written; `{:#}` has a line for each member and element.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let depth = f.alternate().then_some(0);
        self.write(f, depth)
    }
}

impl Node {
    /// Over several lines if there is a depth, which is bounded as that of every tree.
    fn write(&self, f: &mut fmt::Formatter<'_>, depth: Option<usize>) -> fmt::Result {
        let inner = depth.map(|depth| depth + 1);
        match &self.value {
            Value::Null => f.write_str("null"),
            Value::Bool(flag) => write!(f, "{flag}"),
            Value::Number(number) => f.write_str(number.as_str()),
            Value::String(text) => write_string(f, text),
            Value::Array(elements) if elements.is_empty() => f.write_str("[]"),
            Value::Array(elements) => {
                for (i, element) in elements.iter().enumerate() {
                    f.write_char(if i == 0 { '[' } else { ',' })?;
                    write_break(f, inner)?;
                    element.write(f, inner)?;
                }
                write_break(f, depth)?;
                f.write_char(']')
            }
            Value::Object(members) if members.is_empty() => f.write_str("{}"),
            Value::Object(members) => {
                for (i, member) in members.iter().enumerate() {
                    f.write_char(if i == 0 { '{' } else { ',' })?;
                    write_break(f, inner)?;
                    write_string(f, &member.key)?;
                    f.write_str(if depth.is_some() { ": " } else { ":" })?;
                    member.value.write(f, inner)?;
                }
                write_break(f, depth)?;
                f.write_char('}')
            }
        }
    }
}

/// The end of a line and the indentation of the next, if there is a depth.
fn write_break(f: &mut fmt::Formatter<'_>, depth: Option<usize>) -> fmt::Result {
    match depth {
        Some(depth) => write!(f, "\n{:1$}", "", 2 * depth),
        None => Ok(()),
    }
}

/// Writes a JSON string with its quotes.
pub(crate) fn write_string(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    write_escaped(out, text)?;
    out.write_char('"')
}

/// Writes text as the content of a JSON string, without quotes.
pub(crate) fn write_escaped(out: &mut impl Write, text: &str) -> fmt::Result {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| ESCAPED[usize::from(b)]) {
        out.write_str(&rest[..at])?;
        let byte = rest.as_bytes()[at];
        match byte {
            b'"' => out.write_str("\\\"")?,
            b'\\' => out.write_str("\\\\")?,
            b'\n' => out.write_str("\\n")?,
            b'\r' => out.write_str("\\r")?,
            b'\t' => out.write_str("\\t")?,
            _ => write!(out, "\\u{byte:04x}")?,
        }
        // What is escaped is a byte of ASCII, so that a character begins after it.
        rest = &rest[at + 1..];
    }
    out.write_str(rest)
}

/// The bytes that a JSON string holds as escapes only: looked up, as most text is short and has none.
const ESCAPED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    table
};
