//! The values a template works with while it is rendered; they borrow from the request.

use std::fmt;
use std::rc::Rc;

use super::ast::{Const, Macro};
use super::fault::{Outcome, error, limit};
use super::input::Part;
use super::output::Capture;
use crate::json::{self, Node};
use crate::limits::TEMPLATE_VALUE_DEPTH_MAX;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    /// What is not there.
    Undefined,
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    /// A number of a body: printed as it came, an ordinary number for everything else.
    Number(&'a json::Number),
    Text(Text<'a>, Kind),
    /// The output of a block, as text.
    Capture(Rc<Capture>),
    /// An array or object of a body.
    Node(&'a Node),
    /// The fields of a form.
    Form(&'a [(String, String)]),
    /// A part of the request, not looked at yet.
    Request(Part),
    List(Rc<List<'a>>),
    Map(Rc<Map<'a>>),
    Range(Range),
    /// One of the renderer's namespaces, by number.
    Namespace(usize),
    /// One of the loops that are running, by number.
    Loop(usize),
    Macro(Closure<'a>),
}

/// What is known of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A string.
    Plain,
    /// Text from the wire, which has no type.
    Wire,
    /// Text that wants no escaping.
    Safe,
    /// Text that is JSON.
    Json,
}

/// Text, borrowed where it can be.
#[derive(Clone, Debug)]
pub(super) enum Text<'a> {
    Borrowed(&'a str),
    Owned(Rc<str>),
}

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Owned(text) => text,
        }
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self::Owned(text.into())
    }
}

/// A list that a template made.
#[derive(Debug)]
pub(super) struct List<'a> {
    items: Vec<Value<'a>>,
    size: Size,
    /// One of the groups of `groupby`: its two elements have names.
    group: bool,
}

impl<'a> std::ops::Deref for List<'a> {
    type Target = [Value<'a>];

    fn deref(&self) -> &[Value<'a>] {
        &self.items
    }
}

/// A map that a template made, in the order in which it was made.
#[derive(Debug)]
pub(super) struct Map<'a> {
    entries: Vec<(Value<'a>, Value<'a>)>,
    size: Size,
}

impl<'a> std::ops::Deref for Map<'a> {
    type Target = [(Value<'a>, Value<'a>)];

    fn deref(&self) -> &[(Value<'a>, Value<'a>)] {
        &self.entries
    }
}

impl<'a> Map<'a> {
    fn get(&self, key: &Value<'_>) -> Option<&Value<'a>> {
        self.entries
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, value)| value)
    }
}

/// How large a value is that others may share: what walking through all of it would cost.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    items: usize,
    depth: usize,
}

impl Size {
    fn of(value: &Value<'_>) -> Self {
        match value {
            Value::List(list) => list.size,
            Value::Map(map) => map.size,
            Value::Node(node) => Self {
                items: (node.span.end - node.span.start) as usize,
                depth: 0,
            },
            _ => Self::default(),
        }
    }

    fn sum<'v, 'a: 'v>(values: impl Iterator<Item = &'v Value<'a>>) -> Outcome<Self> {
        let mut sum = Self { items: 0, depth: 1 };
        for value in values {
            let size = Self::of(value);
            sum.items = sum.items.saturating_add(size.items).saturating_add(1);
            sum.depth = sum.depth.max(size.depth + 1);
        }
        if sum.depth > TEMPLATE_VALUE_DEPTH_MAX {
            return Err(limit(format!(
                "a list or map is nested too deep: at most {TEMPLATE_VALUE_DEPTH_MAX} levels are allowed"
            )));
        }
        Ok(sum)
    }
}

/// Whole numbers at an equal distance, made when they are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) start: i64,
    pub(super) step: i64,
    /// At most [`crate::limits::TEMPLATE_RANGE_MAX`].
    pub(super) len: u32,
}

impl Range {
    pub(super) fn get(self, index: usize) -> Option<i128> {
        let inside = index < self.len as usize;
        // An index below `len` fits.
        inside.then(|| i128::from(self.start) + i128::from(self.step) * index as i128)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = i128> {
        (0..self.len as usize).filter_map(move |i| self.get(i))
    }
}

/// A macro and the variables around its definition.
#[derive(Clone, Copy)]
pub(super) struct Closure<'a> {
    pub(super) definition: &'a Macro,
    /// Which frame of variables surrounds the definition, and the serial number it had then.
    pub(super) frame: u32,
    pub(super) serial: u32,
}

impl Closure<'_> {
    pub(super) fn name(&self) -> &str {
        &self.definition.name
    }
}

impl fmt::Debug for Closure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<macro {}>", self.name())
    }
}

/// An ordinary number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Num {
    Int(i128),
    Float(f64),
}

impl Num {
    /// The ordinary number of a number's text: whole if it is written without fraction and exponent.
    pub(super) fn of(number: &json::Number) -> Self {
        number
            .as_str()
            .parse()
            .map_or_else(|_| Self::Float(number.to_f64()), Self::Int)
    }
}

impl From<Num> for Value<'_> {
    fn from(number: Num) -> Self {
        match number {
            Num::Int(number) => Self::Int(number),
            Num::Float(number) => Self::Float(number),
        }
    }
}

impl<'a> Value<'a> {
    /// The value of a node of a body.
    pub(super) fn of(node: &'a Node) -> Self {
        match &node.value {
            json::Value::Null => Self::None,
            json::Value::Bool(flag) => Self::Bool(*flag),
            json::Value::Number(number) => Self::Number(number),
            json::Value::String(text) => Self::str(text),
            json::Value::Array(_) | json::Value::Object(_) => Self::Node(node),
        }
    }

    /// A string that is there already.
    pub(super) fn str(text: &'a str) -> Self {
        Self::Text(Text::Borrowed(text), Kind::Plain)
    }

    /// Text from the wire.
    pub(super) fn wire(text: std::borrow::Cow<'a, str>) -> Self {
        let text = match text {
            std::borrow::Cow::Borrowed(text) => Text::Borrowed(text),
            std::borrow::Cow::Owned(text) => Text::from(text),
        };
        Self::Text(text, Kind::Wire)
    }

    pub(super) fn list(items: Vec<Value<'a>>) -> Outcome<Self> {
        Self::any_list(items, false)
    }

    /// A group of `groupby`: what its members share, and the members.
    pub(super) fn group(items: Vec<Value<'a>>) -> Outcome<Self> {
        Self::any_list(items, true)
    }

    fn any_list(items: Vec<Value<'a>>, group: bool) -> Outcome<Self> {
        let size = Size::sum(items.iter())?;
        Ok(Self::List(Rc::new(List { items, size, group })))
    }

    /// A map; of a repeated key the last value stays.
    pub(super) fn map(pairs: Vec<(Value<'a>, Value<'a>)>) -> Outcome<Self> {
        let mut entries: Vec<(Value<'a>, Value<'a>)> = Vec::with_capacity(pairs.len());
        let mut seen = std::collections::HashMap::new();
        for (key, value) in pairs {
            if key.as_str().is_none() && key.items().is_some() && !matches!(key, Value::None) {
                return Err(error(format!("{} cannot be a key", key.kind())));
            }
            let name = (key.as_str().is_some(), super::print::to_string(&key));
            let at = *seen.entry(name).or_insert(entries.len());
            match entries.get_mut(at) {
                Some(entry) => entry.1 = value,
                None => entries.push((key, value)),
            }
        }
        let size = Size::sum(entries.iter().flat_map(|(k, v)| [k, v]))?;
        Ok(Self::Map(Rc::new(Map { entries, size })))
    }

    /// How many steps it takes to walk through all of the value.
    pub(super) fn size(&self) -> usize {
        Size::of(self).items
    }

    /// The text of a string.
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text, _) => Some(text.as_str()),
            Self::Capture(capture) => Some(&capture.text),
            _ => None,
        }
    }

    /// The number, if this is one; booleans are not.
    pub(super) fn number(&self) -> Option<Num> {
        match self {
            Self::Int(number) => Some(Num::Int(*number)),
            Self::Float(number) => Some(Num::Float(*number)),
            Self::Number(number) => Some(Num::of(number)),
            _ => None,
        }
    }

    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Undefined | Self::None => false,
            Self::Bool(flag) => *flag,
            Self::Int(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Number(number) => !matches!(Num::of(number), Num::Int(0) | Num::Float(0.0)),
            Self::Namespace(_) | Self::Loop(_) | Self::Macro(_) | Self::Request(_) => true,
            _ => self.len() != Some(0),
        }
    }

    /// How many characters, elements or members there are.
    pub(super) fn len(&self) -> Option<usize> {
        match self {
            Self::Text(text, _) => Some(text.as_str().chars().count()),
            Self::Capture(capture) => Some(capture.text.chars().count()),
            Self::Node(node) => match &node.value {
                json::Value::Array(elements) => Some(elements.len()),
                json::Value::Object(members) => Some(members.len()),
                _ => None,
            },
            Self::Form(fields) => Some(fields.len()),
            Self::List(list) => Some(list.len()),
            Self::Map(map) => Some(map.len()),
            Self::Range(range) => Some(range.len as usize),
            _ => None,
        }
    }

    /// What kind of value this is, as a person would say it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Undefined => "a missing value",
            Self::None => "none",
            Self::Bool(_) => "true or false",
            Self::Int(_) | Self::Float(_) | Self::Number(_) => "a number",
            Self::Text(..) | Self::Capture(_) => "a string",
            Self::List(_) | Self::Range(_) => "a list",
            Self::Node(node) => node.kind(),
            Self::Form(_) | Self::Map(_) | Self::Namespace(_) | Self::Request(_) => "an object",
            Self::Loop(_) => "the loop",
            Self::Macro(_) => "a macro",
        }
    }

    /// The members of an object or form, as a number of steps to search them.
    pub(super) fn members(&self) -> usize {
        match self {
            Self::Node(node) => node.members().map_or(0, <[_]>::len),
            Self::Form(fields) => fields.len(),
            Self::Map(map) => map.len(),
            _ => 0,
        }
    }

    /// The member of this name; missing if there is none.
    pub(super) fn member(&self, name: &str) -> Value<'a> {
        let found = match self {
            Self::Node(node) => node.get(name).map(Value::of),
            Self::Form(fields) => fields
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| Value::wire(value.as_str().into())),
            Self::Map(map) => map
                .iter()
                .find(|(key, _)| key.as_str() == Some(name))
                .map(|(_, value)| value.clone()),
            Self::List(list) if list.group => match name {
                "grouper" => list.first().cloned(),
                "list" => list.get(1).cloned(),
                _ => None,
            },
            Self::Macro(closure) if name == "name" => Some(Value::str(&closure.definition.name)),
            _ => None,
        };
        found.unwrap_or(Value::Undefined)
    }

    /// The element at this index, which counts from the end if it is negative, or the member.
    pub(super) fn item(&self, key: &Value<'_>) -> Value<'a> {
        if let Some(name) = key.as_str() {
            return self.member(name);
        }
        let index = match key.number() {
            Some(Num::Int(index)) => index,
            // Only a float without fraction is an index.
            #[expect(clippy::cast_possible_truncation)]
            Some(Num::Float(index)) if index.fract() == 0.0 => index as i128,
            _ => return self.by_key(key),
        };
        let len = match self {
            Self::Map(_) => return self.by_key(key),
            Self::Text(..) | Self::Capture(_) => return self.character(index),
            _ => self.len().unwrap_or(0),
        };
        // Lengths fit in an i128.
        let index = if index < 0 {
            index + len as i128
        } else {
            index
        };
        usize::try_from(index)
            .ok()
            .and_then(|index| self.element(index))
            .unwrap_or(Value::Undefined)
    }

    fn by_key(&self, key: &Value<'_>) -> Value<'a> {
        match self {
            Self::Map(map) => map.get(key).cloned().unwrap_or(Value::Undefined),
            _ => Value::Undefined,
        }
    }

    fn element(&self, index: usize) -> Option<Value<'a>> {
        match self {
            Self::Node(node) => node.elements()?.get(index).map(Value::of),
            Self::List(list) => list.get(index).cloned(),
            Self::Range(range) => range.get(index).map(Value::Int),
            _ => None,
        }
    }

    fn character(&self, index: i128) -> Value<'a> {
        let text = self.as_str().unwrap_or("");
        let found = if index < 0 {
            usize::try_from(-(index + 1))
                .ok()
                .and_then(|back| text.chars().nth_back(back))
        } else {
            usize::try_from(index)
                .ok()
                .and_then(|at| text.chars().nth(at))
        };
        found.map_or(Value::Undefined, |c| Value::from(c.to_string()))
    }

    /// The elements of a list, the keys of an object, the characters of a string; nothing for what is
    /// missing. `None` for what has no elements.
    pub(super) fn items(&self) -> Option<Items<'a>> {
        Some(match self {
            Self::Undefined | Self::None => Items::Empty,
            Self::Node(node) => match &node.value {
                json::Value::Array(elements) => Items::Nodes(elements),
                json::Value::Object(members) => Items::Members(members),
                _ => Items::Empty,
            },
            Self::Form(fields) => Items::Fields(fields),
            Self::List(list) => Items::List(Rc::clone(list)),
            Self::Map(map) => Items::Map(Rc::clone(map)),
            Self::Range(range) => Items::Range(*range),
            Self::Text(..) | Self::Capture(_) => {
                Items::Chars(self.as_str().unwrap_or("").chars().collect())
            }
            _ => return None,
        })
    }
}

impl<'a> From<&'a Const> for Value<'a> {
    fn from(constant: &'a Const) -> Self {
        match constant {
            Const::Undefined => Self::Undefined,
            Const::None => Self::None,
            Const::Bool(flag) => Self::Bool(*flag),
            Const::Int(number) => Self::Int(*number),
            Const::Float(number) => Self::Float(*number),
            Const::Str(text) => Self::str(text),
        }
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Text::from(text), Kind::Plain)
    }
}

/// What a loop goes through.
#[derive(Clone, Debug)]
pub(super) enum Items<'a> {
    Empty,
    Nodes(&'a [Node]),
    Members(&'a [json::Member]),
    Fields(&'a [(String, String)]),
    List(Rc<List<'a>>),
    Map(Rc<Map<'a>>),
    Range(Range),
    Chars(Rc<[char]>),
}

impl<'a> Items<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Nodes(nodes) => nodes.len(),
            Self::Members(members) => members.len(),
            Self::Fields(fields) => fields.len(),
            Self::List(list) => list.len(),
            Self::Map(map) => map.len(),
            Self::Range(range) => range.len as usize,
            Self::Chars(chars) => chars.len(),
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<Value<'a>> {
        match self {
            Self::Empty => None,
            Self::Nodes(nodes) => nodes.get(index).map(Value::of),
            Self::Members(members) => members.get(index).map(|m| Value::str(&m.key)),
            Self::Fields(fields) => fields.get(index).map(|(key, _)| Value::str(key)),
            Self::List(list) => list.get(index).cloned(),
            Self::Map(map) => map.get_entry(index),
            Self::Range(range) => range.get(index).map(Value::Int),
            Self::Chars(chars) => chars.get(index).map(|c| Value::from(c.to_string())),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Value<'a>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

impl<'a> Map<'a> {
    fn get_entry(&self, index: usize) -> Option<Value<'a>> {
        self.entries.get(index).map(|(key, _)| key.clone())
    }
}
