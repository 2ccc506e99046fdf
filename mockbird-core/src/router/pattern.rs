//! A path template, parsed: what its segments demand of a request.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;

use super::constraint::Constraint;
use super::mixed::Mixed;
use super::parse;
use crate::limits::PATTERN_BYTES_MAX;
use crate::regex_size::RegexBudget;
use crate::secret::{MASK, is_secret, masked_path, masked_segment};

/// A path template such as `/users/{id}`; cheap to clone.
///
/// ```
/// use mockbird_core::router::Pattern;
///
/// let pattern = Pattern::parse("/users/:user/files/{name}.json")?;
/// assert_eq!(pattern.names().len(), 2);
/// assert_eq!(pattern.shape().to_string(), "/users/{}/files/{}.json");
/// assert_eq!(pattern.to_string(), "/users/:user/files/{name}.json");
///
/// let error = Pattern::parse("/users?id=1").unwrap_err();
/// assert_eq!(error.offset, 6);
/// # Ok::<(), mockbird_core::router::PatternError>(())
/// ```
#[derive(Clone)]
pub struct Pattern {
    code: Code,
    /// How many segments it has.
    len: u16,
    /// Whether the last segment is `{*rest}`.
    is_open: bool,
    /// Whether a parameter is a secret by its name.
    has_secrets: bool,
    rest: Arc<Rest>,
}

/// What a lookup compares, in one piece of memory: for each segment a byte that tells its kind
/// or, if it is static, its length, and then its decoded text.
type Code = SmallVec<[u8; 40]>;

/// What a lookup of an ordinary path need not look at.
struct Rest {
    written: Box<str>,
    names: Box<[Box<str>]>,
    mixed: Box<[Mixed]>,
    constrained: Box<[Constraint]>,
}

/// One segment of a pattern. The variants stand in order of specificity.
#[derive(Clone, Copy)]
pub(super) enum Segment<'p> {
    /// This text, decoded, in UTF-8.
    Static(&'p [u8]),
    /// Text with parameters inside.
    Mixed(&'p Mixed),
    /// A parameter that must match a regex.
    Constrained(&'p Constraint),
    /// Any one segment that is not empty, named.
    Param,
    /// Any one segment that is not empty, unnamed.
    Star,
    /// One segment or more, the first not empty.
    Rest,
}

/// The segments of a pattern, from the left.
#[derive(Clone)]
pub(super) struct Segments<'p> {
    code: &'p [u8],
    /// Not read before it is needed.
    rest: &'p Arc<Rest>,
    mixed: usize,
    constrained: usize,
}

// What stands in `Code` for a segment that is not static.
const MIXED: u8 = 0xFF;
const CONSTRAINED: u8 = 0xFE;
const PARAM: u8 = 0xFD;
const STAR: u8 = 0xFC;
const REST: u8 = 0xFB;
/// The length is in the two bytes that follow: it is not below this.
const LONG: u8 = 0xFA;
const _: () = assert!(PATTERN_BYTES_MAX <= u16::MAX as usize);

impl<'p> Iterator for Segments<'p> {
    type Item = Segment<'p>;

    #[inline]
    fn next(&mut self) -> Option<Segment<'p>> {
        let (head, code) = self.code.split_first()?;
        self.code = code;
        Some(match *head {
            MIXED => {
                self.mixed += 1;
                Segment::Mixed(&self.rest.mixed[self.mixed - 1])
            }
            CONSTRAINED => {
                self.constrained += 1;
                Segment::Constrained(&self.rest.constrained[self.constrained - 1])
            }
            PARAM => Segment::Param,
            STAR => Segment::Star,
            REST => Segment::Rest,
            LONG => {
                let (len, code) = code.split_first_chunk()?;
                self.code = code;
                Segment::Static(self.take(u16::from_le_bytes(*len).into()))
            }
            len => Segment::Static(self.take(len.into())),
        })
    }
}

impl<'p> Segments<'p> {
    #[inline]
    fn take(&mut self, len: usize) -> &'p [u8] {
        let (text, code) = self.code.split_at(len);
        self.code = code;
        text
    }
}

/// Makes a pattern, segment by segment.
#[derive(Default)]
pub(super) struct Builder {
    code: Code,
    len: u16,
    names: Vec<Box<str>>,
    mixed: Vec<Mixed>,
    constrained: Vec<Constraint>,
    is_open: bool,
}

impl Builder {
    pub(super) fn names(&self) -> &[Box<str>] {
        &self.names
    }

    pub(super) fn name(&mut self, name: &str) {
        self.names.push(name.into());
    }

    /// How many segments there are.
    pub(super) fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// Adds a segment of text, at most as long as a template may be.
    pub(super) fn text(&mut self, text: &str) {
        let len = u16::try_from(text.len()).unwrap_or(0);
        match u8::try_from(len) {
            Ok(len) if len < LONG => self.head(len),
            _ => {
                self.head(LONG);
                self.code.extend_from_slice(&len.to_le_bytes());
            }
        }
        self.code
            .extend_from_slice(&text.as_bytes()[..usize::from(len)]);
    }

    pub(super) fn mixed(&mut self, mixed: Mixed) {
        self.head(MIXED);
        self.mixed.push(mixed);
    }

    pub(super) fn constrained(&mut self, constraint: Constraint) {
        self.head(CONSTRAINED);
        self.constrained.push(constraint);
    }

    pub(super) fn param(&mut self) {
        self.head(PARAM);
    }

    pub(super) fn star(&mut self) {
        self.head(STAR);
    }

    /// Adds `{*rest}`, the last segment.
    pub(super) fn rest(&mut self) {
        self.head(REST);
        self.is_open = true;
    }

    fn head(&mut self, head: u8) {
        self.code.push(head);
        self.len += 1;
    }

    pub(super) fn build(self, written: &str) -> Pattern {
        Pattern {
            code: self.code,
            len: self.len,
            is_open: self.is_open,
            has_secrets: self.names.iter().any(|name| is_secret(name)),
            rest: Arc::new(Rest {
                written: written.into(),
                names: self.names.into(),
                mixed: self.mixed.into(),
                constrained: self.constrained.into(),
            }),
        }
    }
}

/// How specific a segment is: the smaller goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Static,
    Mixed,
    Constrained,
    Param,
    Star,
    Rest,
}

impl Segment<'_> {
    pub(super) fn class(self) -> Class {
        match self {
            Self::Static(_) => Class::Static,
            Self::Mixed(_) => Class::Mixed,
            Self::Constrained(_) => Class::Constrained,
            Self::Param => Class::Param,
            Self::Star => Class::Star,
            Self::Rest => Class::Rest,
        }
    }

    /// Whether both demand the same.
    fn same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Static(mine), Self::Static(theirs)) => mine == theirs,
            (Self::Mixed(mine), Self::Mixed(theirs)) => mine == theirs,
            (Self::Constrained(mine), Self::Constrained(theirs)) => mine == theirs,
            (mine, theirs) => mine.class() == theirs.class(),
        }
    }
}

impl Pattern {
    /// Reads a path template.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Self::parse_within(text, &mut RegexBudget::default())
    }

    /// The same for one path of many, whose regexes have one budget.
    pub(crate) fn parse_within(
        text: &str,
        regexes: &mut RegexBudget,
    ) -> Result<Self, PatternError> {
        parse::pattern(text, regexes)
    }

    /// The template as written.
    pub fn as_str(&self) -> &str {
        &self.rest.written
    }

    /// The names of the parameters, from the left; the captures of a request come in this order.
    pub fn names(&self) -> &[Box<str>] {
        &self.rest.names
    }

    /// The shape: the template without what does not matter to matching, such as names.
    pub fn shape(&self) -> Shape<'_> {
        Shape(self)
    }

    /// Whether a path of this many segments has as many as the pattern.
    #[inline]
    pub(super) fn fits(&self, len: usize) -> bool {
        let own = self.len();
        own == len || (self.is_open && own < len)
    }

    /// True if it is `{*rest}` after static segments only.
    pub(crate) fn is_catch_all(&self) -> bool {
        self.is_open && self.static_prefix().len() + 1 == self.len()
    }

    /// True if there is a segment at this place, and no path that matches is empty there.
    pub(crate) fn is_full_at(&self, at: usize) -> bool {
        match self.segment(at) {
            Some(Segment::Static(text)) => !text.is_empty(),
            Some(_) => true,
            None => false,
        }
    }

    /// The texts of the static segments it begins with.
    pub(crate) fn static_prefix(&self) -> Vec<&[u8]> {
        let texts = self.segments().map_while(|segment| match segment {
            Segment::Static(text) => Some(text),
            _ => None,
        });
        texts.collect()
    }

    /// True if a parameter is a secret by its name.
    pub(crate) fn has_secrets(&self) -> bool {
        self.has_secrets
    }

    /// The path of a request without the segments of those parameters that are secrets by their name
    /// or by what stands before them.
    pub(crate) fn masked<'p>(&self, raw_path: &'p str) -> Cow<'p, str> {
        if !self.has_secrets() && matches!(masked_path(raw_path), Cow::Borrowed(_)) {
            return Cow::Borrowed(raw_path);
        }
        let mut names = self.rest.names.iter();
        let mut came = raw_path.split('/').skip(1);
        let mut before = "";
        let mut masked = String::with_capacity(raw_path.len());
        for segment in self.segments() {
            let params = match segment {
                Segment::Static(_) | Segment::Star => 0,
                Segment::Mixed(mixed) => mixed.params(),
                Segment::Constrained(_) | Segment::Param | Segment::Rest => 1,
            };
            // All of them are counted, whether one is found early or not.
            let secrets = names.by_ref().take(params).filter(|name| is_secret(name));
            let hidden = secrets.count() > 0;
            let Some(came) = came.next() else {
                break;
            };
            masked.push('/');
            match segment {
                Segment::Static(_) => masked.push_str(came),
                _ if hidden => masked.push_str(MASK),
                _ => masked.push_str(&masked_segment(before, came)),
            }
            before = came;
            if hidden && matches!(segment, Segment::Rest) {
                return Cow::Owned(masked);
            }
        }
        for came in came {
            masked.push('/');
            masked.push_str(&masked_segment(before, came));
            before = came;
        }
        Cow::Owned(masked)
    }

    /// How many segments it has.
    #[inline]
    pub(super) fn len(&self) -> usize {
        usize::from(self.len)
    }

    #[inline]
    pub(super) fn segments(&self) -> Segments<'_> {
        self.segments_of(&self.code)
    }

    /// The segments from `from` on.
    #[inline]
    pub(super) fn segments_from(&self, from: usize) -> Segments<'_> {
        let mut segments = self.segments();
        for _ in 0..from {
            segments.next();
        }
        segments
    }

    /// The segments of a piece of its code that [`plain_code`](Self::plain_code) gave.
    #[inline]
    pub(super) fn segments_of<'p>(&'p self, code: &'p [u8]) -> Segments<'p> {
        Segments {
            code,
            rest: &self.rest,
            mixed: 0,
            constrained: 0,
        }
    }

    /// The code of the segments from `from` on, if it is all there is to know of them.
    pub(super) fn plain_code(&self, from: usize) -> Option<&[u8]> {
        let mut segments = self.segments_from(from);
        let code = segments.code;
        let is_plain = |segment| !matches!(segment, Segment::Mixed(_) | Segment::Constrained(_));
        segments.all(is_plain).then_some(code)
    }

    /// Segment `at`, if there are so many.
    #[inline]
    pub(super) fn segment(&self, at: usize) -> Option<Segment<'_>> {
        self.segments().nth(at)
    }

    /// The text of segment `at` if it is static, else none.
    #[inline]
    pub(super) fn text(&self, at: usize) -> &[u8] {
        match self.segment(at) {
            Some(Segment::Static(text)) => text,
            _ => &[],
        }
    }

    /// Whether the segments from `from` on demand the same.
    pub(super) fn same_from(&self, other: &Self, from: usize) -> bool {
        let mut pairs = self.segments().zip(other.segments()).skip(from);
        self.len == other.len && pairs.all(|(mine, theirs)| mine.same(theirs))
    }

    /// Whether segment `at` demands the same.
    pub(super) fn same_segment(&self, other: &Self, at: usize) -> bool {
        match (self.segment(at), other.segment(at)) {
            (Some(mine), Some(theirs)) => mine.same(theirs),
            (mine, theirs) => mine.is_none() && theirs.is_none(),
        }
    }

    /// Compares two patterns that match one path: the more specific is less.
    pub(super) fn specificity(&self, other: &Self) -> std::cmp::Ordering {
        let classes = self.segments().map(Segment::class);
        classes.cmp(other.segments().map(Segment::class))
    }

    /// What its regexes weigh, as estimated; zero if it has none.
    pub(crate) fn regex_bytes(&self) -> usize {
        let mixed = self.rest.mixed.iter().map(Mixed::regex_bytes);
        let constrained = self.rest.constrained.iter().map(Constraint::regex_bytes);
        mixed.chain(constrained).sum()
    }

    /// The bytes it holds on the heap; an estimate where a regex is involved.
    pub(super) fn memory_bytes(&self) -> usize {
        let Rest {
            written,
            names,
            mixed,
            constrained,
        } = &*self.rest;
        let code = if self.code.spilled() {
            self.code.capacity()
        } else {
            0
        };
        let names = names.iter().map(|name| name.len() + size_of::<Box<str>>());
        let mixed = mixed.iter().map(Mixed::memory_bytes);
        let constrained = constrained.iter().map(Constraint::memory_bytes);
        let parts = names.chain(mixed).chain(constrained).sum::<usize>();
        size_of::<Rest>() + 16 + code + written.len() + parts
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.as_str())
    }
}

/// Two patterns are equal if they have one shape.
#[derive(Clone, Copy)]
pub struct Shape<'a>(&'a Pattern);

impl PartialEq for Shape<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.same_from(other.0, 0)
    }
}

impl Eq for Shape<'_> {}

impl fmt::Display for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in self.0.segments() {
            f.write_str("/")?;
            match segment {
                Segment::Static(text) => write_literal(&String::from_utf8_lossy(text), f)?,
                Segment::Mixed(mixed) => mixed.fmt(f)?,
                Segment::Constrained(constraint) => write!(f, "{{:{}}}", constraint.as_str())?,
                Segment::Param => f.write_str("{}")?,
                Segment::Star => f.write_str("*")?,
                Segment::Rest => f.write_str("{*}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shape({self})")
    }
}

/// Writes decoded text so that it cannot be taken for anything but text.
pub(super) fn write_literal(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if text == "*" {
        return f.write_str("%2A");
    }
    let reserved = |c: char| matches!(c, '{' | '}' | '%' | '/' | '?' | '#');
    let mut rest = text;
    while let Some(at) = rest.find(reserved) {
        f.write_str(&rest[..at])?;
        write!(f, "%{:02X}", rest.as_bytes()[at])?;
        rest = &rest[at + 1..];
    }
    f.write_str(rest)
}

/// Why a path template is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PatternError {
    /// What is wrong: lower case, no final stop.
    pub message: String,
    /// How to mend it; empty if the message says so.
    pub hint: String,
    /// Where in the text, in bytes.
    pub offset: usize,
}
