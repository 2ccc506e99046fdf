//! From file names to one engine: each file read and checked, then all of them compiled together.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mockbird_core::fault::{Fault, Faults, Part as FaultPart};
use mockbird_core::spec::{self, Body, Document, Format, Location, Spec};
use mockbird_core::{Compiled, Engine};

use super::body_file;
use super::finding::{Excerpt, Finding, Severity};
use super::source::{Source, Unreadable};
use super::watch::Seen;

/// What loading gave: an engine if there is no error, and everything that was found.
#[derive(Debug)]
pub struct Loading {
    /// The engine of all files together; absent if any of them has an error.
    pub engine: Option<Engine>,
    /// The files that could be read, as one spec.
    pub spec: Spec,
    /// The files that could be read.
    pub files: Vec<File>,
    /// Errors and warnings, file by file.
    pub findings: Vec<Finding>,
    /// Errors beyond those that are listed.
    pub unlisted: usize,
    /// The mocks that another one always goes before, by their place among those of all files.
    pub hidden: BTreeSet<usize>,
    /// Files that could not be read at all.
    pub unreadable: Vec<Unreadable>,
    /// Every file that was looked at, bodies included: what a watch follows.
    pub seen: Vec<Seen>,
}

/// One of the files of an engine.
#[derive(Debug)]
pub struct File {
    /// As it was named.
    pub label: String,
    /// The name of its spec.
    pub name: String,
    /// How many mocks it has; unknown if its text is neither JSON nor YAML.
    pub mocks: Option<usize>,
}

/// Loads the files as one engine: their mocks in the order of the files.
///
/// The format follows from each name unless it is given. A seed given here wins over those of the
/// files.
pub fn load(paths: &[PathBuf], format: Option<Format>, seed: Option<u64>) -> Loading {
    let mut seen: Vec<_> = paths.iter().map(|path| Seen::now(path.clone())).collect();
    let mut sources = Vec::new();
    let mut unreadable = Vec::new();
    for path in paths {
        match Source::read(path, format) {
            Ok(source) => sources.push(source),
            Err(error) => unreadable.push(error),
        }
    }
    let mut loader = Loader::default();
    for source in &sources {
        loader.file(source, &mut seen);
    }
    loader.finish(seed, unreadable, seen)
}

/// The same for one file that was read.
pub fn load_source(source: &Source) -> Loading {
    let (mut loader, mut seen) = (Loader::default(), Vec::new());
    loader.file(source, &mut seen);
    loader.finish(None, Vec::new(), seen)
}

#[derive(Default)]
struct Loader<'s> {
    parts: Vec<Part<'s>>,
    /// The mocks of all files.
    merged: Spec,
    unlisted: usize,
}

/// A file on its way into the engine.
struct Part<'s> {
    source: &'s Source,
    /// Absent if the text is neither JSON nor YAML.
    document: Option<Document<'s>>,
    name: String,
    mocks: usize,
    cors: Option<bool>,
    seed: Option<u64>,
    faults: Faults,
    syntax: Option<Finding>,
}

impl Part<'_> {
    fn findings(&mut self) -> Vec<Finding> {
        let mut faults = std::mem::take(&mut self.faults);
        if let Some(document) = &self.document {
            document.sort(&mut faults);
        }
        let finding = |severity, fault: Fault| {
            let excerpt = self.document.as_ref().map(|document| {
                let Location { line, column, span } = document.locate(&fault);
                Excerpt::new(&self.source.text, span.start as usize, line, column)
            });
            Finding::new(severity, &self.source.label, fault, excerpt)
        };
        let errors = faults
            .errors
            .into_iter()
            .map(|fault| finding(Severity::Error, fault));
        let warnings = faults
            .warnings
            .into_iter()
            .map(|fault| finding(Severity::Warning, fault));
        self.syntax
            .take()
            .into_iter()
            .chain(errors)
            .chain(warnings)
            .collect()
    }
}

impl<'s> Loader<'s> {
    fn file(&mut self, source: &'s Source, seen: &mut Vec<Seen>) {
        let mut part = Part {
            source,
            document: None,
            name: String::new(),
            mocks: 0,
            cors: None,
            seed: None,
            faults: Faults::default(),
            syntax: None,
        };
        match spec::read(&source.text, source.format) {
            Ok(mut document) => {
                let (spec, faults) = document.salvage();
                part.faults = faults;
                part.document = Some(document);
                self.take(spec.unwrap_or_default(), &mut part, seen);
            }
            Err(error) => {
                let fault = Fault {
                    at: String::new(),
                    message: error.message,
                    hint: String::new(),
                    part: FaultPart::Value,
                    within: None,
                };
                let excerpt = Excerpt::new(&source.text, error.offset, error.line, error.column);
                part.syntax = Some(Finding::new(
                    Severity::Error,
                    &source.label,
                    fault,
                    Some(excerpt),
                ));
            }
        }
        self.parts.push(part);
    }

    /// Adds what was read of a file to the whole, whatever its errors: compiling finds others.
    fn take(&mut self, mut spec: Spec, part: &mut Part<'_>, seen: &mut Vec<Seen>) {
        let folder = &part.source.folder;
        seen.extend(body_files(&spec, folder).map(Seen::now));
        spec.resolve_files(|name| body_file::read(folder, name), &mut part.faults);
        forget_unread_files(&mut spec);
        (part.name, part.mocks) = (spec.name, spec.mocks.len());
        (part.cors, part.seed) = (spec.cors, spec.seed);
        self.merged.cors = self.merged.cors.or(spec.cors);
        self.merged.seed = self.merged.seed.or(spec.seed);
        if self.merged.mocks.is_empty() {
            self.merged.mocks = spec.mocks;
        } else {
            self.merged.mocks.append(&mut spec.mocks);
        }
    }

    fn finish(
        mut self,
        seed: Option<u64>,
        unreadable: Vec<Unreadable>,
        seen: Vec<Seen>,
    ) -> Loading {
        self.agree("cors", |part| part.cors);
        if seed.is_none() {
            self.agree("seed", |part| part.seed);
        }
        self.merged.seed = seed.or(self.merged.seed);
        let sound = unreadable.is_empty()
            && self
                .parts
                .iter()
                .all(|part| part.syntax.is_none() && part.faults.error_count() == 0);
        let mut hidden = BTreeSet::new();
        let (engine, faults) = match Engine::compile(&self.merged) {
            Ok(Compiled {
                engine,
                warnings,
                unreachable,
            }) => {
                hidden.extend(unreachable);
                let faults = Faults {
                    warnings,
                    ..Faults::default()
                };
                (Some(engine).filter(|_| sound), faults)
            }
            Err(invalid) => (None, invalid.into()),
        };
        self.give_back(faults);
        let unlisted = self.unlisted
            + self
                .parts
                .iter()
                .map(|part| part.faults.unlisted)
                .sum::<usize>();
        let findings = self.parts.iter_mut().flat_map(Part::findings).collect();
        let files = self.parts.into_iter().map(|part| File {
            label: part.source.label.clone(),
            name: part.name,
            mocks: part.document.as_ref().map(|_| part.mocks),
        });
        Loading {
            engine,
            files: files.collect(),
            spec: self.merged,
            findings,
            unlisted,
            hidden,
            unreadable,
            seen,
        }
    }

    /// What stands at the top of several files must be the same in all that say it.
    fn agree<T: PartialEq + std::fmt::Display>(
        &mut self,
        key: &str,
        of: impl Fn(&Part<'_>) -> Option<T>,
    ) {
        let said = self
            .parts
            .iter()
            .find_map(|part| Some((part.source, of(part)?)));
        let Some((first, value)) = said else {
            return;
        };
        for part in &mut self.parts {
            if let Some(other) = of(part).filter(|other| *other != value) {
                part.faults.errors.push(Fault {
                    at: key.to_owned(),
                    message: format!("`{key}` is {other} here, but {value} in {}", first.label),
                    hint: "files that are served together share it: write the same in both, or in one only".into(),
                    part: FaultPart::Value,
                    within: None,
                });
            }
        }
    }

    /// Gives faults of the merged spec to the files they come from.
    fn give_back(&mut self, faults: Faults) {
        self.unlisted += faults.unlisted;
        let mut homes = vec![Faults::default(); self.parts.len()];
        for fault in faults.errors {
            let (part, fault) = self.at_home(fault);
            if let Some(home) = homes.get_mut(part) {
                home.errors.push(fault);
            }
        }
        for fault in faults.warnings {
            let (part, fault) = self.at_home(fault);
            if let Some(home) = homes.get_mut(part) {
                home.warnings.push(fault);
            }
        }
        for (part, faults) in self.parts.iter_mut().zip(homes) {
            part.faults.follow(faults);
        }
    }

    /// A fault of the merged spec as one of its file, and the position of that file.
    fn at_home(&self, mut fault: Fault) -> (usize, Fault) {
        let (part, at) = home(&self.parts, &fault.at);
        if self.parts.len() > 1 {
            fault.at = at;
            fault.message = name_files(&self.parts, &fault.message);
            fault.hint = name_files(&self.parts, &fault.hint);
        }
        (part, fault)
    }
}

/// The files of the bodies of a spec.
fn body_files<'a>(spec: &'a Spec, folder: &'a Path) -> impl Iterator<Item = PathBuf> + 'a {
    spec.mocks
        .iter()
        .flat_map(|mock| &mock.responses)
        .filter_map(|response| match &response.body {
            Body::File(name) => Some(folder.join(body_file::inside(name)?)),
            Body::Empty | Body::Text(_) | Body::Json(_) | Body::Bytes(_) => None,
        })
}

/// A body that could not be read has been reported; compiling would report it once more.
fn forget_unread_files(spec: &mut Spec) {
    for response in spec.mocks.iter_mut().flat_map(|mock| &mut mock.responses) {
        if let Body::File(_) = &response.body {
            response.body = Body::Empty;
        }
    }
}

/// The position of the file of a place in the merged spec, and the place in that file.
fn home(parts: &[Part<'_>], at: &str) -> (usize, String) {
    if let Some((mut index, rest)) = at.strip_prefix("mocks[").and_then(split_index) {
        for (position, part) in parts.iter().enumerate() {
            match index.checked_sub(part.mocks) {
                None => return (position, format!("mocks[{index}]{rest}")),
                Some(left) => index = left,
            }
        }
    }
    (0, at.to_owned())
}

/// `3].path` as 3 and `.path`.
fn split_index(text: &str) -> Option<(usize, &str)> {
    let (digits, rest) = text.split_once(']')?;
    Some((digits.parse().ok()?, rest))
}

/// A message with every `mocks[7]` of the merged spec as that of its file: `b.yaml mocks[2]`.
fn name_files(parts: &[Part<'_>], message: &str) -> String {
    let mut pieces = message.split("mocks[");
    let mut named = pieces.next().unwrap_or("").to_owned();
    for piece in pieces {
        match split_index(piece) {
            Some((index, rest)) => {
                let (position, at) = home(parts, &format!("mocks[{index}]"));
                let label = parts.get(position).map_or("", |part| &part.source.label);
                named.extend([label, " ", &at, rest]);
            }
            None => named.extend(["mocks[", piece]),
        }
    }
    named
}
