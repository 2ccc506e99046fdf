//! What every host does alike: validators, CORS, `HEAD`, statuses without a body, error pages.

use mockbird_core::{ErrorCode, Outcome};
use serde_json::{Value, json};

use crate::host::{Host, header_map, line_of};

fn birds() -> Host {
    Host::of_mocks(json!([
        {"path": "/static", "responses": [{"body": {"a": 1}}]},
        {"path": "/template", "responses": [{"body": {"a": "{{ request.query.a }}"}}]},
        {"path": "/created", "responses": [{"statusCode": 201, "body": "x"}]},
        {"path": "/empty", "responses": [{}]},
        {"path": "/own", "responses": [{"headers": {"ETag": "\"a,b\""}, "body": "x"}]},
        {"path": "/weak", "responses": [{"headers": {"ETag": "W/\"v1\""}, "body": "x"}]},
        {"path": "/rendered", "responses": [{"headers": {"ETag": "\"{{ request.query.v }}\""}, "body": "x"}]},
        {"method": "POST", "path": "/static", "responses": [{"body": {"a": 1}}]},
        {"method": "DELETE", "path": "/static", "responses": [{"statusCode": 204}]},
        {"path": "/failing", "responses": [{"body": "{{ 1 // 0 }}"}]},
    ]))
}

#[test]
fn validators_where_the_body_is_known() {
    let host = birds();
    for (line, has) in [
        ("GET /static", true),
        ("HEAD /static", true),
        ("POST /static", false),
        ("GET /template", false),
        ("GET /created", false),
        ("GET /empty", false),
        ("GET /nothing", false),
    ] {
        assert_eq!(!host.send(line).header("etag").is_empty(), has, "{line}");
    }
    assert_eq!(host.send("GET /own").header("etag"), "\"a,b\"");
    assert_eq!(host.send("GET /rendered?v=7").header("etag"), "\"7\"");
}

#[test]
fn equal_bodies_have_equal_tags() {
    let tag = |body: Value| {
        Host::of_mocks(json!([{"path": "/", "responses": [{"body": body}]}]))
            .send("GET /")
            .header("etag")
    };
    assert_eq!(tag(json!("a")), tag(json!("a")));
    assert_ne!(tag(json!("a")), tag(json!("b")));
}

#[test]
fn not_modified() {
    let host = birds();
    let tag = &host.send("GET /static").header("etag");
    let weak = &format!("W/{tag}");
    let list = &format!("\"x\", {tag} , \"y\"");
    for (line, tags, status) in [
        ("GET /static", vec![tag.as_str()], 304),
        ("HEAD /static", vec![tag], 304),
        ("GET /static", vec![weak], 304),
        ("GET /static", vec![list], 304),
        ("GET /static", vec!["\"x\"", tag], 304),
        ("GET /static", vec!["*"], 304),
        ("GET /static", vec!["\"x\""], 200),
        ("GET /static", vec![""], 200),
        ("GET /static", vec![",,"], 200),
        ("GET /static", vec![&tag[..tag.len() - 1]], 200),
        ("POST /static", vec![tag], 200),
        ("DELETE /static", vec!["*"], 204),
        ("GET /created", vec!["*"], 201),
        ("GET /template", vec!["*"], 200),
        ("GET /nothing", vec!["*"], 404),
        ("GET /own", vec!["\"a,b\""], 304),
        ("GET /own", vec!["\"a\", \"a,b\""], 304),
        ("GET /own", vec!["\"a\""], 200),
        ("GET /own", vec!["a,b"], 200),
        ("GET /weak", vec!["\"v1\""], 304),
        ("GET /rendered?v=7", vec!["\"7\""], 304),
        ("GET /rendered?v=7", vec!["\"8\""], 200),
    ] {
        let headers: Vec<_> = tags.iter().map(|tag| ("if-none-match", *tag)).collect();
        let reply = host.send_with(line, &headers, b"");
        assert_eq!(reply.status, status, "{line} {tags:?}");
        if status == 304 {
            assert_eq!(reply.body.len(), 0, "{line}");
            assert!(!reply.header("etag").is_empty(), "{line}");
            assert_eq!(reply.header("content-length"), "", "{line}");
            assert_eq!(reply.header("content-type"), "", "{line}");
            assert_eq!(reply.header("access-control-allow-origin"), "*", "{line}");
        }
    }
}

#[test]
fn head_is_get_without_a_body() {
    let host = birds();
    for path in [
        "/static",
        "/template?a=b",
        "/created",
        "/failing",
        "/nothing",
        "/docs/errors",
    ] {
        let get = host.send(&format!("GET {path}"));
        let head = host.send(&format!("HEAD {path}"));
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.body.len(), 0, "{path}");
        assert_eq!(
            head.header("content-type"),
            get.header("content-type"),
            "{path}"
        );
        if path != "/nothing" {
            assert_eq!(
                head.header("content-length"),
                get.body.len().to_string(),
                "{path}"
            );
        }
    }
    assert_eq!(host.send("HEAD /empty").header("content-length"), "0");
}

#[test]
fn statuses_without_a_body_drop_theirs() {
    let host = Host::of_mocks(json!([
        {"path": "/204", "responses": [{"statusCode": 204, "body": "x"}]},
        {"path": "/304", "responses": [{"statusCode": 304, "bodyBase64": "eA=="}]},
        {"path": "/205", "responses": [{"statusCode": 204, "body": "{{ now() }}"}]},
        {"path": "/200", "responses": [{"body": ""}]},
    ]));
    let places: Vec<&str> = host.warnings.iter().map(|w| w.at.as_str()).collect();
    assert_eq!(
        places,
        [
            "mocks[0].responses[0]",
            "mocks[1].responses[0]",
            "mocks[2].responses[0]"
        ]
    );
    assert!(
        host.warnings[0].message.contains("204"),
        "{:?}",
        host.warnings
    );
    for (line, status) in [("GET /204", 204), ("GET /304", 304), ("HEAD /205", 204)] {
        let reply = host.send(line);
        assert_eq!(reply.status, status, "{line}");
        assert_eq!(reply.body.len(), 0, "{line}");
        assert_eq!(reply.header("content-type"), "", "{line}");
        assert_eq!(reply.header("content-length"), "", "{line}");
    }
}

#[test]
fn any_origin_may_read_every_reply() {
    let host = birds();
    for line in [
        "GET /static",
        "GET /template",
        "DELETE /static",
        "GET /nothing",
        "GET /failing",
        "GET /docs/errors",
    ] {
        let reply = host.send(line);
        assert_eq!(reply.header("access-control-allow-origin"), "*", "{line}");
        assert_eq!(reply.header("access-control-expose-headers"), "*", "{line}");
        assert_eq!(
            reply.header("access-control-allow-credentials"),
            "",
            "{line}"
        );
    }
}

#[test]
fn a_spec_may_turn_cors_off() {
    let host = Host::new(&json!({"name": "n", "cors": false, "mocks": [
        {"path": "/a", "responses": [{"body": "x"}]},
        {"path": "/failing", "responses": [{"body": "{{ 1 // 0 }}"}]},
        {"method": "ANY", "path": "/any", "responses": [{"body": "any"}]},
    ]}));
    let preflight = [("access-control-request-method", "PUT")];
    for (line, headers, status) in [
        ("GET /a", &[][..], 200),
        ("GET /failing", &[], 500),
        ("GET /nothing", &[], 404),
        ("OPTIONS /a", &preflight, 404),
        // Without CORS it is an ordinary method.
        ("OPTIONS /any", &preflight, 200),
    ] {
        let reply = host.send_with(line, headers, b"");
        assert_eq!(reply.status, status, "{line}");
        let cors = reply
            .headers
            .keys()
            .find(|name| name.as_str().starts_with("access-control"));
        assert_eq!(cors, None, "{line}");
    }
}

#[test]
fn cors_headers_of_a_mock_win() {
    let host = Host::of_mocks(json!([
        {"path": "/own", "responses": [{"headers": {"Access-Control-Allow-Origin": "https://a.example"}}]},
        {"path": "/mirror", "responses": [{"headers": {
            "Access-Control-Allow-Origin": "{{ request.headers.origin }}",
            "Access-Control-Expose-Headers": "X-Total"
        }}]},
    ]));
    let own = host.send("GET /own");
    assert_eq!(
        own.header("access-control-allow-origin"),
        "https://a.example"
    );
    assert_eq!(own.header("access-control-expose-headers"), "*");
    let mirror = host.send_with("GET /mirror", &[("origin", "https://b.example")], b"");
    assert_eq!(
        mirror.header("access-control-allow-origin"),
        "https://b.example"
    );
    assert_eq!(mirror.header("access-control-expose-headers"), "X-Total");
}

#[test]
fn preflights() {
    let host = Host::of_mocks(json!([
        {"path": "/a", "responses": [{}]},
        {"method": "ANY", "path": "/any", "responses": [{"body": "any"}]},
        {"method": "OPTIONS", "path": "/own", "responses": [{"statusCode": 200, "body": "own"}]},
    ]));
    let preflight = [
        ("origin", "https://a.example"),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "x-a, x-b"),
    ];
    for path in ["/a", "/any", "/nothing"] {
        let reply = host.send_with(&format!("OPTIONS {path}"), &preflight, b"");
        assert_eq!(reply.status, 204, "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        assert_eq!(reply.header("access-control-allow-methods"), "PUT");
        assert_eq!(reply.header("access-control-allow-headers"), "x-a, x-b");
        assert_eq!(reply.header("access-control-max-age"), "600");
        assert_eq!(reply.body.len(), 0);
    }
    let own = host.send_with("OPTIONS /own", &preflight, b"");
    assert_eq!((own.status.as_u16(), own.text()), (200, "own"));
    assert_eq!(own.header("access-control-allow-origin"), "*");
    // Without the header that makes it a preflight, OPTIONS is a method like any other.
    assert_eq!(host.send("OPTIONS /any").text(), "any");
    assert_eq!(host.send("OPTIONS /a").status, 404);
}

#[test]
fn the_steps_treat_preflights_alike() {
    let host = Host::of_mocks(json!([{"method": "ANY", "path": "/any", "responses": [{}]}]));
    let headers = header_map(&[("access-control-request-method", "PUT")]);
    let (method, target) = line_of("OPTIONS /any");
    let request = mockbird_core::Request::new(&method, target, &headers, b"");
    let found = host
        .engine
        .candidates(&request, &host.env(), |turn| Some(turn.mock().name()));
    assert_eq!(found, None);
    assert!(matches!(
        host.engine.unanswered(&request),
        Outcome::Preflight
    ));
}

#[test]
fn a_rendered_content_type_stands_alone() {
    let host = Host::of_mocks(json!([
        {"path": "/t", "responses": [{"headers": {"Content-Type": "{{ request.query.t }}"}, "body": "{{ request.query.t }}"}]},
        {"path": "/s", "responses": [{"headers": {"Content-Type": "image/{{ request.query.t }}"}, "body": "x"}]},
    ]));
    assert_eq!(
        host.send("GET /t?t=text/csv").header("content-type"),
        "text/csv"
    );
    assert_eq!(
        host.send("GET /s?t=png").header("content-type"),
        "image/png"
    );
}

const TEXT: &str = "text/plain; charset=utf-8";

#[test]
fn content_types() {
    let types = |mock: Value| {
        let host = Host::of_mocks(json!([mock]));
        host.send("GET /").header("content-type")
    };
    let of = |kind: Option<&str>, body: Value| {
        let mut mock = json!({"path": "/", "responses": [{"body": body}]});
        if let Some(kind) = kind {
            mock["responseType"] = kind.into();
        }
        types(mock)
    };
    for (kind, body, wanted) in [
        (None, json!({}), "application/json"),
        (None, json!(null), "application/json"),
        (None, json!("  {"), "application/json"),
        (None, json!("[1]"), "application/json"),
        (None, json!("<a/>"), TEXT),
        (None, json!(""), ""),
        (Some("json"), json!("1"), "application/json"),
        (Some("xml"), json!("<a/>"), "application/xml"),
        (Some("html"), json!("<p>"), "text/html; charset=utf-8"),
        (Some("text"), json!("{}"), TEXT),
        (Some("xml"), json!([1]), "application/json"),
    ] {
        assert_eq!(of(kind, body.clone()), wanted, "{kind:?} {body}");
    }
    let own = types(
        json!({"path": "/", "responses": [{"headers": {"content-type": "text/csv"}, "body": "a,b"}]}),
    );
    assert_eq!(own, "text/csv");
    assert_eq!(
        types(json!({"path": "/", "responses": [{"bodyBase64": "AA=="}]})),
        "application/octet-stream"
    );
}

#[test]
fn the_page_that_explains_errors() {
    let host = birds();
    let url = host.send("GET /nothing").json()["documentation_url"]
        .as_str()
        .unwrap()
        .to_owned();
    let (path, code) = url.split_once('#').unwrap();
    let page = host.send(&format!("GET {path}"));
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.text().contains(&format!("id=\"{code}\"")));
    for code in ErrorCode::ALL {
        assert!(page.text().contains(&format!("id=\"{}\"", code.as_str())));
    }
    let own = Host::of_mocks(json!([{"path": path, "responses": [{"body": "mine"}]}]));
    assert_eq!(own.send(&format!("GET {path}")).text(), "mine");
    assert_eq!(host.send(&format!("POST {path}")).status, 404);
}

/// A `HEAD` is a `GET` to the conditions of a `GET` mock, in an index of them too.
#[test]
fn head_passes_conditions_on_the_method() {
    let mocks: Vec<Value> = (0..20)
        .map(|i| json!({"path": "/a", "responses": [{"body": format!("{i}"), "conditions": [
            {"type": "method", "operator": "equals", "value": if i == 19 { "GET" } else { "NO" }}
        ]}]}))
        .collect();
    let host = Host::of_mocks(mocks.into());
    assert_eq!(host.send("GET /a").status, 200);
    assert_eq!(host.send("HEAD /a").status, 200);
}

/// An explicit media type decides how values are made safe, whatever the text begins with.
#[test]
fn a_text_is_what_its_header_says() {
    for (media, begins, shown) in [
        ("text/plain", "{", "a\"<"),
        ("text/csv; charset=utf-8", "[", "a\"<"),
        ("application/yaml", "{", "a\"<"),
        ("text/html", "{", "a&quot;&lt;"),
        ("application/json", "[", r#""a\"<""#),
        ("application/x-ndjson", "{", r#""a\"<""#),
    ] {
        let host = Host::of_mocks(json!([{"path": "/a", "responses": [
            {"body": format!("{begins} {{{{ request.query.q }}}}"), "headers": {"content-type": media}},
        ]}]));
        let reply = host.send("GET /a?q=a%22%3C");
        assert_eq!(reply.text(), format!("{begins} {shown}"), "{media}");
    }
}

/// An explicit media type decides how values are made safe, in a structured body too, which stays JSON.
#[test]
fn a_structured_body_that_is_sent_as_html() {
    let body = json!({
        "text": "<b title='{{ request.query.q }}'>",
        "value": "{{ request.query.q }}",
        "list": "{{ request.queryAll.q }}",
        "safe": "{{ '<i>' | safe }} {{ request.query.q | safe }}",
    });
    let target = "GET /a?q=%3Cscript%3E%22%27%5C%26%0A";
    let raw = "<script>\"'\\&\n";
    let entities = "&lt;script&gt;&quot;&#x27;\\&amp;\n";
    for (media, shown) in [
        ("text/html", entities),
        ("image/svg+xml", entities),
        ("application/json", raw),
        ("text/plain", raw),
    ] {
        let host = Host::of_mocks(json!([
            {"path": "/a", "responses": [{"body": body, "headers": {"content-type": media}}]},
        ]));
        let expected = json!({
            "text": format!("<b title='{shown}'>"),
            "value": shown,
            "list": [shown],
            "safe": format!("<i> {raw}"),
        });
        assert_eq!(host.send(target).json(), expected, "{media}");
    }
}
