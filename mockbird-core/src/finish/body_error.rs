//! Bodies that cannot be read, in the words of every host.

use std::error::Error;
use std::io;

use bytes::Bytes;
use http::Response;

use super::error_form::{ErrorCode, error_response};
use super::size::ByteSize;

/// Why the body of a request is refused before anybody looks at it.
///
/// ```
/// use mockbird_core::BodyError;
///
/// let error = BodyError::TooLarge(2048);
/// assert_eq!(error.to_string(), "the request's body is larger than 2 KiB");
/// assert_eq!(error.response().status(), 413);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// What came is no body, such as a chunk without a size.
    #[error("the request's body is not in the form that its headers say")]
    Malformed,
    /// It has more bytes than the host takes.
    #[error("the request's body is larger than {}", ByteSize(*.0))]
    TooLarge(usize),
}

impl BodyError {
    /// That the body is malformed, if this error of an HTTP library says so: anything else is a client that is gone.
    ///
    /// Libraries have no word of their own for it, but pass on what their decoder said, in the kinds of `std::io`.
    pub fn malformed(error: &dyn Error) -> Option<Self> {
        let source: &io::Error = error.source()?.downcast_ref()?;
        matches!(
            source.kind(),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
        )
        .then_some(Self::Malformed)
    }

    /// Its code.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Malformed => ErrorCode::BadRequest,
            Self::TooLarge(_) => ErrorCode::PayloadTooLarge,
        }
    }

    /// The reply to such a request: 400 or 413.
    pub fn response(self) -> Response<Bytes> {
        error_response(self.code(), &self.to_string())
    }
}
