//! The body of a request to a mock, read within its limits.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use mockbird_core::{BodyError, ErrorCode, error_response};

/// Reads a body of at most `limit` bytes, or says why not; one that says it is longer is not read at all.
pub(super) async fn read<B>(
    body: &mut B,
    limit: usize,
    patience: Duration,
) -> Result<Bytes, Response<Bytes>>
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: Error + Send + Sync + 'static,
{
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > limit as u64 {
        return Err(refusal(&BodyError::TooLarge(limit)));
    }
    match tokio::time::timeout(patience, Limited::new(body, limit).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(refusal(&BodyError::TooLarge(limit)))
        }
        Ok(Err(error)) => Err(match BodyError::malformed(error.as_ref()) {
            Some(malformed) => refusal(&malformed),
            None => error_response(ErrorCode::BadRequest, "the body did not arrive whole"),
        }),
        Err(_) => {
            let why = format!("the body did not arrive within {} s", patience.as_secs());
            Err(error_response(ErrorCode::RequestTimeout, &why))
        }
    }
}

fn refusal(error: &BodyError) -> Response<Bytes> {
    error_response(error.code(), &error.to_string())
}
