//! The body of a request.

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Incoming};
use mockbird_core::{BodyError, InflateError, inflate};

use super::Fatal;

/// Why a body was not read.
pub(super) enum Unread {
    /// The client is told why, and so is the test.
    Told {
        response: Response<Bytes>,
        why: String,
    },
    /// The client is gone.
    Gone(Fatal),
}

impl From<BodyError> for Unread {
    fn from(error: BodyError) -> Self {
        Self::Told {
            response: error.response(),
            why: error.to_string(),
        }
    }
}

impl From<InflateError> for Unread {
    fn from(error: InflateError) -> Self {
        Self::Told {
            response: error.response(),
            why: error.to_string(),
        }
    }
}

/// The body as the client meant it: whole, and inflated.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Incoming,
    bytes_max: usize,
) -> Result<Bytes, Unread> {
    let too_large = BodyError::TooLarge(bytes_max);
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(too_large.into());
    }
    let body = match Limited::new(body, bytes_max).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return Err(refusal(error, too_large)),
    };
    Ok(inflate(headers, body, bytes_max)?)
}

/// What a client is told whose body cannot be read.
fn refusal(error: Fatal, too_large: BodyError) -> Unread {
    match error.downcast::<hyper::Error>() {
        Ok(error) => match BodyError::malformed(&*error) {
            Some(malformed) => malformed.into(),
            None => Unread::Gone(error),
        },
        Err(_beyond_the_limit) => too_large.into(),
    }
}
