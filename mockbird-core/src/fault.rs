//! What is wrong with a spec: every fault with its place and a remedy, collected in one go.
//!
//! A spec is walked with a [`Place`] in hand; what is wrong goes to [`Faults`] with that place, and
//! the walk goes on, so that its writer sees everything at once. [`Invalid`] is the error made of it.

use std::fmt;

pub use crate::place::Place;

use crate::limits::{FAULTS_MAX, SHOWN_CHARS_MAX};

/// One fault or warning: where, what, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The place in the spec, such as `mocks[3].responses[1].conditions[0].value`; empty for the whole.
    pub at: String,
    /// What is wrong: lower case, no final stop.
    pub message: String,
    /// How to mend it; empty if the message already says so.
    pub hint: String,
    /// Which part of the place is at fault, where it is a member.
    pub part: Part,
    /// Where in the text at the place, if the fault is of a text with lines of its own.
    pub within: Option<Within>,
}

/// A place in a text of the spec, such as a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// The part of a member that is at fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// What it is set to.
    #[default]
    Value,
    /// Its name, or that it is there.
    Key,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.at.is_empty() {
            write!(f, "{}: ", self.at)?;
        }
        f.write_str(&self.message)?;
        if !self.hint.is_empty() {
            write!(f, " ({})", self.hint)?;
        }
        Ok(())
    }
}

/// What to do about a cargo feature that is off: the testkit has those of this crate under the same names.
pub(crate) fn feature(name: &str) -> String {
    format!("turn on the feature `{name}` of mockbird-testkit, or of mockbird-core without it")
}

/// The faults and warnings found so far, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// What makes the spec unusable; at most [`FAULTS_MAX`].
    pub errors: Vec<Fault>,
    /// What is probably a mistake but does not stop the spec; at most [`FAULTS_MAX`].
    pub warnings: Vec<Fault>,
    /// Errors beyond the bound: counted, not kept.
    pub unlisted: usize,
}

impl Faults {
    /// Notes an error.
    pub fn error(&mut self, at: &Place<'_>, message: impl Into<String>, hint: impl Into<String>) {
        self.error_of(Part::Value, at, message, hint);
    }

    /// Notes an error of a key, whatever its value.
    pub(crate) fn error_of_key(
        &mut self,
        at: &Place<'_>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.error_of(Part::Key, at, message, hint);
    }

    fn error_of(
        &mut self,
        part: Part,
        at: &Place<'_>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        if self.is_full() {
            self.unlisted += 1;
        } else {
            let fault = fault(at, message, hint);
            self.errors.push(Fault { part, ..fault });
        }
    }

    /// Notes a warning.
    pub fn warn(&mut self, at: &Place<'_>, message: impl Into<String>, hint: impl Into<String>) {
        if self.warnings.len() < FAULTS_MAX {
            self.warnings.push(fault(at, message, hint));
        }
    }

    /// Notes an error inside of a text.
    pub(crate) fn error_within(
        &mut self,
        at: &Place<'_>,
        within: Within,
        message: &str,
        hint: String,
    ) {
        if self.is_full() {
            self.unlisted += 1;
        } else {
            self.errors.push(fault_within(at, within, message, hint));
        }
    }

    /// Notes a warning inside of a text.
    pub(crate) fn warn_within(
        &mut self,
        at: &Place<'_>,
        within: Within,
        message: &str,
        hint: String,
    ) {
        if self.warnings.len() < FAULTS_MAX {
            self.warnings.push(fault_within(at, within, message, hint));
        }
    }

    /// Adds what a later step found, but no error where an earlier step found the cause.
    pub fn follow(&mut self, later: Self) {
        let room = FAULTS_MAX.saturating_sub(self.warnings.len());
        self.warnings.extend(later.warnings.into_iter().take(room));
        self.unlisted += later.unlisted;
        let known = self.errors.len();
        for fault in later.errors {
            if self.errors[..known]
                .iter()
                .any(|cause| cause.at == fault.at)
            {
                continue;
            }
            if self.is_full() {
                self.unlisted += 1;
            } else {
                self.errors.push(fault);
            }
        }
    }

    /// True if further errors are only counted.
    pub(crate) fn is_full(&self) -> bool {
        self.errors.len() >= FAULTS_MAX
    }

    /// How many errors there are, those beyond the bound included.
    pub fn error_count(&self) -> usize {
        self.errors.len() + self.unlisted
    }

    /// The warnings if there is no error, otherwise everything as one error.
    pub fn into_result(self) -> Result<Vec<Fault>, Invalid> {
        if self.errors.is_empty() {
            return Ok(self.warnings);
        }
        Err(Invalid {
            faults: self.errors,
            warnings: self.warnings,
            unlisted: self.unlisted,
        })
    }
}

fn fault(at: &Place<'_>, message: impl Into<String>, hint: impl Into<String>) -> Fault {
    Fault {
        at: at.to_string(),
        message: harmless(message.into()),
        hint: harmless(hint.into()),
        part: Part::Value,
        within: None,
    }
}

fn fault_within(at: &Place<'_>, within: Within, message: &str, hint: String) -> Fault {
    let Within { line, column } = within;
    let message = format!("{message} at line {line}, column {column} in the text");
    Fault {
        within: Some(within),
        ..fault(at, message, hint)
    }
}

/// The same text on one line: what a spec says must not steer the terminal or the log it is shown on.
fn harmless(text: String) -> String {
    if !text.contains(char::is_control) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        push_harmless(&mut out, c);
    }
    out
}

fn push_harmless(out: &mut String, c: char) {
    if c.is_control() {
        out.extend(c.escape_default());
    } else {
        out.push(c);
    }
}

/// Why a spec cannot be used: all its errors, printed one a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The errors, in the order of the file; at least one.
    pub faults: Vec<Fault>,
    /// The warnings beside them, which are not printed with the errors.
    pub warnings: Vec<Fault>,
    /// How many more there were than are listed.
    pub unlisted: usize,
}

impl From<Invalid> for Faults {
    fn from(invalid: Invalid) -> Self {
        Self {
            errors: invalid.faults,
            warnings: invalid.warnings,
            unlisted: invalid.unlisted,
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.faults.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        match self.unlisted {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for Invalid {}

/// A piece of the user's text for a message: in backticks, on one line, shortened if it is long.
pub(crate) fn shown(text: &str) -> String {
    shown_within(text, SHOWN_CHARS_MAX)
}

/// The same, with so many characters of it.
pub(crate) fn shown_within(text: &str, max: usize) -> String {
    let mut out = String::from('`');
    for (i, c) in text.chars().enumerate() {
        if i == max {
            out.push('…');
            break;
        }
        push_harmless(&mut out, c);
    }
    out.push('`');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_one_fault_a_line() {
        let mut faults = Faults::default();
        faults.error(&Place::ROOT.key("name"), "missing", "give it a name");
        faults.error(&Place::ROOT, "odd", "");
        faults.warn(&Place::ROOT, "unwise", "");
        let invalid = faults.into_result().unwrap_err();
        assert_eq!(invalid.to_string(), "name: missing (give it a name)\nodd");
    }

    #[test]
    fn a_flood_of_errors_is_counted_not_kept() {
        let mut faults = Faults::default();
        for _ in 0..FAULTS_MAX + 3 {
            faults.error(&Place::ROOT, "bad", "");
        }
        assert_eq!(faults.errors.len(), FAULTS_MAX);
        assert_eq!(faults.error_count(), FAULTS_MAX + 3);
        assert!(
            faults
                .into_result()
                .unwrap_err()
                .to_string()
                .ends_with("bad\nand 3 more")
        );
    }

    #[test]
    fn faults_stay_on_their_line() {
        let mut faults = Faults::default();
        faults.error(&Place::ROOT, "no \u{1b}[31m\n", "\r\u{9b}");
        assert_eq!(faults.errors[0].to_string(), r"no \u{1b}[31m\n (\r\u{9b})");
    }

    #[test]
    fn a_later_step_does_not_repeat_an_earlier_one() {
        let fault = |at: &str, message: &str| Fault {
            at: at.into(),
            message: message.into(),
            hint: String::new(),
            part: Part::Value,
            within: None,
        };
        let mut faults = Faults::default();
        faults.errors.push(fault("a", "cause"));
        let later = [("a", "effect"), ("b", "one"), ("b", "two")];
        faults.follow(Faults {
            errors: later.map(|(at, message)| fault(at, message)).into(),
            warnings: vec![fault("c", "unwise")],
            unlisted: 0,
        });
        let invalid = faults.into_result().unwrap_err();
        assert_eq!(invalid.to_string(), "a: cause\nb: one\nb: two");
        assert_eq!(invalid.warnings, [fault("c", "unwise")]);
    }

    #[test]
    fn shows_foreign_text_harmlessly() {
        assert_eq!(shown("a\u{1b}[31m\n"), r"`a\u{1b}[31m\n`");
        assert!(shown(&"x".repeat(1000)).chars().count() < SHOWN_CHARS_MAX + 4);
    }
}
