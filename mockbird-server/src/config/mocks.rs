//! The mock plane.

use super::form;
use super::read::Reader;
use super::{Section, Setting};

const DEMO: Setting = Setting::new(
    "mocks.demo",
    "true|false",
    "true",
    "Whether a new database gets a demo project, which answers at `/m/demo/`.",
);
const MEMORY: Setting = Setting::new(
    "mocks.memory",
    "SIZE",
    "256MiB",
    "How much memory projects may take that were asked for; those asked for least recently go first.",
);

pub(super) const SECTION: Section = Section {
    title: "Mocks",
    settings: &[DEMO, MEMORY],
};

/// The mock plane.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mocks {
    /// Whether a new database gets a demo project.
    pub demo: bool,
    /// The memory of projects, in bytes.
    pub memory: usize,
}

impl Mocks {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            demo: reader.value(&DEMO, form::flag),
            memory: reader.value(&MEMORY, form::size),
        }
    }
}
