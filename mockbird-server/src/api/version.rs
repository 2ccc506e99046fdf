//! Versions: each thing that can be changed has one, which is its `ETag` too.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{ETAG, IF_MATCH};
use http::request::Parts;
use mockbird_core::ErrorCode;
use serde::Serialize;
use utoipa::IntoParams;

use super::{Json, Problem};
use crate::app::{Expected, IfMatch};

/// A body that has a version.
#[derive(Clone, Debug)]
pub(super) struct Versioned<T>(pub(super) i64, pub(super) T);

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.1).into_response();
        if let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", self.0)) {
            response.headers_mut().insert(ETAG, tag);
        }
        response
    }
}

/// The header of changes.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(super) struct IfMatchHeader {
    /// The `ETag` of what is to be changed: if it was changed meanwhile, the answer is 412.
    #[param(
        rename = "If-Match",
        example = "\"3\"",
        value_type = String,
        required = false,
        pattern = r#"^(\*|(W/)?"[!#-~]*"(, (W/)?"[!#-~]*")*)$"#
    )]
    #[expect(dead_code, reason = "it is there to be described; `IfMatch` reads it")]
    if_match: Option<String>,
}

impl IfMatch {
    /// The same, beside the `version` of a body.
    pub(super) fn and(self, version: Option<i64>) -> Expected {
        Expected {
            if_match: self,
            version,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut lines = parts.headers.get_all(IF_MATCH).iter().peekable();
        if lines.peek().is_none() {
            return Ok(Self::Any);
        }
        let tags: Option<Vec<&str>> = lines.map(|line| line.to_str().ok()).collect();
        let tags = tags.map(|lines| lines.join(","));
        tags.and_then(|tags| read(&tags)).ok_or_else(|| {
            let why = "`If-Match` is no list of tags: send the `ETag` as it came, with its quotes";
            Problem::new(ErrorCode::BadRequest, why)
        })
    }
}

/// `*`, or tags with commas between them (RFC 9110 section 13.1.1). A weak one is never equal, and neither is one
/// that is none of ours.
fn read(text: &str) -> Option<IfMatch> {
    if text.trim() == "*" {
        return Some(IfMatch::Any);
    }
    let mut versions = Vec::new();
    for tag in text.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
        let weak = tag.strip_prefix("W/");
        let quoted = weak.unwrap_or(tag).strip_prefix('"');
        let inside = quoted.and_then(|tag| tag.strip_suffix('"'))?;
        if weak.is_none() {
            versions.extend(inside.parse::<i64>());
        }
    }
    Some(IfMatch::OneOf(versions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_as_they_were_given() {
        let one_of = |versions: &[i64]| Some(IfMatch::OneOf(versions.to_vec()));
        for (text, read_as) in [
            ("*", Some(IfMatch::Any)),
            ("\"3\"", one_of(&[3])),
            ("\"3\", \"4\"", one_of(&[3, 4])),
            ("W/\"3\"", one_of(&[])),
            ("\"abc\"", one_of(&[])),
            ("", one_of(&[])),
            ("3", None),
            ("\"3", None),
            ("\"", None),
        ] {
            assert_eq!(read(text), read_as, "{text}");
        }
    }
}
