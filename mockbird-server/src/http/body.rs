//! The body of a request, read within its limits.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::{LINGER, Limits};
use mockbird_core::{BodyError, ErrorCode};

/// How long a whole body may take, as a multiple of the wait for one part of it.
const PARTS_WAITED_FOR: u32 = 10;

/// The most that is reserved on the word of a Content-Length.
const RESERVED_BYTES_MAX: usize = 64 << 10;

/// Why a body was not read to its end.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The client is told why.
    Told(ErrorCode, String),
    /// The client is gone: there is nobody to tell.
    Gone(hyper::Error),
}

/// Reads a body of at most `limits.body_bytes`; one that says it is longer is not read at all.
pub(super) async fn read(body: &mut Incoming, limits: &Limits) -> Result<Bytes, Refusal> {
    if body.size_hint().lower() > limits.body_bytes as u64 {
        return Err(too_large(limits));
    }
    let all = tokio::time::timeout(limits.read_timeout * PARTS_WAITED_FOR, parts(body, limits));
    all.await
        .unwrap_or_else(|_| Err(too_slow(limits.read_timeout * PARTS_WAITED_FOR)))
}

/// Lets the rest of a body that was refused pass, for as long as we linger.
///
/// An HTTP/2 stream whose input is dropped is reset, and clients that see that before they have
/// finished sending may not look at the reply (RFC 9113 section 8.1).
pub(super) async fn let_pass(mut body: Incoming) {
    let all = async { while let Some(Ok(_)) = body.frame().await {} };
    // Past that the reset is the client's to bear.
    let _: Result<(), _> = tokio::time::timeout(LINGER, all).await;
}

async fn parts(body: &mut Incoming, limits: &Limits) -> Result<Bytes, Refusal> {
    // Most bodies come in one part, which needs no copy.
    let first = part(body, limits).await?.unwrap_or_default();
    if first.len() > limits.body_bytes {
        return Err(too_large(limits));
    }
    if body.is_end_stream() {
        return Ok(first);
    }
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut whole = BytesMut::with_capacity(first.len() + expected.min(RESERVED_BYTES_MAX));
    whole.extend_from_slice(&first);
    while let Some(next) = part(body, limits).await? {
        if whole.len() + next.len() > limits.body_bytes {
            return Err(too_large(limits));
        }
        whole.extend_from_slice(&next);
    }
    Ok(whole.freeze())
}

async fn part(body: &mut Incoming, limits: &Limits) -> Result<Option<Bytes>, Refusal> {
    match tokio::time::timeout(limits.read_timeout, body.frame()).await {
        Err(_) => Err(too_slow(limits.read_timeout)),
        Ok(None) => Ok(None),
        Ok(Some(Err(error))) => Err(match BodyError::malformed(&error) {
            Some(malformed) => malformed.into(),
            None => Refusal::Gone(error),
        }),
        // Trailers play no part.
        Ok(Some(Ok(frame))) => Ok(Some(frame.into_data().unwrap_or_default())),
    }
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        Self::Told(error.code(), error.to_string())
    }
}

fn too_large(limits: &Limits) -> Refusal {
    BodyError::TooLarge(limits.body_bytes).into()
}

fn too_slow(waited: Duration) -> Refusal {
    let message = format!(
        "the request's body did not arrive within {} s",
        waited.as_secs()
    );
    Refusal::Told(ErrorCode::RequestTimeout, message)
}
