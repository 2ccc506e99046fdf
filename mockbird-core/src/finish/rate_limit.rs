//! What a client hears of the rate limit of a mock (the names of the fields are those of draft-ietf-httpapi-ratelimit-headers-07).

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use super::error_form::{ErrorCode, error_response};
use crate::Allowance;
use crate::engine::Refusal;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Adds how many calls are left, and when there will be more; what the mock says itself wins.
#[cold]
pub(super) fn tell(allowance: &Allowance, headers: &mut HeaderMap) {
    let reset = allowance.reset_seconds();
    let mut add = |name, value: u64| {
        headers.entry(name).or_insert(HeaderValue::from(value));
    };
    add(LIMIT, allowance.limit.into());
    add(REMAINING, allowance.remaining.into());
    add(RESET, reset);
    if !allowance.is_admitted {
        add(RETRY_AFTER, reset);
    }
}

/// The reply to a call beyond the limit, in the form of errors.
pub(super) fn refused(refusal: &Refusal<'_>) -> Response<Bytes> {
    let mut response = error_response(ErrorCode::RateLimitExceeded, &refusal.to_string());
    // A compiled limit has a status that is one.
    let status = StatusCode::from_u16(refusal.limit.status());
    *response.status_mut() = status.unwrap_or(StatusCode::TOO_MANY_REQUESTS);
    tell(&refusal.allowance, response.headers_mut());
    response
}
