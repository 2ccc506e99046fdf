//! Why a mock cannot be mounted.

use std::fmt;
use std::panic::Location;

use mockbird_core::fault::{Fault, Part};

use crate::report::write_lines;

/// Why a mock could not be mounted: every fault of it, each with what it is a fault of.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// let server = MockServer::start();
/// let error = server.try_mount(get("birds?page=2").status(99)).unwrap_err();
/// assert!(error.to_string().contains("a path begins with `/`: use `/birds`"));
/// assert_eq!(error.faults().len(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct MountError {
    pub(crate) name: String,
    pub(crate) at: &'static Location<'static>,
    pub(crate) faults: Vec<Fault>,
}

impl MountError {
    /// The faults, at least one; their `at` is a part of the mock, such as `path` or `header x-key`.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl fmt::Display for MountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, at, faults } = self;
        let mut text = format!("the mock `{name}` ({at}) cannot be mounted:\n");
        for fault in faults {
            write_lines(&mut text, 2, &fault.to_string())?;
        }
        f.write_str(text.trim_end())
    }
}

impl std::error::Error for MountError {}

/// A fault that the testkit finds itself; the hint says what to do, and may be empty.
pub(super) fn fault(
    at: impl Into<String>,
    message: impl Into<String>,
    hint: impl Into<String>,
) -> Fault {
    Fault {
        at: at.into(),
        message: message.into(),
        hint: hint.into(),
        part: Part::Value,
        within: None,
    }
}
