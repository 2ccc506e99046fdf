//! Byte offsets to lines and columns, when there are many to find in one text.

/// Bytes between two marks: the most that a lookup reads.
const STRIDE: usize = 4096;

/// The line and column of every 4096th byte of a text in UTF-8.
///
/// Starts of lines would do for most texts, but a minified one is a single line. Marks at even
/// distances serve both, weigh a few bytes for each 4 KiB, and are found without a search.
#[derive(Debug)]
pub(crate) struct LineIndex {
    marks: Box<[Mark]>,
}

/// A place in a text.
#[derive(Clone, Copy, Debug)]
struct Mark {
    line: usize,
    column: usize,
}

impl LineIndex {
    /// Reads the text once.
    pub(crate) fn of(source: &[u8]) -> Self {
        let first = Mark { line: 1, column: 1 };
        let later = source.chunks_exact(STRIDE).scan(first, |mark, bytes| {
            *mark = mark.after(bytes);
            Some(*mark)
        });
        Self {
            marks: std::iter::once(first).chain(later).collect(),
        }
    }

    /// Line and column (from 1; the column in characters) of a byte offset of the same text.
    pub(crate) fn locate(&self, source: &[u8], offset: usize) -> (usize, usize) {
        let offset = offset.min(source.len());
        let start = Mark { line: 1, column: 1 };
        let mark = self.marks.get(offset / STRIDE).copied().unwrap_or(start);
        let since = &source[offset - offset % STRIDE..offset];
        let Mark { line, column } = mark.after(since);
        (line, column)
    }
}

impl Mark {
    /// The place behind these bytes.
    fn after(self, bytes: &[u8]) -> Self {
        let breaks = memchr::memchr_iter(b'\n', bytes).count();
        let last = memchr::memrchr(b'\n', bytes);
        let column = if last.is_some() { 1 } else { self.column };
        let rest = &bytes[last.map_or(0, |at| at + 1)..];
        // A character has one byte that does not continue another.
        let characters = rest.iter().filter(|&&b| b & 0xC0 != 0x80).count();
        Self {
            line: self.line + breaks,
            column: column + characters,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::line_and_column;

    #[test]
    fn agrees_with_reading_from_the_start() {
        let texts = [
            String::new(),
            "a".repeat(STRIDE),
            "é".repeat(3 * STRIDE),
            "aé🐦\n\n".repeat(STRIDE),
            format!("a{}\n{}", "🐦".repeat(STRIDE), "é".repeat(STRIDE)),
        ];
        for text in texts {
            let index = LineIndex::of(text.as_bytes());
            let near_marks = |at: &usize| matches!(at % STRIDE, 0..8 | 4090..);
            let ends = text.char_indices().map(|(at, _)| at).filter(near_marks);
            for offset in ends.chain([text.len(), text.len() + 9]) {
                assert_eq!(
                    index.locate(text.as_bytes(), offset),
                    line_and_column(text.as_bytes(), offset),
                    "{offset}"
                );
            }
        }
    }
}
