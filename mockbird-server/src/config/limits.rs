//! What one request may take.

use std::time::Duration;

use super::form;
use super::read::Reader;
use super::{Section, Setting};

const API_BODY: Setting = Setting::new(
    "limits.api_body",
    "SIZE",
    "10MiB",
    "The largest body of a call of the API; larger ones are answered 413.",
);
const MOCK_BODY: Setting = Setting::new(
    "limits.mock_body",
    "SIZE",
    "1MiB",
    "The largest body of a request to a mock, before and after it is inflated.",
);
const REQUEST_TIMEOUT: Setting = Setting::new(
    "limits.request_timeout",
    "TIME",
    "30s",
    "How long a call of the API may take, and how long a body may take to arrive.",
);
const GRACE: Setting = Setting::new(
    "limits.grace",
    "TIME",
    "10s",
    "How long requests may go on once the server is told to stop.",
);

pub(super) const SECTION: Section = Section {
    title: "Limits",
    settings: &[API_BODY, MOCK_BODY, REQUEST_TIMEOUT, GRACE],
};

/// What one request may take.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// The largest body of a call of the API, in bytes.
    pub api_body: usize,
    /// The largest body of a request to a mock, in bytes.
    pub mock_body: usize,
    /// How long a call may take.
    pub request_timeout: Duration,
    /// How long requests may go on at the end.
    pub grace: Duration,
}

impl Limits {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            api_body: reader.value(&API_BODY, form::size),
            mock_body: reader.value(&MOCK_BODY, form::size),
            request_timeout: reader.value(&REQUEST_TIMEOUT, form::duration),
            grace: reader.value(&GRACE, form::duration),
        }
    }
}
