//! Template text to tokens, with the place of each.

use std::borrow::Cow;

use super::fault::{CompileFault, Pos};
use crate::fault::shown;

/// A token of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'s> {
    /// Text outside of tags.
    Text(&'s str),
    /// `{{`
    PrintStart,
    /// `}}`
    PrintEnd,
    /// `{%`
    TagStart,
    /// `%}`
    TagEnd,
    /// A name or keyword.
    Name(&'s str),
    /// A string, unescaped.
    Str(Cow<'s, str>),
    /// A whole number.
    Int(i128),
    /// A number with a fraction or exponent.
    Float(f64),
    /// An operator or bracket, as it is written.
    Op(&'static str),
    /// The rest of a tag that cannot be read, or of the whole text after it.
    Broken(Box<CompileFault>),
}

impl Token<'_> {
    /// The token as a person would say it.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Text(_) => "text".to_owned(),
            Self::PrintStart => "`{{`".to_owned(),
            Self::PrintEnd => "`}}`".to_owned(),
            Self::TagStart => "`{%`".to_owned(),
            Self::TagEnd => "`%}`".to_owned(),
            Self::Name(name) => shown(name),
            Self::Str(_) => "a string".to_owned(),
            Self::Int(_) | Self::Float(_) => "a number".to_owned(),
            Self::Op(op) => format!("`{op}`"),
            Self::Broken(fault) => fault.message.clone(),
        }
    }
}

/// Longer operators first, so that `**` is not read as `*` twice.
const OPERATORS: [&str; 27] = [
    "//", "**", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", ".", ",", ":", "~", "|", "=", ">",
    "<", "(", ")", "[", "]", "{", "}", ";", "!",
];

/// What closes the tag that is being read.
#[derive(Clone, Copy, PartialEq)]
enum Tag {
    Print,
    Block,
}

impl Tag {
    fn end(self) -> &'static str {
        match self {
            Self::Print => "}}",
            Self::Block => "%}",
        }
    }
}

/// Reads all tokens of a template; what is no token stands among them as a fault.
pub(super) fn tokens(source: &str) -> Vec<(Token<'_>, Pos)> {
    let mut lexer = Lexer {
        source,
        at: 0,
        pos: Pos { line: 1, column: 1 },
        trim: false,
        tokens: Vec::new(),
        faults: 0,
    };
    lexer.text();
    lexer.tokens
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    pos: Pos,
    /// The last tag ended with a minus: white space after it goes.
    trim: bool,
    tokens: Vec<(Token<'s>, Pos)>,
    faults: usize,
}

/// Tags that cannot be read before the rest is left alone: each may have been read to the end of the text.
const FAULTS_MAX: usize = 20;

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn advance(&mut self, bytes: usize) -> &'s str {
        let skipped = &self.rest()[..bytes];
        for c in skipped.chars() {
            if c == '\n' {
                self.pos.line = self.pos.line.saturating_add(1);
                self.pos.column = 1;
            } else {
                self.pos.column = self.pos.column.saturating_add(1);
            }
        }
        self.at += bytes;
        skipped
    }

    fn push(&mut self, token: Token<'s>, at: Pos) {
        self.tokens.push((token, at));
    }

    fn fault<T>(&self, message: &str, hint: &str) -> Result<T, CompileFault> {
        Err(CompileFault::new(self.pos, message, hint))
    }

    /// Text up to the next tag, and the tag, until the end.
    fn text(&mut self) {
        while self.at < self.source.len() {
            if std::mem::take(&mut self.trim) {
                let rest = self.rest();
                self.advance(rest.len() - rest.trim_start().len());
            }
            let found = find_tag(self.rest());
            let end = found.unwrap_or(self.rest().len());
            let lead = &self.rest()[..end];
            let minus = found.is_some() && self.rest().as_bytes().get(end + 2) == Some(&b'-');
            let kept = if minus { lead.trim_end() } else { lead };
            if !kept.is_empty() {
                self.push(Token::Text(kept), self.pos);
            }
            self.advance(lead.len());
            if found.is_some() {
                self.any_tag();
            }
        }
    }

    /// A tag or comment, whose start is next.
    fn any_tag(&mut self) {
        let rest = self.rest();
        let sign = usize::from(matches!(rest.as_bytes().get(2), Some(b'-' | b'+')));
        let raw = whole_tag(&rest[2 + sign..], "raw", false);
        let read = match (rest.as_bytes()[1], raw) {
            (b'#', _) => self.comment(),
            (b'{', _) => return self.tag(Tag::Print, sign),
            (_, None) => return self.tag(Tag::Block, sign),
            (_, Some((length, minus))) => {
                self.advance(2 + sign + length);
                self.raw(minus)
            }
        };
        if let Err(fault) = read {
            // Where it ends nobody knows.
            self.broken(fault);
            self.advance(self.rest().len());
        }
    }

    fn broken(&mut self, fault: CompileFault) {
        self.push(Token::Broken(Box::new(fault)), self.pos);
    }

    /// A tag; if it cannot be read, its fault, and reading goes on where it probably ends.
    fn tag(&mut self, tag: Tag, sign: usize) {
        let start = match tag {
            Tag::Print => Token::PrintStart,
            Tag::Block => Token::TagStart,
        };
        self.push(start, self.pos);
        let opened = self.pos;
        self.advance(2 + sign);
        let (at, pos, tokens) = (self.at, self.pos, self.tokens.len());
        let Err(fault) = self.content(tag, opened) else {
            return;
        };
        if self.rest().is_empty() {
            // What is not closed took in the tags that follow.
            (self.at, self.pos) = (at, pos);
            self.tokens.truncate(tokens);
        }
        self.broken(fault);
        let rest = self.rest();
        self.faults += 1;
        if self.faults == FAULTS_MAX {
            self.advance(rest.len());
            return;
        }
        let next = find_tag(rest).unwrap_or(rest.len());
        match rest[..next].find(tag.end()) {
            Some(end) => {
                self.advance(end);
                self.tag_end(tag);
            }
            None => {
                self.advance(next);
            }
        }
    }

    fn comment(&mut self) -> Result<(), CompileFault> {
        let rest = self.rest();
        let Some(end) = rest[2..].find("#}").map(|end| end + 2) else {
            return self.fault("a comment is not closed", "close it with `#}`");
        };
        self.trim = end > 2 && rest.as_bytes()[end - 1] == b'-';
        self.advance(end + 2);
        Ok(())
    }

    /// The text after `{% raw %}` up to `{% endraw %}`.
    fn raw(&mut self, trim_start: bool) -> Result<(), CompileFault> {
        let rest = self.rest();
        let mut from = 0;
        while let Some(block) = rest[from..].find("{%") {
            let start = from + block;
            from = start + 2;
            let Some((length, minus)) = whole_tag(&rest[from..], "endraw", true) else {
                continue;
            };
            let mut kept = &rest[..start];
            if trim_start {
                kept = kept.trim_start();
            }
            if rest.as_bytes()[from] == b'-' {
                kept = kept.trim_end();
            }
            if !kept.is_empty() {
                self.push(Token::Text(kept), self.pos);
            }
            self.advance(from + length);
            self.trim = minus;
            return Ok(());
        }
        self.fault("a raw block is not closed", "close it with `{% endraw %}`")
    }

    /// What stands inside `{{ }}` or `{% %}`, and its end.
    fn content(&mut self, tag: Tag, opened: Pos) -> Result<(), CompileFault> {
        let mut brackets = Vec::new();
        loop {
            let rest = self.rest();
            let space = rest.len()
                - rest
                    .trim_start_matches(|c: char| c.is_ascii_whitespace())
                    .len();
            self.advance(space);
            if self.rest().is_empty() {
                return Err(unclosed(tag, opened, &brackets));
            }
            if brackets.is_empty() && self.tag_end(tag) {
                return Ok(());
            }
            // Braces may close a map there, and nothing else.
            let closes = matches!((brackets.last(), tag), (Some((op, _)), t) if t == Tag::Block || *op != "{");
            if closes && self.rest().starts_with(tag.end()) {
                return Err(unclosed(tag, opened, &brackets));
            }
            self.token(tag, &mut brackets)?;
        }
    }

    fn tag_end(&mut self, tag: Tag) -> bool {
        let rest = self.rest();
        let sign = usize::from(matches!(rest.as_bytes()[0], b'-' | b'+'));
        if !rest[sign..].starts_with(tag.end()) {
            return false;
        }
        self.trim = rest.starts_with('-');
        let token = match tag {
            Tag::Print => Token::PrintEnd,
            Tag::Block => Token::TagEnd,
        };
        self.push(token, self.pos);
        self.advance(sign + 2);
        true
    }

    fn token(
        &mut self,
        tag: Tag,
        brackets: &mut Vec<(&'static str, Pos)>,
    ) -> Result<(), CompileFault> {
        let (rest, at) = (self.rest(), self.pos);
        let first = rest.as_bytes()[0];
        match first {
            b'\'' | b'"' => self.string(first),
            b'0'..=b'9' => self.number(),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                let length = rest
                    .bytes()
                    .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
                    .count();
                let name = self.advance(length);
                self.push(Token::Name(name), at);
                Ok(())
            }
            _ => {
                let Some(op) = OPERATORS.iter().find(|op| rest.starts_with(**op)) else {
                    let c = rest.chars().next().unwrap_or(' ');
                    let message = format!("unexpected character `{c}`");
                    return self.fault(&message, "text inside of a tag stands in quotes");
                };
                match *op {
                    "(" | "[" | "{" => brackets.push((op, at)),
                    // A wrong one is for the parser to say.
                    ")" | "]" | "}" if brackets.pop().is_none() => {
                        let message = format!("`{op}` closes nothing");
                        let hint = match (*op, tag) {
                            ("}", tag) => format!("write `{}` to end the tag", tag.end()),
                            _ => "remove it, or open it before".to_owned(),
                        };
                        return self.fault(&message, &hint);
                    }
                    _ => {}
                }
                self.advance(op.len());
                self.push(Token::Op(op), at);
                Ok(())
            }
        }
    }

    fn string(&mut self, quote: u8) -> Result<(), CompileFault> {
        let (rest, at) = (self.rest().as_bytes(), self.pos);
        let mut end = 1;
        let mut escaped = false;
        while let Some(&byte) = rest.get(end) {
            match byte {
                b'\\' => {
                    escaped = true;
                    end += 1;
                }
                _ if byte == quote => break,
                _ => {}
            }
            end += 1;
        }
        if rest.get(end) != Some(&quote) {
            return self.fault(
                "a string is not closed",
                "close it with the quote it begins with",
            );
        }
        let text = &self.rest()[1..end];
        let text = if escaped {
            match unescape(text) {
                Some(text) => Cow::Owned(text),
                None => {
                    return self.fault(
                        "a string holds an escape that means nothing",
                        "write `\\\\` for a backslash",
                    );
                }
            }
        } else {
            Cow::Borrowed(text)
        };
        self.advance(end + 1);
        self.push(Token::Str(text), at);
        Ok(())
    }

    fn number(&mut self) -> Result<(), CompileFault> {
        let (rest, at) = (self.rest(), self.pos);
        // In `list.1.0` the numbers are indices, not a fraction.
        let index = matches!(self.tokens.last(), Some((Token::Op("."), _)));
        let (length, float) = number_length(rest.as_bytes(), index);
        let text = rest[..length].replace('_', "");
        let token = if float {
            text.parse().ok().map(Token::Float)
        } else {
            match text.get(..2).map(str::to_ascii_lowercase).as_deref() {
                Some("0x") => i128::from_str_radix(&text[2..], 16).ok(),
                Some("0o") => i128::from_str_radix(&text[2..], 8).ok(),
                Some("0b") => i128::from_str_radix(&text[2..], 2).ok(),
                _ => text.parse().ok(),
            }
            .map(Token::Int)
        };
        let Some(token) = token else {
            return self.fault(
                &format!("{} is not a number, or too large", shown(&rest[..length])),
                "write it in quotes if it is text",
            );
        };
        self.advance(length);
        self.push(token, at);
        Ok(())
    }
}

/// The text ended inside of a tag, and perhaps of a bracket.
fn unclosed(tag: Tag, opened: Pos, brackets: &[(&str, Pos)]) -> CompileFault {
    let (what, at, end) = match (brackets.first(), tag) {
        (Some(("(", at)), _) => ("(", *at, ")"),
        (Some(("[", at)), _) => ("[", *at, "]"),
        (Some((_, at)), Tag::Block) => ("{", *at, "}"),
        // Two braces are the next tag.
        (_, Tag::Print) => ("{{", opened, "}}"),
        (_, Tag::Block) => ("{%", opened, "%}"),
    };
    let message = format!("`{what}` is not closed");
    CompileFault::new(at, message, format!("close it with `{end}`"))
}

/// Where the next `{{`, `{%` or `{#` stands.
fn find_tag(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'{', bytes)
        .find(|&at| matches!(bytes.get(at + 1), Some(b'{' | b'%' | b'#')))
}

/// If `text` (what follows `{%`) is the tag `name` and nothing else: its length, and whether it ends
/// with a minus.
fn whole_tag(text: &str, name: &str, sign: bool) -> Option<(usize, bool)> {
    let mut rest = text;
    if sign {
        rest = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    }
    rest = rest
        .trim_ascii_start()
        .strip_prefix(name)?
        .trim_ascii_start();
    let minus = rest.starts_with('-');
    rest = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    rest = rest.strip_prefix("%}")?;
    Some((text.len() - rest.len(), minus))
}

/// How long the number at the start is, and whether it has a fraction or an exponent.
fn number_length(bytes: &[u8], index: bool) -> (usize, bool) {
    let digits = |from: usize, hex: bool| {
        bytes[from..]
            .iter()
            .take_while(|b| {
                **b == b'_'
                    || if hex {
                        b.is_ascii_hexdigit()
                    } else {
                        b.is_ascii_digit()
                    }
            })
            .count()
    };
    if bytes[0] == b'0' && matches!(bytes.get(1), Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B')) {
        let hex = matches!(bytes[1], b'x' | b'X');
        return (2 + digits(2, hex), false);
    }
    let mut at = digits(0, false);
    if index {
        return (at, false);
    }
    let mut float = false;
    if bytes.get(at) == Some(&b'.') {
        // `1.foo` is a member of 1, `1.` and `1.5` are numbers.
        match bytes.get(at + 1) {
            Some(b) if b.is_ascii_alphabetic() || *b == b'_' => {}
            _ => {
                float = true;
                at += 1 + digits(at + 1, false);
            }
        }
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign, false);
        if exponent > 0 {
            float = true;
            at += 1 + sign + exponent;
        }
    }
    (at, float)
}

/// The text of a string with its escapes resolved; unknown escapes stay as they are.
fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next()? {
            plain @ ('"' | '\\' | '/' | '\'') => out.push(plain),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'x' => out.push(char::from_u32(hex(&mut chars, 2)?)?),
            'u' => out.push(unicode(&mut chars)?),
            other => {
                out.push('\\');
                out.push(other);
            }
        }
    }
    Some(out)
}

fn hex(chars: &mut std::str::Chars<'_>, digits: u32) -> Option<u32> {
    (0..digits).try_fold(0, |number, _| {
        Some(number * 16 + chars.next()?.to_digit(16)?)
    })
}

fn unicode(chars: &mut std::str::Chars<'_>) -> Option<char> {
    let first = hex(chars, 4)?;
    if !(0xD800..0xDC00).contains(&first) {
        return char::from_u32(first);
    }
    if chars.next()? != '\\' || chars.next()? != 'u' {
        return None;
    }
    let second = hex(chars, 4)?.checked_sub(0xDC00)?;
    char::from_u32(0x10000 + ((first - 0xD800) << 10) + second)
}
