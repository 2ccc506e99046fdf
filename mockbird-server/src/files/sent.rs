//! A mock file as it is sent to a server: all of it in one text, bodies of other files too.

use mockbird_core::fault::{Fault, Part};
use mockbird_core::spec::{self, Location, Spec};

use super::body_file;
use super::finding::{Excerpt, Finding, Severity};
use super::source::Source;

impl Source {
    /// The spec with the bodies of its files in it; `None` if it has errors, of which [`load_source`](super::load_source) tells.
    pub fn whole(&self) -> Option<Spec> {
        let mut document = spec::read(&self.text, self.format).ok()?;
        let (spec, mut faults) = document.salvage();
        let mut spec = spec?;
        spec.resolve_files(|name| body_file::read(&self.folder, name), &mut faults);
        faults.errors.is_empty().then_some(spec)
    }

    /// What somebody else found at a place of the spec, with the line where that stands.
    pub fn finding(&self, severity: Severity, at: &str, message: &str, hint: &str) -> Finding {
        let fault = Fault {
            at: at.to_owned(),
            message: message.to_owned(),
            hint: hint.to_owned(),
            part: Part::Value,
            within: None,
        };
        let document = spec::read(&self.text, self.format);
        let excerpt = document.ok().map(|document| {
            let Location { line, column, span } = document.locate(&fault);
            Excerpt::new(&self.text, span.start as usize, line, column)
        });
        Finding::new(severity, &self.label, fault, excerpt)
    }
}
