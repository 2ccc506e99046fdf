//! Values as text become values of their types; what is wrong is collected.

use std::fmt;

use super::setting::Setting;
use super::sources::{Source, Sources};

/// What is wrong with one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it was set: `--port`, `MOCKBIRD_PORT`, `mockbird.toml: port`.
    pub at: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// Everything that is wrong, one line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            let line = if index == 0 { "" } else { "\n" };
            write!(f, "{line}{}: {}", fault.at, fault.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Reads settings, and notes every fault.
pub(super) struct Reader<'s> {
    sources: &'s Sources,
    faults: Faults,
}

/// How a text becomes a value; the error says what would be right.
type Parse<T> = fn(&str) -> Result<T, String>;

impl<'s> Reader<'s> {
    pub(super) fn new(sources: &'s Sources) -> Self {
        Self {
            sources,
            faults: sources.faults(),
        }
    }

    /// The value of a setting that always has one. After a fault it is some value: nobody sees it.
    pub(super) fn value<T: Default>(&mut self, setting: &Setting, parse: Parse<T>) -> T {
        self.optional(setting, parse).unwrap_or_default()
    }

    /// The value of a setting that may be left out.
    pub(super) fn optional<T>(&mut self, setting: &Setting, parse: Parse<T>) -> Option<T> {
        let (source, text) = match (self.sources.get(setting.name), setting.default) {
            (Some(found), _) => found,
            (None, Some(default)) => (&Source::Default, default),
            (None, None) => return None,
        };
        match parse(text.trim()) {
            Ok(value) => Some(value),
            Err(message) => {
                let at = match source {
                    // Found by a test of the table, not by an operator.
                    Source::Default => format!("{} (by default)", setting.name),
                    named => named.to_string(),
                };
                self.faults.0.push(Fault { at, message });
                None
            }
        }
    }

    /// Whether somebody set it.
    pub(super) fn is_set(&self, setting: &Setting) -> bool {
        self.sources.get(setting.name).is_some()
    }

    /// Notes a fault of a value that is right by itself, but not beside the others.
    pub(super) fn refuse(&mut self, setting: &Setting, message: impl Into<String>) {
        let at = self.sources.get(setting.name);
        let at = at.map_or_else(|| setting.name.to_owned(), |(source, _)| source.to_string());
        let message = message.into();
        self.faults.0.push(Fault { at, message });
    }

    pub(super) fn finish<T>(self, value: T) -> Result<T, Faults> {
        if self.faults.0.is_empty() {
            Ok(value)
        } else {
            Err(self.faults)
        }
    }
}
