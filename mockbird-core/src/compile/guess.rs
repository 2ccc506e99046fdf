//! Bodies that count as JSON and may not be meant so (design section 12).

use crate::fault::{Faults, Place, Within};
use crate::json;
use crate::spec::ResponseType;
use crate::template;

/// Why the text of a body counts as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JsonBecause {
    /// The mock says so.
    Declared,
    /// Nothing says otherwise, and it begins so.
    Guessed,
}

impl JsonBecause {
    /// The reason for a text of a mock with this `responseType`; `None` if it does not count as JSON.
    pub(super) fn of(
        response_type: Option<ResponseType>,
        has_content_type: bool,
        text: &str,
    ) -> Option<Self> {
        match response_type {
            Some(ResponseType::Json) => Some(Self::Declared),
            Some(ResponseType::Xml | ResponseType::Html | ResponseType::Text) => None,
            None => (!has_content_type && looks_like_json(text)).then_some(Self::Guessed),
        }
    }

    /// Warns of a text that only looks like JSON.
    pub(super) fn check(self, text: &str, templates: bool, at: &Place<'_>, faults: &mut Faults) {
        if templates && template::is_template(text) {
            if self == Self::Guessed && begins_with_tag(text) {
                faults.warn(
                    at,
                    "the body counts as JSON because it begins with `{`, so values are written as JSON",
                    "say `responseType: text` (or `json`) on the mock",
                );
            }
            return;
        }
        let Err(error) = json::parse(text.as_bytes()) else {
            return;
        };
        let json::SyntaxError {
            message,
            line,
            column,
            ..
        } = error;
        let (why, hint) = match self {
            Self::Declared => (
                "the body is no JSON, though `responseType` says so",
                "mend it, or change the `responseType`",
            ),
            Self::Guessed => (
                if text.trim_start().starts_with('{') {
                    "the body counts as JSON because it begins with `{`, and is none"
                } else {
                    "the body counts as JSON because it begins with `[`, and is none"
                },
                "say `responseType: text` on the mock, or mend it",
            ),
        };
        let within = Within { line, column };
        faults.warn_within(at, within, &format!("{why}: {message}"), hint.to_owned());
    }
}

/// True if the first character that is no space opens an object or a list.
pub(super) fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

fn begins_with_tag(text: &str) -> bool {
    let text = text.trim_start();
    ["{{", "{%", "{#"].iter().any(|tag| text.starts_with(tag))
}
