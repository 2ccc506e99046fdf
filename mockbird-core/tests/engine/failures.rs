//! Templates that fail: the error says where, and nothing else goes wrong.

use mockbird_core::{AnswerSource, Request};
use serde_json::{Value, json};

use crate::host::{Host, header_map, line_of};

fn error(response: Value) -> Value {
    let host =
        Host::of_mocks(json!([{"name": "Birds", "path": "/birds", "responses": [response]}]));
    let reply = host.send("GET /birds?n=x");
    assert_eq!(reply.status, 500);
    assert_eq!(reply.header("content-type"), "application/json");
    reply.json()
}

#[test]
fn the_place_is_named() {
    for (response, wanted) in [
        (
            json!({"name": "found", "body": "line one\n  {{ request.query.n | int }}"}),
            &[
                "mock `Birds`",
                "responses[0] `found`",
                "body",
                "line 2, column 24",
            ][..],
        ),
        (
            json!({"body": {"a": [1, "{{ 1 // 0 }}"]}}),
            &["responses[0], body", "line 1, column"],
        ),
        (
            json!({"headers": {"X-Total": "{{ 1 // 0 }}"}, "body": "x"}),
            &["responses[0], headers.x-total", "line 1, column"],
        ),
    ] {
        let error = error(response.clone());
        assert_eq!(error["error"], "TEMPLATE_ERROR");
        assert_eq!(error["documentation_url"], "/docs/errors#TEMPLATE_ERROR");
        let message = error["message"].as_str().unwrap();
        for part in wanted {
            assert!(message.contains(part), "{part} in: {message} ({response})");
        }
    }
}

#[test]
fn bounds_are_named() {
    for body in [
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{% set n = namespace(s='x') %}{% for i in range(60) %}{% set n.s = n.s ~ n.s %}{% endfor %}{{ n.s }}",
        "{{ range(10000000) }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    ] {
        let error = error(json!({"body": body}));
        assert_eq!(error["error"], "TEMPLATE_LIMIT", "{body}: {error}");
    }
}

#[test]
fn the_host_is_told_too() {
    let host = Host::of_mocks(
        json!([{"name": "Birds", "path": "/birds", "responses": [{"body": "{{ 1 // 0 }}"}]}]),
    );
    let headers = header_map(&[]);
    let (method, target) = line_of("GET /birds");
    let request = Request::new(&method, target, &headers, b"");
    let answer = host.engine.answer(&request, &host.env());
    let AnswerSource::Failed(mock, _, text) = answer.source else {
        panic!("{answer:?}")
    };
    assert_eq!(mock.name(), "Birds");
    assert!(
        text.starts_with("mock `Birds`, responses[0], body, "),
        "{text}"
    );
}

#[test]
fn names_are_harmless_in_json() {
    let name = "a\"b\u{1}\u{2028}</script>";
    let host = Host::of_mocks(
        json!([{"name": name, "path": "/", "responses": [{"body": "{{ 1 // 0 }}"}]}]),
    );
    let message = host.send("GET /").json()["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(message.contains(name), "{message}");
}
