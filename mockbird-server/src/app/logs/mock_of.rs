//! A mock that would answer requests like a logged one.

use mockbird_core::{is_secret_parameter, is_secret_value};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::App;
use crate::app::AppError;
use crate::domain::{AnsweredBy, LogId, LogRecord, OrganizationId, ProjectId};
use crate::logs::{REDACTED, SecretNames};

/// The most parameters of a path, as in mock files.
const PARAMETERS_MAX: usize = 64;

/// The most conditions on the query, and the most members of a body that are asked for.
const CONDITIONS_MAX: usize = 5;

/// A longer text is content, and no sign of what is asked for.
const SIGN_CHARS_MAX: usize = 40;

impl App {
    /// The mock that a logged request suggests, as a mock file has it. It is not saved.
    pub async fn log_mock(
        &self,
        organization: OrganizationId,
        project: ProjectId,
        id: LogId,
    ) -> Result<Value, AppError> {
        let record = self.log_get(organization, project, id).await?;
        let mut read = self.store().read().await?;
        let found = read.project_get(organization, project).await?;
        let own = found.map(|project| project.log_redact).unwrap_or_default();
        Ok(mock_of(&record, &SecretNames::new(own.all())))
    }
}

fn mock_of(record: &LogRecord, secrets: &SecretNames) -> Value {
    let (path, parameters) = path_of(&String::from_utf8_lossy(&record.path));
    let mut conditions = conditions_of_query(record, secrets);
    conditions.extend(condition_of_body(record, secrets));
    let echoed = parameters.iter().map(|name| {
        let template = format!("{{{{ request.params.{name} }}}}");
        (name.clone(), Value::from(template))
    });
    let mut response = Map::new();
    response.insert("statusCode".to_owned(), status_of(record).into());
    if let 200..=599 = status_of(record)
        && !matches!(status_of(record), 204 | 304)
    {
        response.insert("body".to_owned(), Value::Object(echoed.collect()));
    }
    if !conditions.is_empty() {
        response.insert("conditions".to_owned(), conditions.into());
    }
    json!({ "method": record.method, "path": path, "responses": [response] })
}

/// What a mock answered it answers again; where none did, there is something now.
fn status_of(record: &LogRecord) -> u16 {
    match record.answered_by {
        AnsweredBy::Mock if (200..600).contains(&record.status) => record.status,
        _ => 200,
    }
}

/// The template of a path, and the names of its parameters: segments that are ids or secrets.
fn path_of(raw: &str) -> (String, Vec<String>) {
    let mut names: Vec<String> = Vec::new();
    let (mut path, mut before) = (String::new(), "");
    for segment in raw.split('/').skip(1) {
        path.push('/');
        let decoded = percent_decode_str(segment).decode_utf8_lossy();
        if names.len() < PARAMETERS_MAX && is_variable(&decoded) {
            let name = fresh(&parameter_after(before), &names);
            path.extend(["{", &name, "}"]);
            names.push(name);
        } else {
            path.push_str(&literal(segment));
            before = segment;
        }
    }
    (path, names)
}

/// A segment that means itself in a template.
fn literal(segment: &str) -> String {
    let escaped = segment.replace('{', "%7B").replace('}', "%7D");
    match escaped.strip_prefix([':', '*']) {
        Some(rest) if segment.starts_with(':') => format!("%3A{rest}"),
        Some(rest) => format!("%2A{rest}"),
        None => escaped,
    }
}

/// `userId` behind `users`, `id` behind anything that is no such word.
fn parameter_after(segment: &str) -> String {
    let is_word = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_alphabetic());
    let one = match segment.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => segment.strip_suffix('s').unwrap_or(segment).to_owned(),
    };
    if is_word && !one.is_empty() {
        format!("{one}Id")
    } else {
        "id".to_owned()
    }
}

fn fresh(name: &str, taken: &[String]) -> String {
    let is_free = |name: &String| !taken.contains(name);
    let numbered = (2..).map(|number| format!("{name}{number}"));
    let mut all = std::iter::once(name.to_owned()).chain(numbered);
    all.find(is_free).unwrap_or_default()
}

/// Whether a text differs from one request to the next, or must not be written down.
fn is_variable(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_number = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
    let is_uuid = uuid::Uuid::try_parse(text).is_ok();
    let is_hex = bytes.len() >= 16 && bytes.iter().all(u8::is_ascii_hexdigit);
    // Crockford's base 32.
    let in_ulid = |byte: &u8| byte.is_ascii_alphanumeric() && !b"ILOUilou".contains(byte);
    let is_ulid = bytes.len() == 26 && bytes[0].is_ascii_digit() && bytes.iter().all(in_ulid);
    is_number || is_uuid || is_hex || is_ulid || is_secret_value(text) || text.contains(REDACTED)
}

fn conditions_of_query(record: &LogRecord, secrets: &SecretNames) -> Vec<Value> {
    let query = record.query.as_deref().unwrap_or_default();
    let pairs = form_urlencoded::parse(query).filter(|(name, value)| {
        let is_secret = is_secret_parameter(name) || secrets.is_secret(name);
        !name.is_empty() && !is_secret && is_sign(value)
    });
    let condition = |(name, value): (_, _)| json!({ "type": "query", "field": name, "operator": "equals", "value": value });
    pairs.take(CONDITIONS_MAX).map(condition).collect()
}

/// The members of a JSON object that tell what is asked for: short words and flags, no ids, numbers, times or addresses.
fn condition_of_body(record: &LogRecord, secrets: &SecretNames) -> Option<Value> {
    let body = record.body.as_ref()?.kept.as_deref()?;
    // What is cut off is no JSON.
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return None;
    };
    let signs = members.into_iter().filter(|(name, value)| {
        let tells = match value {
            Value::Bool(_) => true,
            Value::String(text) => is_word(text),
            Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
        };
        tells && !mockbird_core::is_secret_name(name) && !secrets.is_secret(name)
    });
    let signs: Map<_, _> = signs.take(CONDITIONS_MAX).collect();
    (!signs.is_empty()).then(|| json!({ "type": "body", "operator": "contains", "value": signs }))
}

fn is_word(text: &str) -> bool {
    let is_time = text.parse::<jiff::civil::Date>().is_ok();
    let has_address = text.contains(['@', '/']);
    !text.is_empty() && is_sign(text) && !is_time && !has_address && !is_variable(text)
}

/// Whether a value is short enough to tell what is asked for, and no secret.
fn is_sign(text: &str) -> bool {
    let is_secret = is_secret_value(text) || text.contains(REDACTED);
    let is_plain = !text.contains(char::is_control) && !text.contains("{{") && !text.contains("{%");
    text.chars().count() <= SIGN_CHARS_MAX && is_plain && !is_secret
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_a_path_become_parameters() {
        for (raw, path) in [
            ("/", "/"),
            ("/users/42/orders/7", "/users/{userId}/orders/{orderId}"),
            ("/users/1/2", "/users/{userId}/{userId2}"),
            ("/7", "/{id}"),
            ("/v2/categories/9/", "/v2/categories/{categoryId}/"),
            ("/b/0190b5f0-7a3a-7c3e-9c67-3d7e2b3c4d5e", "/b/{bId}"),
            ("/m/507f1f77bcf86cd799439011", "/m/{mId}"),
            ("/x/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/x/{xId}"),
            ("/files/%5Bredacted%5D", "/files/{fileId}"),
            ("/wren/a{b}/:c/*", "/wren/a%7Bb%7D/%3Ac/%2A"),
            ("/deadbeef/caf\u{e9}", "/deadbeef/caf\u{e9}"),
        ] {
            assert_eq!(path_of(raw).0, path, "{raw}");
        }
    }
}
