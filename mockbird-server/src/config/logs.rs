//! The log of requests to mocks.

use super::form;
use super::read::Reader;
use super::{Section, Setting};

const ENABLED: Setting = Setting::new(
    "logs.enabled",
    "true|false",
    "true",
    "Whether requests to mocks are logged. Without it they are only counted.",
);
const QUEUE_EVENTS: Setting = Setting::new(
    "logs.queue_events",
    "NUMBER",
    "100000",
    "How many requests may wait to be stored, also while the database is away; more are not logged, but counted.",
);
const QUEUE_MEMORY: Setting = Setting::new(
    "logs.queue_memory",
    "SIZE",
    "64MiB",
    "How much memory requests that wait to be stored may take.",
);
const BODY: Setting = Setting::new(
    "logs.body",
    "SIZE",
    "64KiB",
    "How much of the body of a request is stored.",
);

pub(super) const SECTION: Section = Section {
    title: "Request log",
    settings: &[ENABLED, QUEUE_EVENTS, QUEUE_MEMORY, BODY],
};

/// The log of requests to mocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Logs {
    /// Whether there is one.
    pub enabled: bool,
    /// The most requests under way to the store.
    pub queue_events: u32,
    /// The most memory that they take, in bytes.
    pub queue_memory: usize,
    /// The most bytes of a body that are stored.
    pub body: usize,
}

impl Logs {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            enabled: reader.value(&ENABLED, form::flag),
            queue_events: reader.value(&QUEUE_EVENTS, form::whole::<1, { u32::MAX }>),
            queue_memory: reader.value(&QUEUE_MEMORY, form::size),
            body: reader.value(&BODY, form::size),
        }
    }
}
