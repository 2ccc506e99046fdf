//! What a template sees of the request: looked up when asked for, never built in advance.

use std::borrow::Cow;

use http::header::COOKIE;
use http::{HeaderName, HeaderValue};

use super::Context;
use super::budget::Budget;
use super::fault::Outcome;
use super::value::Value;
use crate::form;
use crate::request::ParsedBody;

/// A part of the request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Field {
    Method,
    Path,
    Id,
    Ip,
    Host,
    Body,
    /// `request.body.user.name`
    BodyMember(Box<[Box<str>]>),
    RawBody,
    /// `request`, `request.params` and so on: all of a kind.
    All(Part),
    /// `request.params.id` and so on: one by its name.
    One(Part, Box<str>),
    /// `request.headers['x-id']`, the name checked when the template was compiled.
    Header(HeaderName),
    /// `request.userId`: a parameter, a query parameter or a member of the JSON body.
    Bare(Box<str>),
}

/// The parts of a request that have names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
    /// The request itself.
    Whole,
    Params,
    Query,
    QueryAll,
    Headers,
    Cookies,
}

/// The members of `request` that are more than bare names.
static NAMES: [(&str, Field); 12] = [
    ("method", Field::Method),
    ("path", Field::Path),
    ("id", Field::Id),
    ("ip", Field::Ip),
    ("host", Field::Host),
    ("body", Field::Body),
    ("rawBody", Field::RawBody),
    ("params", Field::All(Part::Params)),
    ("query", Field::All(Part::Query)),
    ("queryAll", Field::All(Part::QueryAll)),
    ("headers", Field::All(Part::Headers)),
    ("cookies", Field::All(Part::Cookies)),
];

impl Field {
    /// The members of `request` that mean one thing.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// The member `name` of this part; `None` if this is no part that has any.
    pub(super) fn member(&self, name: &str) -> Option<Self> {
        match self {
            Self::All(Part::Whole) => {
                Some(known(name).map_or_else(|| Self::Bare(name.into()), Clone::clone))
            }
            Self::All(Part::Headers) => Some(match HeaderName::try_from(name) {
                Ok(name) => Self::Header(name),
                Err(_) => Self::One(Part::Headers, name.into()),
            }),
            Self::All(part) => Some(Self::One(*part, name.into())),
            Self::Body => Some(Self::BodyMember([name.into()].into())),
            Self::BodyMember(path) => {
                let longer = path.iter().cloned().chain([name.into()]);
                Some(Self::BodyMember(longer.collect()))
            }
            _ => None,
        }
    }

    /// What the request has there.
    pub(super) fn value<'a>(&'a self, cx: &Context<'a>, budget: &mut Budget) -> Outcome<Value<'a>> {
        let request = cx.view.request;
        Ok(match self {
            Self::Method => Value::str(cx.view.method.as_str()),
            Self::Path => owned_or_str(request.path()),
            Self::Id => Value::from(cx.request_id.to_string()),
            Self::Ip => request
                .client()
                .map_or(Value::Undefined, |ip| Value::from(ip.to_string())),
            Self::Host => Value::str(request.host()),
            Self::Body => body(cx),
            Self::BodyMember(path) => body_member(path, cx, budget)?,
            Self::RawBody => Value::wire(request.body_text()),
            Self::One(part, name) => part.get(name, cx, budget)?,
            Self::Header(name) => header(cx.view.request.headers().get(name)),
            Self::Bare(name) => bare(name, cx, budget)?,
            Self::All(part) => Value::Request(*part),
        })
    }
}

fn owned_or_str(text: Cow<'_, str>) -> Value<'_> {
    match text {
        Cow::Borrowed(text) => Value::str(text),
        Cow::Owned(text) => Value::from(text),
    }
}

fn body<'a>(cx: &Context<'a>) -> Value<'a> {
    let request = cx.view.request;
    match request.body() {
        ParsedBody::Empty => Value::Undefined,
        ParsedBody::Json(node) => Value::of(node),
        ParsedBody::Form(fields) => Value::Form(fields),
        ParsedBody::Text => Value::wire(request.body_text()),
        #[cfg(feature = "xpath")]
        ParsedBody::Xml(_) => Value::wire(request.body_text()),
    }
}

fn body_member<'a>(path: &[Box<str>], cx: &Context<'a>, budget: &mut Budget) -> Outcome<Value<'a>> {
    Ok(match cx.view.request.body() {
        ParsedBody::Json(root) => {
            let mut node = root;
            for name in path {
                budget.search(node.members().map_or(0, <[_]>::len))?;
                match node.get(name) {
                    Some(member) => node = member,
                    None => return Ok(Value::Undefined),
                }
            }
            Value::of(node)
        }
        ParsedBody::Form(fields) => {
            budget.search(fields.len())?;
            match path {
                [name] => Value::Form(fields).member(name),
                _ => Value::Undefined,
            }
        }
        ParsedBody::Empty | ParsedBody::Text => Value::Undefined,
        #[cfg(feature = "xpath")]
        ParsedBody::Xml(_) => Value::Undefined,
    })
}

/// The first value of a name in a query. Only what is found is decoded, and names that need it.
fn first<'a>(raw: &'a str, name: &str, budget: &mut Budget) -> Outcome<Option<Value<'a>>> {
    budget.work(raw.len().saturating_mul(16))?;
    let mut rest = raw;
    while !rest.is_empty() {
        let end = position(rest, b'&');
        let pair = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or("");
        let equals = position(pair, b'=');
        let (key, value) = (&pair[..equals], pair.get(equals + 1..).unwrap_or(""));
        if key == name && is_plain(value) {
            return Ok(Some(Value::wire(value.into())));
        }
        if key == name || !is_plain(key) {
            let decoded = form::pairs(pair).next();
            if let Some((_, value)) = decoded.filter(|(key, _)| key == name) {
                return Ok(Some(Value::wire(value)));
            }
        }
    }
    Ok(None)
}

/// Where the byte stands, or the end. Queries are short: a loop is faster than a search by vectors.
fn position(text: &str, byte: u8) -> usize {
    let found = text.bytes().position(|b| b == byte);
    found.unwrap_or(text.len())
}

/// True if decoding a part of a query would not change it.
fn is_plain(text: &str) -> bool {
    !text.bytes().any(|b| matches!(b, b'%' | b'+'))
}

fn header(value: Option<&HeaderValue>) -> Value<'_> {
    value.map_or(Value::Undefined, |value| {
        Value::wire(String::from_utf8_lossy(value.as_bytes()))
    })
}

fn known(name: &str) -> Option<&'static Field> {
    NAMES
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, field)| field)
}

fn bare<'a>(name: &str, cx: &Context<'a>, budget: &mut Budget) -> Outcome<Value<'a>> {
    if let Some(text) = cx.view.params.get(name) {
        return Ok(Value::wire(text));
    }
    if let Some(value) = first(cx.view.request.raw_query(), name, budget)? {
        return Ok(value);
    }
    Ok(match cx.view.request.body() {
        ParsedBody::Json(node) => {
            budget.search(node.members().map_or(0, <[_]>::len))?;
            node.get(name).map_or(Value::Undefined, Value::of)
        }
        _ => Value::Undefined,
    })
}

impl Part {
    /// The one of this name.
    pub(super) fn get<'a>(
        self,
        name: &str,
        cx: &Context<'a>,
        budget: &mut Budget,
    ) -> Outcome<Value<'a>> {
        let request = cx.view.request;
        Ok(match self {
            Self::Params => cx
                .view
                .params
                .get(name)
                .map_or(Value::Undefined, Value::wire),
            Self::Query => first(request.raw_query(), name, budget)?.unwrap_or(Value::Undefined),
            Self::Cookies => {
                let bytes = request
                    .headers()
                    .get_all(COOKIE)
                    .iter()
                    .map(HeaderValue::len);
                budget.work(bytes.sum::<usize>().saturating_mul(16))?;
                let found = request.cookies().find(|(key, _)| key == name);
                found.map_or(Value::Undefined, |(_, text)| Value::wire(text))
            }
            Self::QueryAll => {
                budget.work(request.raw_query().len().saturating_mul(16))?;
                let all = request.query().filter(|(key, _)| key == name);
                let all: Vec<_> = all.map(|(_, text)| Value::wire(text)).collect();
                if all.is_empty() {
                    Value::Undefined
                } else {
                    Value::list(all)?
                }
            }
            Self::Headers => header(request.headers().get(name)),
            Self::Whole => match known(name) {
                Some(field) => field.value(cx, budget)?,
                None => bare(name, cx, budget)?,
            },
        })
    }

    /// All of the kind as a map: the first of a repeated name.
    pub(super) fn all<'a>(self, cx: &Context<'a>, budget: &mut Budget) -> Outcome<Value<'a>> {
        let request = cx.view.request;
        let pair =
            |(key, text): (Cow<'a, str>, Cow<'a, str>)| (Value::wire(key), Value::wire(text));
        // The first of a repeated name is the last of them backwards.
        let mut pairs: Vec<_> = match self {
            Self::Whole => return whole(cx, budget),
            Self::Params => {
                let all = cx.view.params.iter();
                all.map(|(name, text)| (Value::str(name), Value::wire(text)))
                    .collect()
            }
            Self::Query | Self::QueryAll => request.query().map(pair).collect(),
            Self::Cookies => request.cookies().map(pair).collect(),
            Self::Headers => {
                let all = request.headers().iter();
                all.map(|(name, value)| {
                    let text = String::from_utf8_lossy(value.as_bytes());
                    (Value::str(name.as_str()), Value::wire(text))
                })
                .collect()
            }
        };
        let bytes = pairs.iter().flat_map(|(key, text)| [key, text]);
        let bytes = bytes.filter_map(|text| text.as_str().map(str::len));
        budget.make(bytes.sum::<usize>() + pairs.len())?;
        if self == Self::QueryAll {
            return grouped(pairs);
        }
        pairs.reverse();
        let Value::Map(map) = Value::map(pairs)? else {
            return Ok(Value::Undefined);
        };
        Value::map(map.iter().rev().cloned().collect())
    }
}

/// Each name once, with the list of its values.
fn grouped<'a>(pairs: Vec<(Value<'a>, Value<'a>)>) -> Outcome<Value<'a>> {
    let mut groups: Vec<(Value<'a>, Vec<Value<'a>>)> = Vec::new();
    let mut at = std::collections::HashMap::new();
    for (key, value) in pairs {
        let index = *at
            .entry(key.as_str().unwrap_or("").to_owned())
            .or_insert(groups.len());
        if index == groups.len() {
            groups.push((key, Vec::new()));
        }
        groups[index].1.push(value);
    }
    let lists: Outcome<Vec<_>> = groups
        .into_iter()
        .map(|(key, values)| Ok((key, Value::list(values)?)))
        .collect();
    Value::map(lists?)
}

/// The whole request, for a template that prints it.
fn whole<'a>(cx: &Context<'a>, budget: &mut Budget) -> Outcome<Value<'a>> {
    let members: Outcome<Vec<_>> = NAMES
        .iter()
        .map(|(name, field)| {
            let value = match field {
                Field::All(part) => part.all(cx, budget)?,
                _ => field.value(cx, budget)?,
            };
            Ok((Value::str(name), value))
        })
        .collect();
    Value::map(members?)
}
