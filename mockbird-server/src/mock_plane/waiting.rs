//! Replies that wait for their delay: they hold no thread, but a connection and some memory.

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderValue, Response};
use mockbird_core::{ErrorCode, error_response};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Where the replies of one project wait. A place is free again when its reply goes out, or whoever asked goes away.
#[derive(Debug)]
pub(super) struct Room {
    places: Semaphore,
    most: usize,
}

impl Room {
    pub(super) fn new(most: usize) -> Self {
        let most = most.min(Semaphore::MAX_PERMITS);
        Self {
            places: Semaphore::new(most),
            most,
        }
    }

    /// A place, if one is free.
    pub(super) fn enter(&self) -> Option<SemaphorePermit<'_>> {
        self.places.try_acquire().ok()
    }

    /// What is answered at once where none is free.
    pub(super) fn full(&self) -> Response<Bytes> {
        let why = format!(
            "{} replies of this project wait for their delay, and no more may: ask again, or shorten the delay",
            self.most
        );
        let mut response = error_response(ErrorCode::TooManyWaiting, &why);
        let seconds = HeaderValue::from_static("1");
        response.headers_mut().insert(RETRY_AFTER, seconds);
        response
    }
}
