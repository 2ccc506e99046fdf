//! Mocks and responses as the document of the API describes them. They are read and written as trees, so that numbers keep their
//! digits: nothing is made of these types.
#![expect(dead_code, reason = "they are there to be described")]

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::Detail;
use super::super::time::Time;

/// How long a reply waits, in milliseconds: always the same, evenly between two bounds, or lognormal.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(in super::super) enum ResponseDelay {
    /// Always the same.
    Fixed(u64),
    /// Evenly between two bounds.
    Uniform {
        /// The least.
        min: u64,
        /// The most.
        max: u64,
    },
    /// As response times of real services are.
    LogNormal {
        /// Half of the delays are shorter.
        median: f64,
        /// The spread, in units of the natural logarithm.
        sigma: f64,
    },
}

/// A simulated rate limit: calls beyond it are refused.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct RateLimit {
    /// How many calls are answered within `per`, those of all callers together.
    #[schema(minimum = 1, maximum = 10000)]
    requests: u32,
    /// How long a call counts: `second`, `minute`, `hour`, `day`, or a whole number and its unit (`ms`, `s`, `m`, `h`, `d`); 31 days
    /// at most.
    #[schema(
        pattern = "^(second|minute|hour|day|[1-9][0-9]*(ms|s|m|h|d))$",
        example = "minute"
    )]
    per: String,
    /// The status of a refused call; 429 if absent. Responses of the mock with this status are for refused calls alone.
    #[schema(minimum = 400, maximum = 599, nullable = false)]
    status_code: Option<u16>,
}

/// What a mock file says of a response.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct ResponseFields {
    /// The `id` that a mock file gives it.
    #[schema(max_length = 1000, nullable = false)]
    spec_id: Option<String>,
    /// What people call it.
    #[schema(max_length = 255, nullable = false)]
    name: Option<String>,
    /// The status; 200 if absent.
    #[schema(minimum = 200, maximum = 599, nullable = false)]
    status_code: Option<u16>,
    /// The headers: a text each, or a list of texts.
    #[schema(value_type = Option<Object>, nullable = false, example = json!({"Cache-Control": "no-store"}))]
    headers: Option<Value>,
    /// A text, which is sent as it is, or any other value, which is sent as JSON. Texts are templates.
    #[schema(required = false)]
    body: Value,
    /// Bytes in base64, in place of `body`.
    #[schema(nullable = false)]
    body_base64: Option<String>,
    /// All must hold for the response to qualify.
    #[schema(value_type = Option<Vec<Object>>, nullable = false)]
    conditions: Option<Vec<Value>>,
    /// Its share in a random draw.
    #[schema(nullable = false)]
    weight: Option<u32>,
    /// Whether it answers if none qualifies.
    #[schema(nullable = false)]
    is_default: Option<bool>,
    /// How long it waits, whatever its mock says; 10 s at most.
    #[schema(nullable = false)]
    response_delay: Option<ResponseDelay>,
    /// False: `{{` and `{%` are ordinary text.
    #[schema(nullable = false)]
    template: Option<bool>,
}

/// What a mock file says of a mock, but for its responses.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct MockFields {
    /// The `id` that a mock file gives it.
    #[schema(max_length = 1000, nullable = false)]
    spec_id: Option<String>,
    /// What people call it; `GET /path` if absent.
    #[schema(max_length = 255, nullable = false)]
    name: Option<String>,
    /// What it is for.
    #[schema(nullable = false)]
    description: Option<String>,
    /// The method it answers, or `ANY`; `GET` if absent.
    #[schema(nullable = false, example = "GET")]
    method: Option<String>,
    /// The path template.
    #[schema(max_length = 500, example = "/products/{id}")]
    path: String,
    /// The kind of content: `json`, `xml`, `html` or `text`.
    #[schema(nullable = false)]
    response_type: Option<String>,
    /// How long a reply waits; 10 s at most.
    #[schema(nullable = false)]
    response_delay: Option<ResponseDelay>,
    /// How often it answers.
    #[schema(nullable = false)]
    rate_limit: Option<RateLimit>,
    /// Higher goes first.
    #[schema(nullable = false)]
    priority: Option<i32>,
    /// False: it plays no part.
    #[schema(nullable = false)]
    is_active: Option<bool>,
}

/// A mock to be.
#[derive(Serialize, ToSchema)]
pub(in super::super) struct NewMock {
    #[serde(flatten)]
    fields: MockFields,
    /// The responses, at least one.
    #[schema(min_items = 1)]
    responses: Vec<ResponseFields>,
}

/// What a mock is to be instead. What the server made may come back as it was read.
#[derive(Serialize, ToSchema)]
pub(in super::super) struct ReplaceMock {
    #[serde(flatten)]
    fields: MockFields,
    /// The responses; those that come with their `id` keep it. Left out, they stay.
    #[schema(min_items = 1, nullable = false)]
    responses: Option<Vec<ResponseFields>>,
    /// The version that was read: another one is a conflict.
    #[schema(nullable = false)]
    version: Option<i64>,
}

/// What a response is to be instead. What the server made may come back as it was read.
#[derive(Serialize, ToSchema)]
pub(in super::super) struct ReplaceResponse {
    #[serde(flatten)]
    fields: ResponseFields,
    /// The version that was read: another one is a conflict.
    #[schema(nullable = false)]
    version: Option<i64>,
}

/// A JSON merge patch (RFC 7396): members that are null go, objects are merged, all else takes the place of what was.
#[derive(Serialize, ToSchema)]
#[schema(value_type = Object)]
pub(in super::super) struct MergePatch(Value);

/// A response within its mock.
#[derive(Serialize, ToSchema)]
pub(in super::super) struct MockResponse {
    /// Its id.
    id: String,
    #[serde(flatten)]
    fields: ResponseFields,
}

/// A mock: what a URL answers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct Mock {
    /// Its id.
    id: String,
    /// Whose it is.
    project_id: String,
    /// Where it answers; its parameters stand as they are written.
    url: String,
    #[serde(flatten)]
    fields: MockFields,
    /// The responses, in their order.
    responses: Vec<MockResponse>,
    /// When it was made.
    created_at: Time,
    /// When it was last changed.
    updated_at: Option<Time>,
    /// Counts changes of the mock and of its responses.
    version: i64,
    /// After a save: what is probably a mistake.
    #[schema(required = false)]
    warnings: Vec<Detail>,
}

/// One answer of a mock.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct Response {
    /// Its id.
    id: String,
    /// Whose it is.
    mock_id: String,
    #[serde(flatten)]
    fields: ResponseFields,
    /// When it was made.
    created_at: Time,
    /// When it was last changed.
    updated_at: Option<Time>,
    /// Counts its changes.
    version: i64,
    /// After a save: what is probably a mistake.
    #[schema(required = false)]
    warnings: Vec<Detail>,
}

/// What is wished of many mocks.
#[derive(Serialize, ToSchema)]
#[serde(tag = "action", rename_all = "camelCase")]
pub(in super::super) enum Bulk {
    /// They answer.
    Activate {
        /// The ids of the mocks.
        #[schema(min_items = 1, max_items = 1000)]
        mocks: Vec<String>,
    },
    /// They rest.
    Deactivate {
        /// The ids of the mocks.
        #[schema(min_items = 1, max_items = 1000)]
        mocks: Vec<String>,
    },
    /// They go.
    Delete {
        /// The ids of the mocks.
        #[schema(min_items = 1, max_items = 1000)]
        mocks: Vec<String>,
    },
    /// They are made, behind all others.
    Create {
        /// The mocks.
        #[schema(min_items = 1, max_items = 1000)]
        mocks: Vec<NewMock>,
    },
}

/// What was done with many mocks.
#[derive(Serialize, ToSchema)]
pub(in super::super) struct BulkDone {
    /// The ids of the mocks, in the order of the request.
    mocks: Vec<String>,
    /// What is probably a mistake, at places such as `mocks[3].path`.
    warnings: Vec<Detail>,
}
