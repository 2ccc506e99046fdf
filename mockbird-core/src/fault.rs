//! What is wrong with a spec: every fault with its place and a remedy, collected in one go.

use std::fmt;

/// One fault or warning: where, what, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The place in the spec, such as `mocks[3].responses[1].conditions[0].value`; empty for the whole.
    pub at: String,
    /// What is wrong: lower case, no final stop.
    pub message: String,
    /// How to mend it; empty if the message already says so.
    pub hint: String,
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

/// A place in a spec while it is walked: a chain on the stack, written out only for a fault.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    /// The whole spec.
    pub const ROOT: Place<'static> = Place {
        parent: None,
        step: Step::Root,
    };

    /// The member `key` of this place.
    pub fn key(&'a self, key: &'a str) -> Place<'a> {
        Place {
            parent: Some(self),
            step: Step::Key(key),
        }
    }

    /// The element `index` of this place.
    pub fn index(&'a self, index: usize) -> Place<'a> {
        Place {
            parent: Some(self),
            step: Step::Index(index),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(parent) = self.parent else {
            return Ok(());
        };
        parent.fmt(f)?;
        match self.step {
            Step::Root => Ok(()),
            Step::Key(key) if parent.parent.is_none() => f.write_str(key),
            Step::Key(key) => write!(f, ".{key}"),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// The faults and warnings found so far.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// What makes the spec unusable.
    pub errors: Vec<Fault>,
    /// What is probably a mistake but does not stop the spec.
    pub warnings: Vec<Fault>,
}

impl Faults {
    /// Notes an error.
    pub fn error(&mut self, at: &Place<'_>, message: impl Into<String>, hint: impl Into<String>) {
        self.errors.push(Fault {
            at: at.to_string(),
            message: message.into(),
            hint: hint.into(),
        });
    }

    /// Notes a warning.
    pub fn warn(&mut self, at: &Place<'_>, message: impl Into<String>, hint: impl Into<String>) {
        self.warnings.push(Fault {
            at: at.to_string(),
            message: message.into(),
            hint: hint.into(),
        });
    }
}
