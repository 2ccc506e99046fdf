//! JSON in and out, with refusals in our form.

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use mockbird_core::ErrorCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Problem;

/// A body of JSON: what cannot be parsed is 400, what is no such object 422.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = axum::Json::from_request(request, state).await;
        read.map(|axum::Json(value)| Self(value))
            .map_err(|rejection| refusal(&rejection))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn refusal(rejection: &JsonRejection) -> Problem {
    let code = match rejection {
        JsonRejection::JsonDataError(_) => ErrorCode::ValidationFailed,
        JsonRejection::MissingJsonContentType(_) => {
            let why = "the body is not said to be JSON: send `Content-Type: application/json`";
            return Problem::new(ErrorCode::UnsupportedMediaType, why);
        }
        other if other.status() == http::StatusCode::PAYLOAD_TOO_LARGE => {
            ErrorCode::PayloadTooLarge
        }
        _ => ErrorCode::BadRequest,
    };
    Problem::new(code, cause(rejection))
}

/// The innermost message: the outer ones only say that JSON was read.
fn cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
