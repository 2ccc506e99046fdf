//! Places in a spec, such as `mocks[3].responses[1].headers["X.Y"]`: written and read.

use std::borrow::Cow;
use std::fmt;

use crate::fault::Part;
use crate::json::{self, Node, Span, Value, write_string};
use crate::limits::SHOWN_CHARS_MAX;

/// A place in a spec while it is walked: a chain on the stack, written out only for a fault.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    /// The whole spec.
    pub const ROOT: Place<'static> = Place {
        parent: None,
        step: Step::Root,
    };

    /// The member `key` of this place.
    pub fn key(&'a self, key: &'a str) -> Place<'a> {
        Place {
            parent: Some(self),
            step: Step::Key(key),
        }
    }

    /// The element `index` of this place.
    pub fn index(&'a self, index: usize) -> Place<'a> {
        Place {
            parent: Some(self),
            step: Step::Index(index),
        }
    }
}

impl fmt::Display for Place<'_> {
    /// Keys stand bare after a dot; those that would be misread stand in brackets, as JSON strings.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(parent) = self.parent else {
            return Ok(());
        };
        parent.fmt(f)?;
        match self.step {
            Step::Root => Ok(()),
            Step::Key(key) if !is_bare(key) => {
                f.write_str("[")?;
                write_string(f, &shortened(key))?;
                f.write_str("]")
            }
            Step::Key(key) if parent.parent.is_none() => f.write_str(key),
            Step::Key(key) => write!(f, ".{key}"),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

fn is_bare(key: &str) -> bool {
    (1..=SHOWN_CHARS_MAX).contains(&key.len())
        && !key.contains(|c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '.' | '[' | ']' | '"')
        })
}

/// A place is for people: an endless key is cut, and [`find`] then finds what it stands in.
fn shortened(key: &str) -> Cow<'_, str> {
    match key.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => Cow::Owned(format!("{}…", &key[..end])),
        None => Cow::Borrowed(key),
    }
}

/// The part of the source that a written place means, or the nearest part around it that exists.
///
/// A member begins where its value does, or at its key if that is at fault or nothing is written after it.
pub(crate) fn find(root: &Node, at: &str, part: Part) -> Span {
    let mut node = root;
    let mut span = root.span;
    let mut key = None;
    for step in Steps(at) {
        match (step, &node.value) {
            (ReadStep::Index(index), Value::Array(elements)) => {
                let Some(element) = elements.get(index) else {
                    return span;
                };
                (node, span, key) = (element, element.span, None);
            }
            (ReadStep::Key(name), Value::Object(members)) => {
                let Some(member) = members.iter().rev().find(|m| m.key == *name) else {
                    return span;
                };
                key = Some(member.key_span);
                node = &member.value;
                span = Span {
                    start: member.key_span.start,
                    end: node.span.end,
                };
            }
            _ => return span,
        }
    }
    match (key, part) {
        (Some(key), Part::Value)
            if key.end <= node.span.start && node.span.start < node.span.end =>
        {
            node.span
        }
        _ => span,
    }
}

enum ReadStep<'a> {
    Key(Cow<'a, str>),
    Index(usize),
}

/// The steps of a written place; ends at what is no step.
struct Steps<'a>(&'a str);

impl<'a> Iterator for Steps<'a> {
    type Item = ReadStep<'a>;

    fn next(&mut self) -> Option<ReadStep<'a>> {
        let text = self.0.strip_prefix('.').unwrap_or(self.0);
        if let Some(rest) = text.strip_prefix("[\"") {
            return self.quoted(rest);
        }
        if let Some(rest) = text.strip_prefix('[') {
            let (index, rest) = rest.split_once(']')?;
            self.0 = rest;
            return index.parse().ok().map(ReadStep::Index);
        }
        let end = text.find(['.', '[']).unwrap_or(text.len());
        let (key, rest) = text.split_at(end);
        self.0 = rest;
        (!key.is_empty()).then_some(ReadStep::Key(Cow::Borrowed(key)))
    }
}

impl<'a> Steps<'a> {
    /// A key as a JSON string, `rest` beginning after its opening quote.
    fn quoted(&mut self, rest: &'a str) -> Option<ReadStep<'a>> {
        let mut escaped = false;
        let close = rest.find(|c| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        })?;
        let literal = format!("\"{}\"", &rest[..close]);
        let key = json::parse(literal.as_bytes()).ok()?.as_str()?.to_owned();
        self.0 = rest[close + 1..].strip_prefix(']')?;
        Some(ReadStep::Key(Cow::Owned(key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_people_would() {
        let mocks = Place::ROOT.key("mocks");
        let mock = mocks.index(3);
        let headers = mock.key("headers");
        assert_eq!(headers.to_string(), "mocks[3].headers");
        for (key, text) in [
            ("X-Ok", "mocks[3].headers.X-Ok"),
            ("X.Y", r#"mocks[3].headers["X.Y"]"#),
            ("X Bad", r#"mocks[3].headers["X Bad"]"#),
            ("", r#"mocks[3].headers[""]"#),
            ("a\"]\n", r#"mocks[3].headers["a\"]\n"]"#),
        ] {
            assert_eq!(headers.key(key).to_string(), text);
        }
        assert_eq!(Place::ROOT.key("a b").to_string(), r#"["a b"]"#);
    }

    #[test]
    fn finds_what_was_written() {
        let source = r#"{"a":[{"b.c":1,"x\"]":{"":[2,3]}}]}"#;
        let root = json::parse(source.as_bytes()).unwrap();
        for (at, found) in [
            ("", source),
            ("a", r#"[{"b.c":1,"x\"]":{"":[2,3]}}]"#),
            (r#"a[0]["b.c"]"#, "1"),
            (r#"a[0]["x\"]"][""][1]"#, "3"),
            ("a[0].absent.deeper", r#"{"b.c":1,"x\"]":{"":[2,3]}}"#),
            ("a[7]", r#""a":[{"b.c":1,"x\"]":{"":[2,3]}}]"#),
            ("][", source),
        ] {
            let span = find(&root, at, Part::Value);
            assert_eq!(
                &source[span.start as usize..span.end as usize],
                found,
                "{at}"
            );
        }
    }

    #[test]
    fn every_key_is_found_again() {
        for key in [
            "", "a", "é", "[0]", "\"", "\\", "\\\"", "a.b", "\u{1}", "🐦 x",
        ] {
            let mut source = String::from("{");
            write_string(&mut source, key).unwrap();
            source.push_str(":1}");
            let root = json::parse(source.as_bytes()).unwrap();
            let span = find(&root, &Place::ROOT.key(key).to_string(), Part::Key);
            assert_eq!(
                (span.start, span.end as usize),
                (1, source.len() - 1),
                "{key}"
            );
        }
    }
}
