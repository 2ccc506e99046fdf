//! Strings that broke other people's software, in every part of a request, against mocks that look at
//! every part: nothing panics, every answer is legal HTTP, and what says it is JSON is JSON.

#![cfg(feature = "full")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it skips"
)]

#[expect(unreachable_pub, reason = "a module of tests")]
mod shared;

use std::fmt::Write;
use std::path::Path;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use mockbird_core::json::{self, Node, Value};
use mockbird_core::spec::Format;
use mockbird_core::{Compiled, Engine, Env, Request, inflate, yaml};

/// Mocks that read everything, write everything back in every type, and decide by everything.
const SPEC: &str = r#"
name: Everything
mocks:
  - name: json text
    path: /json/{a}
    method: ANY
    responseType: json
    responses:
      - headers:
          X-A: "{{ request.params.a }}"
          X-Q: ["{{ request.query.q }}", "{{ request.headers['x-h'] }}", "{{ request.cookies.c }}"]
        body: |
          {"a": "{{ request.params.a }}", "q": {{ request.query.q }}, "all": {{ request.queryAll.q }},
           "h": "{{ request.headers['x-h'] }}", "c": {{ request.cookies.c }}, "body": {{ request.body }},
           "raw": "{{ request.rawBody }}", "path": "{{ request.path }}", "v": {{ request.body.v }},
           "upper": "{{ request.query.q | upper }}", "list": [{% for t in request.queryAll.q %}{{ t }}, {% endfor %}0]}
  - name: structured
    path: /node/{a}/{*rest}
    method: ANY
    responses:
      - body:
          a: "{{ request.params.a }}"
          rest: ["{{ request.params.rest }}", "{{ request.params.rest | urlEncode }}"]
          "{{ request.query.q }}": "{{ request.body }}"
          text: "q is {{ request.query.q }} and v is {{ request.body.v }}"
          sums: "{{ request.rawBody | sha256 }}{{ request.rawBody | base64 }}"
          found: "{{ request.body | jsonPath('$..v') }}"
  - name: html
    path: /html/{a}
    method: ANY
    responseType: html
    responses:
      - body: <p title="{{ request.query.q }}">{{ request.params.a }}</p><pre>{{ request.rawBody }}</pre>
  - name: xml
    path: /xml/{a}
    method: ANY
    responseType: xml
    responses:
      - body: <a v="{{ request.query.q }}">{{ request.body }}{{ request.headers['x-h'] }}</a>
  - name: text
    path: /text/{a}.{b}
    method: ANY
    responseType: text
    responses:
      - body: "{{ request.params.a }}.{{ request.params.b }} {{ request.query.q }} {{ request.rawBody }}"
  - name: conditions
    path: /when/{a}
    method: ANY
    responses:
      - conditions:
          - any:
              - { type: header, field: X-H, operator: regex, value: "(?i)select|script|\\.\\./" }
              - { type: query, field: q, operator: startsWith, value: "<", caseInsensitive: true }
              - { type: cookie, field: c, operator: contains, value: "'" }
              - { type: path, field: a, operator: endsWith, value: passwd }
          - not: { type: method, operator: equals, value: PUT }
        body: { matched: text, q: "{{ request.query.q }}" }
      - conditions: [{ type: body, field: "$..v", operator: greaterThan, value: 3 }]
        body: { matched: number }
      - conditions: [{ type: body, field: "//v[1]/text()", operator: exists }]
        body: { matched: xml }
      - conditions: [{ type: body, operator: schema, value: { type: object, required: [v] } }]
        body: { matched: schema, v: "{{ request.body.v }}" }
      - { statusCode: 422, isDefault: true, body: { unmatched: "{{ request.params.a }}" } }
  - name: never
    path: /never/{token}/{n:[0-9]+}
    responses:
      - conditions:
          - { type: header, field: X-H, operator: equals, value: a text that never comes }
          - { type: query, field: q, operator: equals, value: 1.5 }
          - { type: body, field: v, operator: contains, value: { a: [1] } }
        body: never
"#;

/// Every string of a JSON or YAML file, at any depth.
fn strings_of(node: &Node, found: &mut Vec<String>) {
    match &node.value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(elements) => elements.iter().for_each(|one| strings_of(one, found)),
        Value::Object(members) => {
            for member in members {
                found.push(member.key.clone());
                strings_of(&member.value, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The strings of a file, or of every file of a folder; lines, where it is no JSON or YAML.
fn strings(path: &Path, found: &mut Vec<String>) {
    if path.is_dir() {
        let mut files: Vec<_> = std::fs::read_dir(path)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        for file in &files {
            strings(file, found);
        }
        return;
    }
    let bytes = std::fs::read(path).unwrap();
    let node = match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => json::parse(&bytes).ok(),
        Some("yaml") => yaml::parse(&bytes).ok(),
        _ => None,
    };
    match node {
        Some(node) => strings_of(&node, found),
        None => found.extend(String::from_utf8_lossy(&bytes).lines().map(str::to_owned)),
    }
}

/// As a client would have to write it in a target.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        let _ = write!(escaped, "%{byte:02X}");
        escaped
    })
}

/// A request with the string in every place that takes it.
struct Sent {
    target: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

fn header(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        headers.append(HeaderName::from_static(name), value);
    }
}

/// What is sent for a string: its target raw and escaped, its body by turns of every kind.
fn requests(text: &str, turn: usize) -> Vec<Sent> {
    let quoted = Node::from(text).to_string();
    let bodies = [
        (
            "application/json",
            format!(r#"{{"v": {quoted}, {quoted}: [{quoted}]}}"#),
        ),
        ("application/json", text.to_owned()),
        (
            "application/x-www-form-urlencoded",
            format!("v={text}&{text}"),
        ),
        ("application/xml", format!("<a><v>{text}</v><v/></a>")),
        ("application/xml", text.to_owned()),
        (
            "multipart/form-data; boundary=b",
            format!("--b\r\ncontent-disposition: form-data; name=\"v\"\r\n\r\n{text}\r\n--b--\r\n"),
        ),
        (text, text.to_owned()),
    ];
    let paths = [
        "/json/",
        "/node/x/",
        "/html/",
        "/xml/",
        "/text/a.",
        "/when/",
        "/never/x/",
        "/never/",
        "/",
        "",
    ];
    let mut all = Vec::new();
    for (at, path) in paths.into_iter().enumerate() {
        for (form, text) in [text.to_owned(), escaped(text)].into_iter().enumerate() {
            let (kind, body) = &bodies[(turn + at + form) % bodies.len()];
            let mut headers = HeaderMap::new();
            header(&mut headers, "content-type", kind);
            for name in [
                "x-h",
                "host",
                "if-none-match",
                "accept-encoding",
                "origin",
                "content-encoding",
            ] {
                header(&mut headers, name, &text);
            }
            header(&mut headers, "cookie", &format!("c={text}"));
            let target = format!("{path}{text}?q={text}&{text}");
            all.push(Sent {
                target,
                headers,
                body: body.clone().into_bytes(),
            });
        }
    }
    all
}

/// Panics unless the answer is one that can be sent.
fn check(engine: &Engine, method: &Method, sent: &Sent) {
    let response = match inflate(&sent.headers, sent.body.clone().into(), 1 << 20) {
        Err(error) => error.response(),
        Ok(body) => {
            let request = Request::new(method, &sent.target, &sent.headers, &body);
            let explained = engine.explain(&request, &Env::default());
            let answer = engine.answer(&request, &Env::default());
            let chosen = explained
                .mocks
                .last()
                .is_some_and(|report| report.chosen.is_some());
            assert_eq!(chosen, answer.response.status() != 404, "{}", sent.target);
            answer.response
        }
    };
    let (head, body) = response.into_parts();
    assert!(
        [200, 304, 400, 404, 422].contains(&head.status.as_u16()),
        "{} {}",
        head.status,
        sent.target
    );
    for (name, value) in &head.headers {
        assert!(HeaderName::from_bytes(name.as_str().as_bytes()).is_ok());
        assert!(
            value
                .as_bytes()
                .iter()
                .all(|&b| b == b'\t' || (b >= b' ' && b != 0x7F)),
            "{name}: {value:?}"
        );
    }
    let body = match head.headers.get("content-encoding") {
        Some(_) => inflate(&head.headers, body, 16 << 20).unwrap(),
        None => body,
    };
    let content_type = head
        .headers
        .get("content-type")
        .map_or(&b""[..], HeaderValue::as_bytes);
    match content_type {
        b"application/json" if method != Method::HEAD => {
            let parsed = serde_json::from_slice::<serde_json::Value>(&body);
            assert!(
                parsed.is_ok(),
                "{}: {}",
                sent.target,
                String::from_utf8_lossy(&body)
            );
        }
        b"text/html; charset=utf-8" => {
            assert!(!contains(&body, b"<script") && !contains(&body, b"<img"));
        }
        _ => {}
    }
}

fn contains(body: &[u8], text: &[u8]) -> bool {
    body.windows(text.len())
        .any(|window| window.eq_ignore_ascii_case(text))
}

#[test]
fn hostile_strings_break_nothing() {
    let Compiled {
        engine, warnings, ..
    } = Engine::read(SPEC, Format::Yaml).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let sources = [
        "blns.json",
        "traversal-plain.txt",
        "wpt-urltestdata.json",
        "crs",
        "llhttp",
        "wiremock-url",
        "wpt-urlencoded-parser-data.json",
    ];
    let mut found = Vec::new();
    for source in sources {
        if let Some(path) = shared::path(&format!("http-requests/{source}")) {
            let before = found.len();
            strings(&path, &mut found);
            println!("{source}: {} strings", found.len() - before);
        }
    }
    found.sort();
    found.dedup();
    let methods = [
        Method::GET,
        Method::POST,
        Method::HEAD,
        Method::PUT,
        Method::OPTIONS,
    ];
    let mut count = 0;
    for (turn, text) in found.iter().enumerate() {
        for sent in requests(text, turn) {
            count += 1;
            check(&engine, &methods[count % methods.len()], &sent);
        }
    }
    println!("{count} requests of {} strings", found.len());
}
