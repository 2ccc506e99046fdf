//! How a value is compared: one closed enum, classified when the condition is compiled.

use std::cmp::Ordering;

use jiff::Timestamp;
use regex::Regex;

use super::effort::Effort;
#[cfg(feature = "json-schema")]
use super::schema::Schema;
use super::subject::Item;
use crate::json::{self, Node, Number, Value};

#[derive(Clone, Debug)]
pub(super) enum Check {
    /// The field is there.
    Exists,
    /// A string against the text of the value.
    Text(Relation, Needle),
    /// Any other JSON value: equal, deeply.
    EqualsJson(Node),
    /// Any other JSON value: part of the value.
    ContainsJson(Node),
    Regex(Regex),
    Order(Order, Limit),
    #[cfg(feature = "json-schema")]
    Schema(Box<Schema>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Equals,
    Contains,
    StartsWith,
    EndsWith,
}

/// A text that is looked for, its folded form made once.
#[derive(Clone, Debug)]
pub(super) struct Needle {
    pub text: Box<str>,
    /// Present if case does not matter.
    folded: Option<Box<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// What a value is ordered against.
#[derive(Clone, Debug)]
pub(super) enum Limit {
    Number(Number),
    /// With its text, for reasons.
    Time(Timestamp, Box<str>),
    /// Neither: nothing compares with it.
    Neither(Box<str>),
}

impl Check {
    /// True if the value passes, within what may be done to say so.
    #[cfg_attr(
        not(feature = "json-schema"),
        expect(unused_variables, reason = "nothing else counts")
    )]
    pub(super) fn holds(&self, item: Item<'_>, effort: &mut Effort) -> bool {
        match self {
            Self::Exists => true,
            Self::Text(relation, needle) => needle.relates(*relation, item),
            Self::EqualsJson(wanted) => with_node(item, |node| node.equals(wanted)),
            Self::ContainsJson(part) => with_node(item, |node| match node.elements() {
                Some(elements) => elements.iter().any(|element| element.equals(part)),
                None => node.contains(part),
            }),
            Self::Regex(regex) => regex.is_match(&item.text()),
            Self::Order(order, limit) => {
                limit.compare(item).is_some_and(|found| order.admits(found))
            }
            #[cfg(feature = "json-schema")]
            Self::Schema(schema) => with_node(item, |node| schema.admits(node, effort)),
        }
    }
}

/// Looks at the value as JSON: text is read as it, and fails every look if it is none.
pub(super) fn with_node(item: Item<'_>, look: impl FnOnce(&Node) -> bool) -> bool {
    match item {
        Item::Node(node) => look(node),
        Item::Text(text) => json::parse(text.as_bytes()).is_ok_and(|node| look(&node)),
    }
}

impl Needle {
    pub(super) fn new(text: &str, case_insensitive: bool) -> Self {
        Self {
            text: text.into(),
            folded: case_insensitive.then(|| fold(text).into()),
        }
    }

    pub(super) fn is_folded(&self) -> bool {
        self.folded.is_some()
    }

    fn relates(&self, relation: Relation, item: Item<'_>) -> bool {
        if let Item::Node(node) = item {
            match (&node.value, relation) {
                (Value::Array(elements), Relation::Contains) => {
                    return elements
                        .iter()
                        .any(|element| self.relates(Relation::Equals, Item::Node(element)));
                }
                // Writing a list or an object out is dear, and its text is known to begin so.
                (Value::Array(_), Relation::Equals) if !self.text.starts_with('[') => return false,
                (Value::Object(_), Relation::Equals) if !self.text.starts_with('{') => {
                    return false;
                }
                _ => {}
            }
        }
        self.relates_to_text(relation, &item.text())
    }

    fn relates_to_text(&self, relation: Relation, text: &str) -> bool {
        match &self.folded {
            None => relation.holds(text, &self.text),
            Some(_) if relation == Relation::Equals && text.is_ascii() && self.text.is_ascii() => {
                text.eq_ignore_ascii_case(&self.text)
            }
            Some(folded) => relation.holds(&fold(text), folded),
        }
    }
}

/// Lower case, each character by itself: what comes around it does not change it.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

impl Relation {
    fn holds(self, text: &str, needle: &str) -> bool {
        match self {
            Self::Equals => text == needle,
            Self::Contains => text.contains(needle),
            Self::StartsWith => text.starts_with(needle),
            Self::EndsWith => text.ends_with(needle),
        }
    }
}

impl Order {
    fn admits(self, found: Ordering) -> bool {
        match self {
            Self::Greater => found.is_gt(),
            Self::GreaterOrEqual => found.is_ge(),
            Self::Less => found.is_lt(),
            Self::LessOrEqual => found.is_le(),
        }
    }
}

impl Limit {
    pub(super) fn of_text(text: &str) -> Self {
        if let Some(number) = Number::parse(text) {
            return Self::Number(number);
        }
        match date_time(text) {
            Some(time) => Self::Time(time, text.into()),
            None => Self::Neither(text.into()),
        }
    }

    /// How the value stands to the limit; nothing if they are not of one kind.
    fn compare(&self, item: Item<'_>) -> Option<Ordering> {
        let text = match item {
            Item::Text(text) => text,
            Item::Node(node) => match (&node.value, self) {
                (Value::Number(number), Self::Number(limit)) => {
                    return Some(number.cmp_value(limit));
                }
                (Value::String(text), _) => text,
                _ => return None,
            },
        };
        match self {
            Self::Number(limit) => Some(Number::parse(text)?.cmp_value(limit)),
            Self::Time(limit, _) => Some(date_time(text)?.cmp(limit)),
            Self::Neither(_) => None,
        }
    }
}

/// The instant of an RFC 3339 date-time. The parser takes more forms than that, so the shape is checked first.
fn date_time(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked(19)?;
    let shape = date.bytes().zip("0000-00-00T00:00:00".bytes());
    let well_formed = shape.into_iter().all(|(b, s)| match s {
        b'0' => b.is_ascii_digit(),
        _ => b.eq_ignore_ascii_case(&s),
    });
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let end = fraction.find(|c: char| !c.is_ascii_digit())?;
            digits(&fraction[..end]).then_some(&fraction[end..])?
        }
        None => rest,
    };
    let zone_is_offset = || {
        let numbers = zone
            .strip_prefix(['+', '-'])
            .and_then(|z| z.split_once(':'));
        numbers.is_some_and(|(h, m)| h.len() == 2 && m.len() == 2 && digits(h) && digits(m))
    };
    if well_formed && (zone.eq_ignore_ascii_case("z") || zone_is_offset()) {
        text.parse().ok()
    } else {
        None
    }
}
