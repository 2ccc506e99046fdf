//! The responses of a mock.

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{DecodeError, Engine as _};
use bytes::Bytes;

use super::condition::conditions;
use super::delay::delay;
use super::header::headers;
use super::object::object;
use super::value::{flag, list, text, whole};
use crate::fault::{Faults, Place, shown};
use crate::json::{Node, Value};
use crate::limits::{NAME_CHARS_MAX, RESPONSES_MAX};
use crate::spec::keys::ResponseKey;
use crate::spec::{Body, Response};

/// The least and greatest status: 1xx are no final answers, 600 and above are no statuses.
const STATUS: std::ops::RangeInclusive<u16> = 200..=599;

/// Standard alphabet; padding may be left out, as many tools do.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The responses of a mock: at least one, at most one of them the default.
pub(super) fn responses(node: Node, at: &Place<'_>, faults: &mut Faults) -> Option<Vec<Response>> {
    let elements = list(node, at, faults, RESPONSES_MAX)?;
    if elements.is_empty() {
        faults.error(
            at,
            "`responses` is empty",
            "a mock needs at least one response",
        );
    }
    let mut default = None;
    let mut responses = Vec::with_capacity(elements.len());
    for (index, element) in elements.into_iter().enumerate() {
        let at = at.index(index);
        let response = response(element, &at, faults).unwrap_or_default();
        if response.is_default == Some(true) {
            if let Some(first) = default {
                let at = at.key(ResponseKey::IsDefault.name());
                let message =
                    format!("a mock has one default, and `responses[{first}]` is it already");
                faults.error(&at, message, "remove `isDefault` from one of them");
            }
            default = default.or(Some(index));
        }
        responses.push(response);
    }
    Some(responses)
}

/// What can be read of a response; `None` if it is no object.
pub(super) fn response(node: Node, at: &Place<'_>, faults: &mut Faults) -> Option<Response> {
    let mut response = Response::default();
    let mut body_key: Option<ResponseKey> = None;
    let object = object(node, at, faults, |key, node, at, faults| match key {
        ResponseKey::Id => response.id = text(node, at, faults, NAME_CHARS_MAX),
        ResponseKey::Name => response.name = text(node, at, faults, NAME_CHARS_MAX),
        ResponseKey::StatusCode => response.status_code = whole(&node, at, faults, STATUS),
        ResponseKey::Headers => response.headers = headers(node, at, faults),
        ResponseKey::Body | ResponseKey::BodyBase64 | ResponseKey::BodyFile => {
            if let Some(first) = body_key.replace(key) {
                let message = format!("`{}` besides `{}`", key.name(), first.name());
                faults.error_of_key(at, message, "a response has one body: remove the other");
            }
            if let Some(body) = body(key, node, at, faults) {
                response.body = body;
            }
        }
        ResponseKey::Conditions => {
            response.conditions = conditions(node, at, faults).unwrap_or_default();
        }
        ResponseKey::Weight => response.weight = whole(&node, at, faults, 0..=u32::MAX),
        ResponseKey::IsDefault => response.is_default = flag(&node, at, faults),
        ResponseKey::ResponseDelay => response.response_delay = delay(node, at, faults),
        ResponseKey::Template => response.template = flag(&node, at, faults),
    })?;
    response.extensions = object.extensions;
    Some(response)
}

fn body(key: ResponseKey, node: Node, at: &Place<'_>, faults: &mut Faults) -> Option<Body> {
    match key {
        ResponseKey::BodyBase64 => base64(node, at, faults).map(Body::Bytes),
        ResponseKey::BodyFile => file(node, at, faults).map(Body::File),
        _ => Some(match node.value {
            Value::String(text) => Body::Text(text),
            _ => Body::Json(node),
        }),
    }
}

fn file(node: Node, at: &Place<'_>, faults: &mut Faults) -> Option<String> {
    let name = text(node, at, faults, NAME_CHARS_MAX)?;
    if name.is_empty() {
        faults.error(at, "an empty file name", "name a file beside the spec");
        return None;
    }
    Some(name)
}

/// Base64 may be broken into lines, as a block of YAML is.
fn base64(node: Node, at: &Place<'_>, faults: &mut Faults) -> Option<Bytes> {
    let mut text = text(node, at, faults, usize::MAX)?;
    text.retain(|c| !c.is_ascii_whitespace());
    match BASE64.decode(&text) {
        Ok(bytes) => Some(bytes.into()),
        Err(error) => {
            let message = match error {
                DecodeError::InvalidByte(offset, byte) => {
                    let byte = shown(&char::from(byte).to_string());
                    format!("not base64: {byte} at offset {offset}")
                }
                _ => "not base64: the end is missing".to_owned(),
            };
            let hint =
                "the alphabet is `A-Za-z0-9+/`; text that is sent as it is belongs in `body`";
            faults.error(at, message, hint);
            None
        }
    }
}
