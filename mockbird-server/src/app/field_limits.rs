//! Fields of mocks that may be longer in a file on one's own machine than on a server: checked whichever way a mock comes in.

use mockbird_core::Engine;
use mockbird_core::fault::{Faults, Place};
use mockbird_core::json::{Member, Node, Value};
use mockbird_core::limits;
use mockbird_core::spec::{Body, Condition, Delay, Mock, Response, Spec};

use crate::domain::Name;

/// The longest path, in characters.
const PATH_CHARS_MAX: usize = 500;

/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 255;

/// The longest delay, in milliseconds.
const DELAY_MS_MAX: u64 = 10_000;

/// The largest body, in bytes.
const BODY_BYTES_MAX: usize = 1 << 20;

/// How deep a value in a response may be. In a file it stands in a response in a list in a mock in a list in the whole, where
/// it must be read again, by others too: many read 127 levels.
const VALUE_DEPTH_MAX: usize = 120;

const _: () = assert!(VALUE_DEPTH_MAX + 5 < limits::JSON_DEPTH_MAX - 1);

/// The members of one's own of a mock or a response, in bytes.
const EXTENSION_BYTES_MAX: usize = 100_000;

/// Notes what is beyond the limits in a whole spec.
pub(super) fn check_spec(spec: &Spec, faults: &mut Faults) {
    let name = Place::ROOT.key("name");
    check_chars(&spec.name, NAME_CHARS_MAX, &name, faults);
    if let Some(c) = Name::forbidden(&spec.name) {
        faults.error(
            &name,
            format!("U+{:04X} in a name", u32::from(c)),
            "take it out",
        );
    }
    let description = Place::ROOT.key("description");
    check_nul(spec.description.as_ref(), &description, faults);
    let list = Place::ROOT.key("mocks");
    for (index, mock) in spec.mocks.iter().enumerate() {
        check_mock(mock, &list.index(index), faults);
    }
}

/// Notes what else is wrong with a mock of which everything else was noted: what is beyond the limits, and if there is
/// anything, what would be found when it is compiled.
pub(crate) fn mock_faults(mock: &Mock, faults: &mut Faults) {
    tell_limits_of_here(faults);
    let mut later = Faults::default();
    check_mock(mock, &Place::ROOT, &mut later);
    faults.follow(later);
    if faults.error_count() > 0 {
        faults.follow(compiled_alone(mock.clone(), "mocks[0]"));
    }
}

/// The same of a response.
pub(crate) fn response_faults(response: &Response, faults: &mut Faults) {
    tell_limits_of_here(faults);
    let mut later = Faults::default();
    check_response(response, &Place::ROOT, &mut later);
    faults.follow(later);
    if faults.error_count() > 0 {
        let mock = Mock {
            path: "/".to_owned(),
            responses: vec![response.clone()],
            ..Mock::default()
        };
        faults.follow(compiled_alone(mock, "mocks[0].responses[0]"));
    }
}

/// The faults of a mock as if it were the only one, without the place before them.
fn compiled_alone(mock: Mock, place: &str) -> Faults {
    let spec = Spec {
        mocks: vec![mock],
        ..Spec::default()
    };
    let mut faults = match Engine::compile(&spec) {
        Ok(_) => Faults::default(),
        Err(invalid) => invalid.into(),
    };
    faults.errors.retain_mut(|fault| {
        let rest = fault.at.strip_prefix(place);
        let inside = rest.map(|rest| rest.strip_prefix('.').unwrap_or(rest).to_owned());
        inside.is_some_and(|inside| {
            fault.at = inside;
            true
        })
    });
    faults.warnings.clear();
    faults
}

/// Of the longest delay, core says that of a file of one's own.
pub(super) fn tell_limits_of_here(faults: &mut Faults) {
    let (of_file, here) = (limits::DELAY_MS_MAX.to_string(), DELAY_MS_MAX.to_string());
    for fault in &mut faults.errors {
        if fault.at.contains("responseDelay") {
            fault.message = fault.message.replace(&of_file, &here);
            fault.hint = fault.hint.replace(&of_file, &here);
        }
    }
}

/// Notes what is beyond the limits in a mock.
fn check_mock(mock: &Mock, at: &Place<'_>, faults: &mut Faults) {
    check_chars(&mock.path, PATH_CHARS_MAX, &at.key("path"), faults);
    if let Some(name) = &mock.name {
        check_chars(name, NAME_CHARS_MAX, &at.key("name"), faults);
    }
    check_nul(Some(&mock.path), &at.key("path"), faults);
    check_nul(mock.id.as_ref(), &at.key("id"), faults);
    check_nul(mock.name.as_ref(), &at.key("name"), faults);
    check_nul(mock.description.as_ref(), &at.key("description"), faults);
    check_delay(mock.response_delay, at, faults);
    check_extensions(&mock.extensions, at, faults);
    let list = at.key("responses");
    for (index, response) in mock.responses.iter().enumerate() {
        check_response(response, &list.index(index), faults);
    }
}

/// Notes what is beyond the limits in a response.
fn check_response(response: &Response, at: &Place<'_>, faults: &mut Faults) {
    if let Some(name) = &response.name {
        check_chars(name, NAME_CHARS_MAX, &at.key("name"), faults);
    }
    check_nul(response.id.as_ref(), &at.key("id"), faults);
    check_nul(response.name.as_ref(), &at.key("name"), faults);
    check_delay(response.response_delay, at, faults);
    check_extensions(&response.extensions, at, faults);
    check_depths(response, at, faults);
    let (key, bytes) = match &response.body {
        Body::Empty | Body::File(_) => return,
        Body::Text(text) => ("body", text.len()),
        Body::Json(node) => ("body", node.to_string().len()),
        Body::Bytes(bytes) => ("bodyBase64", bytes.len()),
    };
    if bytes > BODY_BYTES_MAX {
        let message = format!("a body of {bytes} bytes: {BODY_BYTES_MAX} are the most here");
        faults.error(&at.key(key), message, "shorten it");
    }
}

fn check_chars(text: &str, max: usize, at: &Place<'_>, faults: &mut Faults) {
    if text.chars().count() > max {
        faults.error(at, format!("longer than {max} characters"), "shorten it");
    }
}

/// No database keeps such a text.
fn check_nul(text: Option<&String>, at: &Place<'_>, faults: &mut Faults) {
    if text.is_some_and(|text| text.contains('\0')) {
        faults.error(
            at,
            "a NUL (`\\u0000`), which is not kept in a text",
            "take it out",
        );
    }
}

fn check_depths(response: &Response, at: &Place<'_>, faults: &mut Faults) {
    let conditions = response.conditions.iter().map(Condition::to_node);
    let conditions = Node::from(Value::Array(conditions.collect()));
    let body = match &response.body {
        Body::Json(node) => Some(("body", node)),
        Body::Empty | Body::Text(_) | Body::Bytes(_) | Body::File(_) => None,
    };
    for (key, value) in body.into_iter().chain([("conditions", &conditions)]) {
        check_depth(value, &at.key(key), faults);
    }
}

fn check_depth(value: &Node, at: &Place<'_>, faults: &mut Faults) {
    if depth(value) > VALUE_DEPTH_MAX {
        let message = format!("nested too deep: at most {VALUE_DEPTH_MAX} levels are allowed here");
        faults.error(at, message, "make it flatter");
    }
}

/// How many lists and objects stand in each other.
fn depth(node: &Node) -> usize {
    let inner = match &node.value {
        Value::Array(elements) => elements.iter().map(depth).max(),
        Value::Object(members) => members.iter().map(|member| depth(&member.value)).max(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return 0,
    };
    1 + inner.unwrap_or(0)
}

/// Places the fault at the one with which they are too many.
fn check_extensions(extensions: &[Member], at: &Place<'_>, faults: &mut Faults) {
    let mut bytes = 0;
    for Member { key, value, .. } in extensions {
        check_depth(value, &at.key(key), faults);
        bytes += key.len() + value.to_string().len();
        if bytes > EXTENSION_BYTES_MAX {
            let message =
                format!("{EXTENSION_BYTES_MAX} bytes are the most of members that begin with `x-`");
            faults.error(&at.key(key), message, "keep it elsewhere");
            return;
        }
    }
}

fn check_delay(delay: Option<Delay>, at: &Place<'_>, faults: &mut Faults) {
    let Some(delay) = delay else { return };
    let at = at.key("responseDelay");
    #[expect(clippy::cast_precision_loss, reason = "ten seconds are exact")]
    let (key, is_long) = match delay {
        Delay::Fixed(ms) => (None, ms > DELAY_MS_MAX),
        Delay::Uniform { max, .. } => (Some("max"), max > DELAY_MS_MAX),
        Delay::LogNormal { median, .. } => (Some("median"), median > DELAY_MS_MAX as f64),
    };
    if is_long {
        let place = key.map_or(at, |key| at.key(key));
        let message = format!("{DELAY_MS_MAX} ms are the longest delay here");
        faults.error(&place, message, "shorten it");
    }
}

#[cfg(test)]
mod tests {
    use mockbird_core::json;
    use mockbird_core::spec::decode_mock;

    use super::*;

    /// The places of what is beyond the limits.
    fn beyond(mock: &str) -> Vec<String> {
        let node = json::parse(mock.as_bytes()).unwrap();
        let mut faults = Faults::default();
        let mock = decode_mock(node, &mut faults).unwrap();
        check_mock(&mock, &Place::ROOT, &mut faults);
        faults.errors.into_iter().map(|fault| fault.at).collect()
    }

    #[test]
    fn what_is_at_the_limit_is_taken() {
        for (field, at_limit, beyond_it, place) in [
            (
                "path",
                format!("\"/{}\"", "é".repeat(499)),
                format!("\"/{}\"", "é".repeat(500)),
                "path",
            ),
            (
                "name",
                format!("\"{}\"", "é".repeat(255)),
                format!("\"{}\"", "é".repeat(256)),
                "name",
            ),
            (
                "responseDelay",
                "10000".to_owned(),
                "10001".to_owned(),
                "responseDelay",
            ),
            (
                "responseDelay",
                r#"{"min": 1, "max": 10000}"#.to_owned(),
                r#"{"min": 1, "max": 10001}"#.to_owned(),
                "responseDelay.max",
            ),
            (
                "responseDelay",
                r#"{"median": 10000, "sigma": 1}"#.to_owned(),
                r#"{"median": 10000.5, "sigma": 1}"#.to_owned(),
                "responseDelay.median",
            ),
            (
                "x-a",
                format!("\"{}\"", "x".repeat(99_995)),
                format!("\"{}\"", "x".repeat(99_996)),
                "x-a",
            ),
        ] {
            let mock = |value: &str| match field {
                "path" => format!(r#"{{"path": {value}, "responses": [{{}}]}}"#),
                _ => format!(r#"{{"path": "/", "{field}": {value}, "responses": [{{}}]}}"#),
            };
            assert_eq!(beyond(&mock(&at_limit)), [""; 0], "{field}");
            assert_eq!(beyond(&mock(&beyond_it)), [place]);
            if field != "path" {
                let of_response = |value: &str| {
                    format!(r#"{{"path": "/", "responses": [{{}}, {{"{field}": {value}}}]}}"#)
                };
                assert_eq!(beyond(&of_response(&at_limit)), [""; 0], "{field}");
                assert_eq!(
                    beyond(&of_response(&beyond_it)),
                    [format!("responses[1].{place}")]
                );
            }
        }
    }

    #[test]
    fn bodies_are_counted_as_they_are_kept() {
        let text = |length: usize| format!("\"{}\"", "x".repeat(length));
        let list = |length: usize| format!("[{}]", text(length - 4));
        for (body, places) in [
            (text(1 << 20), vec![]),
            (text((1 << 20) + 1), vec!["responses[0].body"]),
            (list(1 << 20), vec![]),
            (list((1 << 20) + 1), vec!["responses[0].body"]),
        ] {
            let mock = format!(r#"{{"path": "/", "responses": [{{"body": {body}}}]}}"#);
            assert_eq!(beyond(&mock), places);
        }
    }
}
