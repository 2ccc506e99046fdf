//! Text to segments (RFC 9535 section 2), and the simple dotted form.

mod filter;

use super::syntax::{Segment, Selector};
use super::{JsonPath, JsonPathError};
use crate::limits::{JSONPATH_DEPTH_MAX, JSONPATH_INDEX_MAX, JSONPATH_SEGMENTS_MAX};

type Result<T> = std::result::Result<T, JsonPathError>;

/// Parses a path that begins with `$`.
pub(super) fn path(text: &str, regex_bytes: &mut usize) -> Result<JsonPath> {
    let mut parser = Parser::new(text);
    let path = parser.path();
    *regex_bytes = regex_bytes.saturating_add(parser.regex_bytes);
    path
}

/// Parses `user.items[0].id`.
pub(super) fn field(text: &str) -> Option<Box<[Segment]>> {
    let mut parser = Parser::new(text);
    let mut segments = Vec::new();
    while parser.at < text.len() {
        let selector = if parser.eat("[") {
            parser.simple_bracket()?
        } else {
            if !segments.is_empty() && !parser.eat(".") {
                return None;
            }
            parser.bare_name()?
        };
        if segments.len() == JSONPATH_SEGMENTS_MAX {
            return None;
        }
        segments.push(Segment {
            descend: false,
            selectors: vec![selector],
        });
    }
    (!segments.is_empty()).then(|| segments.into())
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// How deep in filters, parentheses and functions.
    depth: usize,
    /// Segments so far, those in filters included.
    segments: usize,
    /// What its regexes so far weigh together.
    regex_bytes: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            segments: 0,
            regex_bytes: 0,
        }
    }

    /// All of the text as a path.
    fn path(&mut self) -> Result<JsonPath> {
        if !self.eat("$") {
            return self.fault("a JSONPath begins with `$`");
        }
        let segments = self.segments()?;
        if self.at < self.text.len() {
            return self.fault("expected `.name`, `..`, `[` or the end");
        }
        Ok(JsonPath { segments })
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn fault<T>(&self, message: impl Into<String>) -> Result<T> {
        Err(self.error(self.at, message))
    }

    fn error(&self, at: usize, message: impl Into<String>) -> JsonPathError {
        JsonPathError {
            message: message.into(),
            column: self.text[..at].chars().count() + 1,
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expect(&mut self, token: &str) -> Result<()> {
        if self.eat(token) {
            Ok(())
        } else {
            self.fault(format!("expected `{token}`"))
        }
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == JSONPATH_DEPTH_MAX {
            return self.fault(format!(
                "nested too deep: at most {JSONPATH_DEPTH_MAX} levels are allowed"
            ));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn segments(&mut self) -> Result<Box<[Segment]>> {
        let mut segments = Vec::new();
        loop {
            let before = self.at;
            self.skip_space();
            let descend = self.eat("..");
            let dotted = !descend && self.eat(".");
            let selectors = if !dotted && self.eat("[") {
                self.bracket()?
            } else if descend || dotted {
                vec![self.dotted_selector()?]
            } else {
                self.at = before;
                return Ok(segments.into());
            };
            self.segments += 1;
            if self.segments > JSONPATH_SEGMENTS_MAX {
                return self.fault(format!(
                    "too long: at most {JSONPATH_SEGMENTS_MAX} segments are allowed"
                ));
            }
            segments.push(Segment { descend, selectors });
        }
    }

    fn dotted_selector(&mut self) -> Result<Selector> {
        if self.eat("*") {
            return Ok(Selector::Wildcard);
        }
        let rest = self.rest();
        let inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
        let name = &rest[..rest.find(|c| !inside(c)).unwrap_or(rest.len())];
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return self.fault("expected a name or `*`; write other keys as `['key']`");
        }
        self.at += name.len();
        Ok(Selector::Name(name.into()))
    }

    /// What stands between brackets, the first of which is eaten.
    fn bracket(&mut self) -> Result<Vec<Selector>> {
        let mut selectors = Vec::new();
        loop {
            self.skip_space();
            selectors.push(self.selector()?);
            self.skip_space();
            if self.eat("]") {
                return Ok(selectors);
            }
            if !self.eat(",") {
                return self.fault("expected `,` or `]`");
            }
        }
    }

    fn selector(&mut self) -> Result<Selector> {
        match self.peek() {
            Some('\'' | '"') => Ok(Selector::Name(self.string()?.into())),
            Some('*') => {
                self.at += 1;
                Ok(Selector::Wildcard)
            }
            Some('?') => {
                self.at += 1;
                self.skip_space();
                let filter = self.deeper(Self::filter)?;
                Ok(Selector::Filter(Box::new(filter)))
            }
            Some(':' | '-' | '0'..='9') => self.index_or_slice(),
            _ => self.fault("expected a key in quotes, an index, a slice, `*` or `?`"),
        }
    }

    fn index_or_slice(&mut self) -> Result<Selector> {
        let start = self.index()?;
        let after = self.at;
        self.skip_space();
        if !self.eat(":") {
            self.at = after;
            return match start {
                Some(index) => Ok(Selector::Index(index)),
                None => self.fault("expected an index"),
            };
        }
        self.skip_space();
        let end = self.index()?;
        let after = self.at;
        self.skip_space();
        let step = if self.eat(":") {
            self.skip_space();
            self.index()?
        } else {
            self.at = after;
            None
        };
        Ok(Selector::Slice {
            start,
            end,
            step: step.unwrap_or(1),
        })
    }

    /// A whole number, if one stands here.
    fn index(&mut self) -> Result<Option<i64>> {
        let start = self.at;
        let negative = self.eat("-");
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 && !negative {
            return Ok(None);
        }
        let text = &rest[..digits];
        let canonical = text == "0" && !negative || !text.is_empty() && !text.starts_with('0');
        match text.parse::<i64>() {
            Ok(number) if canonical && number <= JSONPATH_INDEX_MAX => {
                self.at += digits;
                Ok(Some(if negative { -number } else { number }))
            }
            _ => Err(self.error(
                start,
                "an index is a whole number below 2^53 without leading zeros",
            )),
        }
    }

    fn string(&mut self) -> Result<String> {
        let start = self.at;
        let Some(quote @ ('\'' | '"')) = self.peek() else {
            return self.fault("expected text in quotes");
        };
        self.at += 1;
        let mut out = String::new();
        loop {
            let Some(c) = self.peek() else {
                return Err(self.error(start, "the quoted text is not closed"));
            };
            match c {
                _ if c == quote => {
                    self.at += 1;
                    return Ok(out);
                }
                '\\' => out.push(self.escape(quote)?),
                '\0'..='\u{1F}' => {
                    return self.fault("a control character must be written as an escape");
                }
                _ => {
                    self.at += c.len_utf8();
                    out.push(c);
                }
            }
        }
    }

    fn escape(&mut self, quote: char) -> Result<char> {
        let simple = match self.rest()[1..].chars().next() {
            Some('b') => '\u{8}',
            Some('f') => '\u{C}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('/') => '/',
            Some('\\') => '\\',
            Some(c) if c == quote => c,
            Some('u') => return self.unicode_escape(),
            _ => return self.fault("unknown escape"),
        };
        self.at += 2;
        Ok(simple)
    }

    fn unicode_escape(&mut self) -> Result<char> {
        let first = self.hex4()?;
        let code = match first {
            0xD800..0xDC00 if self.rest().starts_with("\\u") => {
                let second = self.hex4()?;
                if !(0xDC00..0xE000).contains(&second) {
                    return self.fault("half a surrogate pair");
                }
                0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
            }
            _ => first,
        };
        match char::from_u32(code) {
            Some(c) => Ok(c),
            None => self.fault("half a surrogate pair"),
        }
    }

    /// The code of the `\uXXXX` that stands here.
    fn hex4(&mut self) -> Result<u32> {
        let digits = self.rest().get(2..6).unwrap_or("");
        if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return self.fault("expected four hexadecimal digits after `\\u`");
        }
        self.at += 6;
        // Four hexadecimal digits, as was just checked.
        Ok(u32::from_str_radix(digits, 16).unwrap_or_default())
    }

    /// What stands between the brackets of a simple field, the first of which is eaten.
    fn simple_bracket(&mut self) -> Option<Selector> {
        let selector = match self.peek()? {
            '\'' | '"' => Selector::Name(self.string().ok()?.into()),
            '*' => {
                self.at += 1;
                Selector::Wildcard
            }
            _ => Selector::Index(self.index().ok()??),
        };
        self.eat("]").then_some(selector)
    }

    /// A name of a simple field: anything without dots and brackets.
    fn bare_name(&mut self) -> Option<Selector> {
        let rest = self.rest();
        let name = &rest[..rest.find(['.', '[', ']']).unwrap_or(rest.len())];
        self.at += name.len();
        (!name.is_empty()).then(|| Selector::Name(name.into()))
    }
}
