//! What compiles but is probably a slip is warned of; what is meant is not.

use serde_json::{Value, json};

use crate::host::Host;

/// The warnings of one mock, one a line.
fn warnings(mut mock: Value) -> String {
    mock["path"] = "/a".into();
    let warnings = Host::of_mocks(json!([mock])).warnings;
    let lines: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    lines.join("\n").replace("mocks[0].", "")
}

fn of_body(response_type: Option<&str>, response: Value) -> Value {
    let mut mock = json!({ "responses": [response] });
    if let Some(kind) = response_type {
        mock["responseType"] = kind.into();
    }
    mock
}

#[test]
fn bodies_that_count_as_json() {
    let found = [
        (None, json!({"body": "{{ request.query.q }}, hello"})),
        (None, json!({"body": "\n {% if true %}yes{% endif %}"})),
        (None, json!({"body": "[draft] hello"})),
        (None, json!({"body": "{\n  \"a\": 1,\n}"})),
        (None, json!({"body": "{ {{ a }", "template": false})),
        (Some("json"), json!({"body": "hello"})),
        (
            Some("json"),
            json!({"body": "hello", "headers": {"content-type": "application/problem+json"}}),
        ),
    ]
    .map(|(kind, response)| warnings(of_body(kind, response)));
    insta::assert_snapshot!(found.join("\n"), @r##"
    responses[0].body: the body counts as JSON because it begins with `{`, so values are written as JSON (say `responseType: text` (or `json`) on the mock)
    responses[0].body: the body counts as JSON because it begins with `{`, so values are written as JSON (say `responseType: text` (or `json`) on the mock)
    responses[0].body: the body counts as JSON because it begins with `[`, and is none: expected a JSON value at line 1, column 2 in the text (say `responseType: text` on the mock, or mend it)
    responses[0].body: the body counts as JSON because it begins with `{`, and is none: expected a key in double quotes at line 3, column 1 in the text (say `responseType: text` on the mock, or mend it)
    responses[0].body: the body counts as JSON because it begins with `{`, and is none: expected a key in double quotes at line 1, column 3 in the text (say `responseType: text` on the mock, or mend it)
    responses[0].body: the body is no JSON, though `responseType` says so: expected a JSON value at line 1, column 1 in the text (mend it, or change the `responseType`)
    responses[0].body: the body is no JSON, though `responseType` says so: expected a JSON value at line 1, column 1 in the text (mend it, or change the `responseType`)
    "##);
}

#[test]
fn bodies_that_are_meant_so() {
    for (kind, response) in [
        (None, json!({"body": r#"{"a": {{ request.query.a }}}"#})),
        (None, json!({"body": "[{{ request.query.a }}]"})),
        (None, json!({"body": r#"{"a": 1}"#})),
        (None, json!({"body": "hello {{ request.query.a }}"})),
        (None, json!({"body": "[a", "statusCode": 204})),
        (
            None,
            json!({"body": "{{ 1 }}", "headers": {"content-type": "text/csv"}}),
        ),
        (
            None,
            json!({"body": "[a", "headers": {"content-type": "{{ 'text/csv' }}"}}),
        ),
        (
            Some("json"),
            json!({"body": "[a", "headers": {"content-type": "text/csv"}}),
        ),
        (Some("json"), json!({"body": "{{ request.body }}"})),
        (Some("json"), json!({"body": "7"})),
        (Some("json"), json!({"body": ""})),
        (Some("text"), json!({"body": "{{ 1 }}"})),
        (Some("xml"), json!({"body": "[a"})),
    ] {
        let found = warnings(of_body(kind, response.clone()));
        let found = found.replace(
            "responses[0]: a reply with status 204 has no body: this one is dropped (remove the body or change the status)",
            "",
        );
        assert_eq!(found, "", "{kind:?} {response}");
    }
}

#[test]
fn responses_that_never_answer() {
    let gold =
        json!([{"type": "header", "field": "X-Tier", "operator": "equals", "value": "gold"}]);
    let found = [
        json!([{}, {}, {}]),
        json!([{}, {"conditions": gold}, {"isDefault": true}]),
        json!([{"weight": 0}, {"conditions": gold}, {"weight": 0}]),
    ]
    .map(|responses| warnings(json!({ "responses": responses })));
    insta::assert_snapshot!(found.join("\n\n"), @r##"
    responses[1]: this can never answer: responses[0] has no conditions either, and always goes first (give it conditions, or weights to both, or delete it)
    responses[2]: this can never answer: responses[0] has no conditions either, and always goes first (give it conditions, or weights to both, or delete it)

    responses[0]: this can never answer: responses[2] has no conditions either, and always goes first (give it conditions, or weights to both, or delete it)

    responses: all weights are 0, which is as if there were none: the default answers, or else the first (give a weight above 0 to each that is to be drawn)
    "##);
    for responses in [
        json!([{}]),
        json!([{"weight": 0}]),
        json!([{}, {"weight": 1}]),
        json!([{}, {"weight": 0}]),
        json!([{"weight": 1}, {"weight": 2}]),
        json!([{"conditions": gold}, {}]),
        json!([{"conditions": gold}, {"conditions": gold, "isDefault": true}]),
        json!([{}, {"conditions": gold, "isDefault": true}]),
    ] {
        let found = warnings(json!({ "responses": responses }));
        assert_eq!(found, "", "{responses}");
    }
}
