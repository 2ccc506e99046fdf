//! YAML 1.2 (core schema) to the same tree as JSON, with the same places and bounds.
//!
//! `saphyr-parser` finds the events; here they become a [`Node`]. What JSON has no form for is
//! refused with its place: keys that are lists or objects, repeated keys, infinities, foreign tags,
//! a second document. Anchors and aliases are copied within a budget, so that no document can double
//! itself until the memory ends.

mod anchors;
mod scalar;
mod words;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput, Tag};
use std::borrow::Cow;

use crate::json::{Member, Node, Span, SyntaxError, Value, line_and_column, repeated_keys};
use crate::limits::JSON_DEPTH_MAX;
use anchors::Anchors;

/// Reads the one YAML document of `source`; an empty source is `null`.
///
/// ```
/// use mockbird_core::yaml;
/// let node = yaml::parse(b"price: 1.10\nsizes: [0x1F, ~]").unwrap();
/// assert_eq!(node.to_string(), r#"{"price":1.10,"sizes":[31,null]}"#);
/// assert_eq!(yaml::parse(b"a: 1\na: 2").unwrap_err().line, 2);
/// ```
///
/// # Errors
/// The first fault of the text, or the first thing in it that JSON has no form for.
pub fn parse(source: &[u8]) -> Result<Node, SyntaxError> {
    let text = std::str::from_utf8(source)
        .map_err(|e| SyntaxError::at(source, e.valid_up_to(), "the text is not UTF-8"))?;
    if u32::try_from(text.len()).is_err() {
        return Err(SyntaxError::at(source, 0, "the text is longer than 4 GiB"));
    }
    let mut composer = Composer::new(text);
    let read = composer.document();
    // Those before a fault say more than the fault.
    let repeated = std::mem::take(&mut composer.repeated);
    match (read, repeated.iter().min_by_key(|(at, _)| *at)) {
        (Err(fault), first) if first.is_none_or(|(at, _)| *at > fault.offset) => Err(
            SyntaxError::at(source, fault.offset as usize, fault.message),
        ),
        (Ok(node), None) => Ok(node),
        _ => Err(repeated_fault(source, repeated)),
    }
}

/// Repeated keys that are told of one text: more are not mended in one go.
const REPEATED_MAX: usize = 10;

/// One fault for all repeated keys, at the first.
fn repeated_fault(source: &[u8], mut repeated: Vec<(u32, String)>) -> SyntaxError {
    repeated.sort_unstable();
    let mut all = repeated.into_iter();
    let (first, key) = all.next().unwrap_or_default();
    let mut message = format!("the key {key} is repeated");
    for (at, key) in all {
        let (line, _) = line_and_column(source, at as usize);
        message.extend([", and ", &key, " in line ", &line.to_string()]);
    }
    SyntaxError::at(source, first as usize, message)
}

/// A fault before its line and column are counted.
#[derive(Debug)]
struct Fault {
    offset: u32,
    message: Cow<'static, str>,
}

fn fault<T>(offset: u32, message: impl Into<Cow<'static, str>>) -> Result<T, Fault> {
    Err(Fault {
        offset,
        message: message.into(),
    })
}

fn too_deep<T>(span: Span) -> Result<T, Fault> {
    fault(
        span.start,
        format!("nested too deep: at most {JSON_DEPTH_MAX} levels are allowed"),
    )
}

/// Builds the tree from events: a stack of what is open, never deeper than [`JSON_DEPTH_MAX`].
struct Composer<'s> {
    parser: Parser<'s, StrInput<'s>>,
    offsets: Offsets<'s>,
    open: Vec<Open>,
    anchors: Anchors,
    root: Option<Node>,
    /// Keys that stand in their object already, with their places; at most [`REPEATED_MAX`].
    repeated: Vec<(u32, String)>,
}

/// A collection whose end has not come yet.
struct Open {
    start: u32,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map {
        members: Vec<Member>,
        key: Option<(String, Span)>,
    },
}

/// A scalar as the parser gives it.
struct Scalar<'s> {
    text: Cow<'s, str>,
    style: ScalarStyle,
    tag: Option<Cow<'s, Tag>>,
}

impl<'s> Composer<'s> {
    fn new(text: &'s str) -> Self {
        Self {
            parser: Parser::new_from_str(text),
            offsets: Offsets::new(text),
            open: Vec::new(),
            anchors: Anchors::default(),
            root: None,
            repeated: Vec::new(),
        }
    }

    fn document(&mut self) -> Result<Node, Fault> {
        while let Some(event) = self.parser.next_event() {
            let (event, span) = event.map_err(|error| self.scan_fault(&error))?;
            let span = Span {
                start: self.offsets.byte(span.start),
                end: self.offsets.byte(span.end),
            };
            self.event(event, span)?;
        }
        Ok(self.root.take().unwrap_or_else(|| Value::Null.into()))
    }

    fn event(&mut self, event: Event<'s>, span: Span) -> Result<(), Fault> {
        let begins = !matches!(event, Event::SequenceEnd | Event::MappingEnd);
        if begins && self.open.len() > JSON_DEPTH_MAX {
            return too_deep(span);
        }
        match event {
            Event::DocumentStart(_) if self.root.is_some() => fault(
                span.start,
                "a second document begins here: a mock file holds one, remove the `---`",
            ),
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&Scalar { text, style, tag }, anchor, span)
            }
            Event::Alias(anchor) => {
                let copy = self.anchors.copy(anchor, self.open.len(), span)?;
                self.add(copy, 0)
            }
            Event::SequenceStart(anchor, tag) => self.begin(
                span,
                anchor,
                tag.as_deref(),
                "seq",
                Content::List(Vec::new()),
            ),
            Event::MappingStart(anchor, tag) => {
                let content = Content::Map {
                    members: Vec::new(),
                    key: None,
                };
                self.begin(span, anchor, tag.as_deref(), "map", content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn scalar(&mut self, scalar: &Scalar<'_>, anchor: usize, span: Span) -> Result<(), Fault> {
        let is_key = matches!(
            self.open.last(),
            Some(Open {
                content: Content::Map { key: None, .. },
                ..
            })
        );
        let value = if is_key {
            if scalar.text == "<<" && scalar.style == ScalarStyle::Plain {
                return fault(
                    span.start,
                    "merge keys (`<<`) are not part of YAML 1.2: write the members out, or use an alias for a whole value",
                );
            }
            // JSON keys are text: `200: ok` has the key "200".
            Value::String(scalar.text.to_string())
        } else {
            scalar.resolve(span.start)?
        };
        self.add(Node { value, span }, anchor)
    }

    fn begin(
        &mut self,
        span: Span,
        anchor: usize,
        tag: Option<&Tag>,
        core: &str,
        content: Content,
    ) -> Result<(), Fault> {
        if let Some(Open {
            content: Content::Map { key: None, .. },
            ..
        }) = self.open.last()
        {
            return fault(
                span.start,
                "a list or an object cannot be a key: a text that begins with `{` or `[`, such as a template, needs quotes",
            );
        }
        if let Some(tag) = tag.filter(|tag| !is_core(tag, core)) {
            return unknown_tag(tag, span.start);
        }
        self.open.push(Open {
            start: span.start,
            anchor,
            content,
        });
        Ok(())
    }

    fn end(&mut self, span: Span) -> Result<(), Fault> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let (value, last) = match open.content {
            Content::List(elements) => {
                let last = elements.last().map(|node| node.span.end);
                (Value::Array(elements), last)
            }
            Content::Map { members, .. } => {
                let room = REPEATED_MAX.saturating_sub(self.repeated.len());
                let repeated = repeated_keys(&members).into_iter().take(room);
                self.repeated.extend(repeated.map(|at| {
                    let Member { key, key_span, .. } = &members[at];
                    (key_span.start, crate::fault::shown(key))
                }));
                let last = members.last().map(|member| member.value.span.end);
                (Value::Object(members), last)
            }
        };
        // A block ends, for the parser, where the next thing begins: its last child is its true end.
        let end = match last {
            Some(last) if span.start == span.end => last,
            _ => span.end,
        };
        let span = Span {
            start: open.start,
            end: end.max(open.start),
        };
        self.add(Node { value, span }, open.anchor)
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Fault> {
        if anchor > 0 {
            self.anchors.keep(anchor, &node)?;
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::List(elements)) => elements.push(node),
            Some(Content::Map { members, key }) => match key.take() {
                None => *key = Some(into_key(node)?),
                Some((key, key_span)) => members.push(Member {
                    key,
                    key_span,
                    value: node,
                }),
            },
        }
        Ok(())
    }

    fn scan_fault(&mut self, error: &ScanError) -> Fault {
        Fault {
            offset: self.offsets.byte(*error.marker()),
            message: words::of(error.info()),
        }
    }
}

impl Scalar<'_> {
    fn resolve(&self, start: u32) -> Result<Value, Fault> {
        let refuse = |refusal: scalar::Refusal| Fault {
            offset: start,
            message: refusal.message().into(),
        };
        let Some(tag) = &self.tag else {
            return match self.style {
                ScalarStyle::Plain => scalar::resolve(&self.text).map_err(refuse),
                ScalarStyle::SingleQuoted
                | ScalarStyle::DoubleQuoted
                | ScalarStyle::Literal
                | ScalarStyle::Folded => Ok(Value::String(self.text.to_string())),
            };
        };
        // `!` alone means: do not resolve, it is text.
        if is_core(tag, "str") || (tag.handle.is_empty() && tag.suffix == "!") {
            return Ok(Value::String(self.text.to_string()));
        }
        let value = scalar::resolve(&self.text).map_err(refuse)?;
        let fits = match value {
            Value::Null => is_core(tag, "null"),
            Value::Bool(_) => is_core(tag, "bool"),
            Value::Number(_) => is_core(tag, "int") || is_core(tag, "float"),
            Value::String(_) | Value::Array(_) | Value::Object(_) => false,
        };
        if fits {
            return Ok(value);
        }
        if ["null", "bool", "int", "float"]
            .iter()
            .any(|core| is_core(tag, core))
        {
            return fault(start, format!("the value is no `!!{}`", tag.suffix));
        }
        unknown_tag(tag, start)
    }
}

fn is_core(tag: &Tag, suffix: &str) -> bool {
    tag.is_yaml_core_schema() && tag.suffix == suffix
}

fn unknown_tag<T>(tag: &Tag, offset: u32) -> Result<T, Fault> {
    let tag = crate::fault::shown(&tag.to_string());
    fault(
        offset,
        format!("the tag {tag} is not known here: a text that begins with `!` needs quotes"),
    )
}

/// A node as a key: a scalar's text.
fn into_key(node: Node) -> Result<(String, Span), Fault> {
    let span = node.span;
    match node.value {
        Value::String(text) => Ok((text, span)),
        value @ (Value::Null | Value::Bool(_) | Value::Number(_)) => {
            Ok((Node::from(value).to_string(), span))
        }
        Value::Array(_) | Value::Object(_) => {
            fault(span.start, "a list or an object cannot be a key")
        }
    }
}

/// Byte offsets of the parser's marks, which count characters.
struct Offsets<'s> {
    bytes: &'s [u8],
    /// Then the two are the same.
    is_ascii: bool,
    /// A mark and its byte: marks come nearly in order, so the next one is near.
    index: usize,
    byte: usize,
}

impl<'s> Offsets<'s> {
    fn new(text: &'s str) -> Self {
        Self {
            bytes: text.as_bytes(),
            is_ascii: text.is_ascii(),
            index: 0,
            byte: 0,
        }
    }

    fn byte(&mut self, mark: Marker) -> u32 {
        let byte = if self.is_ascii {
            mark.index().min(self.bytes.len())
        } else {
            self.walk_to(mark.index())
        };
        // `parse` refuses texts whose length does not fit.
        #[expect(clippy::cast_possible_truncation)]
        let byte = byte as u32;
        byte
    }

    fn walk_to(&mut self, index: usize) -> usize {
        let starts_char = |byte: u8| byte & 0xC0 != 0x80;
        while self.index < index && self.byte < self.bytes.len() {
            self.byte += 1;
            while self.bytes.get(self.byte).is_some_and(|&b| !starts_char(b)) {
                self.byte += 1;
            }
            self.index += 1;
        }
        while self.index > index && self.byte > 0 {
            self.byte -= 1;
            while self.byte > 0 && !starts_char(self.bytes[self.byte]) {
                self.byte -= 1;
            }
            self.index -= 1;
        }
        self.byte
    }
}

#[cfg(test)]
mod tests;
