//! The path of a request, split at `/`; a segment is decoded only if it holds an escape.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use smallvec::SmallVec;

use super::ends::Ends;
use super::mixed::{Mixed, Spans};
use super::pattern::{Pattern, Segment, Segments};
use crate::limits;

/// More segments than any pattern has, by enough to try the other form of the path.
const SEGMENTS_MAX: usize = limits::PATTERN_SEGMENTS_MAX + 2;

/// A request path in segments.
#[derive(Debug)]
pub(super) struct Path<'p> {
    raw: &'p str,
    /// Where each segment ends; the next begins behind the slash there. Segments beyond
    /// [`SEGMENTS_MAX`] are left out: no pattern but one of `{*rest}` could look at them.
    ends: Ends,
    /// One for each segment if any segment holds an escape; empty otherwise.
    decoded: Vec<Decoded<'p>>,
}

#[derive(Debug)]
struct Decoded<'p> {
    text: Cow<'p, str>,
    /// Whether the bytes were UTF-8, so that `text` is no approximation.
    exact: bool,
}

impl<'p> Path<'p> {
    /// Splits a path; see [`Path::is_path`].
    ///
    /// Inlined, for it is too large to be moved about for nothing.
    #[inline]
    pub(super) fn split(raw: &'p str) -> Self {
        let mut path = Self {
            raw,
            ends: Ends::new(),
            decoded: Vec::new(),
        };
        if path.find_ends() {
            path.decode();
        }
        path
    }

    /// Whether it is a path, unlike the `*` of `OPTIONS *`.
    pub(super) fn is_path(raw: &str) -> bool {
        raw.starts_with('/') && u32::try_from(raw.len()).is_ok_and(|len| len < u32::MAX)
    }

    #[cold]
    fn decode(&mut self) {
        self.decoded = (0..self.len())
            .map(|at| Decoded::new(self.raw(at)))
            .collect();
    }

    /// Fills in `ends`, eight bytes at a time; gives whether there is an escape.
    #[inline]
    fn find_ends(&mut self) -> bool {
        let bytes = self.raw.as_bytes();
        let (words, rest) = bytes.as_chunks::<8>();
        let mut escapes = 0;
        let mut base = 0;
        for word in words {
            escapes |= self.find_ends_in(u64::from_le_bytes(*word), base);
            base += 8;
            if self.ends.len() > SEGMENTS_MAX {
                break;
            }
        }
        if !rest.is_empty() {
            escapes |= self.find_ends_in(last_word(bytes, rest.len()), base);
        }
        // The first slash begins the first segment; each other one ends one, as does the end.
        self.ends.push(self.end());
        self.ends.truncate(SEGMENTS_MAX + 1);
        escapes != 0
    }

    /// Where the path ends; [`Path::is_path`] knows that it fits.
    #[inline]
    fn end(&self) -> u32 {
        u32::try_from(self.raw.len()).unwrap_or(u32::MAX - 1)
    }

    /// Takes in the slashes of a word; gives something other than 0 if there is a `%`.
    #[inline]
    fn find_ends_in(&mut self, word: u64, base: u32) -> u64 {
        let mut slashes = bytes_equal(word, b'/');
        while slashes != 0 {
            self.ends.push(base + slashes.trailing_zeros() / 8);
            slashes &= slashes - 1;
        }
        any_equal(word, b'%')
    }

    /// Becomes the path with its trailing slash removed or added; `/` has no other form, nor is it one.
    /// False if it has none.
    pub(super) fn take_other_form(&mut self) -> bool {
        if self.raw == "/" || self.raw == "//" || self.len() == SEGMENTS_MAX {
            return false;
        }
        if self.raw.ends_with('/') {
            self.ends.truncate(self.ends.len() - 1);
            self.decoded.pop();
        } else {
            // As if a slash stood behind the end: the empty segment after it has no text.
            self.ends.push(self.end() + 1);
            if !self.decoded.is_empty() {
                self.decoded.push(Decoded::new(""));
            }
        }
        true
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.ends.len() - 1
    }

    /// Where segment `at` begins.
    #[inline]
    fn start(&self, at: usize) -> usize {
        self.ends.get(at) + 1
    }

    /// The segment as it came.
    #[inline]
    pub(super) fn raw(&self, at: usize) -> &'p str {
        let end = self.ends.get(at + 1);
        self.raw.get(self.start(at)..end).unwrap_or_default()
    }

    #[inline]
    pub(super) fn is_empty(&self, at: usize) -> bool {
        self.ends.get(at) + 1 == self.ends.get(at + 1)
    }

    /// The bytes of the decoded segment; `None` if they are not UTF-8.
    #[inline]
    pub(super) fn text(&self, at: usize) -> Option<&[u8]> {
        match self.decoded.get(at) {
            None => {
                let end = self.ends.get(at + 1);
                Some(
                    self.raw
                        .as_bytes()
                        .get(self.start(at)..end)
                        .unwrap_or_default(),
                )
            }
            Some(decoded) => decoded.exact.then_some(decoded.text.as_bytes()),
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
    #[inline]
    pub(super) fn matches_segment(&self, segment: Segment<'_>, at: usize) -> bool {
        match segment {
            Segment::Static(text) => self.text(at) == Some(text),
            Segment::Mixed(mixed) => self.locate(mixed, at).is_some(),
            Segment::Constrained(constraint) => {
                !self.is_empty(at) && constraint.is_match(self.lossy(at))
            }
            Segment::Param | Segment::Star | Segment::Rest => !self.is_empty(at),
        }
    }

    /// Whether segment `at` of the pattern, if there is one, matches.
    pub(super) fn matches(&self, pattern: &Pattern, at: usize) -> bool {
        let segment = pattern.segment(at);
        segment.is_some_and(|segment| self.matches_segment(segment, at))
    }

    /// Whether a pattern matches whose segments these are from `from` on; those before are known to.
    #[inline]
    pub(super) fn matches_from(&self, mut segments: Segments<'_>, from: usize) -> bool {
        let mut start = self.start(from);
        for at in from..self.len() {
            let end = self.ends.get(at + 1);
            let matches = match segments.next() {
                Some(Segment::Static(text)) if self.decoded.is_empty() => {
                    self.raw.as_bytes().get(start..end).unwrap_or_default() == text
                }
                Some(Segment::Param) => start != end,
                Some(Segment::Rest) => return start != end,
                Some(segment) => self.matches_segment(segment, at),
                None => false,
            };
            if !matches {
                return false;
            }
            start = end + 1;
        }
        segments.next().is_none()
    }

    /// Appends the raw text of each parameter of a pattern that matches, in order.
    pub(super) fn capture(&self, pattern: &Pattern, captures: &mut Captures<'p>) {
        for (at, segment) in pattern.segments().enumerate() {
            match segment {
                Segment::Static(_) | Segment::Star => {}
                Segment::Param | Segment::Constrained(_) => captures.0.push(self.raw(at)),
                Segment::Rest => captures.0.push(&self.raw[self.start(at)..]),
                Segment::Mixed(mixed) => {
                    for (start, end) in self.locate(mixed, at).unwrap_or_default() {
                        captures.0.push(self.raw_slice(at, start, end));
                    }
                }
            }
        }
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

/// The last `len` bytes, of which there are less than eight, and zeros.
#[inline]
fn last_word(bytes: &[u8], len: usize) -> u64 {
    let Some(word) = bytes.last_chunk::<8>() else {
        let byte = |word, byte: &u8| word << 8 | u64::from(*byte);
        return bytes.iter().rev().take(len).fold(0, byte);
    };
    // In two steps, for a shift by 64 bits is none.
    u64::from_le_bytes(*word) >> (8 * (7 - len)) >> 8
}

/// Not 0 if a byte of `word` is `byte`.
#[inline]
fn any_equal(word: u64, byte: u8) -> u64 {
    let differs = word ^ u64::from_ne_bytes([byte; 8]);
    differs.wrapping_sub(u64::from_ne_bytes([1; 8])) & !differs & u64::from_ne_bytes([0x80; 8])
}

/// Marks the highest bit of each byte of `word` that is `byte`.
#[inline]
fn bytes_equal(word: u64, byte: u8) -> u64 {
    const LOW: u64 = u64::from_ne_bytes([0x7F; 8]);
    let differs = word ^ u64::from_ne_bytes([byte; 8]);
    !(((differs & LOW) + LOW) | differs | LOW)
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
