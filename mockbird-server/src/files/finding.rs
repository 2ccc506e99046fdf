//! What is wrong with a file, and the line where it stands.

use mockbird_core::fault::Fault;
use serde::Serialize;

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

/// A line of a file, and the column of a finding in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Excerpt {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The text of the line.
    #[serde(skip)]
    pub text: String,
}

impl Finding {
    /// A fault of the spec in `file`, at this line and column of its text if they are known.
    pub(super) fn new(
        severity: Severity,
        file: &str,
        source: &str,
        fault: Fault,
        line_and_column: Option<(usize, usize)>,
    ) -> Self {
        let Fault { at, message, hint } = fault;
        let excerpt = line_and_column.map(|(line, column)| Excerpt::new(source, line, column));
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
    fn new(source: &str, line: usize, column: usize) -> Self {
        let text = source.lines().nth(line.saturating_sub(1)).unwrap_or("");
        Self {
            line,
            column,
            text: text.to_owned(),
        }
    }
}
