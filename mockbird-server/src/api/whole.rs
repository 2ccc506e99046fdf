//! The body comes first: only then is it asked who may do what.
//!
//! A client may take its time to send a body, and its rights may end meanwhile: a login, a role, an organization.

use std::error::Error;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::LengthLimitError;
use mockbird_core::ErrorCode;

use super::Problem;
use crate::app::App;

/// What is sent before anybody is logged in is small, and so is what it may hold of our memory.
const AUTH_BODY_MAX: usize = 64 << 10;

/// Reads the whole body before the request goes on.
pub(super) async fn whole(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let most = app.config().limits.api_body;
    let most = if parts.uri.path().starts_with("/api/auth/") {
        most.min(AUTH_BODY_MAX)
    } else {
        most
    };
    match to_bytes(body, most).await {
        Ok(bytes) => {
            next.run(Request::from_parts(parts, Body::from(bytes)))
                .await
        }
        Err(error) => refusal(&error, most).into_response(),
    }
}

fn refusal(error: &axum::Error, most: usize) -> Problem {
    if error
        .source()
        .is_some_and(<dyn Error>::is::<LengthLimitError>)
    {
        let why = format!("the body has more than the {most} bytes that are read here");
        return Problem::new(ErrorCode::PayloadTooLarge, why);
    }
    let why = "the body broke off: send as many bytes as Content-Length says";
    Problem::new(ErrorCode::BadRequest, why)
}
