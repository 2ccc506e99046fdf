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
const PROJECTS: Setting = Setting::new(
    "mocks.projects",
    "NUMBER",
    "50000",
    "How many projects may be in that memory, however small they are.",
);
const WAITING: Setting = Setting::new(
    "mocks.waiting",
    "NUMBER",
    "1000",
    "How many replies of one project may wait for their delay at the same time; more are answered 503.",
);

pub(super) const SECTION: Section = Section {
    title: "Mocks",
    settings: &[DEMO, MEMORY, PROJECTS, WAITING],
};

/// The mock plane.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mocks {
    /// Whether a new database gets a demo project.
    pub demo: bool,
    /// The memory of projects, in bytes.
    pub memory: usize,
    /// The most projects in that memory.
    pub projects: u32,
    /// The most replies of a project that wait for their delay.
    pub waiting: u32,
}

impl Mocks {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            demo: reader.value(&DEMO, form::flag),
            memory: reader.value(&MEMORY, form::size),
            projects: reader.value(&PROJECTS, form::whole::<1, { u32::MAX }>),
            waiting: reader.value(&WAITING, form::whole::<0, { u32::MAX }>),
        }
    }
}
