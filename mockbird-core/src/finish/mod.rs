//! From an outcome to an HTTP response: what every host must do alike.
//!
//! CORS headers and preflights, `HEAD`, `ETag` and 304, compression, and the form of errors
//! (design sections 3 and 12).

mod body_error;
mod cors;
mod encoding;
mod error_form;
mod rate_limit;
mod size;

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

pub use body_error::BodyError;
pub use cors::allow_any_origin;
pub(crate) use cors::is_preflight;
pub(crate) use encoding::{Coding, compress};
pub use encoding::{INFLATES, InflateError, inflate};
pub use error_form::{DOCUMENTATION_PATH, ErrorCode, error_documentation, error_response};
pub use rate_limit::tell_rate_limit;
pub use size::ByteSize;

use crate::Allowance;
use crate::engine::{
    Body, Engine, Failure, Mock, NearMiss, Outcome, Reply, ReplyBody, Response, ShownPath,
    StaticBody,
};
use crate::limits::{COMPRESS_BYTES_MAX, COMPRESS_BYTES_MIN, SHOWN_PATH_MAX};
use crate::request::Request;
use crate::template::FaultKind;

/// The whole answer to a request, ready to be sent after its delay.
#[derive(Debug)]
pub struct Answer<'e> {
    /// The HTTP response. For `HEAD` it has no body but the length of one.
    pub response: http::Response<Bytes>,
    /// How long to wait before sending it.
    pub delay: Duration,
    /// Who answered.
    pub source: AnswerSource<'e>,
}

/// Who answered a request.
#[derive(Debug)]
pub enum AnswerSource<'e> {
    /// A mock, with one of its responses.
    Mock(&'e Mock, &'e Response),
    /// A mock that refused the call, which is beyond its rate limit; with one of its responses, if it has one for that.
    Refused(&'e Mock, Option<&'e Response>),
    /// A mock whose template failed; the text says where and why.
    Failed(&'e Mock, &'e Response, String),
    /// The host: a CORS preflight.
    Preflight,
    /// The host: the page that explains error codes.
    Documentation,
    /// Nobody: a 404, with the mocks that almost matched.
    Nobody(Vec<NearMiss>),
}

impl Engine {
    /// Answers a request completely: [`Engine::respond`], then everything hosts do alike.
    pub fn answer<'e>(&'e self, request: &Request<'_>, env: &crate::Env<'_>) -> Answer<'e> {
        finish(self, request, self.respond(request, env))
    }
}

/// Puts an outcome into the form of HTTP.
pub fn finish<'e>(engine: &'e Engine, request: &Request<'_>, outcome: Outcome<'e>) -> Answer<'e> {
    let (response, delay, source) = match outcome {
        Outcome::Reply(reply) => {
            let source = match reply.allowance {
                Some(Allowance {
                    is_admitted: false, ..
                }) => AnswerSource::Refused(reply.mock, Some(reply.response)),
                _ => AnswerSource::Mock(reply.mock, reply.response),
            };
            let delay = reply.delay;
            (reply_response(request, reply), delay, source)
        }
        Outcome::Refused(refusal) => (
            rate_limit::refused(&refusal),
            Duration::ZERO,
            AnswerSource::Refused(refusal.mock, None),
        ),
        Outcome::Failed(failure) => {
            let (response, text) = failed(&failure);
            (
                response,
                Duration::ZERO,
                AnswerSource::Failed(failure.mock, failure.response, text),
            )
        }
        Outcome::Preflight => (
            cors::preflight(request),
            Duration::ZERO,
            AnswerSource::Preflight,
        ),
        Outcome::NoMatch => {
            let path = ShownPath::new(engine, request);
            let nearest = engine.nearest(request, &path, |key| key);
            return missed(engine, request, &path, nearest);
        }
    };
    finished(engine, request, response, delay, source)
}

/// Puts a miss into the form of HTTP, with what the host knows of the mocks that are near.
///
/// ```
/// use http::{HeaderMap, Method};
/// use mockbird_core::{Engine, Request, finish_miss, spec::Format};
///
/// let spec = r#"{"name": "birds", "mocks": [{"path": "/birds", "method": "POST", "responses": [{}]}]}"#;
/// let engine = Engine::read(spec, Format::Json)?.engine;
/// let headers = HeaderMap::new();
/// let request = Request::new(&Method::GET, "/birds", &headers, b"");
/// let mut nearest = engine.near_misses(&request);
/// nearest[0].at = Some("tests/birds.rs:12".to_owned());
/// let answer = finish_miss(&engine, &request, nearest);
/// assert_eq!(answer.response.status(), 404);
/// assert!(answer.response.body().windows(17).any(|text| text == b"tests/birds.rs:12"));
/// # Ok::<(), mockbird_core::ReadError>(())
/// ```
pub fn finish_miss<'e>(
    engine: &'e Engine,
    request: &Request<'_>,
    nearest: Vec<NearMiss>,
) -> Answer<'e> {
    missed(engine, request, &ShownPath::new(engine, request), nearest)
}

fn missed<'e>(
    engine: &'e Engine,
    request: &Request<'_>,
    path: &ShownPath<'_>,
    nearest: Vec<NearMiss>,
) -> Answer<'e> {
    let (response, source) = no_match(request, path, nearest);
    finished(engine, request, response, Duration::ZERO, source)
}

fn finished<'e>(
    engine: &Engine,
    request: &Request<'_>,
    mut response: http::Response<Bytes>,
    delay: Duration,
    source: AnswerSource<'e>,
) -> Answer<'e> {
    let is_of_mock = matches!(
        source,
        AnswerSource::Mock(..) | AnswerSource::Refused(_, Some(_))
    );
    if engine.cors() && !is_of_mock {
        allow_any_origin(response.headers_mut());
    }
    if request.method() == Method::HEAD {
        take_body_of_head(&mut response);
    }
    Answer {
        response,
        delay,
        source,
    }
}

/// `HEAD` has the headers of `GET`, the length included, and no body (RFC 9110 section 9.3.2).
fn take_body_of_head(response: &mut http::Response<Bytes>) {
    let length = response.body().len();
    if response.status() != StatusCode::NO_CONTENT && response.status() != StatusCode::NOT_MODIFIED
    {
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    *response.body_mut() = Bytes::new();
}

fn reply_response(request: &Request<'_>, reply: Reply<'_>) -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::new());
    *response.status_mut() = reply.response.status;
    *response.headers_mut() = (*reply.response.headers).clone();
    for (name, value) in reply.rendered {
        response.headers_mut().append(name, value);
    }
    match (reply.body, &reply.response.body) {
        (ReplyBody::Rendered(bytes), _) => rendered_body(request, bytes, &mut response),
        (ReplyBody::Fixed, Body::Static(body)) => static_body(request, body, &mut response),
        // A template is always rendered.
        (ReplyBody::Fixed, Body::Empty | Body::Text(_) | Body::Json(_)) => {}
    }
    if let Some(allowance) = &reply.allowance {
        rate_limit::tell(allowance, response.headers_mut());
    }
    response
}

fn static_body(request: &Request<'_>, body: &StaticBody, response: &mut http::Response<Bytes>) {
    let encoded = if body.is_compressible() {
        encoding::accepted(request.headers())
            .and_then(|coding| Some((coding, body.compressed(coding)?)))
    } else {
        None
    };
    if validate(request, body, encoded.is_some(), response) {
        return;
    }
    *response.body_mut() = match encoded {
        Some((coding, bytes)) => {
            set_coding(response.headers_mut(), coding);
            bytes.clone()
        }
        None => body.bytes.clone(),
    };
}

/// Fills in the validator; true if the client has the body already, and the response says so.
fn validate(
    request: &Request<'_>,
    body: &StaticBody,
    encoded: bool,
    response: &mut http::Response<Bytes>,
) -> bool {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let headers = response.headers_mut();
    match headers.get_mut(ETAG) {
        None => return false,
        Some(etag) if etag.is_empty() && !reads => {
            headers.remove(ETAG);
            return false;
        }
        // Another coding is another representation: it keeps the tag, but only a weak one.
        Some(etag) if etag.is_empty() && encoded => *etag = body.weak_etag(),
        Some(etag) if etag.is_empty() => *etag = body.etag.clone(),
        // The mock's own.
        Some(_) => {}
    }
    let fresh = reads
        && response.status() == StatusCode::OK
        && request.headers().contains_key(IF_NONE_MATCH)
        && not_modified(request.headers(), response.headers().get(ETAG));
    if fresh {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().remove(CONTENT_TYPE);
    }
    fresh
}

fn rendered_body(request: &Request<'_>, bytes: Bytes, response: &mut http::Response<Bytes>) {
    let worth_it = (COMPRESS_BYTES_MIN..=COMPRESS_BYTES_MAX).contains(&bytes.len())
        && is_compressible(response.headers());
    let coding = encoding::accepted(request.headers()).filter(|_| worth_it);
    let encoded = coding.and_then(|coding| Some((coding, compress(&bytes, coding)?)));
    *response.body_mut() = match encoded {
        Some((coding, small)) => {
            set_coding(response.headers_mut(), coding);
            small
        }
        None => bytes,
    };
}

#[cfg(feature = "compression")]
fn set_coding(headers: &mut HeaderMap, coding: Coding) {
    headers.insert(CONTENT_ENCODING, encoding::content_encoding(coding));
}

#[cfg(not(feature = "compression"))]
fn set_coding(_: &mut HeaderMap, _: Coding) {}

/// True if the content type is text of some kind and no coding is set by hand.
pub(crate) fn is_compressible(headers: &HeaderMap) -> bool {
    let Some(declared) = headers.get(CONTENT_TYPE).and_then(|t| t.to_str().ok()) else {
        return false;
    };
    let media = declared.split(';').next().unwrap_or("").trim();
    let media = media.to_ascii_lowercase();
    !headers.contains_key(CONTENT_ENCODING)
        && (media.starts_with("text/")
            || ["json", "xml", "javascript", "wasm", "x-ndjson"]
                .iter()
                .any(|end| media.ends_with(end)))
}

/// RFC 9110 section 13.1.2: weak comparison, so the tag's text alone counts.
fn not_modified(request: &HeaderMap, etag: Option<&HeaderValue>) -> bool {
    let Some(etag) = etag.and_then(|tag| tag.to_str().ok()) else {
        return false;
    };
    let opaque = etag.strip_prefix("W/").unwrap_or(etag);
    request
        .get_all(IF_NONE_MATCH)
        .into_iter()
        .flat_map(|line| entity_tags(line.to_str().unwrap_or("")))
        .any(|tag| tag == "*" || tag == opaque)
}

/// The tags of a list without their `W/`, quotes included: a comma inside quotes belongs to its tag.
fn entity_tags(mut list: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        list = list.trim_start_matches([',', ' ', '\t']);
        let tag = list.strip_prefix("W/").unwrap_or(list);
        let quoted = tag.strip_prefix('"').and_then(|rest| rest.find('"'));
        let end = quoted.map(|length| length + 2);
        let end = end.or_else(|| tag.find(',')).unwrap_or(tag.len());
        let (tag, rest) = tag.split_at(end);
        list = rest;
        (!tag.is_empty()).then(|| tag.trim_end())
    })
}

fn failed(failure: &Failure<'_>) -> (http::Response<Bytes>, String) {
    let code = match failure.fault.kind {
        FaultKind::Limit => ErrorCode::TemplateLimit,
        FaultKind::Error => ErrorCode::TemplateError,
    };
    let text = failure.to_string();
    (error_response(code, &text), text)
}

fn no_match<'e>(
    request: &Request<'_>,
    path: &ShownPath<'_>,
    nearest: Vec<NearMiss>,
) -> (http::Response<Bytes>, AnswerSource<'e>) {
    let reads = request.method() == Method::GET || request.method() == Method::HEAD;
    if reads && request.raw_path() == DOCUMENTATION_PATH {
        return (error_documentation(), AnswerSource::Documentation);
    }
    let path = path.as_str();
    let end = path.char_indices().nth(SHOWN_PATH_MAX).map(|(at, _)| at);
    let message = match end {
        Some(end) => format!("no mock answers {} {}...", request.method(), &path[..end]),
        None => format!("no mock answers {} {path}", request.method()),
    };
    let response = error_form::error_with(ErrorCode::MockNotFound, &message, |body| {
        write_nearest(body, &nearest);
    });
    (response, AnswerSource::Nobody(nearest))
}

fn write_nearest(body: &mut String, nearest: &[NearMiss]) {
    body.push_str(",\"nearest\":[");
    for (i, miss) in nearest.iter().enumerate() {
        if i > 0 {
            body.push(',');
        }
        miss.write_json(body);
    }
    body.push(']');
}
