//! What every answer says to browsers and caches, unless its handler says otherwise.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderName, HeaderValue};

/// It is what its `Content-Type` says, and nobody frames it.
pub(super) async fn guarded(request: Request, next: Next) -> Response {
    let response = with(next.run(request).await, X_CONTENT_TYPE_OPTIONS, "nosniff");
    with(response, CONTENT_SECURITY_POLICY, "frame-ancestors 'none'")
}

/// Nobody keeps it: it may hold tokens and keys, and is for one caller alone.
pub(super) async fn not_stored(request: Request, next: Next) -> Response {
    with(next.run(request).await, CACHE_CONTROL, "no-store")
}

fn with(mut response: Response, name: HeaderName, value: &'static str) -> Response {
    response
        .headers_mut()
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
    response
}
