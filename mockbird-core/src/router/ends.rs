//! Where the segments of a path end.

/// Ends kept without allocation: more segments than all but a few real paths have.
const INLINE: usize = 32;

/// A short list of offsets; the first ones need no allocation.
#[derive(Debug)]
pub(super) struct Ends {
    len: usize,
    inline: [u32; INLINE],
    /// Those for which there is no room in `inline`.
    more: Vec<u32>,
}

impl Ends {
    #[inline]
    pub(super) fn new() -> Self {
        Self {
            len: 0,
            inline: [0; INLINE],
            more: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn push(&mut self, end: u32) {
        match self.inline.get_mut(self.len) {
            Some(slot) => *slot = end,
            None => self.more.push(end),
        }
        self.len += 1;
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
        self.more.truncate(self.len.saturating_sub(INLINE));
    }

    /// The offset at a place below the length.
    #[inline]
    pub(super) fn get(&self, at: usize) -> usize {
        let end = match self.inline.get(at) {
            Some(end) => *end,
            None => self.more[at - INLINE],
        };
        end as usize
    }
}

#[cfg(test)]
mod tests {
    use super::{Ends, INLINE};

    #[test]
    fn keeps_what_is_pushed() {
        let mut ends = Ends::new();
        for end in (0..).take(3 * INLINE) {
            ends.push(end);
            assert!((0..ends.len()).all(|at| ends.get(at) == at));
        }
        for len in [2 * INLINE, INLINE + 1, INLINE, INLINE - 1] {
            ends.truncate(len);
            ends.push(7);
            assert_eq!(
                (ends.len(), ends.get(len), ends.get(len - 1)),
                (len + 1, 7, len - 1)
            );
            ends.truncate(len);
        }
    }
}
