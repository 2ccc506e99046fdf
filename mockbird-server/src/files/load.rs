//! From file names to one engine: each file read and checked, then all of them compiled together.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use mockbird_core::fault::{Fault, Faults};
use mockbird_core::spec::{Body, Spec};

use super::body_file;
use super::finding::{Finding, Severity};
use super::source::{Source, Unreadable};
use super::watch::Seen;
use crate::stub::{Document, Engine, Format, Invalid, read, resolve_files};

/// What loading gave: an engine if there is no error, and everything that was found.
#[derive(Debug)]
pub struct Loading {
    /// The engine of all files together; absent if any of them has an error.
    pub engine: Option<Engine>,
    /// The files that could be read.
    pub files: Vec<File>,
    /// Errors and warnings, in the order of the files and of their texts.
    pub findings: Vec<Finding>,
    /// Files that could not be read at all.
    pub unreadable: Vec<Unreadable>,
    /// Every file that was looked at, bodies included: what a watch follows.
    pub dependencies: Vec<Seen>,
}

/// One of the files of an engine.
#[derive(Debug)]
pub struct File {
    /// As it was named.
    pub label: String,
    /// The name of its spec; empty if it could not be decoded.
    pub name: String,
    /// How many mocks it has.
    pub mocks: usize,
}

/// Loads the files as one engine: their mocks in the order of the files.
///
/// A seed given here wins over those of the files.
pub fn load(paths: &[PathBuf], format: Option<Format>, seed: Option<u64>) -> Loading {
    let mut loader = Loader::default();
    for path in paths {
        loader.dependencies.push(Seen::now(path.clone()));
        match Source::read(path, format) {
            Ok(source) => loader.file(source),
            Err(error) => loader.unreadable.push(error),
        }
    }
    loader.finish(seed)
}

#[derive(Default)]
struct Loader {
    parts: Vec<Part>,
    findings: Vec<Finding>,
    unreadable: Vec<Unreadable>,
    dependencies: Vec<Seen>,
}

/// A file on its way into the engine.
struct Part {
    source: Source,
    /// Absent if the text is neither JSON nor YAML.
    document: Option<Document>,
    /// Absent if it could not be decoded.
    spec: Option<Spec>,
}

impl Part {
    fn finding(&self, severity: Severity, fault: Fault) -> Finding {
        let place = self
            .document
            .as_ref()
            .and_then(|document| document.locate(&fault.at));
        Finding::new(
            severity,
            &self.source.label,
            &self.source.text,
            fault,
            place,
        )
    }

    fn mocks(&self) -> usize {
        self.spec.as_ref().map_or(0, |spec| spec.mocks.len())
    }
}

impl Loader {
    fn file(&mut self, source: Source) {
        let document = match read(&source.text, source.format) {
            Ok(document) => document,
            Err(error) => {
                let place = Some((error.line, error.column));
                let fault = Fault {
                    at: String::new(),
                    message: error.message,
                    hint: String::new(),
                };
                self.findings.push(Finding::new(
                    Severity::Error,
                    &source.label,
                    &source.text,
                    fault,
                    place,
                ));
                self.parts.push(Part {
                    source,
                    document: None,
                    spec: None,
                });
                return;
            }
        };
        let (mut spec, mut faults) = document.decode();
        if let Some(spec) = &mut spec {
            self.bodies(spec, &source.folder, &mut faults);
        }
        if !faults.errors.is_empty() {
            spec = None;
        }
        let part = Part {
            source,
            document: Some(document),
            spec,
        };
        let Faults { errors, warnings } = faults;
        self.findings.extend(
            errors
                .into_iter()
                .map(|fault| part.finding(Severity::Error, fault)),
        );
        self.findings.extend(
            warnings
                .into_iter()
                .map(|fault| part.finding(Severity::Warning, fault)),
        );
        self.parts.push(part);
    }

    /// Reads the body files of a spec, and remembers which they were.
    fn bodies(&mut self, spec: &mut Spec, folder: &Path, faults: &mut Faults) {
        let named = spec
            .mocks
            .iter()
            .flat_map(|mock| &mock.responses)
            .filter_map(|r| match &r.body {
                Body::File(name) => body_file::inside(name).ok(),
                Body::Empty | Body::Text(_) | Body::Json(_) | Body::Bytes(_) => None,
            });
        self.dependencies
            .extend(named.map(|name| Seen::now(folder.join(name))));
        resolve_files(
            spec,
            |name| -> Result<Bytes, String> { body_file::read(folder, name) },
            faults,
        );
    }

    fn finish(mut self, seed: Option<u64>) -> Loading {
        self.agree("cors", |spec| spec.cors);
        self.agree("seed", |spec| spec.seed);
        let merged = merge(&self.parts, seed);
        let failed = match Engine::compile(&merged) {
            Ok(compiled) => {
                self.take_faults(Severity::Warning, compiled.warnings);
                Ok(compiled.engine)
            }
            Err(Invalid { faults }) => {
                self.take_faults(Severity::Error, faults);
                Err(())
            }
        };
        let broken = !self.unreadable.is_empty()
            || self.findings.iter().any(|f| f.severity == Severity::Error);
        let order = |finding: &Finding| {
            self.parts
                .iter()
                .position(|part| part.source.label == finding.file)
        };
        self.findings.sort_by_key(order);
        Loading {
            engine: failed.ok().filter(|_| !broken),
            files: self.parts.into_iter().map(file).collect(),
            findings: self.findings,
            unreadable: self.unreadable,
            dependencies: self.dependencies,
        }
    }

    /// What stands at the top of several files must be the same in all that say it.
    fn agree<T: PartialEq + std::fmt::Display>(
        &mut self,
        key: &str,
        of: impl Fn(&Spec) -> Option<T>,
    ) {
        let mut said = self
            .parts
            .iter()
            .filter_map(|part| Some((part, of(part.spec.as_ref()?)?)));
        let Some((first, value)) = said.next() else {
            return;
        };
        let differing: Vec<_> = said.filter(|(_, other)| *other != value).map(|(part, other)| {
            part.finding(Severity::Error, Fault {
                at: key.to_owned(),
                message: format!("`{key}` is {other} here but {value} in {}", first.source.label),
                hint: "files that are served together share it: write the same in both, or in one only".into(),
            })
        }).collect();
        self.findings.extend(differing);
    }

    /// Faults of the merged spec, given back to the files they come from.
    fn take_faults(&mut self, severity: Severity, faults: Vec<Fault>) {
        let alone = self.parts.len() == 1;
        for mut fault in faults {
            let Some((part, local)) = home(&self.parts, &fault.at) else {
                let label = self.parts.first().map_or("", |part| &part.source.label);
                self.findings
                    .push(Finding::new(severity, label, "", fault, None));
                continue;
            };
            fault.at = local;
            if !alone {
                fault.message = name_files(&self.parts, &fault.message);
                fault.hint = name_files(&self.parts, &fault.hint);
            }
            self.findings.push(part.finding(severity, fault));
        }
    }
}

fn file(part: Part) -> File {
    let mocks = part.mocks();
    File {
        label: part.source.label,
        name: part.spec.map(|spec| spec.name).unwrap_or_default(),
        mocks,
    }
}

/// One spec with the mocks of all that could be decoded.
fn merge(parts: &[Part], seed: Option<u64>) -> Spec {
    let mut specs = parts.iter().filter_map(|part| part.spec.as_ref());
    let Some(first) = specs.next() else {
        return Spec {
            name: "nothing".into(),
            seed,
            ..Spec::default()
        };
    };
    let mut merged = first.clone();
    for spec in specs {
        merged.cors = merged.cors.or(spec.cors);
        merged.seed = merged.seed.or(spec.seed);
        merged.mocks.extend(spec.mocks.iter().cloned());
    }
    merged.seed = seed.or(merged.seed);
    merged
}

/// The file of a place in the merged spec, and the place in that file.
fn home<'p>(parts: &'p [Part], at: &str) -> Option<(&'p Part, String)> {
    let Some((mut index, rest)) = at.strip_prefix("mocks[").and_then(split_index) else {
        // What stands at the top of the merged spec came from the first file.
        return Some((
            parts.iter().find(|part| part.spec.is_some())?,
            at.to_owned(),
        ));
    };
    for part in parts {
        match index.checked_sub(part.mocks()) {
            None => return Some((part, format!("mocks[{index}]{rest}"))),
            Some(left) => index = left,
        }
    }
    None
}

/// `3].path` as 3 and `.path`.
fn split_index(text: &str) -> Option<(usize, &str)> {
    let (digits, rest) = text.split_once(']')?;
    Some((digits.parse().ok()?, rest))
}

/// A message with every `mocks[7]` of the merged spec as that of its file: `b.yaml mocks[2]`.
fn name_files(parts: &[Part], message: &str) -> String {
    let mut named = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(found) = rest.find("mocks[") {
        let (before, place) = rest.split_at(found);
        named.push_str(before);
        let local = split_index(&place["mocks[".len()..])
            .and_then(|(index, after)| Some((home(parts, &format!("mocks[{index}]"))?, after)));
        match local {
            Some(((part, at), after)) => {
                named.push_str(&part.source.label);
                named.push(' ');
                named.push_str(&at);
                rest = after;
            }
            None => {
                named.push_str("mocks[");
                rest = &place["mocks[".len()..];
            }
        }
    }
    named.push_str(rest);
    named
}
