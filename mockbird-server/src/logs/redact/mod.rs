//! What is taken out of a request before it is logged: the values of fields whose names are those of secrets, and what is a secret
//! by its form, such as `Bearer ...` or a JWT.

mod json;
mod names;
mod pairs;
mod text;

pub use names::SecretNames;

use std::borrow::Cow;

use crate::domain::LogSettings;

/// What stands in the place of what was taken out.
pub const REDACTED: &str = "[redacted]";

/// What goes for the log of one project.
#[derive(Clone, Debug)]
pub struct LogRules {
    /// Whether bodies are stored.
    pub store_bodies: bool,
    /// The names whose values are not.
    pub names: SecretNames,
}

impl LogRules {
    /// What a project says.
    pub fn new(settings: &LogSettings) -> Self {
        Self {
            store_bodies: settings.store_bodies,
            names: SecretNames::new(settings.redact.all()),
        }
    }

    /// The value of a header as it may be logged.
    pub fn header<'v>(&self, name: &str, value: Cow<'v, str>) -> Cow<'v, str> {
        if self.names.is_secret(name) || self.names.is_in_value(&value) {
            return REDACTED.into();
        }
        value
    }

    /// A query as it may be logged.
    pub fn query<'q>(&self, raw: &'q [u8]) -> Cow<'q, [u8]> {
        let is_secret =
            |name: &str| mockbird_core::is_secret_parameter(name) || self.names.is_secret(name);
        pairs::redacted(raw, is_secret, &self.names)
    }

    /// A body as it may be logged; borrowed if nothing was taken out.
    ///
    /// JSON is kept but for the values of secrets, and so is a form. Of anything else nobody knows where a value ends: it is kept if
    /// no name of a secret is in it, and otherwise taken out as a whole.
    pub fn body<'b>(&self, body: &'b [u8], is_form: bool) -> Cow<'b, [u8]> {
        if let Some(redacted) = json::redacted(body, &self.names) {
            return redacted;
        }
        if is_form {
            return pairs::redacted(body, |name| self.names.is_secret(name), &self.names);
        }
        if self.names.is_in_text(&String::from_utf8_lossy(body)) {
            return Cow::Borrowed(REDACTED.as_bytes());
        }
        Cow::Borrowed(body)
    }

    /// Why a mock did not match, which may tell a value, or a part of a body: the engine masks those that every project takes out.
    pub fn reason(&self, reason: String) -> String {
        let is_of_body = || text::tokens(&reason).any(|token| token.text == "body");
        if self.names.own_is_in(&reason) || (!self.store_bodies && is_of_body()) {
            return REDACTED.to_owned();
        }
        reason
    }
}
