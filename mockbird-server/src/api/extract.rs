//! What handlers take from a request, with refusals in our form.

use std::error::Error;
use std::fmt;
use std::marker::PhantomData;

use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use mockbird_core::ErrorCode;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_path_to_error::Error as Misplaced;

use super::{Detail, Problem};
use crate::domain::Refusal;

/// A body of JSON: what cannot be parsed is 400, what is no such object 422.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = axum::Json::<Object<T>>::from_request(request, state).await;
        read.map(|axum::Json(Object(value))| Self(value))
            .map_err(|rejection| refusal(&rejection))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> axum::extract::OptionalFromRequest<S> for Json<T> {
    type Rejection = Problem;

    /// No body is said by its having no type.
    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        if request.headers().contains_key(CONTENT_TYPE) {
            let read = <Self as FromRequest<S>>::from_request(request, state).await;
            return read.map(Some);
        }
        Ok(None)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The whole body, whatever it is.
pub(super) async fn body_bytes<S: Send + Sync>(
    request: Request,
    state: &S,
) -> Result<Bytes, Problem> {
    let read = Bytes::from_request(request, state).await;
    read.map_err(|rejection| {
        let code = if rejection.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
            ErrorCode::PayloadTooLarge
        } else {
            ErrorCode::BadRequest
        };
        Problem::new(code, rejection.body_text())
    })
}

/// What stands behind the `?`.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        refuse_nul(parts.uri.query().unwrap_or_default())?;
        let read = axum::extract::Query::from_request_parts(parts, state).await;
        read.map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection| Problem::invalid(vec![fault(&rejection)]))
    }
}

/// No database keeps such a text, so that none has it.
fn refuse_nul(query: &str) -> Result<(), Problem> {
    let mut fields = url::form_urlencoded::parse(query.as_bytes());
    match fields.find(|(key, value)| key.contains('\0') || value.contains('\0')) {
        None => Ok(()),
        Some((key, _)) => {
            let why = "a NUL (`%00`) is in no text: take it out";
            Err(Problem::of_field(&key, &Refusal(why.to_owned())))
        }
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

/// What is wrong with a body or a query, and where.
fn fault(rejection: &(dyn Error + 'static)) -> Detail {
    let mut cause = Some(rejection);
    while let Some(error) = cause {
        if let Some(fault) = error.downcast_ref::<Misplaced<serde_json::Error>>() {
            return detail(fault);
        }
        if let Some(fault) = error.downcast_ref::<Misplaced<serde::de::value::Error>>() {
            return detail(fault);
        }
        cause = error.source();
    }
    Detail {
        at: String::new(),
        message: self::cause(rejection),
        hint: String::new(),
        ..Detail::default()
    }
}

/// What is wrong with a value, and where.
pub(super) fn detail(fault: &Misplaced<impl fmt::Display>) -> Detail {
    let told = fault.inner().to_string();
    // The place is said by the path.
    let message = told.split(" at line ").next().unwrap_or(&told);
    Detail {
        at: place(&fault.path().to_string(), message),
        message: message.to_owned(),
        hint: String::new(),
        ..Detail::default()
    }
}

/// The path, with the field that is missing or there twice: serde has only the path of its object, and says the name.
fn place(path: &str, message: &str) -> String {
    let object = if path == "." { "" } else { path };
    let named = ["missing field `", "duplicate field `"]
        .iter()
        .find_map(|beginning| message.strip_prefix(beginning)?.strip_suffix('`'));
    match named {
        Some(field) if object.is_empty() => field.to_owned(),
        Some(field) => format!("{object}.{field}"),
        None => object.to_owned(),
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

/// A value that is written as an object: serde would take a list, too, as its fields in their order.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Members(PhantomData))
    }
}

struct Members<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Object)
    }
}
