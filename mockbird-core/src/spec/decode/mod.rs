//! The tree of a spec to its types, all errors collected.
//!
//! Each function takes a node, its [`Place`] and the [`Faults`] so far, moves what is good out of the
//! node, reports what is not, and goes on. The order of the faults is that of the file, what is
//! missing from an object coming at its end.

mod condition;
mod delay;
mod header;
mod nearest;
mod object;
mod rate_limit;
mod response;
mod value;

#[cfg(test)]
mod tests;

use http::Method;

use super::keys::{MockKey, SpecKey};
use super::{MethodPattern, Mock, Response, Spec, is_slug, slug};
use crate::fault::{Faults, Place, shown};
use crate::json::{Node, Value};
use crate::limits::{
    DESCRIPTION_CHARS_MAX, METHOD_CHARS_MAX, MOCKS_MAX, NAME_CHARS_MAX, PATTERN_BYTES_MAX,
};
use delay::delay;
pub(crate) use header::settable_header;
use object::object;
use value::{SMALLEST_SPEC, choice, expected, flag, list, text, whole};

/// The spec of a tree; `None` if there is any error in it.
///
/// ```
/// use mockbird_core::{fault::Faults, json, spec};
/// let node = json::parse(br#"{"name": "a", "mocks": [{"path": "/a", "responses": [{"status": 200}]}]}"#).unwrap();
/// let mut faults = Faults::default();
/// assert!(spec::decode(node, &mut faults).is_none());
/// assert_eq!(
///     faults.errors[0].to_string(),
///     "mocks[0].responses[0].status: a response has no key `status` (did you mean `statusCode`?)"
/// );
/// ```
pub fn decode(node: Node, faults: &mut Faults) -> Option<Spec> {
    sound(faults, |faults| salvage(node, faults))
}

/// One mock, such as an API's body; places are relative to it.
pub fn decode_mock(node: Node, faults: &mut Faults) -> Option<Mock> {
    sound(faults, |faults| salvage_mock(node, faults))
}

/// One response, such as an API's body; places are relative to it.
pub fn decode_response(node: Node, faults: &mut Faults) -> Option<Response> {
    sound(faults, |faults| salvage_response(node, faults))
}

/// What can be read of one mock, whatever its errors: see [`salvage`].
pub fn salvage_mock(node: Node, faults: &mut Faults) -> Option<Mock> {
    mock(node, &Place::ROOT, faults)
}

/// What can be read of one response, whatever its errors: see [`salvage`].
pub fn salvage_response(node: Node, faults: &mut Faults) -> Option<Response> {
    response::response(node, &Place::ROOT, faults)
}

/// What can be read of a spec, whatever its errors: only to find the errors of later steps in one go.
///
/// Each part that cannot be read leaves a neutral one (the path `/`, a condition that passes), so that the
/// places of the others stay right, and a mock with an error is not active. `None` if the tree is no object.
pub fn salvage(node: Node, faults: &mut Faults) -> Option<Spec> {
    let mut spec = Spec::default();
    let at = Place::ROOT;
    if let Value::Null = node.value {
        faults.error(&at, "the spec is empty", SMALLEST_SPEC);
        return None;
    }
    let object = object(node, &at, faults, |key, node, at, faults| match key {
        SpecKey::Name => spec.name = name(node, at, faults).unwrap_or_default(),
        SpecKey::Slug => spec.slug = explicit_slug(node, at, faults),
        SpecKey::Description => spec.description = text(node, at, faults, DESCRIPTION_CHARS_MAX),
        SpecKey::IsPublic => spec.is_public = flag(&node, at, faults),
        SpecKey::Cors => spec.cors = flag(&node, at, faults),
        SpecKey::Seed => spec.seed = whole(&node, at, faults, 0..=u64::MAX),
        SpecKey::Mocks => spec.mocks = mocks(node, at, faults),
    })?;
    if object.lacks(SpecKey::Name) {
        faults.error(&at, "a spec needs a `name`", "write `name: My API`");
    }
    if object.lacks(SpecKey::Mocks) {
        faults.error(&at, "a spec needs `mocks`", "a list, which may be empty");
    }
    spec.extensions = object.extensions;
    Some(spec)
}

/// What `read` gives, if it reports no error.
fn sound<T>(faults: &mut Faults, read: impl FnOnce(&mut Faults) -> Option<T>) -> Option<T> {
    let before = faults.error_count();
    read(faults).filter(|_| faults.error_count() == before)
}

fn mocks(node: Node, at: &Place<'_>, faults: &mut Faults) -> Vec<Mock> {
    let elements = list(node, at, faults, MOCKS_MAX).unwrap_or_default();
    let read = |(index, element)| {
        let errors = faults.error_count();
        let mut mock = mock(element, &at.index(index), faults).unwrap_or_else(Mock::neutral);
        if faults.error_count() > errors {
            // What is left of it must not be found to hide other mocks.
            mock.is_active = Some(false);
        }
        mock
    };
    elements.into_iter().enumerate().map(read).collect()
}

/// What can be read of a mock; `None` if it is no object.
fn mock(node: Node, at: &Place<'_>, faults: &mut Faults) -> Option<Mock> {
    let mut mock = Mock::neutral();
    let object = object(node, at, faults, |key, node, at, faults| match key {
        MockKey::Id => mock.id = text(node, at, faults, NAME_CHARS_MAX),
        MockKey::Name => mock.name = text(node, at, faults, NAME_CHARS_MAX),
        MockKey::Description => mock.description = text(node, at, faults, DESCRIPTION_CHARS_MAX),
        MockKey::Method => mock.method = method(&node, at, faults),
        MockKey::Path => {
            if let Some(path) = path(node, at, faults) {
                mock.path = path;
            }
        }
        MockKey::ResponseType => mock.response_type = choice(&node, at, faults, "response type"),
        MockKey::ResponseDelay => mock.response_delay = delay(node, at, faults),
        MockKey::RateLimit => mock.rate_limit = rate_limit::rate_limit(node, at, faults),
        MockKey::Priority => mock.priority = whole(&node, at, faults, i32::MIN..=i32::MAX),
        MockKey::IsActive => mock.is_active = flag(&node, at, faults),
        MockKey::Responses => {
            mock.responses = response::responses(node, at, faults).unwrap_or_default();
        }
    })?;
    if object.lacks(MockKey::Path) {
        faults.error(at, "a mock needs a `path`", "such as `/users/{id}`");
    }
    if object.lacks(MockKey::Responses) {
        faults.error(
            at,
            "a mock needs `responses`",
            "a list of at least one, such as `[{ body: ok }]`",
        );
    }
    mock.extensions = object.extensions;
    Some(mock)
}

impl Mock {
    fn neutral() -> Self {
        Self {
            id: None,
            name: None,
            description: None,
            method: None,
            path: "/".to_owned(),
            response_type: None,
            response_delay: None,
            rate_limit: None,
            priority: None,
            is_active: None,
            responses: Vec::new(),
            extensions: Vec::new(),
        }
    }
}

fn name(node: Node, at: &Place<'_>, faults: &mut Faults) -> Option<String> {
    let name = text(node, at, faults, NAME_CHARS_MAX)?;
    if name.trim().is_empty() {
        faults.error(at, "an empty name", "give it one, or leave the key out");
    }
    Some(name)
}

fn explicit_slug(node: Node, at: &Place<'_>, faults: &mut Faults) -> Option<String> {
    let text = text(node, at, faults, NAME_CHARS_MAX)?;
    if !is_slug(&text) {
        let message = format!("{} is no slug", shown(&text));
        let hint = format!(
            "a slug is `a-z`, `0-9` and `-` inside, at most 63 characters, such as `{}`",
            slug(&text)
        );
        faults.error(at, message, hint);
    }
    Some(text)
}

/// The syntax of templates is the router's; here only what no path can be.
fn path(node: Node, at: &Place<'_>, faults: &mut Faults) -> Option<String> {
    let path = text(node, at, faults, usize::MAX)?;
    if path.is_empty() {
        faults.error(at, "an empty path", "the root is `/`");
        return None;
    }
    if path.len() > PATTERN_BYTES_MAX {
        faults.error(
            at,
            format!("longer than {PATTERN_BYTES_MAX} bytes"),
            "shorten it, or end it with `{*rest}`",
        );
        return None;
    }
    Some(path)
}

fn method(node: &Node, at: &Place<'_>, faults: &mut Faults) -> Option<MethodPattern> {
    let name = match &node.value {
        Value::String(name) => name,
        Value::Array(_) => {
            let hint = "one method, or ANY; write a mock for each";
            faults.error(at, "expected a string, found a list", hint);
            return None;
        }
        _ => {
            expected("a string", node, at, faults);
            return None;
        }
    };
    let token = Method::from_bytes(name.as_bytes());
    let Some(method) = token.ok().filter(|_| name.len() <= METHOD_CHARS_MAX) else {
        let hint = "such as GET, POST, PUT, DELETE, PATCH, or ANY";
        faults.error(at, format!("{} is no method", shown(name)), hint);
        return None;
    };
    let upper = name.to_ascii_uppercase();
    if upper != *name {
        let message = format!("methods are written in upper case, found `{name}`");
        faults.error(at, message, format!("write `{upper}`"));
        return None;
    }
    Some(match name.as_str() {
        "ANY" => MethodPattern::Any,
        _ => MethodPattern::Exact(method),
    })
}
