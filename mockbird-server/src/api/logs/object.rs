//! Logged requests as clients see them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::time::Time;
use crate::app::LogPage;
use crate::domain::{LogBody, LogNearMiss, LogRecord, Page};

/// A part of the logged requests, the latest first.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct LogList {
    /// The requests of this page, without their bodies.
    items: Vec<LoggedRequest>,
    /// Which page it is, from 1; pages count from the cursor.
    page: u32,
    /// The most requests of a page.
    limit: u32,
    /// How many there are, as far back as the plan goes; null where that is not known, as with a filter.
    total: Option<u64>,
    /// The `cursor` to go on with; null at the end.
    next_cursor: Option<String>,
}

impl LogList {
    pub(super) fn new(found: &LogPage, page: Page) -> Self {
        Self {
            items: found.items.iter().map(LoggedRequest::new).collect(),
            page: page.number(),
            limit: page.limit(),
            total: found.total,
            next_cursor: found.next.map(|id| id.to_string()),
        }
    }
}

/// A request to a mock, and how it was answered. Secrets in it are not kept.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct LoggedRequest {
    /// Its id, which the reply had as its `X-Request-Id`, unless the mock sets its own.
    id: String,
    /// Of which project the mock is.
    project_id: String,
    /// Which mock answered; null: none did.
    mock_id: Option<String>,
    /// Which of its responses; null: none did, or its template failed.
    response_id: Option<String>,
    /// When it came.
    created_at: Time,
    /// Who answered: a `mock`, `nobody` because none matched, the `host` because something was wrong with the request, or a mock
    /// whose template `failed`.
    #[schema(example = "mock")]
    answered_by: &'static str,
    /// The method.
    #[schema(example = "GET")]
    method: String,
    /// The path inside of the project, as it came.
    #[schema(example = "/products/7")]
    path: String,
    /// What stood behind the `?`, as it came; null: there was none.
    query: Option<String>,
    /// The headers, in their order.
    headers: Vec<LoggedHeader>,
    /// How many bytes the body had.
    body_length: u64,
    /// The SHA-256 of the whole body in hex; null: it was empty, or it, or a secret in it, is not kept.
    body_hash: Option<String>,
    /// Whether the body is no text.
    is_body_binary: bool,
    /// The status of the reply.
    #[schema(example = 200)]
    status: u16,
    /// How many bytes the body of the reply had.
    response_bytes: u64,
    /// How long it took to decide, in microseconds.
    engine_us: u64,
    /// How long the reply was held back because a mock asked for it, in milliseconds.
    delay_ms: u64,
    /// From which address it came.
    ip_address: String,
    /// With what program.
    user_agent: Option<String>,
    /// The mocks that almost matched where none did, nearest first.
    nearest: Vec<LoggedNearMiss>,
    /// What else there is to know.
    notes: Vec<String>,
}

/// A header of a request.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct LoggedHeader {
    /// In lower case.
    #[schema(example = "accept")]
    name: String,
    /// What is not UTF-8 in it is replaced.
    value: String,
}

/// A mock that almost matched.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct LoggedNearMiss {
    /// What it is called.
    mock: String,
    /// The method it answers.
    method: String,
    /// The path it answers.
    path: String,
    /// Why it did not answer.
    reasons: Vec<String>,
}

/// A logged request, whole.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct LoggedRequestWhole {
    #[serde(flatten)]
    request: LoggedRequest,
    /// The body, or as much of it as is kept, where that is text.
    body: Option<String>,
    /// The same in base64, where it is not.
    body_base64: Option<String>,
    /// Whether only the beginning of the body is kept.
    truncated: bool,
    /// Whether the body, or its beginning, is kept; false where there was none.
    is_body_kept: bool,
}

impl LoggedRequest {
    pub(super) fn new(record: &LogRecord) -> Self {
        let body = record.body.as_ref();
        let header = |(name, value): &(String, String)| LoggedHeader::new(name, value);
        Self {
            id: record.id.to_string(),
            project_id: record.project.to_string(),
            mock_id: record.mock.map(|id| id.to_string()),
            response_id: record.response.map(|id| id.to_string()),
            created_at: record.at.into(),
            answered_by: record.answered_by.name(),
            method: record.method.clone(),
            path: lossy(&record.path),
            query: record.query.as_deref().map(lossy),
            headers: record.headers.iter().map(header).collect(),
            body_length: body.map_or(0, |body| body.length),
            body_hash: body.and_then(|body| body.sha256.clone()),
            is_body_binary: body.is_some_and(|body| body.is_binary),
            status: record.status,
            response_bytes: record.response_bytes,
            engine_us: record.engine_us,
            delay_ms: record.delay_ms,
            ip_address: record.client.to_string(),
            user_agent: record.user_agent.clone(),
            nearest: record.near.iter().map(LoggedNearMiss::new).collect(),
            notes: record.notes.clone(),
        }
    }
}

impl LoggedHeader {
    pub(super) fn new(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
        }
    }
}

impl LoggedNearMiss {
    fn new(near: &LogNearMiss) -> Self {
        Self {
            mock: near.mock.clone(),
            method: near.method.clone(),
            path: near.path.clone(),
            reasons: near.reasons.clone(),
        }
    }
}

impl LoggedRequestWhole {
    pub(super) fn new(record: &LogRecord) -> Self {
        let kept = record.body.as_ref().and_then(|body| body.kept.as_deref());
        let text = kept.and_then(|kept| text_of(kept, is_truncated(record.body.as_ref())));
        let base64 = kept.filter(|_| text.is_none());
        Self {
            request: LoggedRequest::new(record),
            body: text.map(str::to_owned),
            body_base64: base64.map(|kept| STANDARD.encode(kept)),
            truncated: is_truncated(record.body.as_ref()),
            is_body_kept: kept.is_some(),
        }
    }
}

/// Whether only the beginning of a body is kept.
pub(super) fn is_truncated(body: Option<&LogBody>) -> bool {
    let kept = body.and_then(|body| Some((body.kept.as_ref()?.len() as u64, body.length)));
    kept.is_some_and(|(kept, length)| kept < length)
}

/// The text that bytes are; where they were cut, but for a character that was cut in two.
fn text_of(bytes: &[u8], was_cut: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if was_cut && error.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()
        }
        Err(_) => None,
    }
}

pub(super) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_was_cut_in_two_makes_no_text_binary() {
        for (bytes, was_cut, text) in [
            (&b"caf\xc3"[..], true, Some("caf")),
            (b"caf\xc3", false, None),
            (b"caf\xff", true, None),
            (b"caf", true, Some("caf")),
            (b"", false, Some("")),
        ] {
            assert_eq!(text_of(bytes, was_cut), text, "{bytes:?}");
        }
    }
}
