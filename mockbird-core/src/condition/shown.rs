//! Values as people may see them: secrets masked, long ones cut, control characters escaped.

use std::borrow::Cow;
use std::fmt::{self, Write};

use super::finding::Shown;
use super::subject::{BodyField, Item, Subject};
use crate::json::{self, Member, Node, Value, write_string};
use crate::limits::{SHOWN_CHARS_MAX, SHOWN_JSON_BYTES_MAX, SHOWN_NODES_MAX};
use crate::request::{ParsedBody, View, decode};
use crate::secret::{
    MASK, has_random, is_name_of_secret, is_naming, is_secret, is_secret_by_form,
    is_secret_parameter, masked_pairs, masked_path,
};

/// Texts of JSON inside of each other that are read; what lies deeper is hidden.
const TEXTS_IN_TEXTS_MAX: usize = 2;

/// Escapes make a text longer, and what is quoted was cut before.
const QUOTED_CHARS_MAX: usize = SHOWN_CHARS_MAX * 8;

/// Bytes of a text in which names of secrets are looked for: far more than is ever shown of it.
const NAMES_BYTES_MAX: usize = 4096;

/// Which values of a test are hidden, whatever they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hidden {
    pub came: bool,
    pub expected: bool,
}

impl Subject {
    /// A value is shown if every name on the way to it is known and none is a secret's. Where a path
    /// names nothing (`$..*`), the body must hold no secret at all.
    pub(super) fn hidden(&self, view: &View<'_>) -> Hidden {
        let both = |hidden| Hidden {
            came: hidden,
            expected: hidden,
        };
        match self {
            Self::Header(name) => both(is_secret(name.as_str())),
            // The whole of the `Cookie` header is a secret, and so is each part of it.
            Self::Cookie(_) => both(true),
            Self::Query(name) => both(is_secret_parameter(name)),
            // It may be the segment after a name.
            Self::Param(name) => both(
                is_secret(name) || matches!(masked_path(view.request.raw_path()), Cow::Owned(_)),
            ),
            Self::Path => both(view.params.iter().any(|(name, _)| is_secret(name))),
            Self::Method => both(false),
            Self::Body(field) => field.hidden(view.request.body()),
        }
    }

    /// A value of this subject, or one it is compared with.
    pub(super) fn show(&self, item: Item<'_>) -> Shown {
        match (self, item) {
            (Self::Body(BodyField::Text | BodyField::Content), Item::Text(text)) => whole(text),
            (Self::Path, Item::Text(text)) => shown(&masked_path(text)),
            (Self::Query(_) | Self::Param(_), Item::Text(text)) if has_random(text) => {
                Shown::Hidden
            }
            (_, Item::Text(text)) => shown(text),
            (_, Item::Node(node)) => Shown::Text(of_node(node)),
        }
    }
}

impl BodyField {
    fn hidden(&self, body: &ParsedBody) -> Hidden {
        let (text, names, is_open, ends_in_name) = match self {
            Self::Text | Self::Content | Self::Root | Self::Key { path: None, .. } => {
                let hidden = matches!(self, Self::Key { key, .. } if is_secret(key));
                return Hidden {
                    came: hidden,
                    expected: hidden,
                };
            }
            Self::Key {
                key: text,
                path: Some(path),
            }
            | Self::JsonPath { text, path } => (
                text,
                path.names().any(is_secret),
                path.is_open(),
                path.ends_in_name(),
            ),
            // The text of an element is that of all it holds.
            #[cfg(feature = "xpath")]
            Self::XPath { text, path } => (text, false, true, path.ends_in_name()),
        };
        let named = names || is_secret(text);
        Hidden {
            came: named
                || (is_open && holds_secret(body))
                || (ends_in_value(text) && holds_named(body)),
            expected: named || !ends_in_name,
        }
    }
}

/// True if a path leads to what another member or element may name.
fn ends_in_value(path: &str) -> bool {
    let end = path.trim_end_matches(['\'', '"', ')', '(']);
    let is_value = |name: &&str| {
        let at = end.len().checked_sub(name.len());
        at.and_then(|at| end.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(name))
    };
    ["value", "val", "content", "]", "*"].iter().any(is_value)
}

/// True if a body holds the name of a secret beside a value, or is too large to say so.
fn holds_named(body: &ParsedBody) -> bool {
    let mut left = SHOWN_NODES_MAX;
    match body {
        ParsedBody::Json(root) => node_holds_named(root, &mut left),
        ParsedBody::Form(fields) => fields
            .iter()
            .any(|(name, value)| is_naming(name) && is_name_of_secret(value)),
        #[cfg(feature = "xpath")]
        ParsedBody::Xml(_) => false,
        ParsedBody::Empty | ParsedBody::Text => false,
    }
}

fn node_holds_named(node: &Node, left: &mut usize) -> bool {
    *left = left.saturating_sub(1);
    let mut inside = |node: &Node| node_holds_named(node, left);
    let found = match &node.value {
        Value::Array(elements) => elements.iter().any(|one| names_secret(one) || inside(one)),
        Value::Object(members) => members
            .iter()
            .any(|member| names_other(member) || inside(&member.value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    };
    found || *left == 0
}

/// True if a member says that those beside it are of a secret: `"name": "password"`.
pub(super) fn names_other(member: &Member) -> bool {
    is_naming(&member.key) && names_secret(&member.value)
}

/// True if anything in a body has the name of a secret, or it is too large to say so.
fn holds_secret(body: &ParsedBody) -> bool {
    let mut left = SHOWN_NODES_MAX;
    match body {
        ParsedBody::Json(root) => node_holds_secret(root, &mut left),
        ParsedBody::Form(fields) => fields.iter().any(|(name, _)| is_secret(name)),
        #[cfg(feature = "xpath")]
        ParsedBody::Xml(tree) => {
            let mut names = tree.names();
            names.by_ref().take(left).any(is_secret) || names.next().is_some()
        }
        ParsedBody::Empty | ParsedBody::Text => false,
    }
}

fn node_holds_secret(node: &Node, left: &mut usize) -> bool {
    *left = left.saturating_sub(1);
    let mut inside = |node: &Node| node_holds_secret(node, left);
    let found = match &node.value {
        Value::Array(elements) => elements.iter().any(inside),
        Value::Object(members) => members
            .iter()
            .any(|member| is_secret(&member.key) || inside(&member.value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    };
    found || *left == 0
}

/// A field as it was written, but not what its filter compares a secret with.
pub(super) fn field(text: &str) -> &str {
    let compares = text.contains(['?', '=']);
    if compares && is_secret(text) {
        MASK
    } else {
        text
    }
}

/// A whole body. What holds a secret in a form that is not understood is not shown at all.
fn whole(text: &str) -> Shown {
    match reading(text, 0) {
        Reading::Json(text) => Shown::Text(text),
        Reading::Form(pairs) => Shown::Text(quoted(&pairs)),
        Reading::Harmless => Shown::Text(quoted(text)),
        Reading::Word | Reading::Secret => Shown::Hidden,
    }
}

/// Any other text: a word that is like a name of a secret is only that word.
pub(crate) fn shown(text: &str) -> Shown {
    match reading(text, 0) {
        Reading::Json(text) => Shown::Text(quoted(&text)),
        Reading::Form(pairs) => Shown::Text(quoted(&pairs)),
        Reading::Harmless | Reading::Word => Shown::Text(quoted(text)),
        Reading::Secret => Shown::Hidden,
    }
}

/// What a text is, as far as secrets go.
enum Reading<'t> {
    /// JSON, without its secrets.
    Json(String),
    /// A form, without its secrets.
    Form(Cow<'t, str>),
    /// No name of a secret in it.
    Harmless,
    /// The name of a secret, but nothing that could give it a value.
    Word,
    /// It may hold a secret, or cannot be told.
    Secret,
}

fn reading(text: &str, depth: usize) -> Reading<'_> {
    if text.trim_start().starts_with(['{', '[']) {
        if depth == TEXTS_IN_TEXTS_MAX || text.len() > SHOWN_JSON_BYTES_MAX {
            return Reading::Secret;
        }
        if let Ok(node) = json::parse(text.as_bytes()) {
            return Reading::Json(of_node_at(&node, depth + 1));
        }
    }
    if text.contains('=') && !text.contains(['<', '{', '[', ':', ';', ',', ' ', '\n']) {
        return Reading::Form(masked_pairs(text));
    }
    // Not cut within a character; any text has such a place at 0.
    let mut ends = (0..=NAMES_BYTES_MAX.min(text.len())).rev();
    let end = ends.find(|end| text.is_char_boundary(*end));
    let start = &text[..end.unwrap_or_default()];
    let once = decode(start);
    let twice = decode(&once);
    let forms = [start, &once, &twice];
    // Without an escape all are one text.
    let forms = &forms[..if start.contains('%') { 3 } else { 1 }];
    if forms.iter().any(|text| is_secret_by_form(text)) {
        return Reading::Secret;
    }
    let escaped = ["\\u", "\\x", "&#"].iter().any(|e| start.contains(e));
    if !escaped && !forms.iter().any(|text| is_secret(text)) {
        return Reading::Harmless;
    }
    if text.contains(['=', ':', '<', '{', '[', '"', '%']) {
        Reading::Secret
    } else {
        Reading::Word
    }
}

/// Text in double quotes, escaped as in JSON.
pub(crate) fn quoted(text: &str) -> String {
    let end = text.char_indices().nth(SHOWN_CHARS_MAX).map(|(end, _)| end);
    let shown = &text[..end.unwrap_or(text.len())];
    let mut out = Cut::new(QUOTED_CHARS_MAX);
    out.text.reserve(shown.len() + 2);
    let cut = write_string(&mut out, shown).is_err();
    let mut quoted = out.or_cut(cut);
    if end.is_some() {
        quoted.push('…');
    }
    quoted
}

/// A node as compact JSON, the values of members with secret names masked.
pub(super) fn of_node(node: &Node) -> String {
    of_node_at(node, 0)
}

/// The same for a node inside of so many texts.
fn of_node_at(node: &Node, depth: usize) -> String {
    let mut out = Cut::new(SHOWN_CHARS_MAX);
    let cut = write_node(&mut out, node, depth).is_err();
    out.or_cut(cut)
}

/// Text with control characters escaped, cut where it is much too long.
pub(super) fn bounded(text: &str) -> String {
    let mut out = Cut::new(QUOTED_CHARS_MAX);
    let cut = out.write_str(text).is_err();
    out.or_cut(cut)
}

fn write_node(out: &mut Cut, node: &Node, depth: usize) -> fmt::Result {
    match &node.value {
        Value::Array(elements) => {
            out.write_char('[')?;
            let hides = elements.iter().any(names_secret);
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    out.write_char(',')?;
                }
                if hides && !names_secret(element) {
                    out.write_str("\"***\"")?;
                } else {
                    write_node(out, element, depth)?;
                }
            }
            out.write_char(']')
        }
        Value::Object(members) => {
            out.write_char('{')?;
            let hides = members.iter().any(names_other);
            for (at, member) in members.iter().enumerate() {
                if at > 0 {
                    out.write_char(',')?;
                }
                write!(out, "{}:", Node::from(member.key.as_str()))?;
                if is_secret(&member.key) || (hides && !names_other(member)) {
                    out.write_str("\"***\"")?;
                } else {
                    write_node(out, &member.value, depth)?;
                }
            }
            out.write_char('}')
        }
        Value::String(text) => match reading(text, depth) {
            Reading::Json(text) => write!(out, "{}", Node::from(text)),
            Reading::Form(pairs) => write!(out, "{}", Node::from(&*pairs)),
            Reading::Harmless | Reading::Word => write!(out, "{node}"),
            Reading::Secret => out.write_str("\"***\""),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => write!(out, "{node}"),
    }
}

/// True if what stands beside this string is a secret: `["password", "x"]`.
pub(super) fn names_secret(node: &Node) -> bool {
    node.as_str().is_some_and(is_name_of_secret)
}

/// Takes so many characters and then fails, so that nothing beyond them is ever written.
struct Cut {
    text: String,
    left: usize,
}

impl Cut {
    fn new(characters: usize) -> Self {
        Self {
            text: String::new(),
            left: characters,
        }
    }

    /// What was written, and a mark if that is not all.
    fn or_cut(mut self, cut: bool) -> String {
        if cut {
            self.text.push('…');
        }
        self.text
    }
}

impl Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_plain = text.bytes().all(|b| (b' '..=b'~').contains(&b));
        if let Some(left) = self.left.checked_sub(text.len()).filter(|_| is_plain) {
            self.left = left;
            self.text.push_str(text);
            return Ok(());
        }
        for c in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            if c.is_control() || turns_text_round(c) {
                self.text.extend(c.escape_unicode());
            } else {
                self.text.push(c);
            }
        }
        Ok(())
    }
}

/// The characters by which text can be shown other than it is (Unicode TR 36, bidirectional controls).
fn turns_text_round(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
