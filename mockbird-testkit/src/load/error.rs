//! Why a mock file cannot be loaded.

use std::fmt;
use std::path::{Path, PathBuf};

use mockbird_core::fault::{Fault, Part};
use mockbird_core::json::SyntaxError;

/// Why a mock file could not be loaded: it could not be read, or all its faults with line and column.
#[derive(Clone, Debug)]
pub struct LoadError {
    file: PathBuf,
    why: Why,
}

#[derive(Clone, Debug)]
enum Why {
    Unreadable(String),
    Faults(Vec<Placed>),
}

/// A fault and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) fault: Fault,
}

pub(super) fn unreadable(file: &Path, why: impl fmt::Display) -> LoadError {
    LoadError {
        file: file.to_owned(),
        why: Why::Unreadable(why.to_string()),
    }
}

impl LoadError {
    pub(super) fn faults(file: &Path, faults: Vec<Placed>) -> Self {
        Self {
            file: file.to_owned(),
            why: Why::Faults(faults),
        }
    }

    pub(super) fn syntax(file: &Path, error: SyntaxError) -> Self {
        let fault = Fault {
            at: String::new(),
            message: error.message,
            hint: String::new(),
            part: Part::Value,
            within: None,
        };
        let (line, column) = (error.line, error.column);
        Self::faults(
            file,
            vec![Placed {
                line,
                column,
                fault,
            }],
        )
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        let faults = match &self.why {
            Why::Unreadable(why) => return write!(f, "cannot read {file}: {why}"),
            Why::Faults(faults) => faults,
        };
        write!(f, "{file} cannot be loaded:")?;
        for Placed {
            line,
            column,
            fault,
        } in faults
        {
            write!(f, "\n  {file}:{line}:{column}: {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for LoadError {}
