//! Replies that closures made, by the rules of all others.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Response;
use mockbird_core::spec::{self, MethodPattern, Mock, Spec};
use mockbird_core::{Engine, Env, ErrorCode, Request, RequestId, error_response};

use crate::ReceivedRequest;
use crate::reply::Reply;

/// What the engine makes of a reply that was made for one request, or what is wrong with it.
pub(super) fn made(
    reply: &Reply,
    received: &ReceivedRequest,
) -> Result<(Response<Bytes>, Duration), String> {
    if let Some(message) = reply.contradiction() {
        return Err(format!(
            "the reply that a responder made of {received} {message}"
        ));
    }
    let spec = Spec {
        name: "reply".to_owned(),
        cors: Some(false),
        mocks: vec![Mock {
            method: Some(MethodPattern::Any),
            path: "/".to_owned(),
            response_type: reply.kind,
            responses: vec![spec::Response {
                template: Some(false),
                ..reply.in_file()
            }],
            ..Mock::default()
        }],
        ..Spec::default()
    };
    let compiled = Engine::compile(&spec).map_err(|faults| {
        format!("the reply that a responder made of {received} has faults:\n{faults}")
    })?;
    let request = Request::new(received.method(), "/", received.headers(), received.body());
    let answer = compiled
        .engine
        .answer(&request, &surroundings(SystemTime::now()));
    Ok((answer.response, answer.delay))
}

pub(super) fn failed(text: &str) -> Response<Bytes> {
    error_response(ErrorCode::InternalError, text)
}

/// This moment, and fresh random bits.
pub(super) fn surroundings(now: SystemTime) -> Env<'static> {
    let now = now.duration_since(UNIX_EPOCH);
    let now_ms = i64::try_from(now.unwrap_or_default().as_millis()).unwrap_or(i64::MAX);
    Env {
        now_ms,
        request_id: RequestId::v7(now_ms, [fastrand::u64(..), fastrand::u64(..)]),
        random: fastrand::u64(..),
        counters: None,
    }
}
