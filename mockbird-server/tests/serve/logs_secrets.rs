//! No secret is in the request log, however it came.

use http::Request;
use serde_json::json;

use crate::logs_delivery::until_stored;
use crate::mock_plane::publish_in;
use crate::private_projects::key;
use crate::store_logs::logged;
use crate::support::app::TestApp;
use crate::support::database::app_test;

/// What must not be found.
const SECRET: &str = "HUNTER2";

const SHOP: &str = r#"{"name": "Shop", "mocks": [
    {"path": "/", "method": "POST", "responses": [{"body": "x"}]},
    {"path": "/fails", "method": "POST", "responses": [{"body": "{{ request.body.password | int }}"}]},
    {"path": "/fails/too", "method": "POST", "responses": [{"body": "{{ request.query.token | int }}"}]},
    {"path": "/almost", "method": "POST", "responses": [{"body": "x", "conditions": [
        {"type": "header", "field": "authorization", "operator": "equals", "value": "Bearer other"},
        {"type": "body", "field": "account.password", "operator": "equals", "value": "other"}
    ]}]}
]}"#;

/// Columns that hold what came from outside.
const COLUMNS: [&str; 8] = [
    "request_method",
    "request_path",
    "request_query",
    "request_headers",
    "request_body",
    "user_agent",
    "near_misses",
    "notes",
];

fn form(body: &str) -> (&'static str, Vec<u8>) {
    (
        "application/x-www-form-urlencoded",
        body.as_bytes().to_vec(),
    )
}

fn json(body: &str) -> (&'static str, Vec<u8>) {
    ("application/json", body.as_bytes().to_vec())
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Bodies with a secret in them.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        json(r#"{"password": "HUNTER2"}"#),
        json(r#"{"account": {"p\u0061ssword": ["HUNTER2"]}}"#),
        json(r#"{"account": {"password": "HUNTER2"}"#),
        json(r#"{"a": "{\"token\": \"HUNTER2\"}"}"#),
        json(r#"[{"name": "api_key", "value": "HUNTER2"}]"#),
        json("{\"token\": 1}\n{\"token\": \"HUNTER2\"}"),
        json(r#"{"url": "https://ada:HUNTER2@host/"}"#),
        json(r#"{"auth": "Bearer HUNTER2"}"#),
        form("a=1&password=HUNTER2"),
        form("a=1&p%61ssword=HUNTER2"),
        form("user%5Bsecret%5D=HUNTER2"),
        form(r#"{"secret": "HUNTER2"}"#),
        form("name=password&value=HUNTER2"),
        form("next=%2Fa%3Ftoken%3DHUNTER2"),
        ("text/plain", b"password: HUNTER2".to_vec()),
        ("text/csv", b"user,password\nada,HUNTER2\n".to_vec()),
        (
            "application/xml",
            b"<a><apiKey>HUNTER2</apiKey></a>".to_vec(),
        ),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nHUNTER2\r\n--x--"
                .to_vec(),
        ),
        (
            "application/octet-stream",
            b"\xff\0password\0HUNTER2".to_vec(),
        ),
        ("text/plain; charset=utf-16", utf16("password=HUNTER2")),
        ("application/yaml", b"- card number: HUNTER2".to_vec()),
        json(r#"{"a": {"cardNumber": "HUNTER2"}}"#),
    ]
}

/// Queries with a secret in them.
const QUERIES: [&str; 9] = [
    "token=HUNTER2",
    "api_key=HUNTER2&b=1",
    "code=HUNTER2",
    "t%6Fken=HUNTER2",
    "t%256Fken=HUNTER2",
    "user[password]=HUNTER2",
    "next=https%3A%2F%2Fa%2F%3Fsecret%3DHUNTER2",
    "name=password&value=HUNTER2",
    "card-number=HUNTER2",
];

/// Headers with a secret in them.
const HEADERS: [(&str, &str); 10] = [
    ("Authorization", "Bearer HUNTER2"),
    ("Proxy-Authorization", "Basic HUNTER2"),
    ("Cookie", "a=HUNTER2"),
    ("Set-Cookie", "a=HUNTER2"),
    ("X-API-Key", "HUNTER2"),
    ("X-Amz-Security-Token", "HUNTER2"),
    ("X-Card-Number", "HUNTER2"),
    ("Referer", "https://host/?token=HUNTER2"),
    ("X-Original-Url", "/a?password=HUNTER2"),
    ("User-Agent", "Bearer HUNTER2"),
];

app_test! {
    async fn no_secret_is_stored(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let organization = ada.organization().parse().unwrap();
        let project = publish_in(app, organization, "shop", SHOP).await;
        let route = format!("PATCH /api/projects/{project}");
        let hides = json!({"logs": {"redact": ["card number"]}});
        assert_eq!(app.call_as(ada.access(), &route, hides).await.status, 200);
        let (_, key) = key(app, &ada, json!({"permissions": ["mocks:call"]})).await;
        let cookies = format!("mockbird-access={}; __Host-mockbird-refresh=x", ada.access());
        let ask = async |target: &str, header: (&str, &str), kind: &str, body: Vec<u8>| {
            let request = Request::post(format!("/m/shop{target}"))
                .header("x-mockbird-key", &key)
                .header("cookie", &cookies)
                .header("content-type", kind)
                .header(header.0, header.1);
            app.send(request.body(body.into()).unwrap()).await;
        };
        let mut asked = 0;
        for target in ["/", "/almost", "/fails", "/fails/too"] {
            for (kind, body) in bodies() {
                ask(target, ("x-a", "1"), kind, body).await;
                asked += 1;
            }
            for query in QUERIES {
                ask(&format!("{target}?{query}"), ("x-a", "1"), "text/plain", Vec::new()).await;
                asked += 1;
            }
            for header in HEADERS {
                ask(target, header, "text/plain", Vec::new()).await;
                asked += 1;
            }
        }
        let engine = &app.app.config().database.engine;
        until_stored(engine, asked).await;
        for column in COLUMNS {
            let column = if column.ends_with("path") || column.ends_with("query") || column.ends_with("body") {
                // What is not UTF-8 cannot be shown as text.
                shown(engine, column)
            } else {
                column.to_owned()
            };
            for value in logged(engine, &column).await {
                let hidden = [SECRET, &hex(SECRET.as_bytes()), &hex(&utf16(SECRET)), &key, ada.access(), "mockbird-access"];
                for secret in hidden {
                    assert!(!value.contains(secret), "{column}: {value}");
                }
            }
        }
        let near = logged(engine, "near_misses").await;
        assert!(near.iter().any(|near| near.contains("authorization")), "{near:?}");
        assert_eq!(logged(engine, "request_headers").await.len(), asked);
    }
}

/// A column of bytes in hex.
fn shown(engine: &mockbird_server::config::Engine, column: &str) -> String {
    match engine {
        mockbird_server::config::Engine::Sqlite(_) => format!("lower(hex({column}))"),
        mockbird_server::config::Engine::Postgres(_) => format!("encode({column}, 'hex')"),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
