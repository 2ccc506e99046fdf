//! A mock after compilation: immutable, shared by every engine that has it.

use std::ops::Deref;
use std::slice;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::MockKey;
use crate::condition::{Condition, Probe};
use crate::finish::Coding;
use crate::router::{Discriminator, Entry, Pattern, Rank, Router};
use crate::select::Selectable;
use crate::spec::{Delay, MethodPattern, RateLimit};
use crate::template::{self, Template};

/// A mock as the router holds it, with what a lookup wants to know of it: of a hundred thousand mocks, most
/// are in no cache, and a look at one costs as much as all the rest.
#[derive(Clone, Debug)]
pub(crate) struct Routed {
    mock: Arc<Mock>,
    /// The only response, if there is nothing to select or render.
    pub(super) plain: Option<Arc<Response>>,
}

const _: () = assert!(Router::<Routed>::SLOT_BYTES == 64);

impl From<Arc<Mock>> for Routed {
    fn from(mock: Arc<Mock>) -> Self {
        let plain = match &mock.responses {
            Responses::Plain(only) => Some(Arc::clone(only)),
            Responses::Several(_) => None,
        };
        Self { mock, plain }
    }
}

impl Deref for Routed {
    type Target = Mock;

    fn deref(&self) -> &Mock {
        &self.mock
    }
}

/// A compiled mock.
#[derive(Debug)]
pub struct Mock {
    pub(crate) responses: Responses,
    pub(crate) pattern: Pattern,
    pub(crate) method: MethodPattern,
    /// True if any response has a condition or a template.
    pub(crate) looks: bool,
    /// True if an answer may draw, so that seeded answers are counted.
    pub(crate) draws: bool,
    /// How often it answers.
    pub(crate) limit: Option<Box<RateLimit>>,
    /// The place of its counter; kept when the mock is edited.
    pub(crate) slot: u32,
    /// What its random draws depend on, beside the seed: the mock itself, not its position.
    pub(crate) identity: u64,
    /// Its place among mocks of one path and method; the order is the number in `mocks[3]`.
    pub(crate) rank: Rank,
    pub(crate) name: Box<str>,
    /// Where the router may look to leave this mock out: the condition without which it never answers.
    pub(crate) probe: Option<Box<(Probe, Box<str>)>>,
    /// Says which mocks have equal conditions; `None` if some answer is unconditional.
    pub(crate) signature: Option<u64>,
    /// What its regexes weigh, as estimated: those of its path, its conditions and its templates.
    pub(crate) regex_bytes: usize,
}

/// The responses of a mock, in order of definition.
#[derive(Debug)]
pub(crate) enum Responses {
    /// One that is the same for every request and sent at once: there is nothing to select or render.
    Plain(Arc<Response>),
    Several(Box<[Response]>),
}

impl Responses {
    /// Those of a mock whose calls may be refused, or never are.
    pub(crate) fn new(mut responses: Vec<Response>, is_limited: bool) -> Self {
        match responses.pop() {
            Some(only) if responses.is_empty() && only.is_plain() && !is_limited => {
                Self::Plain(Arc::new(only))
            }
            last => {
                responses.extend(last);
                Self::Several(responses.into())
            }
        }
    }
}

impl Mock {
    /// What people call it; `GET /path` if the spec does not say.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path template, as written.
    pub fn path(&self) -> &str {
        self.pattern.as_str()
    }

    /// The method it answers.
    pub fn method(&self) -> &MethodPattern {
        &self.method
    }

    /// Its position in the spec it was compiled from.
    pub fn index(&self) -> usize {
        usize::try_from(self.rank.order).unwrap_or(0)
    }

    /// True if the same request always gets the same answer, whatever the [`Env`](crate::Env).
    pub fn is_fixed(&self) -> bool {
        !self.draws && self.limit.is_none()
    }

    /// How often it answers, if it has a rate limit.
    pub fn rate_limit(&self) -> Option<&RateLimit> {
        self.limit.as_deref()
    }

    /// By which a host finds it again.
    pub fn key(&self) -> MockKey {
        MockKey(self.rank.key)
    }

    /// Its responses, in order of definition.
    pub fn responses(&self) -> &[Response] {
        match &self.responses {
            Responses::Plain(only) => slice::from_ref(only),
            Responses::Several(all) => all,
        }
    }

    /// Those of its responses that are for calls within its rate limit.
    pub(super) fn answering(&self) -> impl Iterator<Item = &Response> {
        self.responses().iter().filter(|response| !response.refuses)
    }

    /// The place of one of its responses among them.
    pub(crate) fn position(&self, response: &Response) -> Option<usize> {
        self.responses()
            .iter()
            .position(|other| std::ptr::eq(other, response))
    }

    /// What it weighs beside its pattern, in bytes: an estimate.
    pub(crate) fn memory_bytes(&self) -> usize {
        let responses: usize = self.responses().iter().map(Response::memory_bytes).sum();
        let regexes = self.regex_bytes - self.pattern.regex_bytes();
        // The calls that its window holds, which is the host's: it weighs as much as if it were full.
        let calls = self.limit.as_ref().map_or(0, |limit| limit.requests);
        let limit = calls as usize * size_of::<u64>();
        size_of::<Self>() + self.name.len() + responses + regexes + limit
    }
}

impl Entry for Routed {
    type Probe = Probe;

    fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    fn method(&self) -> &MethodPattern {
        &self.method
    }

    fn rank(&self) -> Rank {
        self.rank
    }

    fn discriminator(&self) -> Option<Discriminator<'_, Probe>> {
        let (probe, key) = &**self.probe.as_ref()?;
        Some(Discriminator { probe, key })
    }
}

/// A compiled response.
#[derive(Debug)]
pub struct Response {
    pub(crate) name: Option<Box<str>>,
    pub(crate) status: StatusCode,
    pub(crate) conditions: Box<[Condition]>,
    pub(crate) weight: Option<u32>,
    pub(crate) is_default: bool,
    /// True if it is for calls beyond the rate limit of its mock, and for no others.
    pub(crate) refuses: bool,
    pub(crate) delay: Option<Delay>,
    /// The headers that are the same in every reply, CORS included; shared by all responses alike.
    pub(crate) headers: Arc<HeaderMap>,
    /// The headers of which some value is a template, value by value in their order.
    pub(crate) templated: Box<[(HeaderName, HeaderText)]>,
    pub(crate) body: Body,
}

impl Response {
    /// What people call it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The status it answers with.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What must hold for it to qualify.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// True if the answer may depend on more of the request than its method and path.
    pub(crate) fn looks(&self) -> bool {
        !self.conditions.is_empty() || !self.templated.is_empty() || self.body.is_template()
    }

    /// True if every reply is the same and sent at once.
    pub(crate) fn is_plain(&self) -> bool {
        !self.looks() && self.delay.is_none()
    }

    /// True if an answer may depend on chance.
    pub(crate) fn draws(&self) -> bool {
        self.weight.is_some()
            || self.delay.is_some_and(|delay| delay.is_random())
            || self.body.is_template()
            || !self.templated.is_empty()
    }

    fn memory_bytes(&self) -> usize {
        let body = match &self.body {
            Body::Empty => 0,
            // The bytes, and the text of the validator.
            Body::Static(body) => body.bytes.len() + 64,
            Body::Text(template) => template.memory_bytes(),
            Body::Json(body) => body.memory_bytes(),
        };
        let name = self.name.as_ref().map_or(0, |name| name.len());
        let conditions: usize = self.conditions.iter().map(Condition::memory_bytes).sum();
        let templated: usize = self
            .templated
            .iter()
            .map(|(_, text)| text.memory_bytes())
            .sum();
        size_of::<Self>() + name + body + conditions + templated
    }
}

impl Selectable for Response {
    fn score(&self) -> usize {
        self.conditions.len()
    }

    fn weight(&self) -> Option<u32> {
        self.weight
    }

    fn is_default(&self) -> bool {
        self.is_default
    }
}

/// One value of a header that has a template among its values.
#[derive(Debug)]
pub(crate) enum HeaderText {
    Fixed(HeaderValue),
    Template(Template),
}

/// A body after compilation.
#[derive(Debug)]
pub(crate) enum Body {
    Empty,
    Static(StaticBody),
    /// A text that is a template.
    Text(Box<Template>),
    /// A JSON value whose strings are templates.
    Json(Box<template::Body>),
}

impl HeaderText {
    fn memory_bytes(&self) -> usize {
        match self {
            Self::Fixed(value) => size_of::<Self>() + value.len(),
            Self::Template(template) => template.memory_bytes(),
        }
    }
}

impl Body {
    pub(crate) fn is_template(&self) -> bool {
        match self {
            Self::Empty | Self::Static(_) => false,
            Self::Text(_) | Self::Json(_) => true,
        }
    }
}

/// A body that is the same in every reply, with its validator and its compressed forms.
#[derive(Debug)]
pub(crate) struct StaticBody {
    pub(crate) bytes: Bytes,
    /// A strong validator (RFC 9110 section 8.8.3).
    pub(crate) etag: HeaderValue,
    /// Made once, when first asked for; `None` if this body is not worth it.
    compressed: Option<Box<[OnceLock<Option<Bytes>>; 2]>>,
}

impl StaticBody {
    pub(crate) fn new(bytes: Bytes, compressible: bool) -> Self {
        let hash = foldhash::quality::FixedState::default();
        let tag = format!(
            "\"{:016x}\"",
            std::hash::BuildHasher::hash_one(&hash, &bytes)
        );
        // A text of hexadecimal digits and quotes is always a legal value.
        let etag = HeaderValue::try_from(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
        let compressed = compressible.then(Box::default);
        Self {
            bytes,
            etag,
            compressed,
        }
    }

    /// Whether it is worth compressing.
    pub(crate) fn is_compressible(&self) -> bool {
        self.compressed.is_some()
    }

    /// The validator of a compressed form: the same body, so the same tag, but a weak one.
    pub(crate) fn weak_etag(&self) -> HeaderValue {
        let weak = [b"W/", self.etag.as_bytes()].concat();
        HeaderValue::from_maybe_shared(Bytes::from(weak)).unwrap_or_else(|_| self.etag.clone())
    }

    /// The body in this coding, if that is smaller.
    pub(crate) fn compressed(&self, coding: Coding) -> Option<&Bytes> {
        let at = usize::from(coding == Coding::Brotli);
        self.compressed.as_ref()?[at]
            .get_or_init(|| crate::finish::compress(&self.bytes, coding))
            .as_ref()
    }
}
