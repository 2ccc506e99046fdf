//! Every fault of a spec says how to mend it.

use mockbird_core::ReadError;
use serde_json::{Value, json};

use crate::host::{Host, read};

/// The faults of a spec, errors before warnings.
fn told(spec: &Value) -> Vec<mockbird_core::fault::Fault> {
    match read(spec) {
        Ok(compiled) => compiled.warnings,
        Err(ReadError::Invalid(invalid)) => [invalid.faults, invalid.warnings].concat(),
        Err(other) => panic!("{spec}: {other}"),
    }
}

fn of_mock(members: Value) -> Value {
    let mut mock = json!({"path": "/a/{id}", "responses": [{}]});
    for (key, value) in members.as_object().unwrap() {
        mock[key] = value.clone();
    }
    json!({"name": "n", "mocks": [mock]})
}

fn of_response(response: Value) -> Value {
    of_mock(json!({ "responses": [response] }))
}

fn of_condition(condition: Value) -> Value {
    of_response(json!({ "conditions": [condition] }))
}

fn of_value(operator: &str, value: Value) -> Value {
    of_condition(json!({"type": "query", "field": "q", "operator": operator, "value": value}))
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn broken_specs() -> Vec<Value> {
    let mut all = vec![
        json!([]),
        json!({}),
        json!({"name": "", "mocks": []}),
        json!({"name": "n", "mocks": {}}),
        json!({"name": 1, "mocks": [1], "slug": "A B", "cors": "x", "seed": -1, "isPublic": 1, "description": []}),
        json!({"name": "n", "mocks": [{}], "oops": 1}),
    ];
    all.extend(
        [
            json!({"path": ""}),
            json!({"path": "a"}),
            json!({"path": "/a?b"}),
            json!({"path": "/a#b"}),
            json!({"path": "http://a.b/c"}),
            json!({"path": "/{"}),
            json!({"path": "/}"}),
            json!({"path": "/{}"}),
            json!({"path": "/{a}{b}"}),
            json!({"path": "/{a}/{a}"}),
            json!({"path": "/{*a}/b"}),
            json!({"path": "/{a:[}"}),
            json!({"path": "/{a:(?=b)}"}),
            json!({"path": "/{a:(b)\\1}"}),
            json!({"path": "/{a:}"}),
            json!({"path": "/{1a}"}),
            json!({"path": "/{a b}"}),
            json!({"path": "/x".repeat(300)}),
            json!({"path": "/".repeat(9000)}),
            json!({"path": (0..70).map(|i| format!("/{{p{i}}}")).collect::<Vec<_>>().concat()}),
            json!({"method": "get"}),
            json!({"method": "G T"}),
            json!({"method": 1}),
            json!({"method": ""}),
            json!({"priority": 1e30}),
            json!({"priority": "high"}),
            json!({"responseType": "yaml"}),
            json!({"isActive": 1}),
            json!({"responseDelay": "200ms"}),
            json!({"responseDelay": -1}),
            json!({"responseDelay": {"min": 2, "max": 1}}),
            json!({"responseDelay": {"min": 2}}),
            json!({"responseDelay": {"median": 1, "sigma": 99}}),
            json!({"responseDelay": true}),
            json!({"rateLimit": 10}),
            json!({"rateLimit": {}}),
            json!({"rateLimit": {"requests": 0, "per": "32d", "statusCode": 200}}),
            json!({"rateLimit": {"requests": 10_001, "per": 60, "statusCode": 600}}),
            json!({"rateLimit": {"requests": 1.5, "per": null}}),
            json!({"rateLimit": {"requests": "10", "per": "minutes"}}),
            json!({"rateLimit": {"requests": 1, "per": "1 m"}}),
            json!({"rateLimit": {"limit": 1, "per": "1m"}}),
            json!({"requests": 1, "per": "1m"}),
            json!({"responses": []}),
            json!({"responses": {}}),
            json!({"responses": [1]}),
            json!({"responses": [{"isDefault": true}, {"isDefault": true}]}),
        ]
        .map(of_mock),
    );
    all.extend(
        [
            json!({"statusCode": 100}), json!({"statusCode": 600}), json!({"statusCode": 200.5}), json!({"statusCode": "OK"}),
            json!({"weight": -1}), json!({"weight": 1e12}), json!({"weight": 0.5}), json!({"weight": "70%"}),
            json!({"body": "x", "bodyBase64": "eA=="}), json!({"bodyBase64": "*"}), json!({"bodyBase64": 1}),
            json!({"bodyFile": ""}), json!({"bodyFile": "a.json"}), json!({"statusCode": 204, "body": "x"}),
            json!({"headers": []}), json!({"headers": {"a b": "c"}}), json!({"headers": {"a": []}}), json!({"headers": {"a": null}}),
            json!({"headers": {"a": "b\nc"}}), json!({"headers": {"Content-Length": "1"}}), json!({"headers": {"a": "{{ x"}}),
            json!({"headers": {"a": "b".repeat(40_000)}}), json!({"conditions": {}}), json!({"conditions": [1]}),
            json!({"template": 1}), json!({"status": 200}), json!({"body": "{{ (1 }}"}), json!({"body": {"a": "{{ 1 | nosuch }}"}}),
            json!({"body": "{{ nosuch() }}{{ 1 is nosuch }}{% nosuch %}{{ fake.nosuch() }}{{ x.y() }}{{ a[] }}{{ £ }}"}),
            json!({"body": "{% if a %}"}), json!({"body": "{% break %}"}), json!({"body": "{{ 'a }}"}), json!({"body": "{# a {{"}),
            json!({"body": "{% raw %}{{"}), json!({"body": "{{ x | date('%!') }}"}), json!({"body": "{{ x | jsonPath('a') }}"}),
            json!({"body": "{% include 'a' %}"}), json!({"body": "{{ f(a=1, 2) }}"}), json!({"body": "{% call a %}{% endcall %}"}),
            json!({"body": "{% macro f(a, a) %}{% endmacro %}"}), json!({"body": "{% set true = 1 %}"}), json!({"body": "{{ 0b2 }}"}),
            json!({"body": "{{ a ? b }}"}), json!({"body": format!("{{{{ {}1{} }}}}", "(".repeat(200), ")".repeat(200))}),
            json!({"body": "{{ now }}{{ userId }}{{ request.paht }}{{ request.params.idd }}"}), json!({"body": "{{ '\\ud800' }}"}),
            json!({"body": "{{ request.body | jsonPath(\"$[?match(@.a, 'a{9999}')]\") }}".repeat(2)}),
            json!({"body": "{{ a not b }}{{ a. }}{{ [1, }}{{ {1 2} }}{{ a | }}{{ a is }}{{ 1 + }}{% for a %}{% set %}"}),
        ]
        .map(of_response),
    );
    all.extend(
        [
            json!({}),
            json!({"type": "header"}),
            json!({"type": "header", "operator": "exists"}),
            json!({"type": "x", "operator": "y"}),
            json!({"type": "header", "field": "a b", "operator": "exists"}),
            json!({"type": "query", "field": "", "operator": "exists"}),
            json!({"type": "cookie", "operator": "equals", "field": "a"}),
            json!({"any": []}),
            json!({"any": [], "all": []}),
            json!({"not": []}),
            json!({"any": {}}),
            json!({"type": "method", "field": "x", "operator": "equals", "value": "get"}),
            json!({"type": "path", "field": "idd", "operator": "equals", "value": "x"}),
            json!({"not": {"type": "path", "field": "zzz", "operator": "exists"}}),
            json!({"type": "body", "field": "$.[", "operator": "exists"}),
            json!({"type": "body", "field": "/a[", "operator": "exists"}),
            json!({"type": "body", "field": "$[?search(@, '(?=a)')]", "operator": "exists"}),
            json!({"type": "body", "field": "/a", "operator": "exists", "any": []}),
            json!({"type": "query", "field": 1, "operator": "exists"}),
        ]
        .map(of_condition),
    );
    all.extend(
        [
            ("regex", json!("(?=a)")),
            ("regex", json!("(?<!a)b")),
            ("regex", json!("(a)\\1")),
            ("regex", json!("(a")),
            ("regex", json!("a)")),
            ("regex", json!("[a")),
            ("regex", json!("*a")),
            ("regex", json!("\\y")),
            ("regex", json!("(\\w{500}){500}")),
            ("regex", json!("a".repeat(20_000))),
            ("regex", json!("a{2,1}")),
            ("regex", json!("(".repeat(200) + &")".repeat(200))),
            ("regex", json!("\\p{Nope}")),
            ("regex", json!(1)),
            ("regex", json!("(?z)")),
            ("greaterThan", json!("soon")),
            ("greaterThan", json!([])),
            ("startsWith", json!(1)),
            ("schema", json!(1)),
            ("schema", json!({"type": "nope"})),
            ("schema", json!({"$ref": "http://a.b/c"})),
            ("schema", json!({"pattern": "(?=a)"})),
            ("schema", json!({"$ref": "#/nope"})),
        ]
        .map(|(operator, value)| of_value(operator, value)),
    );
    all
}

/// `expected a, found b` and `use a` say what to write.
fn says_what_to_write(message: &str) -> bool {
    message.contains("expected ") || message.contains(": use `")
}

#[test]
fn every_fault_has_a_remedy() {
    let mut without = Vec::new();
    for spec in broken_specs() {
        let told = told(&spec);
        assert!(!told.is_empty(), "{spec}");
        without.extend(
            told.into_iter()
                .filter(|fault| fault.hint.is_empty() && !says_what_to_write(&fault.message))
                .map(|fault| fault.to_string()),
        );
    }
    assert!(without.is_empty(), "{}", without.join("\n"));
}

#[test]
fn remedies_that_were_missing() {
    let one = |spec: Value| {
        told(&spec)
            .iter()
            .map(|fault| fault.to_string().replace("mocks[0].responses[0].", ""))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let regexes = [
        "(?=a)",
        "x(?<!a)b",
        "(a)\\1",
        "a\n(b",
        "a)",
        "[a",
        "*a",
        "\\y",
        "(\\w{500}){500}",
    ]
    .map(|regex| one(of_value("regex", json!(regex))));
    insta::assert_snapshot!(regexes.join("\n"), @r##"
    conditions[0].value: not a regex: look-around, including look-ahead and look-behind, is not supported at column 1 (matching takes linear time, so there is no look-ahead and no look-behind: use a second condition, with `negate` for what must not be there)
    conditions[0].value: not a regex: look-around, including look-ahead and look-behind, is not supported at column 2 (matching takes linear time, so there is no look-ahead and no look-behind: use a second condition, with `negate` for what must not be there)
    conditions[0].value: not a regex: backreferences are not supported at column 4 (matching takes linear time, so there are no back-references: write out the alternatives)
    conditions[0].value: not a regex: unclosed group at line 2, column 1 (close it with `)`, or write `\(` for the character)
    conditions[0].value: not a regex: unopened group at column 2 (open it with `(`, or write `\)` for the character)
    conditions[0].value: not a regex: unclosed character class at column 1 (close it with `]`, or write `\[` for the character)
    conditions[0].value: not a regex: repetition operator missing expression at column 1 (nothing stands before it to be repeated: write `\*`, `\+` or `\?` for the character)
    conditions[0].value: not a regex: unrecognized escape sequence at column 1 (write `\\` for a backslash)
    conditions[0].value: the regex is too large: compiled, it takes more than 1048576 bytes (repeat less: `{1000}` makes a thousand copies)
    "##);
    let delays = ["200ms", "2s", "1.5 s", "soon", "999999999999999999999s"]
        .map(|delay| one(of_mock(json!({"responseDelay": delay}))));
    insta::assert_snapshot!(delays.join("\n"), @r##"
    mocks[0].responseDelay: expected milliseconds as a number, found `200ms` (write `200`, without quotes and unit)
    mocks[0].responseDelay: expected milliseconds as a number, found `2s` (write `2000`, without quotes and unit)
    mocks[0].responseDelay: expected milliseconds as a number, found `1.5 s` (write a number, such as `200`, or `{min: 100, max: 400}`)
    mocks[0].responseDelay: expected milliseconds as a number, found `soon` (write a number, such as `200`, or `{min: 100, max: 400}`)
    mocks[0].responseDelay: expected milliseconds as a number, found `999999999999999999999s` (write a number, such as `200`, or `{min: 100, max: 400}`)
    "##);
    let weights = [json!(-1), json!(1e12), json!(0.5), json!("70%")]
        .map(|weight| one(of_response(json!({"weight": weight}))));
    insta::assert_snapshot!(weights.join("\n"), @r##"
    weight: expected a whole number from 0 to 4294967295, found `-1` (0 is the least)
    weight: expected a whole number from 0 to 4294967295, found `1000000000000.0` (4294967295 is the most)
    weight: expected a whole number from 0 to 4294967295, found `0.5` (leave out the fraction)
    weight: expected a whole number, found a string (write digits only, without a unit)
    "##);
    let conditions = [
        json!({"type": "method", "operator": "equals", "value": "get"}),
        json!({"type": "path", "field": "idd", "operator": "equals", "value": "x"}),
        json!({"any": [{"not": {"type": "path", "field": "zzz", "operator": "exists", "negate": true}}]}),
    ]
    .map(|condition| one(of_condition(condition)));
    insta::assert_snapshot!(conditions.join("\n"), @r##"
    conditions[0].value: no request has the method `get` (write `GET`)
    conditions[0].field: the mock's path has no parameter `idd`, so this never passes (did you mean `id`?)
    conditions[0].any[0].not.field: the mock's path has no parameter `zzz`, so this always passes (the path has `id`)
    "##);
}

/// What may be meant is not warned of.
#[test]
fn sound_conditions_are_not_warned_of() {
    for condition in [
        json!({"type": "method", "operator": "equals", "value": "GET"}),
        json!({"type": "method", "operator": "equals", "value": "get", "caseInsensitive": true}),
        json!({"type": "method", "operator": "equals", "value": "purge"}),
        json!({"type": "path", "field": "id", "operator": "equals", "value": "x"}),
        json!({"type": "path", "operator": "equals", "value": "x"}),
        json!({"type": "query", "field": "idd", "operator": "equals", "value": "x"}),
    ] {
        let spec = of_condition(condition);
        assert!(Host::new(&spec).warnings.is_empty(), "{spec}");
    }
}
