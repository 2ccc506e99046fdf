//! How a request was answered: written down by the server, and read by the test.

use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use mockbird_core::NearMiss;

use super::ReceivedRequest;
use crate::asked::FailedCheck;

/// What most requests never have. Thousands are kept, and each of them is made in memory that is in no cache: what it
/// takes of that is a part of what a request costs.
#[derive(Debug, Default)]
pub(super) struct Seldom {
    failed_checks: OnceLock<Box<[FailedCheck]>>,
    /// The name of the mock that answered, told when a test gets the request.
    answered_by: OnceLock<Arc<str>>,
}

/// Who answered a request.
#[derive(Debug)]
pub(crate) enum Answered {
    /// The mock of this key.
    By(usize),
    /// Nobody: these mocks were nearest.
    Nobody(Box<[NearMiss]>),
    /// The server itself, such as a preflight.
    Server,
}

impl ReceivedRequest {
    /// The name of the mock that answered; `None` if none did, or not yet.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").named("the birds"));
    /// // ... the code under test asks for birds ...
    /// let requests = server.received_requests();
    /// assert!(requests.iter().all(|request| request.answered_by() == Some("the birds")));
    /// ```
    pub fn answered_by(&self) -> Option<&str> {
        self.seldom.get()?.answered_by.get().map(|name| &**name)
    }

    /// The status of the answer; `None` if there is none yet, or the connection was broken off without one.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// // ... the code under test asks for birds ...
    /// assert!(server.received_requests().iter().all(|request| request.status() == Some(200)));
    /// ```
    pub fn status(&self) -> Option<u16> {
        match self.status.load(Ordering::Relaxed) {
            0 => None,
            status => Some(status),
        }
    }

    /// The checks of the mock that answered which it failed; see [`Mount::check`](crate::Mount::check).
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// let paid = server.mount(post("/pay").check(header("idempotency-key", exists())));
    /// // ... the code under test pays ...
    /// assert!(paid.requests().iter().all(|request| request.failed_checks().is_empty()));
    /// ```
    pub fn failed_checks(&self) -> &[FailedCheck] {
        let failed = self.seldom.get().and_then(|one| one.failed_checks.get());
        failed.map_or(&[], |failed| failed)
    }

    /// Writes down who answers; said once.
    pub(crate) fn set_answered(&self, answered: Answered) {
        let _ = self.answered.set(answered);
    }

    pub(crate) fn answered(&self) -> Option<&Answered> {
        self.answered.get()
    }

    /// The key of the mock that answered.
    pub(crate) fn answered_key(&self) -> Option<usize> {
        match self.answered()? {
            Answered::By(key) => Some(*key),
            Answered::Nobody(_) | Answered::Server => None,
        }
    }

    /// Writes down the name of the mock that answered, for the test to see.
    pub(crate) fn name_answer(&self, name: impl FnOnce() -> Arc<str>) {
        self.seldom().answered_by.get_or_init(name);
    }

    /// Writes down the checks it fails; said once.
    pub(crate) fn set_failed_checks(&self, failed: Vec<FailedCheck>) {
        if !failed.is_empty() {
            let _ = self.seldom().failed_checks.set(failed.into());
        }
    }

    fn seldom(&self) -> &Seldom {
        self.seldom.get_or_init(Box::default)
    }

    /// Writes down the status that is sent; `None` takes it back.
    pub(crate) fn set_status(&self, status: Option<u16>) {
        self.status.store(status.unwrap_or(0), Ordering::Relaxed);
    }

    /// What it weighs: an estimate.
    pub(crate) fn bytes(&self) -> usize {
        let misses = match self.answered() {
            Some(Answered::Nobody(misses)) => misses.iter().map(bytes_of_miss).sum(),
            _ => 0,
        };
        let failed = self
            .failed_checks()
            .iter()
            .map(FailedCheck::bytes)
            .sum::<usize>();
        size_of::<Self>() + self.head.len() + self.body().len() + misses + failed
    }
}

fn bytes_of_miss(miss: &NearMiss) -> usize {
    let lines = miss.matched.iter().chain(&miss.reasons);
    let texts: usize = lines.map(|line| line.len() + size_of::<String>()).sum();
    size_of::<NearMiss>() + miss.mock.len() + miss.path.len() + texts
}
