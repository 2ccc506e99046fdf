//! A path template, parsed: what its segments demand of a request.

use std::borrow::Cow;
use std::fmt;
use std::mem::size_of;
use std::sync::Arc;

use super::constraint::Constraint;
use super::mixed::Mixed;
use super::parse;
use crate::secret::{MASK, is_secret};

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
    parts: Arc<Parts>,
    /// How many segments there are, at hand where a lookup ends.
    len: u16,
    /// Whether the last segment is `{*rest}`.
    is_open: bool,
}

/// What a pattern is made of. Static text is a range of `chars`, so that a pattern is few
/// allocations and lies close together in memory.
pub(super) struct Parts {
    /// The text as written, then the decoded form of each static segment that holds escapes.
    pub(super) chars: Box<str>,
    pub(super) written: u32,
    pub(super) segments: Box<[Segment]>,
    pub(super) names: Box<[Box<str>]>,
}

/// One segment of a pattern. The variants stand in order of specificity.
pub(super) enum Segment {
    /// This text, decoded: a range of [`Parts::chars`].
    Static { start: u32, len: u32 },
    /// Text with parameters inside.
    Mixed(Box<Mixed>),
    /// A parameter that must match a regex.
    Constrained(Box<Constraint>),
    /// Any one segment that is not empty, named.
    Param,
    /// Any one segment that is not empty, unnamed.
    Star,
    /// One segment or more, the first not empty.
    Rest,
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

impl Segment {
    pub(super) fn class(&self) -> Class {
        match self {
            Self::Static { .. } => Class::Static,
            Self::Mixed(_) => Class::Mixed,
            Self::Constrained(_) => Class::Constrained,
            Self::Param => Class::Param,
            Self::Star => Class::Star,
            Self::Rest => Class::Rest,
        }
    }
}

impl Pattern {
    /// Reads a path template.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let parts = parse::pattern(text)?;
        Ok(Self {
            // At most `PATTERN_SEGMENTS_MAX`, which fits.
            len: u16::try_from(parts.segments.len()).unwrap_or(u16::MAX),
            is_open: matches!(parts.segments.last(), Some(Segment::Rest)),
            parts: Arc::new(parts),
        })
    }

    /// The template as written.
    pub fn as_str(&self) -> &str {
        &self.parts.chars[..self.parts.written as usize]
    }

    /// The names of the parameters, from the left; the captures of a request come in this order.
    pub fn names(&self) -> &[Box<str>] {
        &self.parts.names
    }

    /// The shape: the template without what does not matter to matching, such as names.
    pub fn shape(&self) -> Shape<'_> {
        Shape(self)
    }

    /// Whether a path of this many segments has as many as the pattern.
    #[inline]
    pub(super) fn fits(&self, len: usize) -> bool {
        let own = usize::from(self.len);
        own == len || (self.is_open && own < len)
    }

    /// True if it is `{*rest}` after static segments only.
    pub(crate) fn is_catch_all(&self) -> bool {
        self.is_open && self.static_prefix().len() + 1 == self.len()
    }

    /// True if there is a segment at this place, and no path that matches is empty there.
    pub(crate) fn is_full_at(&self, at: usize) -> bool {
        match self.segments().get(at) {
            Some(&Segment::Static { len, .. }) => len > 0,
            Some(_) => true,
            None => false,
        }
    }

    /// The static segments it begins with.
    pub(crate) fn static_prefix(&self) -> Vec<&str> {
        let segments = self.segments().iter();
        let texts = segments.map_while(|segment| match segment {
            &Segment::Static { start, len } => Some(self.text(start, len)),
            _ => None,
        });
        texts.collect()
    }

    /// True if a parameter is a secret by its name.
    pub(crate) fn has_secrets(&self) -> bool {
        self.parts.names.iter().any(|name| is_secret(name))
    }

    /// The path of a request without the segments of those parameters that are secrets by their name.
    pub(crate) fn masked<'p>(&self, raw_path: &'p str) -> Cow<'p, str> {
        if !self.has_secrets() {
            return Cow::Borrowed(raw_path);
        }
        let mut names = self.parts.names.iter();
        let mut came = raw_path.split('/').skip(1);
        let mut masked = String::with_capacity(raw_path.len());
        for segment in self.segments() {
            let params = match segment {
                Segment::Static { .. } | Segment::Star => 0,
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
            masked.push_str(if hidden { MASK } else { came });
            if hidden && matches!(segment, Segment::Rest) {
                return Cow::Owned(masked);
            }
        }
        for came in came {
            masked.push('/');
            masked.push_str(came);
        }
        Cow::Owned(masked)
    }

    /// How many segments it has.
    #[inline]
    pub(super) fn len(&self) -> usize {
        usize::from(self.len)
    }

    pub(super) fn segments(&self) -> &[Segment] {
        &self.parts.segments
    }

    /// The text of a static segment.
    pub(super) fn text(&self, start: u32, len: u32) -> &str {
        &self.parts.chars[start as usize..start as usize + len as usize]
    }

    /// Whether the segments from `from` on demand the same.
    pub(super) fn same_from(&self, other: &Self, from: usize) -> bool {
        self.parts.segments.len() == other.parts.segments.len()
            && (from..self.parts.segments.len()).all(|at| self.same_segment(other, at))
    }

    /// Whether segment `at` demands the same.
    pub(super) fn same_segment(&self, other: &Self, at: usize) -> bool {
        match (&self.parts.segments[at], &other.parts.segments[at]) {
            (
                &Segment::Static { start, len },
                &Segment::Static {
                    start: other_start,
                    len: other_len,
                },
            ) => self.text(start, len) == other.text(other_start, other_len),
            (Segment::Mixed(mine), Segment::Mixed(theirs)) => mine == theirs,
            (Segment::Constrained(mine), Segment::Constrained(theirs)) => mine == theirs,
            (mine, theirs) => mine.class() == theirs.class(),
        }
    }

    /// Compares two patterns that match one path: the more specific is less.
    pub(super) fn specificity(&self, other: &Self) -> std::cmp::Ordering {
        let classes = self.parts.segments.iter().map(Segment::class);
        classes.cmp(other.parts.segments.iter().map(Segment::class))
    }

    /// The bytes it holds on the heap; an estimate where a regex is involved.
    pub(super) fn memory_bytes(&self) -> usize {
        let names: usize = self.parts.names.iter().map(|name| name.len() + 16).sum();
        let segments: usize = self.parts.segments.iter().map(segment_bytes).sum();
        size_of::<Parts>() + 16 + self.parts.chars.len() + names + segments
    }
}

fn segment_bytes(segment: &Segment) -> usize {
    let own = size_of::<Segment>();
    match segment {
        Segment::Static { .. } | Segment::Param | Segment::Star | Segment::Rest => own,
        Segment::Mixed(mixed) => own + mixed.memory_bytes(),
        Segment::Constrained(constraint) => own + constraint.memory_bytes(),
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
                &Segment::Static { start, len } => write_literal(self.0.text(start, len), f)?,
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
