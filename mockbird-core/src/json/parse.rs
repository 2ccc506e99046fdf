//! Text to [`Node`]: strict RFC 8259, bounded depth, one clear error.

use super::{Member, Node, Number, Span, Value, number};
use crate::limits::JSON_DEPTH_MAX;

/// Why a text is not JSON (or YAML), and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at line {line}, column {column}")]
pub struct SyntaxError {
    /// What is wrong, in lower case, with the remedy where there is one.
    pub message: String,
    /// Byte offset of the fault.
    pub offset: usize,
    /// Line of the fault, from 1.
    pub line: usize,
    /// Column of the fault, from 1, in characters.
    pub column: usize,
}

impl SyntaxError {
    /// An error at a byte offset of `source`.
    pub(crate) fn at(source: &[u8], offset: usize, message: impl Into<String>) -> Self {
        let (line, column) = line_and_column(source, offset);
        Self {
            message: message.into(),
            offset,
            line,
            column,
        }
    }
}

/// Line and column (from 1; the column in characters) of a byte offset.
pub(crate) fn line_and_column(source: &[u8], offset: usize) -> (usize, usize) {
    let before = &source[..offset.min(source.len())];
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    let column = String::from_utf8_lossy(&before[line_start..])
        .chars()
        .count()
        + 1;
    (line, column)
}

/// Reads one JSON value that is the whole of `source`.
///
/// ```
/// use mockbird_core::json;
/// let node = json::parse(br#"{"price": 1.10}"#).unwrap();
/// assert_eq!(node.get("price").unwrap().to_string(), "1.10");
/// assert_eq!(json::parse(b"[1,").unwrap_err().line, 1);
/// ```
///
/// Half of a surrogate pair (`"\\ud83d"`), which stands for no character, is read as U+FFFD: such bodies are on their way.
///
/// # Errors
/// The first fault of the text; nesting beyond 128 levels is one.
pub fn parse(source: &[u8]) -> Result<Node, SyntaxError> {
    parse_as(source, Halves::Replace)
}

/// The same of what somebody writes to be kept: nothing of it is read as something else.
///
/// ```
/// use mockbird_core::json;
/// let error = json::parse_strictly(br#"{"bird": "\ud83d"}"#).unwrap_err();
/// assert_eq!((error.line, error.column), (1, 11));
/// ```
///
/// # Errors
/// As for [`parse`], and half of a surrogate pair.
pub fn parse_strictly(source: &[u8]) -> Result<Node, SyntaxError> {
    parse_as(source, Halves::Refuse)
}

/// What becomes of half of a surrogate pair.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Halves {
    Replace,
    Refuse,
}

fn parse_as(source: &[u8], halves: Halves) -> Result<Node, SyntaxError> {
    let text = std::str::from_utf8(source)
        .map_err(|e| SyntaxError::at(source, e.valid_up_to(), "the text is not UTF-8"))?;
    if u32::try_from(text.len()).is_err() {
        return Err(SyntaxError::at(source, 0, "the text is longer than 4 GiB"));
    }
    let mut parser = Parser {
        text,
        bytes: source,
        at: 0,
        halves,
    };
    parser.skip_space();
    let node = parser.value(0)?;
    parser.skip_space();
    if parser.at < source.len() {
        return Err(parser.fault("expected the end of the text"));
    }
    Ok(node)
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    halves: Halves,
}

impl Parser<'_> {
    fn fault(&self, message: &str) -> SyntaxError {
        SyntaxError::at(self.bytes, self.at, message)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn span_from(&self, start: usize) -> Span {
        // `parse` refuses texts whose length does not fit.
        #[expect(clippy::cast_possible_truncation)]
        Span {
            start: start as u32,
            end: self.at as u32,
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, SyntaxError> {
        if depth > JSON_DEPTH_MAX {
            return Err(self.fault("nested too deep: at most 128 levels are allowed"));
        }
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(_) => return Err(self.fault("expected a JSON value")),
            None => return Err(self.fault("the text ends where a JSON value is expected")),
        };
        Ok(Node {
            value,
            span: self.span_from(start),
        })
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, SyntaxError> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.fault("expected a JSON value"))
        }
    }

    fn number(&mut self) -> Result<Value, SyntaxError> {
        let length = number::scan(&self.bytes[self.at..]);
        let text = &self.text[self.at..self.at + length];
        let Some(number) = Number::parse(text) else {
            return Err(self.fault("not a JSON number"));
        };
        self.at += length;
        Ok(Value::Number(number))
    }

    fn array(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        self.at += 1;
        let mut elements = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(elements));
        }
        loop {
            self.skip_space();
            elements.push(self.value(depth + 1)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::Array(elements));
                }
                _ => return Err(self.fault("expected `,` or `]` in a list")),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        self.at += 1;
        let mut members = Vec::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.fault("expected a key in double quotes"));
            }
            let start = self.at;
            let key = self.string()?;
            let key_span = self.span_from(start);
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.fault("expected `:` after a key"));
            }
            self.at += 1;
            self.skip_space();
            let value = self.value(depth + 1)?;
            members.push(Member {
                key,
                key_span,
                value,
            });
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Object(members));
                }
                _ => return Err(self.fault("expected `,` or `}` in an object")),
            }
        }
    }

    fn string(&mut self) -> Result<String, SyntaxError> {
        let open = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let plain = self.bytes[self.at..]
                .iter()
                .position(|&b| b == b'"' || b == b'\\' || b < 0x20);
            let Some(plain) = plain else {
                self.at = open;
                return Err(self.fault("a string is not closed"));
            };
            out.push_str(&self.text[self.at..self.at + plain]);
            self.at += plain;
            match self.bytes[self.at] {
                b'"' => {
                    self.at += 1;
                    return Ok(out);
                }
                b'\\' => out.push(self.escape()?),
                _ => {
                    return Err(self.fault(
                        "a control character in a string: write it as an escape, such as \\n",
                    ));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        let simple = match self.bytes.get(self.at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => return Err(self.fault("unknown escape in a string")),
        };
        self.at += 2;
        Ok(simple)
    }

    /// `\uXXXX`, and a surrogate pair of two.
    fn unicode_escape(&mut self) -> Result<char, SyntaxError> {
        let start = self.at;
        let first = self.hex4(self.at + 2)?;
        self.at += 6;
        let whole = if (0xD800..0xDC00).contains(&first) {
            self.second_half(first)?
        } else {
            char::from_u32(first)
        };
        if whole.is_none() && self.halves == Halves::Refuse {
            self.at = start;
            let why = "half of a surrogate pair stands for no character: write both halves, or the character itself";
            return Err(self.fault(why));
        }
        Ok(whole.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The character of the first half of a surrogate pair and of the second one behind it, if that is there.
    fn second_half(&mut self, first: u32) -> Result<Option<char>, SyntaxError> {
        if !self.bytes[self.at..].starts_with(b"\\u") {
            return Ok(None);
        }
        let second = self.hex4(self.at + 2)?;
        if !(0xDC00..0xE000).contains(&second) {
            return Ok(None);
        }
        self.at += 6;
        Ok(char::from_u32(
            0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00),
        ))
    }

    fn hex4(&self, from: usize) -> Result<u32, SyntaxError> {
        let digits = self
            .text
            .get(from..from + 4)
            .filter(|t| t.bytes().all(|b| b.is_ascii_hexdigit()));
        digits
            .and_then(|t| u32::from_str_radix(t, 16).ok())
            .ok_or_else(|| self.fault("expected four hexadecimal digits after \\u"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_numbers_order_and_spans() {
        let source = br#" {"z": 1.10, "a": [12345678901234567890, -0.0]} "#;
        let node = parse(source).unwrap();
        assert_eq!(
            node.to_string(),
            r#"{"z":1.10,"a":[12345678901234567890,-0.0]}"#
        );
        let z = node.get("z").unwrap().span;
        assert_eq!(&source[z.start as usize..z.end as usize], b"1.10");
    }

    #[test]
    fn refuses_with_a_place() {
        for (text, line, column) in [
            ("[1,\n 2,]", 2, 4),
            ("{\"a\" 1}", 1, 6),
            ("\"a\nb\"", 1, 3),
            ("[01]", 1, 3),
            ("nul", 1, 1),
            ("", 1, 1),
            ("1 2", 1, 3),
            ("[\"\\x\"]", 1, 3),
        ] {
            let error = parse(text.as_bytes()).unwrap_err();
            assert_eq!(
                (error.line, error.column),
                (line, column),
                "{text}: {error}"
            );
        }
        let deep = "[".repeat(100_000);
        assert!(parse(deep.as_bytes()).unwrap_err().message.contains("128"));
    }

    #[test]
    fn half_of_a_pair_is_refused_where_nothing_may_change() {
        for (text, column) in [
            (r#""\ud83d\udc26""#, None),
            (r#""\ufffd""#, None),
            (r#""ab\ud83dx""#, Some(4)),
            (r#""\ud83d\u0041""#, Some(2)),
            (r#"{"\udc26": 1}"#, Some(3)),
        ] {
            let read = parse_strictly(text.as_bytes());
            assert_eq!(read.err().map(|error| error.column), column, "{text}");
        }
    }

    #[test]
    fn surrogates() {
        assert_eq!(parse(br#""\ud83d\udc26""#).unwrap().as_str(), Some("🐦"));
        assert_eq!(parse(br#""\ud83dx""#).unwrap().as_str(), Some("\u{FFFD}x"));
        assert_eq!(
            parse(br#""\ud83d\u0041""#).unwrap().as_str(),
            Some("\u{FFFD}A")
        );
    }
}
