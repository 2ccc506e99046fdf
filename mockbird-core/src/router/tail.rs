//! The end of a pattern, kept where a lookup reads anyway.

use super::pattern::{Pattern, Segments};

/// With it, and an entry of two pointers, a slot of a [`Map`](super::map::Map) is one line of the cache.
const BYTES: usize = 31;

/// The segments of a pattern from some place on, if they are short and of the ordinary kinds; else
/// the pattern itself is asked, which is one access to memory more.
#[derive(Clone, Copy)]
pub(super) struct Tail {
    /// More than there is room for if nothing is kept.
    len: u8,
    code: [u8; BYTES],
}

impl Tail {
    pub(super) fn new(pattern: &Pattern, from: usize) -> Self {
        let mut tail = Self {
            len: u8::MAX,
            code: [0; BYTES],
        };
        if let Some(code) = pattern.plain_code(from)
            && let Some(kept) = tail.code.get_mut(..code.len())
        {
            kept.copy_from_slice(code);
            tail.len = u8::try_from(code.len()).unwrap_or(u8::MAX);
        }
        tail
    }

    /// The segments of the pattern that it was made of, from the same place on.
    #[inline]
    pub(super) fn segments<'p>(&'p self, pattern: &'p Pattern, from: usize) -> Segments<'p> {
        match self.code.get(..usize::from(self.len)) {
            Some(code) => pattern.segments_of(code),
            None => pattern.segments_from(from),
        }
    }
}
