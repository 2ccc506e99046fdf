//! What happens before a month is used up.

use std::time::Duration;

use super::form;
use super::read::Reader;
use super::{Section, Setting};

const SLOW_FROM: Setting = Setting::optional(
    "quotas.slow_from",
    "PERCENT",
    "From how many percent on of what a plan includes in a month its mocks answer more slowly, the more the nearer it is used up; never if left out.",
);
const SLOW_BY: Setting = Setting::new(
    "quotas.slow_by",
    "TIME",
    "1s",
    "By how much at most, just before it is used up. Where no more replies may wait (`mocks.waiting`), they are sent at once.",
);

pub(super) const SECTION: Section = Section {
    title: "Quotas",
    settings: &[SLOW_FROM, SLOW_BY],
};

/// What happens before a month is used up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quotas {
    /// From how many percent on mocks slow down.
    pub slow_from: Option<u32>,
    /// By how much at most.
    pub slow_by: Duration,
}

impl Quotas {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            slow_from: reader.optional(&SLOW_FROM, form::whole::<0, 99>),
            slow_by: reader.value(&SLOW_BY, form::duration),
        }
    }
}
