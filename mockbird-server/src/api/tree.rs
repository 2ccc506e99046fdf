//! Bodies as trees: numbers keep their digits and members their order, and every fault has its place.

use axum::extract::{FromRequest, Request};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use mockbird_core::ErrorCode;
use mockbird_core::json::{self, Node};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::Problem;
use super::extract::body_bytes;

/// A JSON value.
#[derive(Clone, Debug)]
pub(super) struct Tree(pub(super) Node);

impl<S: Send + Sync> FromRequest<S> for Tree {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let why = "the body is not said to be JSON: send `Content-Type: application/json`";
            return Err(Problem::new(ErrorCode::UnsupportedMediaType, why));
        }
        let bytes = body_bytes(request, state).await?;
        let read = json::parse_strictly(&bytes);
        let read = read.map_err(|error| Problem::new(ErrorCode::BadRequest, error.to_string()))?;
        Ok(Self(read))
    }
}

/// `application/json`, or a type that is written as JSON, such as `application/merge-patch+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE);
    let value = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let raw = RawValue::from_string(self.0.to_string());
        raw.map_err(serde::ser::Error::custom)?.serialize(to)
    }
}
