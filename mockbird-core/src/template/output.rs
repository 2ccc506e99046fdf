//! Where a template prints: what is written is made safe for its place.

use std::fmt::{self, Write};

use super::Escape;
use super::json_text::JsonState;
use super::print;
use super::value::{Kind, Text, Value};
use crate::json::{self, write_escaped};

/// Text of a template, with what it does to the state of the JSON around it.
#[derive(Debug)]
pub(super) struct Literal {
    text: Box<str>,
    /// The state after the text, for each state before it.
    after: [JsonState; 3],
    /// Nothing in the text must be escaped inside a JSON string.
    plain: bool,
}

impl Literal {
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.into(),
            after: JsonState::ALL.map(|state| state.after(text)),
            plain: !text.bytes().any(|b| b < 0x20 || b == b'"' || b == b'\\'),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }
}

/// How values are made safe at the present place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mode {
    /// They are not: text has nothing to escape.
    Text,
    /// As entities of XML and HTML.
    Markup,
    /// As JSON values, or as the content of the JSON string they stand in.
    Json,
    /// As the content of a JSON string that the template cannot end: a string of a structured body.
    Quoted,
    /// The same, and as entities: the structured body is sent as XML or HTML.
    QuotedMarkup,
}

impl From<Escape> for Mode {
    fn from(escape: Escape) -> Self {
        match escape {
            Escape::Json => Self::Json,
            Escape::Markup => Self::Markup,
            Escape::None | Escape::Header => Self::Text,
        }
    }
}

/// What stands in a captured text where a value was printed.
#[derive(Clone, Copy, Debug)]
enum Hole {
    /// Text: outside of quotes it needs some.
    Text,
    /// A number, a boolean or JSON: it needs none.
    Bare,
    /// Nothing: outside of quotes that is `null`.
    Missing,
}

/// A block's output kept as a value: plain text that remembers where its values stand, so that
/// `| safe` can print it as JSON that no value breaks.
#[derive(Debug, Default)]
pub(super) struct Capture {
    pub(super) text: String,
    holes: Vec<(usize, usize, Hole)>,
}

impl Capture {
    /// The captured text as JSON: its values escaped for where they stand in it.
    pub(super) fn to_json(&self) -> String {
        let mut out = String::with_capacity(self.text.len());
        let mut state = JsonState::Outside;
        let mut from = 0;
        for (start, end, hole) in &self.holes {
            let literal = &self.text[from..*start];
            out.push_str(literal);
            state = state.after(literal);
            from = *end;
            let value = &self.text[*start..*end];
            // Writing to a string does not fail.
            let _ = match (state, hole) {
                (JsonState::Outside, Hole::Text) => json::write_string(&mut out, value),
                (JsonState::Outside, Hole::Bare) => out.write_str(value),
                (JsonState::Outside, Hole::Missing) => out.write_str("null"),
                (JsonState::Inside | JsonState::Escape, _) => {
                    state = state.close_escape(&mut out);
                    write_escaped(&mut out, value)
                }
            };
        }
        out.push_str(&self.text[from..]);
        out
    }
}

/// Text that is being written, within a bound.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) text: String,
    /// How long the text may become.
    pub(super) limit: usize,
    pub(super) mode: Mode,
    /// Values are printed as they are (`autoescape false`).
    pub(super) unescaped: bool,
    /// The text becomes a value: what is made is paid for with fuel.
    pub(super) captures: bool,
    state: JsonState,
    /// The places of values, in a capture of a JSON template.
    holes: Option<Vec<(usize, usize, Hole)>>,
}

impl Output {
    /// Writes after what is in `text`.
    pub(super) fn new(text: String, limit: usize, mode: Mode) -> Self {
        Self {
            text,
            limit,
            mode,
            unescaped: false,
            captures: false,
            state: JsonState::Outside,
            holes: None,
        }
    }

    /// An output whose text becomes a value, in place of this one.
    pub(super) fn capture(&self, limit: usize) -> Self {
        let in_json = self.in_json();
        let mode = if in_json { Mode::Text } else { self.mode };
        let mut capture = Self::new(String::new(), limit, mode);
        capture.holes = in_json.then(Vec::new);
        capture.unescaped = self.unescaped;
        capture.captures = true;
        capture
    }

    /// True if the template makes JSON, in its captures too.
    pub(super) fn in_json(&self) -> bool {
        self.holes.is_some() || matches!(self.mode, Mode::Json | Mode::Quoted | Mode::QuotedMarkup)
    }

    /// The captured text as a value.
    pub(super) fn into_value<'a>(self) -> Value<'a> {
        match (self.holes, self.mode) {
            (Some(holes), _) if !holes.is_empty() => Value::Capture(
                Capture {
                    text: self.text,
                    holes,
                }
                .into(),
            ),
            (_, Mode::Markup) => Value::Text(Text::from(self.text), Kind::Safe),
            _ => Value::from(self.text),
        }
    }

    /// Text of the template.
    #[inline]
    pub(super) fn literal(&mut self, literal: &Literal) -> fmt::Result {
        match self.mode {
            Mode::Text | Mode::Markup => {}
            Mode::Json => self.state = literal.after[self.state as usize],
            Mode::Quoted | Mode::QuotedMarkup if literal.plain => {}
            Mode::Quoted | Mode::QuotedMarkup => return write_escaped(self, &literal.text),
        }
        self.write_str(&literal.text)
    }

    /// Text that is sent as it is, whatever it is.
    fn raw(&mut self, text: &str) -> fmt::Result {
        if self.mode == Mode::Json {
            self.state = self.state.after(text);
        }
        self.write_str(text)
    }

    /// True if the text of a macro may be written here; inside the quotes of JSON it is a value to escape.
    pub(super) fn takes_blocks(&self) -> bool {
        self.mode != Mode::Json || self.state == JsonState::Outside
    }

    /// A value, made safe for its place; a string for sure if it stands as a `name`.
    pub(super) fn value(&mut self, value: &Value<'_>, name: bool) -> fmt::Result {
        match self.mode {
            Mode::Text | Mode::Markup | Mode::Json if self.unescaped => self.raw_value(value),
            Mode::Text if self.holes.is_some() => self.recorded(value),
            Mode::Text => print::text(self, value),
            Mode::Markup => match value {
                Value::Text(text, Kind::Safe | Kind::Json) => self.write_str(text.as_str()),
                _ => print::text(&mut Entities(self), value),
            },
            Mode::QuotedMarkup if !matches!(value, Value::Text(_, Kind::Safe)) => {
                print::text(&mut Quoted(&mut JsonEntities::new(self)), value)
            }
            Mode::Quoted | Mode::QuotedMarkup => print::text(&mut Quoted(self), value),
            Mode::Json => match (self.state, value) {
                (_, Value::Text(text, Kind::Safe)) => self.raw(text.as_str()),
                (JsonState::Outside, _) if name => self.name(value),
                (JsonState::Outside, _) => print::json_value(self, value),
                (state, _) => {
                    self.state = state.close_escape(&mut self.text);
                    print::text(&mut Quoted(self), value)
                }
            },
        }
    }

    fn name(&mut self, value: &Value<'_>) -> fmt::Result {
        self.write_char('"')?;
        print::text(&mut Quoted(self), value)?;
        self.write_char('"')
    }

    fn raw_value(&mut self, value: &Value<'_>) -> fmt::Result {
        let before = self.text.len();
        print::text(self, value)?;
        if self.mode == Mode::Json {
            self.state = self.state.after(&self.text[before..]);
        }
        Ok(())
    }

    fn recorded(&mut self, value: &Value<'_>) -> fmt::Result {
        if let Value::Text(text, Kind::Safe) = value {
            return self.write_str(text.as_str());
        }
        let start = self.text.len();
        print::text(self, value)?;
        let hole = match value {
            Value::Undefined | Value::None => Hole::Missing,
            Value::Text(_, Kind::Json) => Hole::Bare,
            Value::Text(text, Kind::Wire) if print::is_bare(text.as_str()) => Hole::Bare,
            Value::Text(..) | Value::Capture(_) | Value::Macro(_) => Hole::Text,
            Value::Float(number) if !number.is_finite() => Hole::Text,
            _ => Hole::Bare,
        };
        let end = self.text.len();
        if let Some(holes) = &mut self.holes {
            holes.push((start, end, hole));
        }
        Ok(())
    }
}

impl Write for Output {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() > self.limit.saturating_sub(self.text.len()) {
            return Err(fmt::Error);
        }
        self.text.push_str(text);
        Ok(())
    }
}

/// Escapes what passes through as the content of a JSON string.
struct Quoted<'o, W>(&'o mut W);

impl<W: Write> Write for Quoted<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write_escaped(self.0, text)
    }
}

/// Escapes what passes through as entities.
pub(super) struct Entities<'o, W>(pub(super) &'o mut W);

impl<W: Write> Write for Entities<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut from = 0;
        for (at, byte) in text.bytes().enumerate() {
            let Some(entity) = entity(byte) else {
                continue;
            };
            self.0.write_str(&text[from..at])?;
            self.0.write_str(entity)?;
            from = at + 1;
        }
        self.0.write_str(&text[from..])
    }
}

fn entity(byte: u8) -> Option<&'static str> {
    Some(match byte {
        b'<' => "&lt;",
        b'>' => "&gt;",
        b'&' => "&amp;",
        b'"' => "&quot;",
        b'\'' => "&#x27;",
        _ => return None,
    })
}

/// Escapes what the strings hold of the JSON that passes through as entities: it stays JSON.
pub(super) struct JsonEntities<'o, W> {
    out: &'o mut W,
    /// A backslash has come, and what it stands before not yet.
    escape: bool,
}

impl<'o, W: Write> JsonEntities<'o, W> {
    pub(super) fn new(out: &'o mut W) -> Self {
        Self { out, escape: false }
    }
}

impl<W: Write> Write for JsonEntities<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            let escaped = std::mem::take(&mut self.escape);
            match c {
                '\\' if !escaped => self.escape = true,
                '"' if escaped => self.out.write_str("&quot;")?,
                // A quote without a backslash is one of JSON's own.
                '<' | '>' | '&' | '\'' => {
                    let entity = u8::try_from(c).ok().and_then(entity);
                    self.out.write_str(entity.unwrap_or_default())?;
                }
                c => {
                    if escaped {
                        self.out.write_char('\\')?;
                    }
                    self.out.write_char(c)?;
                }
            }
        }
        Ok(())
    }
}
