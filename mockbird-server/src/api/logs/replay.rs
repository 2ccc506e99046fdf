//! What would answer a logged request now, as clients see it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use utoipa::ToSchema;

use super::object::{LoggedHeader, lossy};
use crate::app::LogReplay;
use crate::mock_plane::{AskedMock, AskedResponse, Reason};

/// What would answer a logged request now, and why.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct Replay {
    /// Who would answer, as in a logged request.
    #[schema(example = "mock")]
    answered_by: &'static str,
    /// Which mock; null: none would.
    mock_id: Option<String>,
    /// Which of its responses.
    response_id: Option<String>,
    /// The status of the reply.
    #[schema(example = 200)]
    status: u16,
    /// The headers of the reply, as the mock sends them.
    headers: Vec<LoggedHeader>,
    /// Its body, where that is text.
    body: Option<String>,
    /// The same in base64, where it is not.
    body_base64: Option<String>,
    /// How long it would be held back, in milliseconds.
    delay_ms: u64,
    /// What failed in the template of the response.
    failed: Option<String>,
    /// The mocks whose method and path match, in the order in which they are asked, up to the one that answers.
    mocks: Vec<ReplayedMock>,
    /// The mocks that almost matched, if none answers, nearest first.
    nearest: Vec<ReplayedNearMiss>,
    /// What the log does not hold any more: an answer that depends on it may be another one.
    #[schema(example = json!(["the value of the header `authorization` is not kept"]))]
    lost: Vec<String>,
}

/// A mock that was asked.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct ReplayedMock {
    /// Its id.
    mock_id: Option<String>,
    /// What it is called.
    name: String,
    /// The method it answers.
    method: String,
    /// The path it answers.
    path: String,
    /// The parameters of the path.
    params: Vec<LoggedHeader>,
    /// Its responses, in their order.
    responses: Vec<ReplayedResponse>,
}

/// A response of a mock that was asked.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct ReplayedResponse {
    /// Its id.
    response_id: Option<String>,
    /// What it is called.
    name: Option<String>,
    /// Its status.
    status: u16,
    /// Whether all its conditions hold.
    qualifies: bool,
    /// Whether it answers.
    answers: bool,
    /// What became of its conditions.
    conditions: Vec<ReplayedCondition>,
}

/// What became of a condition, or of a group of them.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ReplayedCondition {
    /// Whether it holds.
    passed: bool,
    /// Why, or what kind of group it is.
    reason: String,
    /// Those of the group.
    #[schema(no_recursion)]
    conditions: Vec<ReplayedCondition>,
}

/// A mock that almost matched.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ReplayedNearMiss {
    /// What it is called.
    mock: String,
    /// The method it answers.
    method: String,
    /// The path it answers.
    path: String,
    /// What matched.
    matched: Vec<String>,
    /// Why it did not answer.
    reasons: Vec<String>,
}

impl Replay {
    pub(super) fn new(LogReplay { replayed, lost }: LogReplay) -> Self {
        let (head, bytes) = replayed.reply.into_parts();
        let text = std::str::from_utf8(&bytes).ok().map(str::to_owned);
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| LoggedHeader::new(name.as_str(), &lossy(value.as_bytes())));
        let nearest = replayed.nearest.into_iter().map(|near| ReplayedNearMiss {
            mock: near.mock,
            method: near.method,
            path: near.path,
            matched: near.matched,
            reasons: near.reasons,
        });
        Self {
            answered_by: replayed.by.name(),
            mock_id: replayed.mock.map(|id| id.to_string()),
            response_id: replayed.response.map(|id| id.to_string()),
            status: head.status.as_u16(),
            headers: headers.collect(),
            body_base64: text.is_none().then(|| STANDARD.encode(&bytes)),
            body: text,
            delay_ms: u64::try_from(replayed.delay.as_millis()).unwrap_or(u64::MAX),
            failed: replayed.failed,
            mocks: replayed.asked.into_iter().map(ReplayedMock::new).collect(),
            nearest: nearest.collect(),
            lost,
        }
    }
}

impl ReplayedMock {
    fn new(mock: AskedMock) -> Self {
        let params = mock.params.iter();
        let responses = mock.responses.into_iter().enumerate();
        Self {
            mock_id: mock.id.map(|id| id.to_string()),
            name: mock.name,
            method: mock.method,
            path: mock.path,
            params: params
                .map(|(name, value)| LoggedHeader::new(name, value))
                .collect(),
            responses: responses
                .map(|(at, response)| ReplayedResponse::new(response, mock.chosen == Some(at)))
                .collect(),
        }
    }
}

impl ReplayedResponse {
    fn new(response: AskedResponse, answers: bool) -> Self {
        Self {
            response_id: response.id.map(|id| id.to_string()),
            name: response.name,
            status: response.status,
            qualifies: response.qualifies,
            answers,
            conditions: conditions(response.conditions),
        }
    }
}

fn conditions(all: Vec<Reason>) -> Vec<ReplayedCondition> {
    let condition = |reason: Reason| ReplayedCondition {
        passed: reason.passed,
        reason: reason.text,
        conditions: conditions(reason.conditions),
    };
    all.into_iter().map(condition).collect()
}
