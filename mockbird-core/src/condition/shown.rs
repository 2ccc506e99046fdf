//! Values as people may see them: secrets masked, long ones cut, control characters escaped.

use std::borrow::Cow;
use std::fmt::{self, Write};

use super::subject::{BodyField, Item, Subject};
use crate::form;
use crate::json::{self, Node, Value};
use crate::limits::SHOWN_CHARS_MAX;

/// What stands for a secret.
pub(crate) const MASK: &str = "***";

/// True if the value of a field of this name is not for everybody's eyes (design section 4.5).
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let whole = [
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
    ];
    whole.contains(&&*name) || has_secret_word(&name)
}

/// A request's target as a report or a log may show it: the values of query parameters with secret
/// names (`token`, `api_key`, ...) are masked.
///
/// ```
/// assert_eq!(mockbird_core::masked_target("/a?token=t&page=2"), "/a?token=***&page=2");
/// ```
pub fn masked_target(target: &str) -> Cow<'_, str> {
    let Some((path, query)) = target.split_once('?') else {
        return Cow::Borrowed(target);
    };
    if !query.split('&').any(|pair| secret_key(pair).is_some()) {
        return Cow::Borrowed(target);
    }
    let mut masked = String::with_capacity(target.len());
    masked.push_str(path);
    for (at, pair) in query.split('&').enumerate() {
        masked.push(if at == 0 { '?' } else { '&' });
        match secret_key(pair) {
            Some(key) => masked.extend([key, "=", MASK]),
            None => masked.push_str(pair),
        }
    }
    Cow::Owned(masked)
}

/// The key of a pair, as it is written, whose value is a secret.
fn secret_key(pair: &str) -> Option<&str> {
    let (key, _) = pair.split_once('=')?;
    let (name, _) = form::pairs(key).next()?;
    is_secret(&name).then_some(key)
}

fn has_secret_word(lower: &str) -> bool {
    let words = ["key", "token", "secret", "password"];
    words.iter().any(|word| lower.contains(word))
}

impl Subject {
    /// True if no value of this subject is shown.
    pub(super) fn is_secret(&self) -> bool {
        match self {
            Self::Header(name) => is_secret(name.as_str()),
            // The whole of the `Cookie` header is a secret, and so is each part of it.
            Self::Cookie(_) => true,
            Self::Query(name) | Self::Param(name) => is_secret(name),
            Self::Path | Self::Method => false,
            Self::Body(BodyField::Text | BodyField::Content | BodyField::Root) => false,
            Self::Body(BodyField::Key { key: text, .. } | BodyField::JsonPath { text, .. }) => {
                is_secret(text)
            }
            #[cfg(feature = "xpath")]
            Self::Body(BodyField::XPath { text, .. }) => is_secret(text),
        }
    }

    /// A value of this subject, or one it is compared with.
    pub(super) fn show(&self, item: Item<'_>) -> String {
        if self.is_secret() {
            return MASK.to_owned();
        }
        match (self, item) {
            (Self::Body(BodyField::Text | BodyField::Content), Item::Text(text)) => whole(text),
            (_, Item::Text(text)) => quoted(text),
            (_, Item::Node(node)) => of_node(node),
        }
    }
}

/// A whole body. What holds a secret in a form that is not understood is not shown at all.
fn whole(text: &str) -> String {
    match json::parse(text.as_bytes()) {
        Ok(node) if node.members().is_some() || node.elements().is_some() => of_node(&node),
        _ if !has_secret_word(&text.to_lowercase()) => quoted(text),
        _ if text.contains('=') && !text.contains(['<', '{', ' ', '\n']) => {
            let shown = |(key, value): (Cow<'_, str>, Cow<'_, str>)| {
                let value = if is_secret(&key) { MASK } else { &*value };
                [&*key, "=", value].concat()
            };
            quoted(&form::pairs(text).map(shown).collect::<Vec<_>>().join("&"))
        }
        _ => MASK.to_owned(),
    }
}

/// Text in double quotes, escaped as in JSON.
pub(crate) fn quoted(text: &str) -> String {
    let end = text.char_indices().nth(SHOWN_CHARS_MAX);
    match end {
        Some((end, _)) => bounded(&Node::from(&text[..end]).to_string()) + "…",
        None => bounded(&Node::from(text).to_string()),
    }
}

/// A node as compact JSON, the values of members with secret names masked.
pub(super) fn of_node(node: &Node) -> String {
    let mut out = Cut::new(SHOWN_CHARS_MAX);
    let cut = write_node(&mut out, node).is_err();
    if cut { out.text + "…" } else { out.text }
}

/// Text with control characters escaped, cut where it is much too long.
pub(super) fn bounded(text: &str) -> String {
    // Escapes make a text longer, and what is quoted was cut before.
    let mut out = Cut::new(SHOWN_CHARS_MAX * 8);
    let cut = out.write_str(text).is_err();
    if cut { out.text + "…" } else { out.text }
}

fn write_node(out: &mut Cut, node: &Node) -> fmt::Result {
    match &node.value {
        Value::Array(elements) => {
            out.write_char('[')?;
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    out.write_char(',')?;
                }
                write_node(out, element)?;
            }
            out.write_char(']')
        }
        Value::Object(members) => {
            out.write_char('{')?;
            for (at, member) in members.iter().enumerate() {
                if at > 0 {
                    out.write_char(',')?;
                }
                write!(out, "{}:", Node::from(member.key.as_str()))?;
                if is_secret(&member.key) {
                    out.write_str("\"***\"")?;
                } else {
                    write_node(out, &member.value)?;
                }
            }
            out.write_char('}')
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => write!(out, "{node}"),
    }
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
}

impl Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_shown_without_its_secrets() {
        for (target, want) in [
            ("/a", "/a"),
            ("/a?page=2&q=token", "/a?page=2&q=token"),
            ("/a?token=x", "/a?token=***"),
            ("/a?b=1&API_Key=x=y&c", "/a?b=1&API_Key=***&c"),
            ("/a?to%6Ben=x&b=?", "/a?to%6Ben=***&b=?"),
            ("/a?&password=&token", "/a?&password=***&token"),
        ] {
            assert_eq!(masked_target(target), want);
        }
    }
}
