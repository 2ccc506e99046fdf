//! What a template sees of the request: looked up when asked for, never built in advance.

use std::borrow::Cow;

use http::{HeaderName, HeaderValue};

use super::Context;
use super::fault::Outcome;
use super::value::Value;
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
            _ => None,
        }
    }

    /// What the request has there.
    pub(super) fn value<'a>(&'a self, cx: &Context<'a>) -> Outcome<Value<'a>> {
        let request = cx.view.request;
        Ok(match self {
            Self::Method => Value::str(cx.view.method.as_str()),
            Self::Path => owned_or_str(request.path()),
            Self::Id => Value::str(cx.request_id),
            Self::Ip => request
                .client()
                .map_or(Value::Undefined, |ip| Value::from(ip.to_string())),
            Self::Host => Value::str(request.host()),
            Self::Body => body(cx),
            Self::RawBody => Value::wire(request.body_text()),
            Self::One(part, name) => part.get(name, cx)?,
            Self::Header(name) => header(cx.view.request.headers().get(name)),
            Self::Bare(name) => bare(name, cx),
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
        #[cfg(feature = "xpath")]
        ParsedBody::Xml(_) => Value::wire(request.body_text()),
        ParsedBody::Text => Value::wire(request.body_text()),
    }
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

fn bare<'a>(name: &str, cx: &Context<'a>) -> Value<'a> {
    if let Some(text) = cx.view.params.get(name) {
        return Value::wire(text);
    }
    let mut query = cx.view.request.query();
    if let Some((_, text)) = query.find(|(key, _)| key == name) {
        return Value::wire(text);
    }
    match cx.view.request.body() {
        ParsedBody::Json(node) => node.get(name).map_or(Value::Undefined, Value::of),
        _ => Value::Undefined,
    }
}

impl Part {
    /// The one of this name.
    pub(super) fn get<'a>(self, name: &str, cx: &Context<'a>) -> Outcome<Value<'a>> {
        let request = cx.view.request;
        let first = |found: Option<(Cow<'a, str>, Cow<'a, str>)>| {
            found.map_or(Value::Undefined, |(_, text)| Value::wire(text))
        };
        Ok(match self {
            Self::Params => cx
                .view
                .params
                .get(name)
                .map_or(Value::Undefined, Value::wire),
            Self::Query => first(request.query().find(|(key, _)| key == name)),
            Self::Cookies => first(request.cookies().find(|(key, _)| key == name)),
            Self::QueryAll => {
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
                Some(field) => field.value(cx)?,
                None => bare(name, cx),
            },
        })
    }

    /// All of the kind as a map: the first of a repeated name.
    pub(super) fn all<'a>(self, cx: &Context<'a>) -> Outcome<Value<'a>> {
        let request = cx.view.request;
        let pair =
            |(key, text): (Cow<'a, str>, Cow<'a, str>)| (Value::wire(key), Value::wire(text));
        // The first of a repeated name is the last of them backwards.
        let mut pairs: Vec<_> = match self {
            Self::Whole => return whole(cx),
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
fn whole<'a>(cx: &Context<'a>) -> Outcome<Value<'a>> {
    let members: Outcome<Vec<_>> = NAMES
        .iter()
        .map(|(name, field)| {
            let value = match field {
                Field::All(part) => part.all(cx)?,
                _ => field.value(cx)?,
            };
            Ok((Value::str(name), value))
        })
        .collect();
    Value::map(members?)
}
