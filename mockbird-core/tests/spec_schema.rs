//! The committed JSON Schema of the spec format is the one of the types, and says what the decoder says.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(
    unreachable_pub,
    dead_code,
    reason = "a module of tests, of which some ask less"
)]
mod vectors;

use std::path::Path;

use jsonschema::Validator;
use mockbird_core::spec::{self, Format};
use serde_json::Value;

fn package(file: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

#[test]
fn the_committed_schema_is_that_of_the_types() {
    let path = package("spec.schema.json");
    let generated = spec::schema();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, format!("{generated:#}\n")).unwrap();
    }
    let committed = std::fs::read(&path).unwrap_or_default();
    // As values, since the order of members depends on the features of the whole build.
    assert!(
        serde_json::from_slice::<Value>(&committed).ok() == Some(generated),
        "{} is not the schema of the types: run this test with UPDATE_SCHEMA=1 and commit the file",
        path.display()
    );
}

#[test]
fn specs_of_the_vectors_are_valid() {
    let validator = validator();
    for file in vectors::load() {
        for case in file.cases {
            if case.compile_error.is_some() {
                continue;
            }
            let spec: Value = serde_json::from_str(case.spec.get()).unwrap();
            if let Err(fault) = validator.validate(&spec) {
                panic!("{}: {}: {fault}", file.topic, case.name);
            }
        }
    }
}

/// What stands for a good test in the tables below.
const TEST: &str = r#"{"type": "header", "field": "A", "operator": "equals", "value": 1}"#;

/// Responses, and whether they are good.
const RESPONSES: &[(&str, bool)] = &[
    ("{}", true),
    (r#"{"statusCode": 200, "body": null, "x-mine": 1}"#, true),
    (r#"{"statusCode": 199}"#, false),
    (r#"{"statusCode": 600}"#, false),
    (r#"{"statusCode": "200"}"#, false),
    (r#"{"statusCode": null}"#, false),
    (r#"{"status_code": 200}"#, false),
    (r#"{"weight": -1}"#, false),
    (r#"{"weight": 1.5}"#, false),
    (r#"{"weight": 4294967296}"#, false),
    (r#"{"body": 1, "bodyBase64": "eA=="}"#, false),
    (r#"{"bodyBase64": "eA==", "bodyFile": "a"}"#, false),
    (r#"{"bodyBase64": "a*b?"}"#, false),
    (r#"{"bodyBase64": "eA=="}"#, true),
    (r#"{"headers": {"A": 1, "B": ["x", true]}}"#, true),
    (r#"{"headers": {"A": null}}"#, false),
    (r#"{"headers": {"A": []}}"#, false),
    (r#"{"headers": {"A b": "1"}}"#, false),
    (r#"{"headers": {"Content-Length": "1"}}"#, false),
    (r#"{"responseDelay": 100}"#, true),
    (r#"{"responseDelay": -1}"#, false),
    (r#"{"responseDelay": {"min": 1, "max": 2}}"#, true),
    (r#"{"responseDelay": {"min": 1}}"#, false),
    (
        r#"{"responseDelay": {"min": 1, "max": 2, "sigma": 1}}"#,
        false,
    ),
    (r#"{"responseDelay": {"median": 1.5, "sigma": -1}}"#, false),
    (
        r#"{"conditions": [TEST, {"any": [TEST, {"not": {"all": [TEST]}}]}]}"#,
        true,
    ),
    (r#"{"conditions": [{"any": []}]}"#, false),
    (
        r#"{"conditions": [{"any": [TEST], "type": "path"}]}"#,
        false,
    ),
    (
        r#"{"conditions": [{"type": "header", "operator": "exists"}]}"#,
        false,
    ),
    (
        r#"{"conditions": [{"type": "header", "field": "", "operator": "exists"}]}"#,
        false,
    ),
    (
        r#"{"conditions": [{"type": "body", "operator": "exists"}]}"#,
        true,
    ),
    (
        r#"{"conditions": [{"type": "body", "operator": "equals"}]}"#,
        false,
    ),
    (
        r#"{"conditions": [{"type": "body", "operator": "equals", "value": null}]}"#,
        true,
    ),
    (
        r#"{"conditions": [{"type": "body", "operator": "equalz", "value": 1}]}"#,
        false,
    ),
    (
        r#"{"conditions": [{"type": "headers", "operator": "exists"}]}"#,
        false,
    ),
    (r#"{"conditions": [{"operator": "exists"}]}"#, false),
];

/// Mocks.
const MOCKS: &[(&str, bool)] = &[
    (r#"{"path": "/a", "responses": []}"#, false),
    (r#"{"path": "/a"}"#, false),
    (r#"{"responses": [{}]}"#, false),
    (
        r#"{"path": "/a", "responses": [{}], "method": "post"}"#,
        false,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "method": "PROPFIND"}"#,
        true,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "method": "ANY", "priority": -7}"#,
        true,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "priority": 2147483648}"#,
        false,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "responseType": "yaml"}"#,
        false,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "isActive": null}"#,
        false,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "rateLimit": {"requests": 10, "per": "minute", "statusCode": 503, "x-why": 1}}"#,
        true,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "rateLimit": {"requests": 10000, "per": "90s"}}"#,
        true,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "rateLimit": {"requests": 10001, "per": "90s"}}"#,
        false,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "rateLimit": {"requests": 0, "per": "90s"}}"#,
        false,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "rateLimit": {"requests": 1, "per": "09s"}}"#,
        false,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "rateLimit": {"requests": 1, "per": 90}}"#,
        false,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "rateLimit": {"requests": 1}}"#,
        false,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "rateLimit": {"per": "day"}}"#,
        false,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "rateLimit": {"requests": 1, "per": "day", "statusCode": 399}}"#,
        false,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "rateLimit": {"requests": 1, "per": "day", "window": 1}}"#,
        false,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "prioritty": 1}"#,
        false,
    ),
    (
        r#"{"path": "/a", "responses": [{}], "$schema": "s"}"#,
        false,
    ),
];

/// Specs.
const SPECS: &[(&str, bool)] = &[
    (
        r#"{"name": "n", "mocks": [], "$schema": "s", "x-a": {}}"#,
        true,
    ),
    (r#"{"name": "n"}"#, false),
    (r#"{"mocks": []}"#, false),
    (r#"{"name": " ", "mocks": []}"#, false),
    (r#"{"name": "n", "mocks": [], "slug": "A"}"#, false),
    (r#"{"name": "n", "mocks": [], "slug": "a-1"}"#, true),
    (r#"{"name": "n", "mocks": [], "seed": -1}"#, false),
    ("[]", false),
];

#[test]
fn schema_and_decoder_agree() {
    let validator = validator();
    for (response, good) in RESPONSES {
        let mock = format!(r#"{{"path": "/a", "responses": [{response}]}}"#).replace("TEST", TEST);
        agree(
            &validator,
            &format!(r#"{{"name": "n", "mocks": [{mock}]}}"#),
            *good,
        );
    }
    for (mock, good) in MOCKS {
        agree(
            &validator,
            &format!(r#"{{"name": "n", "mocks": [{mock}]}}"#),
            *good,
        );
    }
    for (spec, good) in SPECS {
        agree(&validator, spec, *good);
    }
}

#[expect(clippy::expect_used)]
fn agree(validator: &Validator, text: &str, good: bool) {
    let instance: Value = serde_json::from_str(text).expect("the table holds JSON");
    assert_eq!(validator.is_valid(&instance), good, "the schema on {text}");
    let (decoded, _) = spec::read(text, Format::Json)
        .expect("the table holds JSON")
        .decode();
    assert_eq!(decoded.is_some(), good, "the decoder on {text}");
}

#[expect(clippy::expect_used)]
fn validator() -> Validator {
    jsonschema::validator_for(&spec::schema()).expect("the schema is one")
}
