//! The body of a request to a mock, read within its limits.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use mockbird_core::{BodyError, ErrorCode, error_response};

use crate::http::LINGER;

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

/// Lets the rest of a body that was refused pass for a while, beside the reply: a client that is cut off while it sends
/// loses the reply that told it why (RFC 9112 section 9.6).
pub(super) fn let_pass<B>(mut body: B)
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
{
    tokio::spawn(async move {
        let all = async { while let Some(Ok(_)) = body.frame().await {} };
        // Past that the end is the client's to bear.
        let _: Result<(), _> = tokio::time::timeout(LINGER, all).await;
    });
}

fn refusal(error: &BodyError) -> Response<Bytes> {
    error_response(error.code(), &error.to_string())
}
