//! The path of a request, split at `/`; a segment is decoded only if it holds an escape.

use std::borrow::Cow;

use memchr::memchr;
use percent_encoding::percent_decode_str;
use smallvec::SmallVec;

use super::mixed::{Mixed, Spans};
use super::pattern::{Pattern, Segment};
use crate::limits;

/// More segments than any pattern has, by enough to try the other form of the path.
const SEGMENTS_MAX: usize = limits::PATTERN_SEGMENTS_MAX + 2;

/// A request path in segments.
pub(super) struct Path<'p> {
    raw: &'p str,
    /// Where each segment begins and ends. Those beyond [`SEGMENTS_MAX`] are left out: no
    /// pattern but one of `{*rest}` could look at them.
    spans: SmallVec<[(u32, u32); 16]>,
    /// One for each segment if any segment holds an escape; empty otherwise.
    decoded: Vec<Decoded<'p>>,
}

struct Decoded<'p> {
    text: Cow<'p, str>,
    /// Whether the bytes were UTF-8, so that `text` is no approximation.
    exact: bool,
}

impl<'p> Path<'p> {
    /// Splits a path; `None` if it is none, such as the `*` of `OPTIONS *`.
    pub(super) fn split(raw: &'p str) -> Option<Self> {
        let end = u32::try_from(raw.len()).ok()?;
        let mut spans = SmallVec::new();
        let mut start = 1_u32;
        let rest = raw.strip_prefix('/')?;
        let slashes = memchr::memchr_iter(b'/', rest.as_bytes()).take(SEGMENTS_MAX - 1);
        for slash in slashes {
            // Less than `end`, which fits.
            let slash = slash as u32 + 1;
            spans.push((start, slash));
            start = slash + 1;
        }
        if spans.len() < SEGMENTS_MAX - 1 {
            spans.push((start, end));
        } else {
            let rest = &raw.as_bytes()[start as usize..];
            spans.push((
                start,
                memchr(b'/', rest).map_or(end, |at| start + at as u32),
            ));
        }
        let mut path = Self {
            raw,
            spans,
            decoded: Vec::new(),
        };
        if memchr(b'%', raw.as_bytes()).is_some() {
            path.decoded = (0..path.len())
                .map(|at| Decoded::new(path.raw(at)))
                .collect();
        }
        Some(path)
    }

    /// The path with its trailing slash removed or added; `/` has no other form, nor is it one.
    pub(super) fn into_other_form(mut self) -> Option<Self> {
        if self.raw == "/" || self.raw == "//" || self.len() == SEGMENTS_MAX {
            return None;
        }
        if self.raw.ends_with('/') {
            self.spans.pop();
            self.decoded.pop();
        } else {
            let end = self.raw.len() as u32;
            self.spans.push((end, end));
            if !self.decoded.is_empty() {
                self.decoded.push(Decoded::new(""));
            }
        }
        Some(self)
    }

    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The segment as it came.
    pub(super) fn raw(&self, at: usize) -> &'p str {
        let (start, end) = self.spans[at];
        &self.raw[start as usize..end as usize]
    }

    pub(super) fn is_empty(&self, at: usize) -> bool {
        let (start, end) = self.spans[at];
        start == end
    }

    /// The decoded segment; `None` if its bytes are not UTF-8.
    pub(super) fn text(&self, at: usize) -> Option<&str> {
        match self.decoded.get(at) {
            None => Some(self.raw(at)),
            Some(decoded) => decoded.exact.then_some(&decoded.text),
        }
    }

    /// The decoded segment, with U+FFFD for what is not UTF-8.
    pub(super) fn lossy(&self, at: usize) -> &str {
        match self.decoded.get(at) {
            None => self.raw(at),
            Some(decoded) => &decoded.text,
        }
    }

    /// Where the parameters of a mixed segment lie in the decoded segment, if it matches.
    pub(super) fn locate(&self, mixed: &Mixed, at: usize) -> Option<Spans> {
        let exact = self.decoded.get(at).is_none_or(|decoded| decoded.exact);
        if !exact && mixed.has_replacement() {
            return None;
        }
        mixed.locate(self.lossy(at))
    }

    /// Whether segment `at` of the pattern matches segment `at` of the path.
    pub(super) fn matches_segment(&self, pattern: &Pattern, segment: &Segment, at: usize) -> bool {
        match segment {
            &Segment::Static { start, len } => self.text(at) == Some(pattern.text(start, len)),
            Segment::Mixed(mixed) => self.locate(mixed, at).is_some(),
            Segment::Constrained(constraint) => {
                !self.is_empty(at) && constraint.is_match(self.lossy(at))
            }
            Segment::Param | Segment::Star | Segment::Rest => !self.is_empty(at),
        }
    }

    /// Whether segment `at` of the pattern, if there is one, matches.
    pub(super) fn matches(&self, pattern: &Pattern, at: usize) -> bool {
        let segment = pattern.segments().get(at);
        segment.is_some_and(|segment| self.matches_segment(pattern, segment, at))
    }

    /// Whether the pattern may match a path of this length.
    pub(super) fn has_as_many_segments(&self, pattern: &Pattern) -> bool {
        let segments = pattern.segments();
        match segments.last() {
            Some(Segment::Rest) => segments.len() <= self.len(),
            Some(_) | None => segments.len() == self.len(),
        }
    }

    /// Whether the pattern matches, of which the segments before `from` are known to.
    pub(super) fn matches_from(&self, pattern: &Pattern, from: usize) -> bool {
        self.has_as_many_segments(pattern)
            && pattern
                .segments()
                .iter()
                .enumerate()
                .skip(from)
                .all(|(at, segment)| self.matches_segment(pattern, segment, at))
    }

    /// The raw text of each parameter of a pattern that matches, in order.
    pub(super) fn captures(&self, pattern: &Pattern) -> Captures<'p> {
        let mut captures = Captures::default();
        for (at, segment) in pattern.segments().iter().enumerate() {
            match segment {
                Segment::Static { .. } | Segment::Star => {}
                Segment::Param | Segment::Constrained(_) => captures.0.push(self.raw(at)),
                Segment::Rest => captures.0.push(&self.raw[self.spans[at].0 as usize..]),
                Segment::Mixed(mixed) => {
                    for (start, end) in self.locate(mixed, at).unwrap_or_default() {
                        captures.0.push(self.raw_slice(at, start, end));
                    }
                }
            }
        }
        captures
    }

    /// The raw text of which `start..end` of the decoded segment came.
    fn raw_slice(&self, at: usize, start: usize, end: usize) -> &'p str {
        let raw = self.raw(at);
        let range = match self.decoded.get(at) {
            None => start..end,
            Some(_) => raw_offset(raw, start)..raw_offset(raw, end),
        };
        raw.get(range).unwrap_or_default()
    }
}

impl<'p> Decoded<'p> {
    fn new(raw: &'p str) -> Self {
        let bytes: Cow<'p, [u8]> = percent_decode_str(raw).into();
        match bytes {
            Cow::Borrowed(_) => Self {
                text: Cow::Borrowed(raw),
                exact: true,
            },
            Cow::Owned(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Self {
                    text: Cow::Owned(text),
                    exact: true,
                },
                Err(error) => Self {
                    text: Cow::Owned(String::from_utf8_lossy(error.as_bytes()).into_owned()),
                    exact: false,
                },
            },
        }
    }
}

/// Where in the raw text the byte `lossy` of the decoded text came from.
fn raw_offset(raw: &str, lossy: usize) -> usize {
    let decoded: Cow<'_, [u8]> = percent_decode_str(raw).into();
    let mut left = byte_offset(&decoded, lossy);
    let mut rest = raw.as_bytes();
    while left > 0 {
        rest = match rest {
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                rest
            }
            [_, rest @ ..] => rest,
            [] => break,
        };
        left -= 1;
    }
    raw.len() - rest.len()
}

/// Where in the bytes the byte `lossy` of their lossy text came from.
fn byte_offset(bytes: &[u8], lossy: usize) -> usize {
    let (mut text, mut at) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid().len();
        if lossy <= text + valid {
            return at + (lossy - text);
        }
        text += valid + char::REPLACEMENT_CHARACTER.len_utf8();
        at += valid + chunk.invalid().len();
    }
    at
}

/// The raw texts of the parameters of one match, in the order of the pattern's names: slices of
/// the request's path, to be percent-decoded by whoever asks for one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captures<'p>(SmallVec<[&'p str; 8]>);

impl<'p> Captures<'p> {
    /// The texts.
    pub fn as_slice(&self) -> &[&'p str] {
        &self.0
    }
}
