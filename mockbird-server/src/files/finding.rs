//! What is wrong with a file, and the line where it stands.

use mockbird_core::fault::Fault;
use serde::Serialize;

/// Characters of a line that a finding keeps: a minified file is one line, and has many findings.
const EXCERPT_CHARS_MAX: usize = 118;

/// How many of them stand before the finding.
const BEFORE_CHARS_MAX: usize = 80;

/// An error or a warning of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    #[serde(skip)]
    pub severity: Severity,
    /// The file, as it was named.
    pub file: String,
    /// The place in the spec, such as `mocks[3].responses[1].weight`; empty for the whole file.
    pub at: String,
    /// Where that is in the text, if it stands there.
    #[serde(flatten)]
    pub excerpt: Option<Excerpt>,
    /// What is wrong.
    pub message: String,
    /// How to mend it; empty if the message already says so.
    pub hint: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, but is probably not what was meant.
    Warning,
}

/// The part of a line that a finding stands in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Excerpt {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The text of the line; `…` stands at an end where a long one is cut.
    #[serde(skip)]
    pub text: String,
    /// The column in that text, from 1, in characters.
    #[serde(skip)]
    pub caret: usize,
}

impl Finding {
    /// A fault of the spec in `file`, where its text says so if that is known.
    pub(super) fn new(
        severity: Severity,
        file: &str,
        fault: Fault,
        excerpt: Option<Excerpt>,
    ) -> Self {
        let Fault {
            at,
            message,
            hint,
            part: _,
            within: _,
        } = fault;
        Self {
            severity,
            file: file.to_owned(),
            at,
            excerpt,
            message,
            hint,
        }
    }
}

impl Excerpt {
    /// What stands around a byte of `source`, which has this line and column.
    ///
    /// Only the neighbourhood of the byte is looked at, so that the cost is the same in any file.
    pub(super) fn new(source: &str, offset: usize, line: usize, column: usize) -> Self {
        let (head, tail) = source.split_at_checked(offset).unwrap_or((source, ""));
        let in_line = |c: &char| *c != '\n';
        let mut back = head.chars().rev().take_while(in_line);
        let before: Vec<_> = back.by_ref().take(BEFORE_CHARS_MAX).collect();
        let cut_before = back.next().is_some();
        let mut ahead = tail.chars().take_while(in_line);
        let rest = EXCERPT_CHARS_MAX - before.len();
        let mut text = String::from(if cut_before { "…" } else { "" });
        text.extend(before.iter().rev());
        text.extend(ahead.by_ref().take(rest));
        if ahead.next().is_some_and(|c| c != '\r') {
            text.push('…');
        } else if text.ends_with('\r') {
            text.pop();
        }
        Self {
            line,
            column,
            text,
            caret: before.len() + usize::from(cut_before) + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(source: &str, found: &str) -> (String, usize) {
        let Excerpt { text, caret, .. } = Excerpt::new(source, source.find(found).unwrap(), 1, 1);
        (text, caret)
    }

    #[test]
    fn a_short_line_is_whole() {
        for source in ["a: 1\nb: é X\nc", "b: é X", "\r\nb: é X\r\n", "\nb: é X"] {
            assert_eq!(excerpt(source, "X"), ("b: é X".into(), 6), "{source:?}");
        }
        assert_eq!(Excerpt::new("a", 500, 1, 1).text, "a");
        assert_eq!(Excerpt::new("é", 1, 1, 1).text, "é");
    }

    #[test]
    fn of_a_long_line_the_neighbourhood_is_kept() {
        let filler = "é".repeat(1_000_000);
        let (text, caret) = excerpt(&format!("{filler}X{filler}"), "X");
        assert_eq!(text.chars().count(), EXCERPT_CHARS_MAX + 2);
        assert_eq!(text.chars().nth(caret - 1), Some('X'));
        assert!(text.starts_with("…é") && text.ends_with("é…"), "{text}");
        let (text, caret) = excerpt(&format!("X{filler}"), "X");
        assert!(caret == 1 && text.ends_with('…'), "{text}");
        let (text, _) = excerpt(&format!("{filler}X"), "X");
        assert!(text.starts_with('…') && text.ends_with("éX"), "{text}");
    }
}
