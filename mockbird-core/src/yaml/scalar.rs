//! Plain scalars to JSON values: the core schema of YAML 1.2.2, section 10.3.2.

use crate::json::{Number, Value};

/// Why a scalar that the core schema knows cannot become JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// `.inf` and `.nan`
    NotFinite,
    /// A hexadecimal or octal number beyond 128 bits.
    TooLarge,
}

impl Refusal {
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::NotFinite => {
                "infinity and not-a-number have no JSON form: write a number, or put the text in quotes"
            }
            Self::TooLarge => {
                "the number is beyond 128 bits: write it in decimal, or put the text in quotes"
            }
        }
    }
}

/// The value of a plain scalar.
pub(super) fn resolve(text: &str) -> Result<Value, Refusal> {
    // Most scalars are words: their first character settles it.
    match text.as_bytes().first() {
        None | Some(b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F') => {
            Ok(word(text).unwrap_or_else(|| Value::String(text.to_owned())))
        }
        Some(b'0'..=b'9' | b'-' | b'+' | b'.') => {
            Ok(number(text)?.map_or_else(|| Value::String(text.to_owned()), Value::Number))
        }
        Some(_) => Ok(Value::String(text.to_owned())),
    }
}

fn word(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        _ => None,
    }
}

/// The number of a plain scalar; `None` if it is text, such as `1.2.3`.
pub(super) fn number(text: &str) -> Result<Option<Number>, Refusal> {
    if let Some(number) = Number::parse(text) {
        return Ok(Some(number));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err(Refusal::NotFinite);
    }
    Ok(decimal(text.starts_with('-'), unsigned))
}

fn radix(digits: &str, radix: u32) -> Result<Option<Number>, Refusal> {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Ok(None);
    }
    let value = u128::from_str_radix(digits, radix).map_err(|_| Refusal::TooLarge)?;
    Ok(Number::parse(&value.to_string()))
}

/// What the core schema writes and JSON does not: `+1`, `007`, `.5`, `1.`; the value stays exact.
fn decimal(negative: bool, text: &str) -> Option<Number> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_digits = whole.bytes().all(|b| b.is_ascii_digit());
    if !is_digits || (whole.is_empty() && fraction.is_none_or(str::is_empty)) {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let sign = if negative { "-" } else { "" };
    let fraction = match fraction {
        Some("") => ".0".to_owned(),
        Some(digits) => format!(".{digits}"),
        None => String::new(),
    };
    Number::parse(&format!("{sign}{whole}{fraction}{exponent}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Node;

    fn resolved(text: &str) -> String {
        Node::from(resolve(text).unwrap()).to_string()
    }

    #[test]
    fn the_core_schema() {
        for (text, json) in [
            ("", "null"),
            ("~", "null"),
            ("Null", "null"),
            ("nULL", r#""nULL""#),
            ("True", "true"),
            ("FALSE", "false"),
            ("yes", r#""yes""#),
            ("on", r#""on""#),
            ("1.10", "1.10"),
            ("12345678901234567890", "12345678901234567890"),
            ("-0", "-0"),
            ("+1", "1"),
            ("007", "7"),
            ("-007", "-7"),
            ("00", "0"),
            ("0x1F", "31"),
            ("0o17", "15"),
            (
                "0xffffffffffffffffffffffffffffffff",
                "340282366920938463463374607431768211455",
            ),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("1.", "1.0"),
            ("+1.e5", "1.0e5"),
            ("01.50E-3", "1.50E-3"),
            ("1e5", "1e5"),
            (".", r#"".""#),
            ("-", r#""-""#),
            (".e5", r#"".e5""#),
            ("1.2.3", r#""1.2.3""#),
            ("2020-01-02", r#""2020-01-02""#),
            ("12:30", r#""12:30""#),
            ("1_000", r#""1_000""#),
            ("0x", r#""0x""#),
            ("-0x1", r#""-0x1""#),
            ("0b1", r#""0b1""#),
            ("0o8", r#""0o8""#),
            ("+-1", r#""+-1""#),
            ("1e", r#""1e""#),
            ("/a/{b}", r#""/a/{b}""#),
        ] {
            assert_eq!(resolved(text), json, "{text}");
        }
    }

    #[test]
    fn no_json_form() {
        for text in [".inf", "-.INF", "+.Inf", ".nan", ".NaN"] {
            assert_eq!(resolve(text).unwrap_err(), Refusal::NotFinite, "{text}");
        }
        assert_eq!(
            resolve(&format!("0x1{}", "0".repeat(32))).unwrap_err(),
            Refusal::TooLarge
        );
    }
}
