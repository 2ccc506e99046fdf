//! What the regexes of a spec may weigh together, wherever they stand.
#![cfg(all(feature = "json-schema", feature = "jsonpath"))]

use mockbird_core::fault::Fault;
use mockbird_core::{Batch, Edit, Engine, Invalid, MockKey, ReadError};
use serde_json::{Value, json};

use crate::host::read;
use crate::pool::decoded;

/// Weighs a mebibyte, and is compiled in no time.
const LARGE: &str = "a{9999}";

fn tested(test: &Value) -> Value {
    json!({"path": "/a", "responses": [{"conditions": [test]}]})
}

fn regex(pattern: &str) -> Value {
    tested(&json!({"type": "body", "operator": "regex", "value": pattern}))
}

fn schema(schema: &Value) -> Value {
    tested(&json!({"type": "body", "operator": "schema", "value": schema}))
}

fn compile(mocks: &[Value]) -> Result<Engine, ReadError> {
    read(&json!({"name": "n", "mocks": mocks})).map(|compiled| compiled.engine)
}

fn only_fault(invalid: &Invalid) -> &Fault {
    assert_eq!(invalid.faults.len(), 1, "{invalid}");
    let fault = &invalid.faults[0];
    let message = "with this one, the regexes of the spec take more than 128 MiB";
    assert_eq!(fault.message, message);
    assert!(fault.hint.contains("`[0-9]` for `\\d`"), "{}", fault.hint);
    fault
}

/// Where the first regex beyond the budget stands.
fn place_beyond(mocks: &[Value]) -> String {
    match compile(mocks) {
        Err(ReadError::Invalid(invalid)) => only_fault(&invalid).at.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn thousands_of_large_ones_are_refused_wherever_they_stand() {
    let path = format!("$[?match(@.a, '{LARGE}')]");
    let template = format!("{{{{ request.body | jsonPath(\"{path}\") }}}}");
    let constraints = [0, 1, 2, 3]
        .map(|n| format!("/{{a{n}:b{{1900}}}}"))
        .concat();
    for (mock, place) in [
        (regex(LARGE), "responses[0].conditions[0].value"),
        (
            tested(&json!({"any": [{"type": "body", "field": path, "operator": "exists"}]})),
            "responses[0].conditions[0].any[0].field",
        ),
        (
            schema(&json!({"properties": {"a": {"pattern": LARGE}}})),
            "responses[0].conditions[0].value",
        ),
        (
            schema(&json!({"$defs": {"a": {"patternProperties": {LARGE: {}}}}})),
            "responses[0].conditions[0].value",
        ),
        (
            json!({"path": constraints, "responses": [{"body": "b"}]}),
            "path",
        ),
        (
            json!({"path": "/a", "responses": [{"body": template}]}),
            "responses[0].body",
        ),
        (
            json!({"path": "/a", "responses": [{"body": {"b": [template]}}]}),
            "responses[0].body.b[0]",
        ),
        (
            json!({"path": "/a", "responses": [{"headers": {"x-a": template}, "body": "b"}]}),
            "responses[0].headers.x-a",
        ),
    ] {
        let at = place_beyond(&vec![mock; 2_000]);
        let (index, rest) = at.split_once("].").unwrap();
        assert_eq!(rest, place);
        let index: usize = index.strip_prefix("mocks[").unwrap().parse().unwrap();
        assert!((120..=140).contains(&index), "{at}");
    }
}

#[test]
fn thousands_of_small_ones_are_taken() {
    let mocks = (0..1_000).flat_map(|n| {
        let pattern = format!("^[a-z]+-{n}$");
        [
            regex(&pattern),
            schema(&json!({"properties": {"a": {"pattern": pattern}, "b": {"pattern": r"^\w+$"}}})),
            json!({"path": format!("/{n}/{{id:[0-9]+}}"), "responses": [{"body": "b"}]}),
        ]
    });
    assert_eq!(compile(&mocks.collect::<Vec<_>>()).unwrap().len(), 3_000);
}

#[test]
fn a_schema_compiles_equal_patterns_once() {
    let properties: serde_json::Map<_, _> = (0..300)
        .map(|n| (n.to_string(), json!({"pattern": LARGE})))
        .collect();
    assert!(compile(&[schema(&json!({"properties": properties}))]).is_ok());
}

#[test]
fn edits_add_to_what_is_there() {
    let put = |key| Edit::Put {
        key: MockKey(key),
        order: 0,
        mock: decoded(&regex(LARGE)),
    };
    let mut engine = compile(&vec![regex(LARGE); 100]).unwrap();
    // Replacing adds nothing, however often.
    for _ in 0..3 {
        let edits: Vec<_> = (0..50).map(put).collect();
        engine = engine.with(&edits).unwrap().engine;
    }
    let edits: Vec<_> = (100..128).map(put).collect();
    engine = engine.with(&edits).unwrap().engine;
    let refused = engine.with(&[put(7), put(1_000)]).unwrap_err();
    let at = "edits[1].responses[0].conditions[0].value";
    assert_eq!(only_fault(&refused).at, at);
    // What goes makes room, in the same call and for later ones.
    let moved = engine
        .with(&[Edit::Remove(MockKey(3)), put(1_000)])
        .unwrap();
    let emptied = moved.engine.with(&[Edit::Remove(MockKey(4))]).unwrap();
    assert!(emptied.engine.with(&[put(1_001)]).is_ok());
}

#[test]
fn a_batch_weighs_what_is_not_in_the_index_yet() {
    let put = |key| Edit::Put {
        key: MockKey(key),
        order: 0,
        mock: decoded(&regex(LARGE)),
    };
    let mut batch = Batch::from(compile(&vec![regex(LARGE); 100]).unwrap());
    for key in 100..128 {
        batch.stage(&[put(key)]).unwrap().keep();
    }
    assert!(batch.stage(&[put(128)]).is_err());
    // What goes makes room, and replacing adds nothing.
    batch.stage(&[Edit::Remove(MockKey(3))]).unwrap().keep();
    batch.stage(&[put(128)]).unwrap().keep();
    batch.stage(&[put(128)]).unwrap().keep();
    batch.apply();
    assert!(batch.stage(&[put(129)]).is_err());
}

#[test]
fn a_text_that_no_regex_can_be_made_of_is_not_parsed() {
    let long = r"\w".repeat(1 << 20);
    let path = format!("$[?match(@.a, '{}')]", "a".repeat(20_000));
    let template = format!("{{{{ request.body | jsonPath(\"{path}\") }}}}");
    for mock in [
        regex(&long),
        schema(&json!({"pattern": long})),
        json!({"path": "/a", "responses": [{"body": template}]}),
    ] {
        let Err(ReadError::Invalid(invalid)) = compile(&[mock]) else {
            panic!("taken");
        };
        assert!(invalid.faults[0].message.contains("too large"), "{invalid}");
    }
}

#[test]
fn all_faults_of_a_template_are_told_before_it_is_charged() {
    let large = format!("{{{{ request.body | jsonPath(\"$[?match(@.a, '{LARGE}')]\") }}}}");
    let body = format!("{large}{{{{ 1 + }}}}{{{{ 1 | oops }}}}");
    let mut mocks = vec![json!({"path": "/a", "responses": [{"body": body}]})];
    mocks.push(json!({"path": "/a", "responses": [{"body": {"b": body}}]}));
    let Err(ReadError::Invalid(invalid)) = compile(&mocks) else {
        panic!("taken");
    };
    let places: Vec<_> = invalid.faults.iter().map(|fault| &*fault.at).collect();
    let (text, json) = ("mocks[0].responses[0].body", "mocks[1].responses[0].body.b");
    assert_eq!(places, [text, text, json, json]);
}

#[test]
fn the_regexes_of_one_path_or_template_are_bounded_too() {
    let twice = format!("$[?match(@.a, '{LARGE}') || match(@.b, '{LARGE}')]");
    let once = format!("{{{{ request.body | jsonPath(\"$[?match(@.a, '{LARGE}')]\") }}}}");
    for mock in [
        tested(&json!({"type": "body", "field": twice, "operator": "exists"})),
        json!({"path": "/a", "responses": [{"body": once.repeat(9)}]}),
        json!({"path": "/a", "responses": [{"body": format!("{{% if 1 %}}{}", once.repeat(9))}]}),
    ] {
        let Err(ReadError::Invalid(invalid)) = compile(&[mock]) else {
            panic!("taken");
        };
        // What follows is not compiled to look for more.
        assert_eq!(invalid.faults.len(), 1, "{invalid}");
        let message = &invalid.faults[0].message;
        assert!(
            message.contains("take more than 1048576 bytes"),
            "{message}"
        );
    }
}

fn faults(mocks: &[Value]) -> Vec<Fault> {
    match compile(mocks) {
        Err(ReadError::Invalid(invalid)) => invalid.faults,
        other => panic!("{other:?}"),
    }
}

fn at_path(path: &str) -> Value {
    json!({"path": path, "responses": [{"body": "b"}]})
}

/// Refused ones count too: after so many the others are not looked at.
#[test]
fn refused_ones_are_charged() {
    let jsonpath = format!("$[?match(@.a, '{LARGE}')");
    let template = format!("{{{{ request.body | jsonPath(\"{jsonpath}\") }}}}");
    let templated = |body: Value| json!({"path": "/a", "responses": [{"body": body}]});
    for mock in [
        at_path(r"/p/{a:\w{99}}"),
        at_path(r"/p/{a:\w{99}}-{b}"),
        tested(&json!({"type": "body", "field": jsonpath, "operator": "exists"})),
        templated(json!(template)),
        templated(json!({"a": template})),
    ] {
        let faults = faults(&vec![mock; 500]);
        assert!((100..140).contains(&faults.len()), "{}", faults.len());
        let beyond = &faults[faults.len() - 1].message;
        assert!(beyond.contains("more than 128 MiB"), "{beyond}");
    }
}

#[test]
fn a_constraint_that_cannot_fit_is_not_compiled() {
    let parameters: Vec<_> = (0..64).map(|n| format!(r"{{a{n}:\w\w}}")).collect();
    for path in [
        format!("/p/{{a:{}}}", r"\w".repeat(4_000)),
        format!("/p/{{a:{}}}", r"\w".repeat(2_000)),
        format!("/p/{{a:{}}}", r"(\w|x)".repeat(500)),
        format!("/p/v{{a:{}}}", r"\w".repeat(2_000)),
        format!("/v{}", parameters.join("-")),
    ] {
        let faults = faults(&[at_path(&path)]);
        assert!(
            faults[0].message.ends_with("it is too large"),
            "{}",
            faults[0]
        );
    }
}

#[test]
fn any_character_weighs_what_it_takes() {
    let mocks: Vec<_> = (0..1_000)
        .map(|n| regex(&format!("(?s:.){{400}}{n}")))
        .collect();
    let at = place_beyond(&mocks);
    let index = at.trim_start_matches("mocks[").split(']').next().unwrap();
    assert!(
        (300..400).contains(&index.parse::<usize>().unwrap()),
        "{at}"
    );
}
