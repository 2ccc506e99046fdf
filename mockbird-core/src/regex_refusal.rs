//! Why a regex is refused, where, and what to write instead.

use regex_syntax::ParserBuilder;
use regex_syntax::ast::{ErrorKind, Position};

use crate::limits::REGEX_NEST_MAX;

/// Why a regex is refused.
pub(crate) struct Refusal {
    pub(crate) message: String,
    pub(crate) hint: &'static str,
}

impl Refusal {
    /// The words for what `regex` has against a text.
    pub(crate) fn new(text: &str, error: &regex::Error) -> Self {
        if let regex::Error::CompiledTooBig(limit) = error {
            return Self {
                message: format!(
                    "the regex is too large: compiled, it takes more than {limit} bytes"
                ),
                hint: "repeat less: `{1000}` makes a thousand copies",
            };
        }
        let mut parser = ParserBuilder::new().nest_limit(REGEX_NEST_MAX).build();
        let (message, start, hint) = match parser.parse(text) {
            Err(regex_syntax::Error::Parse(error)) => {
                let kind = error.kind();
                (kind.to_string(), error.span().start, hint(kind))
            }
            Err(regex_syntax::Error::Translate(error)) => {
                (error.kind().to_string(), error.span().start, SYNTAX)
            }
            // It refuses what the other does, or there is nothing to point at.
            Ok(_) | Err(_) => (last_line(error), Position::new(0, 1, 1), SYNTAX),
        };
        Self {
            message: format!("not a regex: {message} at {}", place(start)),
            hint,
        }
    }
}

/// What a regex may hold.
pub(crate) const SYNTAX: &str =
    "the syntax is that of Rust's `regex`: no look-around and no back-references";

fn place(at: Position) -> String {
    match at.line {
        1 => format!("column {}", at.column),
        line => format!("line {line}, column {}", at.column),
    }
}

fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().next_back().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

fn hint(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::UnsupportedLookAround => {
            "matching takes linear time, so there is no look-ahead and no look-behind: use a second condition, with `negate` for what must not be there"
        }
        ErrorKind::UnsupportedBackreference => {
            "matching takes linear time, so there are no back-references: write out the alternatives"
        }
        ErrorKind::GroupUnclosed => "close it with `)`, or write `\\(` for the character",
        ErrorKind::GroupUnopened => "open it with `(`, or write `\\)` for the character",
        ErrorKind::ClassUnclosed => "close it with `]`, or write `\\[` for the character",
        ErrorKind::RepetitionMissing => {
            "nothing stands before it to be repeated: write `\\*`, `\\+` or `\\?` for the character"
        }
        ErrorKind::EscapeUnrecognized => "write `\\\\` for a backslash",
        ErrorKind::NestLimitExceeded(_) => "take groups out of each other",
        _ => SYNTAX,
    }
}
