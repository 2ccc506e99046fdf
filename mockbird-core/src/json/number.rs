//! A JSON number as its text, compared by value without rounding.

use std::cmp::Ordering;
use std::fmt;

/// A JSON number (RFC 8259 section 6), kept as it was written.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Number(Box<str>);

impl Number {
    /// The number whose text this is; `None` if the text is not exactly one JSON number.
    ///
    /// ```
    /// use mockbird_core::json::Number;
    /// assert_eq!(Number::parse("1.10").unwrap().as_str(), "1.10");
    /// assert!(Number::parse("01").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        is_number(text.as_bytes()).then(|| Self(text.into()))
    }

    /// The shortest text that reads as this value; `None` if it is infinite or not a number.
    pub(crate) fn from_f64(value: f64) -> Option<Self> {
        value.is_finite().then(|| Self(value.to_string().into()))
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest `f64`; infinite if the number is beyond its range.
    pub fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// The number as an integer, if its value is one within range (`1.0` and `1e2` are).
    pub(crate) fn to_i128(&self) -> Option<i128> {
        if let Ok(exact) = self.0.parse() {
            return Some(exact);
        }
        let Decimal {
            negative,
            digits,
            exponent,
        } = Decimal::of(&self.0);
        if digits.is_empty() {
            return Some(0);
        }
        let zeros = usize::try_from(exponent).ok().filter(|&n| n <= 39)?;
        let mut text = String::with_capacity(digits.len() + zeros + 1);
        if negative {
            text.push('-');
        }
        text.push_str(&digits);
        text.extend(std::iter::repeat_n('0', zeros));
        text.parse().ok()
    }

    /// Compares by value: `1`, `1.0` and `10e-1` are equal, and no digit is lost.
    pub fn cmp_value(&self, other: &Self) -> Ordering {
        if self.0 == other.0 {
            return Ordering::Equal;
        }
        Decimal::of(&self.0).cmp(&Decimal::of(&other.0))
    }

    /// A text that is the same for all numbers of the same value: a key for a map.
    pub(crate) fn canonical(&self) -> String {
        let Decimal {
            negative,
            digits,
            exponent,
        } = Decimal::of(&self.0);
        if digits.is_empty() {
            return "0".to_owned();
        }
        format!("{}{digits}e{exponent}", if negative { "-" } else { "" })
    }
}

/// True if the bytes are exactly one JSON number.
pub(crate) fn is_number(text: &[u8]) -> bool {
    scan(text) == text.len() && !text.is_empty()
}

/// How many bytes at the start form a JSON number; 0 if none does.
pub(super) fn scan(text: &[u8]) -> usize {
    let digits = |from: usize| {
        text[from..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let mut at = usize::from(text.first() == Some(&b'-'));
    match text.get(at) {
        Some(b'0') => at += 1,
        Some(b'1'..=b'9') => at += digits(at),
        _ => return 0,
    }
    if text.get(at) == Some(&b'.') {
        let n = digits(at + 1);
        if n == 0 {
            return 0;
        }
        at += 1 + n;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let n = digits(at + 1 + sign);
        if n == 0 {
            return 0;
        }
        at += 1 + sign + n;
    }
    at
}

/// A number as `digits * 10^exponent`, the digits without zeros at either end.
#[derive(PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn of(text: &str) -> Self {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            // An exponent beyond i64 is clamped: such numbers differ from all sane ones anyway.
            Some((m, e)) => (
                m,
                e.parse::<i64>().unwrap_or(if e.starts_with('-') {
                    i64::MIN / 4
                } else {
                    i64::MAX / 4
                }),
            ),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = [whole, fraction].concat();
        let kept = all.trim_end_matches('0');
        let trailing = all.len() - kept.len();
        let digits = kept.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Self {
                negative: false,
                digits,
                exponent: 0,
            };
        }
        let exponent = exponent.clamp(i64::MIN / 4, i64::MAX / 4)
            + i64::try_from(trailing).unwrap_or(0)
            - i64::try_from(fraction.len()).unwrap_or(0);
        Self {
            negative,
            digits,
            exponent,
        }
    }

    /// The power of ten of the first digit, so that magnitudes compare without expanding.
    fn magnitude(&self) -> i64 {
        self.exponent + i64::try_from(self.digits.len()).unwrap_or(i64::MAX / 4)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |d: &Self| match (d.digits.is_empty(), d.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let (a, b) = (sign(self), sign(other));
        if a != b || a == 0 {
            return a.cmp(&b);
        }
        let size = self
            .magnitude()
            .cmp(&other.magnitude())
            .then_with(|| self.digits.cmp(&other.digits));
        if a < 0 { size.reverse() } else { size }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(number.to_string().into())
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self(number.to_string().into())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Number {
        Number::parse(text).unwrap_or_else(|| panic!("{text} is a number"))
    }

    #[test]
    fn equal_by_value() {
        for (a, b) in [
            ("1", "1.0"),
            ("10e-1", "1"),
            ("0", "-0.0"),
            ("1E2", "100"),
            ("0e5", "0"),
        ] {
            assert_eq!(n(a).cmp_value(&n(b)), Ordering::Equal, "{a} {b}");
            assert_eq!(n(a).canonical(), n(b).canonical());
        }
    }

    #[test]
    fn ordered_without_rounding() {
        for (a, b) in [
            ("9007199254740993", "9007199254740994"),
            ("-2", "-1"),
            ("-1", "0"),
            ("0.1", "0.11"),
            ("9", "10"),
            ("1e999999999999", "1e9999999999999"),
            ("1e-5", "1e5"),
        ] {
            assert_eq!(n(a).cmp_value(&n(b)), Ordering::Less, "{a} {b}");
        }
    }

    #[test]
    fn integers() {
        assert_eq!(n("1e2").to_i128(), Some(100));
        assert_eq!(n("1.5").to_i128(), None);
        assert_eq!(n("-1.0").to_i128(), Some(-1));
        assert_eq!(n("1e400").to_i128(), None);
    }
}
