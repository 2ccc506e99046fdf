//! What a push changes, as people read it.

use std::fmt::Write;

use mockbird_core::spec::{self, Spec};
use serde::Deserialize;

use crate::cli::remote::Detail;
use crate::console::{Harmless, Palette, count, paint};

/// The most places of a mock that are named.
const PLACES_MAX: usize = 5;

/// What changes of a project.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Diff {
    /// Beside its mocks.
    about: Vec<String>,
    added: Vec<Mock>,
    changed: Vec<Mock>,
    removed: Vec<Mock>,
    unchanged: usize,
    is_reordered: bool,
    pub(super) warnings: Vec<Detail>,
}

#[derive(Debug, Deserialize)]
struct Mock {
    name: Option<String>,
    method: String,
    path: String,
    /// Where it differs.
    differences: Vec<String>,
}

impl From<&spec::Mock> for Mock {
    fn from(mock: &spec::Mock) -> Self {
        let method = mock.method.clone().unwrap_or_default();
        Self {
            name: mock.name.clone(),
            method: method.as_str().to_owned(),
            path: mock.path.clone(),
            differences: Vec::new(),
        }
    }
}

impl Diff {
    /// All of a spec is new.
    pub(super) fn of_new(spec: &Spec) -> Self {
        Self {
            about: Vec::new(),
            added: spec.mocks.iter().map(Mock::from).collect(),
            changed: Vec::new(),
            removed: Vec::new(),
            unchanged: 0,
            is_reordered: false,
            warnings: Vec::new(),
        }
    }

    /// True if the project is as the file says.
    pub(super) fn is_empty(&self) -> bool {
        let mocks = self.added.len() + self.changed.len() + self.removed.len();
        mocks == 0 && self.about.is_empty() && !self.is_reordered
    }

    /// A line for each mock, and one that counts.
    pub(super) fn text(&self, palette: Palette) -> String {
        let mut text = String::new();
        for (mark, style, mocks) in [
            ("+", paint::GOOD, &self.added),
            ("~", paint::WARNING, &self.changed),
            ("-", paint::ERROR, &self.removed),
        ] {
            for mock in mocks {
                // Writing to a String cannot fail.
                let _ = writeln!(
                    text,
                    "  {} {}",
                    palette.paint(style, mark),
                    mock.line(palette)
                );
            }
        }
        if !self.about.is_empty() {
            let about = Harmless(&self.about.join(", ")).to_string();
            let _ = writeln!(
                text,
                "  {} project: {about}",
                palette.paint(paint::WARNING, "~")
            );
        }
        if self.is_reordered {
            let mark = palette.paint(paint::WARNING, "~");
            let _ = writeln!(text, "  {mark} another order of mocks");
        }
        text + &self.counts() + "\n"
    }

    fn counts(&self) -> String {
        let all = [
            (self.added.len(), "added"),
            (self.changed.len(), "changed"),
            (self.removed.len(), "removed"),
            (self.unchanged, "the same"),
        ];
        let all = all.into_iter().filter(|(count, _)| *count > 0);
        let all: Vec<_> = all.map(|(count, what)| format!("{count} {what}")).collect();
        let mocks = self.added.len() + self.changed.len() + self.unchanged;
        match (self.is_empty(), &*all) {
            (true, _) => format!("nothing differs: {}", count(mocks, "mock")),
            (false, []) => count(0, "mock"),
            (false, all) => format!("mocks: {}", all.join(", ")),
        }
    }
}

impl Mock {
    /// `GET /wren/{name}  wren  (path, responses[0].body.a)`
    fn line(&self, palette: Palette) -> String {
        let Self {
            name,
            method,
            path,
            differences,
        } = self;
        let mut line = format!("{} {}", Harmless(method), Harmless(path));
        if let Some(name) = name {
            let _ = write!(line, "  {}", palette.paint(paint::NAME, Harmless(name)));
        }
        let places: Vec<_> = differences
            .iter()
            .take(PLACES_MAX)
            .map(String::as_str)
            .collect();
        let places = places.join(", ");
        let more = match differences.len().saturating_sub(PLACES_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        if !differences.is_empty() {
            let places = palette.paint(paint::DIM, format!("({}{more})", Harmless(&places)));
            let _ = write!(line, "  {places}");
        }
        line
    }
}
