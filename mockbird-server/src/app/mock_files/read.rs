//! From the text of a mock file to what can be saved, or to everything that is wrong with it.

use std::collections::HashMap;

use bytes::Bytes;
use mockbird_core::Engine;
use mockbird_core::fault::{Fault, Faults, Place};
use mockbird_core::spec::{self, Document, Format, Location, Spec};

use super::super::mocks::shape;
use super::super::{AppError, field_limits};
use crate::store::StoreError;

/// A mock file that the service takes.
#[derive(Debug)]
pub struct MockFile {
    pub(super) spec: Spec,
    pub(super) warnings: Vec<Located>,
}

/// Something that is said of a file, with its place in the text.
#[derive(Clone, Debug)]
pub struct Located {
    /// What is said.
    pub fault: Fault,
    /// Where it stands; absent for what is no part of the text.
    pub location: Option<Location>,
}

impl MockFile {
    /// Reads a text, off the threads that answer others.
    pub async fn read(text: Bytes, format: Format) -> Result<Self, AppError> {
        let read = tokio::task::spawn_blocking(move || read(&text, format)).await;
        // It fails only where we panicked: a defect of ours, and told as one.
        read.unwrap_or_else(|panicked| Err(StoreError::Corrupt(panicked.to_string()).into()))
    }

    /// Says something more of the whole.
    pub(super) fn warn(&mut self, at: &Place<'_>, message: String, hint: &str) {
        let mut faults = Faults::default();
        faults.warn(at, message, hint);
        let unlocated = |fault| Located {
            fault,
            location: None,
        };
        self.warnings
            .extend(faults.warnings.into_iter().map(unlocated));
    }
}

fn read(text: &[u8], format: Format) -> Result<MockFile, AppError> {
    let mut document = spec::read(text, format).map_err(AppError::Syntax)?;
    let (spec, mut faults) = document.salvage();
    if let Some(spec) = &spec {
        check(spec, &mut faults);
    }
    document.sort(&mut faults);
    match spec {
        Some(spec) if faults.error_count() == 0 => Ok(MockFile {
            spec,
            warnings: located(&document, faults.warnings),
        }),
        _ => Err(AppError::File(located(&document, faults.errors))),
    }
}

/// Reports what else is wrong with what could be read.
fn check(spec: &Spec, faults: &mut Faults) {
    field_limits::tell_limits_of_here(faults);
    let mut later = Faults::default();
    field_limits::check_spec(spec, &mut later);
    faults.follow(later);
    match Engine::compile(spec) {
        Ok(compiled) => faults.warnings.extend(compiled.warnings),
        Err(invalid) => faults.follow(invalid.into()),
    }
    warn_of_duplicates(spec, faults);
}

fn located(document: &Document<'_>, faults: Vec<Fault>) -> Vec<Located> {
    let located = faults.into_iter().map(|fault| Located {
        location: Some(document.locate(&fault)),
        fault,
    });
    located.collect()
}

/// Two mocks of one method that match the same paths are legal, but nearly always a slip.
fn warn_of_duplicates(spec: &Spec, faults: &mut Faults) {
    let mut first = HashMap::new();
    let at = Place::ROOT.key("mocks");
    for (index, mock) in spec.mocks.iter().enumerate() {
        let Some(shape) = shape(mock) else { continue };
        let earlier = *first.entry(shape).or_insert(index);
        let at = at.index(index);
        let place = at.to_string();
        // Of one that can never answer, more is said already.
        if earlier != index && !faults.warnings.iter().any(|fault| fault.at == place) {
            let message = format!("`mocks[{earlier}]` has this method and path already");
            faults.warn(&at, message, "the first one that qualifies answers");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        match read(text.as_bytes(), Format::Yaml) {
            Ok(file) => lines(&file.warnings),
            Err(AppError::File(faults)) => lines(&faults),
            Err(error) => error.to_string(),
        }
    }

    fn lines(all: &[Located]) -> String {
        let line = |located: &Located| {
            let location = located.location.unwrap();
            format!("{}:{}: {}\n", location.line, location.column, located.fault)
        };
        all.iter().map(line).collect()
    }

    #[test]
    fn what_is_wrong_with_a_file_has_its_place() {
        let all = [
            "name: [",
            "name: a\nmocks:\n- path: a\n  responses: [{bodyFile: b.json, colour: red}]\n",
            "name: a\nmocks:\n- path: /a\n  responses:\n  - body: '{{ nothing( }}'\n",
            "name: a\nmocks:\n- {path: '/{a}', responses: [{conditions: [{type: query, field: a, operator: exists}]}]}\n\
             - {path: '/{b}', responses: [{}]}\n- {path: '/{c}', responses: [{}]}\n",
        ];
        let said: Vec<_> = all.into_iter().map(said).collect();
        insta::assert_snapshot!(said.join("\n"));
    }
}
