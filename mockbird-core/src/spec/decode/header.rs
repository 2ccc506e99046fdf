//! The headers of a response.

use http::header::{self, HeaderName, HeaderValue};

use super::value::expected;
use crate::fault::{Faults, Place, shown};
use crate::json::{Node, Value};
use crate::limits::{HEADER_NAME_BYTES_MAX, HEADER_VALUE_BYTES_MAX, HEADERS_MAX};
use crate::spec::Header;

/// The framing of a message is the server's: a header set by hand could contradict it.
const REFUSED: [HeaderName; 3] = [
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
];

pub(super) fn headers(node: Node, at: &Place<'_>, faults: &mut Faults) -> Vec<Header> {
    let Value::Object(members) = node.value else {
        expected("an object of headers", &node, at, faults);
        return Vec::new();
    };
    if members.len() > HEADERS_MAX {
        return too_many(at, faults);
    }
    let mut headers: Vec<Header> = Vec::with_capacity(members.len());
    for member in members {
        let place = at.key(&member.key);
        if settable_header(&member.key, &place, faults).is_none() {
            continue;
        }
        let same = |header: &&Header| header.name.eq_ignore_ascii_case(&member.key);
        if let Some(Header { name, .. }) = headers.iter().find(same) {
            let message = format!("`{name}` and `{}` are the same header", member.key);
            faults.error_of_key(&place, message, "write several values as one list");
        } else if let Some(values) = values(member.value, &place, faults) {
            headers.push(Header {
                name: member.key,
                values,
            });
        }
    }
    if headers
        .iter()
        .map(|header| header.values.len())
        .sum::<usize>()
        > HEADERS_MAX
    {
        return too_many(at, faults);
    }
    headers
}

fn too_many(at: &Place<'_>, faults: &mut Faults) -> Vec<Header> {
    let message = format!("more than {HEADERS_MAX} headers, repeated ones counted");
    faults.error(at, message, "remove some: clients refuse more");
    Vec::new()
}

/// The name of a header, if a mock may set it.
pub(crate) fn settable_header(
    text: &str,
    at: &Place<'_>,
    faults: &mut Faults,
) -> Option<HeaderName> {
    let name = HeaderName::from_bytes(text.as_bytes()).ok();
    let Some(name) = name.filter(|_| text.len() <= HEADER_NAME_BYTES_MAX) else {
        let hint = "letters, digits and `-`, without spaces";
        faults.error_of_key(at, format!("{} is no header name", shown(text)), hint);
        return None;
    };
    if REFUSED.contains(&name) {
        let message = format!("`{text}` is set by the server, not by hand");
        faults.error_of_key(at, message, "remove it");
        return None;
    }
    Some(name)
}

fn values(node: Node, at: &Place<'_>, faults: &mut Faults) -> Option<Vec<String>> {
    let Value::Array(elements) = node.value else {
        return value(node, at, faults).map(|value| vec![value]);
    };
    if elements.is_empty() {
        faults.error(
            at,
            "an empty list of values",
            "remove the header or give it a value",
        );
    }
    let read = |(index, element)| value(element, &at.index(index), faults);
    elements.into_iter().enumerate().map(read).collect()
}

fn value(node: Node, at: &Place<'_>, faults: &mut Faults) -> Option<String> {
    let text = match node.value {
        Value::String(text) => text,
        Value::Number(number) => number.as_str().to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            expected("a string, a number, true or false", &node, at, faults);
            return None;
        }
    };
    if text.len() > HEADER_VALUE_BYTES_MAX {
        faults.error(
            at,
            format!("longer than {HEADER_VALUE_BYTES_MAX} bytes"),
            "shorten it: clients refuse more",
        );
        return None;
    }
    // What a template renders loses its control characters; inside its tags they do no harm.
    let is_template = text.contains("{{") || text.contains("{%");
    if !is_template && HeaderValue::from_bytes(text.as_bytes()).is_err() {
        let message = format!("{} is no header value", shown(&text));
        faults.error(at, message, "remove line ends and control characters");
        return None;
    }
    Some(text)
}
