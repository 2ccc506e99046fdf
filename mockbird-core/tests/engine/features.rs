//! A spec that needs a part which this build lacks is refused, by the name of the part.

use crate::host::read;
use serde_json::json;

fn message(response: &serde_json::Value) -> String {
    let spec = json!({"name": "n", "mocks": [{"path": "/a", "responses": [response]}]});
    match read(&spec) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn needs(feature: &str, present: bool, response: serde_json::Value) {
    let message = message(&response);
    if present {
        assert_eq!(message, "accepted", "{feature}");
    } else {
        assert!(
            message.contains(&format!("`{feature}`")),
            "{feature}: {message}"
        );
        assert!(message.contains("feature"), "{feature}: {message}");
    }
}

fn condition(condition: serde_json::Value) -> serde_json::Value {
    json!({"conditions": [condition]})
}

#[test]
fn a_missing_part_is_named() {
    needs(
        "fake",
        cfg!(feature = "fake"),
        json!({"body": "{{ fake.name() }}"}),
    );
    needs(
        "json-schema",
        cfg!(feature = "json-schema"),
        condition(json!({"type": "body", "operator": "schema", "value": {"type": "object"}})),
    );
    needs(
        "jsonpath",
        cfg!(feature = "jsonpath"),
        condition(json!({"type": "body", "field": "$..id", "operator": "exists"})),
    );
    needs(
        "jsonpath",
        cfg!(feature = "jsonpath"),
        json!({"body": "{{ request.body | jsonPath('$..id') }}"}),
    );
    needs(
        "xpath",
        cfg!(feature = "xpath"),
        condition(json!({"type": "body", "field": "/a/b", "operator": "exists"})),
    );
}

#[test]
fn yaml_is_a_part() {
    use mockbird_core::{Engine, spec::Format};
    let read = Engine::read("name: n\nmocks: []", Format::Yaml);
    let refused = read.err().map(|error| error.to_string());
    assert_eq!(refused.is_none(), cfg!(feature = "yaml"));
    assert!(
        refused.is_none_or(|text| text.contains("feature `yaml`")),
        "the part is named"
    );
}

#[test]
fn without_compression_replies_go_as_they_are() {
    let host = crate::host::Host::of_mocks(json!([
        {"path": "/large", "responses": [{"body": "mock ".repeat(1000)}]},
    ]));
    let reply = host.send_with("GET /large", &[("accept-encoding", "gzip")], b"");
    let compresses = cfg!(feature = "compression");
    assert_eq!(reply.header("content-encoding") == "gzip", compresses);
    assert_eq!(reply.header("vary") == "accept-encoding", compresses);
    assert_eq!(reply.body.len() < 5000, compresses);
}
