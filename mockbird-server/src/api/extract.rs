//! What handlers take from a request, with refusals in our form.

use std::error::Error;

use axum::extract::rejection::{JsonDataError, JsonRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use mockbird_core::ErrorCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Detail, Problem};

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

/// What stands behind the `?`.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Query::from_request_parts(parts, state).await;
        read.map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection| Problem::new(ErrorCode::ValidationFailed, cause(&rejection)))
    }
}

/// The parts of the path. One that cannot be what it should, such as an id, is an address with nothing at it.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Path::from_request_parts(parts, state).await;
        read.map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| Problem::new(ErrorCode::NotFound, "there is nothing at this address"))
    }
}

fn refusal(rejection: &JsonRejection) -> Problem {
    let code = match rejection {
        JsonRejection::JsonDataError(error) => return Problem::invalid(vec![fault(error)]),
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

/// What is wrong with a body, and where.
fn fault(error: &JsonDataError) -> Detail {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(fault) = error.downcast_ref::<serde_path_to_error::Error<serde_json::Error>>() {
            let path = fault.path().to_string();
            let told = fault.inner().to_string();
            // The place is said by the path.
            let message = told.split(" at line ").next().unwrap_or(&told);
            return Detail {
                at: if path == "." { String::new() } else { path },
                message: message.to_owned(),
                hint: String::new(),
            };
        }
        cause = error.source();
    }
    Detail {
        at: String::new(),
        message: error.body_text(),
        hint: String::new(),
    }
}

/// The innermost message: the outer ones only say that JSON was read.
fn cause(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
