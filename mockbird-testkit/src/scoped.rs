//! A mock that lives as long as its guard.

use std::ops::Deref;

use crate::MockHandle;

/// A mock that is taken away when this is dropped; made by [`MockHandle::scoped`].
///
/// All that a [`MockHandle`] knows can be asked of it.
#[derive(Debug)]
#[must_use = "the mock is taken away when this is dropped"]
pub struct ScopedMock(MockHandle);

impl MockHandle {
    /// Takes the mock away at the end of a scope, as [`MockHandle::remove`] does, also if the test panics there.
    ///
    /// ```
    /// # use mockbird_testkit::{MockServer, get};
    /// let server = MockServer::start().lenient();
    /// server.mount(get("/wren").text("trill"));
    /// {
    ///     let _outage = server.mount(get("/wren").status(503)).scoped();
    ///     // ... the code under test sees that the service is down ...
    /// }
    /// // ... and here that it is back ...
    /// ```
    pub fn scoped(self) -> ScopedMock {
        ScopedMock(self)
    }
}

impl Deref for ScopedMock {
    type Target = MockHandle;

    fn deref(&self) -> &MockHandle {
        &self.0
    }
}

impl Drop for ScopedMock {
    fn drop(&mut self) {
        self.0.remove();
    }
}
