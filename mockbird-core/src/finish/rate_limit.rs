//! What a client hears of a rate limit, that of a mock and those of a host.

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use super::error_form::{ErrorCode, error_response};
use crate::Allowance;
use crate::engine::Refusal;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Says in a reply how many requests a limit admits, how many of them are left, and after how many seconds there are more, as
/// draft-ietf-httpapi-ratelimit-headers-07 names it; what is said there already stays.
///
/// ```
/// use http::HeaderMap;
/// let mut headers = HeaderMap::new();
/// mockbird_core::tell_rate_limit(&mut headers, 100, 99, 60);
/// assert_eq!(headers["ratelimit-remaining"], "99");
/// ```
pub fn tell_rate_limit(headers: &mut HeaderMap, limit: u64, remaining: u64, reset_seconds: u64) {
    for (name, value) in [
        (LIMIT, limit),
        (REMAINING, remaining),
        (RESET, reset_seconds),
    ] {
        let told = headers.entry(name);
        told.or_insert_with(|| HeaderValue::from(value));
    }
}

/// Says what the limit of a mock says; what the mock says itself wins.
#[cold]
pub(super) fn tell(allowance: &Allowance, headers: &mut HeaderMap) {
    let reset = allowance.reset_seconds();
    let (limit, remaining) = (allowance.limit.into(), allowance.remaining.into());
    tell_rate_limit(headers, limit, remaining, reset);
    if !allowance.is_admitted {
        let told = headers.entry(RETRY_AFTER);
        told.or_insert_with(|| HeaderValue::from(reset));
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
