//! The JSON Schema of the spec format, made from the types, so that editors complete and check it.
//!
//! The types derive most of it, their docs included. Written by hand is what a derive cannot know:
//! the unions a person writes without naming the case, and which keys need which others. What a
//! schema cannot say at all (`min` not above `max`, one default in a mock, templates and regular
//! expressions that compile) is left to the engine.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::keys::{ConditionKey, DelayKey, ResponseKey};
use super::{Body, Condition, Delay, MethodPattern, Period, Spec, Test};
use crate::limits::{DELAY_MS_MAX, DELAY_SIGMA_MAX};

/// The JSON Schema of a spec, as committed in `spec.schema.json`.
///
/// Draft 7, which every editor knows.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft07()
        .into_generator()
        .into_root_schema_for::<Spec>()
        .to_value();
    refuse_null(&mut schema);
    schema
}

/// What may be left out is left out, never `null`.
fn refuse_null(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [kind] = types.as_slice() {
                    let kind = kind.clone();
                    members.insert("type".to_owned(), kind);
                }
            }
            if let Some(Value::Array(choices)) = members.get_mut("anyOf") {
                choices.retain(|choice| *choice != json!({"type": "null"}));
                if let [choice] = choices.as_slice() {
                    let choice = choice.clone();
                    members.remove("anyOf");
                    members.insert("allOf".to_owned(), json!([choice]));
                }
            }
            members.values_mut().for_each(refuse_null);
        }
        Value::Array(elements) => elements.iter_mut().for_each(refuse_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Which keys of a test need which others.
pub(super) fn needs_of_a_test(schema: &mut Schema) {
    let [kind, operator, field, value] = [
        ConditionKey::Type,
        ConditionKey::Operator,
        ConditionKey::Field,
        ConditionKey::Value,
    ]
    .map(ConditionKey::name);
    let needs = json!([
        {
            "if": { "properties": { kind: { "enum": ["header", "query", "cookie"] } } },
            "then": { "required": [field], "properties": { field: { "minLength": 1 } } },
        },
        {
            "if": { "properties": { operator: { "const": "exists" } } },
            "else": { "required": [value] },
        },
    ]);
    schema.insert("allOf".to_owned(), needs);
}

/// The headers of a response, as written.
pub(super) enum Headers {}

impl JsonSchema for Headers {
    fn schema_name() -> Cow<'static, str> {
        "Headers".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let value = json!({ "type": ["string", "number", "boolean"] });
        json_schema!({
            "type": "object",
            "propertyNames": {
                "pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
                "not": { "pattern": "^([Cc]ontent-[Ll]ength|[Tt]ransfer-[Ee]ncoding|[Cc]onnection)$" },
            },
            "additionalProperties": {
                "description": "One value, or a list of values: the header is sent once for each.",
                "anyOf": [value, { "type": "array", "items": value, "minItems": 1 }],
            },
        })
    }
}

impl JsonSchema for MethodPattern {
    fn schema_name() -> Cow<'static, str> {
        "Method".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The method of a mock: one, in upper case, or ANY.",
            "anyOf": [
                { "enum": ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "ANY"] },
                { "type": "string", "pattern": "^[!#$%&'*+.^_`|~0-9A-Z-]+$" },
            ],
        })
    }
}

impl JsonSchema for Delay {
    fn schema_name() -> Cow<'static, str> {
        "Delay".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let [min, max, median, sigma] = [
            DelayKey::Min,
            DelayKey::Max,
            DelayKey::Median,
            DelayKey::Sigma,
        ]
        .map(DelayKey::name);
        let whole = json!({ "type": "integer", "minimum": 0, "maximum": DELAY_MS_MAX });
        let pair = |description, a: &str, of_a, b: &str, of_b| {
            json!({
                "description": description,
                "type": "object",
                "properties": { a: of_a, b: of_b },
                "required": [a, b],
                "patternProperties": { "^x-": true },
                "additionalProperties": false,
            })
        };
        json_schema!({
            "description": "How long a reply waits, in milliseconds.",
            "anyOf": [
                { "description": "Always the same.", "type": "integer", "minimum": 0, "maximum": DELAY_MS_MAX },
                pair("Evenly between two bounds, both included.", min, whole.clone(), max, whole),
                pair(
                    "Lognormal, as response times of real services are.",
                    median,
                    json!({
                        "description": "Half of the delays are shorter.",
                        "type": "number", "minimum": 0, "maximum": DELAY_MS_MAX,
                    }),
                    sigma,
                    json!({
                        "description": "The spread, in units of the natural logarithm.",
                        "type": "number", "minimum": 0, "maximum": DELAY_SIGMA_MAX,
                    }),
                ),
            ],
        })
    }
}

impl JsonSchema for Period {
    fn schema_name() -> Cow<'static, str> {
        "Period".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A length of time: one of the words, or a whole number and its unit, such as 10s; 31d at most.",
            "anyOf": [
                { "enum": Period::WORDS },
                { "type": "string", "pattern": "^[1-9][0-9]*(ms|s|m|h|d)$" },
            ],
        })
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let test = generator.subschema_for::<Test>();
        let inner = generator.subschema_for::<Condition>();
        let list = json!({ "type": "array", "items": inner, "minItems": 1 });
        let group = |key: ConditionKey, description, content| {
            json!({
                "description": description,
                "type": "object",
                "properties": { key.name(): content },
                "required": [key.name()],
                "patternProperties": { "^x-": true },
                "additionalProperties": false,
            })
        };
        json_schema!({
            "description": "A condition: one test, or a group.",
            "anyOf": [
                test,
                group(ConditionKey::Any, "Passes if one of these does.", list.clone()),
                group(ConditionKey::All, "Passes if all of these do.", list),
                group(ConditionKey::Not, "Passes if this does not.", inner.to_value()),
            ],
        })
    }
}

/// The keys of a response that hold its body; at most one of them may be there.
impl JsonSchema for Body {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Body".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let [body, base64, file] = [
            ResponseKey::Body,
            ResponseKey::BodyBase64,
            ResponseKey::BodyFile,
        ]
        .map(ResponseKey::name);
        json_schema!({
            "type": "object",
            "properties": {
                body: { "description": "Text, sent as it is; or any other value, sent as JSON." },
                base64: {
                    "description": "Bytes, in base64.",
                    "type": "string",
                    "pattern": r"^[A-Za-z0-9+/\s]*[=\s]*$",
                },
                file: {
                    "description": "A file beside the spec.",
                    "type": "string",
                    "minLength": 1,
                },
            },
            "not": { "anyOf": [
                { "required": [body, base64] },
                { "required": [body, file] },
                { "required": [base64, file] },
            ] },
        })
    }
}
