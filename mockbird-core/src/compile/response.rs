//! One response: status, headers, body and conditions.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::guess::{JsonBecause, looks_like_json};
use super::{Compiler, doubt};
use crate::condition::Condition;
use crate::engine::{Body, HeaderText, Response, StaticBody};
use crate::fault::Place;
use crate::finish::{allow_any_origin, is_compressible};
use crate::limits::COMPRESS_BYTES_MIN;
use crate::router::Pattern;
use crate::spec::{self, ResponseType};
use crate::template::{self, Escape, Template};

impl ResponseType {
    /// The content type that says this.
    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
            Self::Html => "text/html; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
        })
    }

    /// How values are made safe in a body of this type.
    fn escape(self) -> Escape {
        match self {
            Self::Json => Escape::Json,
            Self::Xml | Self::Html => Escape::Markup,
            Self::Text => Escape::None,
        }
    }
}

impl Compiler<'_> {
    pub(super) fn response(
        &mut self,
        spec: &spec::Response,
        mock: &spec::Mock,
        place: &Place<'_>,
    ) -> Option<Response> {
        let errors = self.faults.errors.len();
        // Decoding has checked delays already; a spec made in code comes here unchecked.
        if let Some(delay) = &spec.response_delay {
            delay.check(&place.key("responseDelay"), self.faults);
        }
        let status = self.status(spec, place)?;
        let templates = spec.template != Some(false);
        let headers = self.headers(spec, templates, place);
        let declared = headers
            .fixed
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let kind = kind_of(spec, mock);
        let escape = declared
            .as_deref()
            .map(|media| escape_of(media, mock.response_type))
            .or(kind.map(ResponseType::escape));
        let body = self.body(
            spec,
            status,
            escape.unwrap_or(Escape::None),
            templates,
            place,
        );
        if let (spec::Body::Text(text), false) = (&spec.body, matches!(body, Draft::Empty)) {
            let has_content_type = headers.has(&CONTENT_TYPE);
            // An explicit header that is not JSON's goes before the `responseType`.
            let because = JsonBecause::of(mock.response_type, has_content_type, text);
            if let (Some(because), Some(Escape::Json)) = (because, escape) {
                because.check(text, templates, &place.key("body"), self.faults);
            }
        }
        let conditions = self.conditions(spec, place);
        if self.faults.errors.len() > errors {
            return None;
        }
        let (headers, templated, body) = self.head(status, headers, kind, body);
        Some(Response {
            name: spec.name.as_deref().map(Into::into),
            status,
            conditions: conditions.into(),
            weight: spec.weight,
            is_default: spec.is_default.unwrap_or(false),
            refuses: mock.refuses_with(spec),
            delay: spec.response_delay.or(mock.response_delay),
            headers,
            templated: templated.into(),
            body,
        })
    }

    /// Decoding has checked statuses already; a spec made in code comes here unchecked.
    fn status(&mut self, spec: &spec::Response, place: &Place<'_>) -> Option<StatusCode> {
        let code = spec.status_code.unwrap_or(200);
        let status = StatusCode::from_u16(code)
            .ok()
            .filter(|_| (200..600).contains(&code));
        if status.is_none() {
            self.faults.error(
                &place.key("statusCode"),
                format!("{code} is no status of a reply"),
                "use 200 to 599",
            );
        }
        status
    }

    fn conditions(&mut self, spec: &spec::Response, place: &Place<'_>) -> Vec<Condition> {
        let list = place.key("conditions");
        if let Some(pattern) = &self.pattern {
            doubt::warn_of_unknown_params(&spec.conditions, pattern.names(), &list, self.faults);
        }
        spec.conditions
            .iter()
            .enumerate()
            .filter_map(|(i, condition)| {
                Condition::compile_within(condition, &list.index(i), self.faults, &mut self.regexes)
            })
            .collect()
    }

    fn headers(&mut self, spec: &spec::Response, templates: bool, place: &Place<'_>) -> Headers {
        let all = place.key("headers");
        let (mut fixed, mut templated) = (HeaderMap::new(), Vec::new());
        for header in &spec.headers {
            let at = all.key(&header.name);
            // Decoding has checked names already; a spec made in code comes here unchecked.
            let Some(name) = spec::settable_header(&header.name, &at, self.faults) else {
                continue;
            };
            let is_template = |value: &String| templates && template::is_template(value);
            // One rendered value makes all of them come with it, so that their order holds.
            let rendered = header.values.iter().any(is_template);
            for value in &header.values {
                if is_template(value) {
                    let template = self.template(value, Escape::Header, &at);
                    templated.extend(template.map(|t| (name.clone(), HeaderText::Template(t))));
                } else if let Some(value) = self.header_value(value, &at) {
                    if rendered {
                        templated.push((name.clone(), HeaderText::Fixed(value)));
                    } else {
                        fixed.append(name.clone(), value);
                    }
                }
            }
        }
        Headers { fixed, templated }
    }

    fn header_value(&mut self, value: &str, at: &Place<'_>) -> Option<HeaderValue> {
        let legal = HeaderValue::from_str(value).ok();
        if legal.is_none() {
            self.faults.error(
                at,
                "the value holds a control character",
                "headers are one line of text",
            );
        }
        legal
    }

    fn template(&mut self, text: &str, escape: Escape, place: &Place<'_>) -> Option<Template> {
        let params = self.pattern.as_ref().map(Pattern::names);
        let regexes = &mut self.regexes;
        Template::compile_within(text, escape, params, place, self.faults, regexes)
    }

    fn body(
        &mut self,
        spec: &spec::Response,
        status: StatusCode,
        escape: Escape,
        templates: bool,
        place: &Place<'_>,
    ) -> Draft {
        let at = place.key("body");
        let body = match &spec.body {
            spec::Body::Empty => return Draft::Empty,
            spec::Body::Text(text) if text.is_empty() => return Draft::Empty,
            spec::Body::Bytes(bytes) if bytes.is_empty() => return Draft::Empty,
            spec::Body::Text(text) if templates && template::is_template(text) => self
                .template(text, escape, &at)
                .map_or(Draft::Empty, Draft::Text),
            spec::Body::Text(text) => Draft::Bytes(Bytes::copy_from_slice(text.as_bytes())),
            spec::Body::Json(node) if templates => {
                let params = self.pattern.as_ref().map(Pattern::names);
                let body = template::Body::compile_within(
                    node,
                    escape,
                    params,
                    &at,
                    self.faults,
                    &mut self.regexes,
                );
                match body.as_literal() {
                    Some(text) => Draft::Bytes(Bytes::copy_from_slice(text.as_bytes())),
                    None => Draft::Json(body),
                }
            }
            spec::Body::Json(node) => Draft::Bytes(Bytes::from(node.to_string())),
            spec::Body::Bytes(bytes) => Draft::Bytes(bytes.clone()),
            spec::Body::File(_) => {
                self.faults.error(
                    &place.key("bodyFile"),
                    "a file beside the spec can be read by `mockbird run` and the testkit only",
                    "write its content as `body` or `bodyBase64`",
                );
                Draft::Empty
            }
        };
        if status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED {
            self.faults.warn(
                place,
                format!(
                    "a reply with status {} has no body: this one is dropped",
                    status.as_u16()
                ),
                "remove the body or change the status",
            );
            return Draft::Empty;
        }
        body
    }

    /// The headers of every reply, shared with equal ones, and the body that knows whether to compress.
    fn head(
        &mut self,
        status: StatusCode,
        headers: Headers,
        kind: Option<ResponseType>,
        body: Draft,
    ) -> (Arc<HeaderMap>, Vec<(HeaderName, HeaderText)>, Body) {
        let Headers {
            mut fixed,
            templated,
        } = headers;
        if !matches!(body, Draft::Empty) {
            let octets = HeaderValue::from_static("application/octet-stream");
            let value = kind.map_or(octets, ResponseType::content_type);
            fixed.entry(CONTENT_TYPE).or_insert(value);
        }
        let is_templated = |name| templated.iter().any(|(other, _)| other == name);
        let compressible = cfg!(feature = "compression")
            && is_compressible(&fixed)
            && !is_templated(CONTENT_ENCODING)
            && match &body {
                Draft::Empty => false,
                Draft::Bytes(bytes) => {
                    bytes.len() >= COMPRESS_BYTES_MIN && !is_templated(CONTENT_TYPE)
                }
                // What is rendered is looked at again, with all its headers.
                Draft::Text(_) | Draft::Json(_) => true,
            };
        if self.cors {
            allow_any_origin(&mut fixed);
        }
        if status == StatusCode::OK && matches!(body, Draft::Bytes(_)) {
            // The place for the validator, filled in for each reply: its block is shared, the tag is not.
            fixed.entry(ETAG).or_insert(HeaderValue::from_static(""));
        }
        // What a mock says itself wins, be it known only when it is rendered.
        for (name, _) in &templated {
            fixed.remove(name);
        }
        if compressible {
            // A cache must not give a compressed body to a client that did not ask for one.
            fixed.append(VARY, HeaderValue::from_static("accept-encoding"));
        }
        let body = match body {
            Draft::Empty => Body::Empty,
            Draft::Bytes(bytes) => Body::Static(StaticBody::new(bytes, compressible)),
            Draft::Text(template) => Body::Text(Box::new(template)),
            Draft::Json(body) => Body::Json(Box::new(body)),
        };
        (self.shared(fixed), templated, body)
    }
}

/// The headers of a response: those that are always the same, and those to be rendered.
struct Headers {
    fixed: HeaderMap,
    templated: Vec<(HeaderName, HeaderText)>,
}

impl Headers {
    fn has(&self, name: &HeaderName) -> bool {
        self.fixed.contains_key(name) || self.templated.iter().any(|(other, _)| other == name)
    }
}

/// A body before its headers are known.
enum Draft {
    Empty,
    Bytes(Bytes),
    Text(Template),
    Json(template::Body),
}

/// The type of a body: the mock's, or what the body looks like (design section 12).
fn kind_of(spec: &spec::Response, mock: &spec::Mock) -> Option<ResponseType> {
    match &spec.body {
        spec::Body::Json(_) => Some(ResponseType::Json),
        spec::Body::Text(text) => {
            let guessed = || {
                if looks_like_json(text) {
                    ResponseType::Json
                } else {
                    ResponseType::Text
                }
            };
            Some(mock.response_type.unwrap_or_else(guessed))
        }
        spec::Body::Bytes(_) | spec::Body::File(_) | spec::Body::Empty => mock.response_type,
    }
}

/// How a declared content type wants values made safe. Any other text may still be read as the markup
/// that the mock says it is.
fn escape_of(content_type: &str, response_type: Option<ResponseType>) -> Escape {
    /// JSON's types of many values, one after the other.
    const JSON_LINES: [&str; 3] = [
        "application/x-ndjson",
        "application/jsonl",
        "application/json-seq",
    ];
    let media = content_type
        .split(';')
        .next()
        .unwrap_or("")
        .trim()
        .to_ascii_lowercase();
    if media.ends_with("/json") || media.ends_with("+json") || JSON_LINES.contains(&&*media) {
        Escape::Json
    } else if media == "text/html" || media.ends_with("/xml") || media.ends_with("+xml") {
        Escape::Markup
    } else {
        match response_type {
            Some(ResponseType::Xml | ResponseType::Html) => Escape::Markup,
            Some(ResponseType::Json | ResponseType::Text) | None => Escape::None,
        }
    }
}
