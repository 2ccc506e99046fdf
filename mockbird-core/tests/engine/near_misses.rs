//! What a 404 says: the mocks that almost answered, and what differed.

use std::time::Instant;

use http::{HeaderMap, Method};
use mockbird_core::{MockKey, Precedence, Request, finish_miss};
use serde_json::{Value, json};

use crate::host::{Host, line_of};

fn birds() -> Host {
    Host::of_mocks(json!([
        {"name": "Bird", "path": "/birds/{name}", "responses": [{}]},
        {"name": "Add a bird", "method": "POST", "path": "/birds", "responses": [{}]},
        {"name": "Songs", "path": "/birds/{name}/songs/{id:[0-9]+}", "responses": [{}]},
        {"name": "Gold", "path": "/gold", "responses": [
            {"conditions": [
                {"type": "header", "field": "X-Tier", "operator": "equals", "value": "gold"},
                {"type": "query", "field": "page", "operator": "exists"},
            ]},
            {"conditions": [
                {"type": "header", "field": "X-Tier", "operator": "equals", "value": "tin"},
                {"type": "query", "field": "page", "operator": "exists"},
                {"type": "body", "field": "a.b", "operator": "greaterThan", "value": 3},
            ]},
        ]},
    ]))
}

/// A whole 404, one near miss a line.
fn miss(host: &Host, line: &str, headers: &[(&str, &str)], body: &[u8]) -> String {
    let reply = host.send_with(line, headers, body);
    assert_eq!(reply.status, 404);
    assert_eq!(reply.header("content-type"), "application/json");
    assert!(reply.json()["nearest"].is_array());
    reply.text().replace("{\"mock\"", "\n{\"mock\"")
}

#[test]
fn another_method() {
    insta::assert_snapshot!(miss(&birds(), "PUT /birds", &[], b""), @r##"
    {"error":"MOCK_NOT_FOUND","message":"no mock answers PUT /birds","documentation_url":"/docs/errors#MOCK_NOT_FOUND","nearest":[
    {"mock":"Add a bird","method":"POST","path":"/birds","matched":["path"],"reasons":["method is PUT, not POST"]}]}
    "##);
}

#[test]
fn another_segment() {
    insta::assert_snapshot!(miss(&birds(), "GET /birds/wren/songs/loud", &[], b""), @r##"
    {"error":"MOCK_NOT_FOUND","message":"no mock answers GET /birds/wren/songs/loud","documentation_url":"/docs/errors#MOCK_NOT_FOUND","nearest":[
    {"mock":"Songs","method":"GET","path":"/birds/{name}/songs/{id:[0-9]+}","matched":["method"],"reasons":["path segment 4 is \"loud\", not \"{id:[0-9]+}\""]}]}
    "##);
}

#[test]
fn conditions() {
    let sent = [("x-tier", "silver")];
    insta::assert_snapshot!(miss(&birds(), "GET /gold?page=1", &sent, b""), @r##"
    {"error":"MOCK_NOT_FOUND","message":"no mock answers GET /gold","documentation_url":"/docs/errors#MOCK_NOT_FOUND","nearest":[
    {"mock":"Gold","method":"GET","path":"/gold","matched":["method","path","query parameter page is \"1\""],"reasons":["header X-Tier is \"silver\", not \"gold\""]}]}
    "##);
}

#[test]
fn several_and_the_nearest_first() {
    let host = Host::of_mocks(json!([
        {"path": "/shop/d", "method": "POST", "responses": [{}]},
        {"path": "/shop/c", "method": "POST", "responses": [{}]},
        {"path": "/shop/{b}", "responses": [{}]},
        {"path": "/shop/a", "method": "POST", "responses": [{"conditions": [
            {"type": "body", "field": "n", "operator": "exists"},
        ]}]},
    ]));
    insta::assert_snapshot!(miss(&host, "POST /shop/a", &[], b"not JSON"), @r##"
    {"error":"MOCK_NOT_FOUND","message":"no mock answers POST /shop/a","documentation_url":"/docs/errors#MOCK_NOT_FOUND","nearest":[
    {"mock":"POST /shop/a","method":"POST","path":"/shop/a","matched":["method","path"],"reasons":["body field n is missing (the body is not JSON or a form)"]},
    {"mock":"GET /shop/{b}","method":"GET","path":"/shop/{b}","matched":["path"],"reasons":["method is POST, not GET"]},
    {"mock":"POST /shop/d","method":"POST","path":"/shop/d","matched":["method"],"reasons":["path segment 2 is \"a\", not \"d\""]}]}
    "##);
}

#[test]
fn nothing_in_common() {
    insta::assert_snapshot!(miss(&birds(), "GET /fish", &[], b""), @r##"
    {"error":"MOCK_NOT_FOUND","message":"no mock answers GET /fish","documentation_url":"/docs/errors#MOCK_NOT_FOUND","nearest":[]}
    "##);
}

/// Of many mocks of one path those with the fewest failing conditions are named.
#[test]
fn the_fewest_failing_conditions_first() {
    let mock = |name: &str, conditions: &[(&str, &str)]| {
        let conditions: Vec<_> = conditions
            .iter()
            .map(|(field, value)| json!({"type": "query", "field": field, "operator": "equals", "value": value}))
            .collect();
        json!({"name": name, "path": "/rpc", "responses": [{"conditions": conditions}]})
    };
    let host = Host::of_mocks(json!([
        mock("none", &[("a", "2"), ("b", "2"), ("c", "2")]),
        mock("one", &[("a", "1"), ("b", "2"), ("c", "2")]),
        mock("one more", &[("a", "2"), ("b", "1"), ("c", "2")]),
        mock("two", &[("a", "1"), ("b", "1"), ("c", "2")]),
    ]));
    let nearest = host.send("GET /rpc?a=1&b=1&c=1").json()["nearest"].clone();
    let names: Vec<_> = nearest
        .as_array()
        .unwrap()
        .iter()
        .map(|near| near["mock"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["two", "one", "one more"]);
}

/// Each place in which JSON differs is a reason of its own.
#[test]
fn json_by_pointer() {
    let body = |operator: &str, value: Value| json!([{"type": "body", "field": "", "operator": operator, "value": value}]);
    let host = Host::of_mocks(json!([
        {"name": "part", "path": "/orders", "method": "POST", "responses": [{"conditions":
            body("contains", json!({"items": [{"sku": "a", "qty": 2}], "pin": 1}))}]},
        {"name": "whole", "path": "/orders", "method": "POST", "responses": [{"conditions":
            body("equals", json!({"items": [{"sku": "a", "qty": 1}], "pin": 2, "paid": true}))}]},
    ]));
    let sent =
        br#"{"items": [{"sku": "b", "qty": 2}, {"sku": "a", "qty": 1, "gift": false}], "pin": 2}"#;
    let json = [("content-type", "application/json")];
    insta::assert_snapshot!(miss(&host, "POST /orders", &json, sent), @r##"
    {"error":"MOCK_NOT_FOUND","message":"no mock answers POST /orders","documentation_url":"/docs/errors#MOCK_NOT_FOUND","nearest":[
    {"mock":"part","method":"POST","path":"/orders","matched":["method","path"],"reasons":["body /items/1/qty: 1, expected 2","body /pin: ***, expected ***"]},
    {"mock":"whole","method":"POST","path":"/orders","matched":["method","path"],"reasons":["body /items/0/qty: 2, expected 1","body /items/0/sku: \"b\", expected \"a\"","body /items/1: {\"sku\":\"a\",\"qty\":1,\"gift\":false}, expected nothing","body /paid: missing, expected true"]}]}
    "##);
}

/// A host may ask about one mock, and add what it knows itself.
#[test]
fn one_mock_is_compared() {
    let host = birds();
    let compare = |key: u64, line: &str| {
        let (method, target) = line_of(line);
        let headers = HeaderMap::new();
        let request = Request::new(&method, target, &headers, b"");
        host.engine.compare(MockKey(key), &request, |view, miss| {
            miss.failed += 1;
            miss.reasons
                .push(format!("{} is busy", view.params.get("name").unwrap()));
        })
    };
    let miss = compare(0, "GET /birds/a%20wren").unwrap();
    assert_eq!(miss.matched, ["method", "path"]);
    assert_eq!(miss.params, [("name".to_owned(), "a wren".to_owned())]);
    assert_eq!(
        (miss.failed, &miss.reasons[..]),
        (1, &["a wren is busy".to_owned()][..])
    );
    let miss = compare(1, "PUT /a/b/c").unwrap();
    assert_eq!(miss.failed, 2);
    assert_eq!(
        miss.reasons,
        [
            "method is PUT, not POST",
            r#"path is "/a/b/c", not "/birds""#
        ]
    );
    assert_eq!(compare(9, "GET /"), None);
}

#[test]
fn who_goes_first_and_why() {
    let host = Host::of_mocks(json!([
        {"path": "/a/{id}", "responses": [{}]},
        {"path": "/a/{id}", "responses": [{}]},
        {"path": "/a/b", "method": "ANY", "responses": [{}]},
        {"path": "/a/{id}", "method": "ANY", "responses": [{}]},
        {"path": "/{*rest}", "priority": 1, "responses": [{}]},
    ]));
    let first = |first: u64, other: u64| {
        host.engine
            .precedence(MockKey(first), MockKey(other), &Method::GET)
    };
    for (before, after, why) in [
        (4, 2, Precedence::Priority),
        (2, 0, Precedence::Path),
        (0, 3, Precedence::Method),
        (0, 1, Precedence::Order),
    ] {
        assert_eq!(
            (first(before, after), first(after, before)),
            (Some(why), None)
        );
    }
    assert_eq!(first(0, 9), None);
}

#[test]
fn a_host_adds_to_a_miss() {
    let host = birds();
    let (method, target) = line_of("GET /birds/wren/songs/loud");
    let headers = HeaderMap::new();
    let request = Request::new(&method, target, &headers, b"");
    let mut nearest = host.engine.near_misses(&request);
    nearest[0].at = Some("tests/birds.rs:7".to_owned());
    let answer = finish_miss(&host.engine, &request, nearest);
    let body: Value = serde_json::from_slice(answer.response.body()).unwrap();
    assert_eq!(body["nearest"][0]["at"], "tests/birds.rs:7");
}

/// What is typed wrongly most often.
#[test]
fn slips_of_the_path() {
    let host = Host::of_mocks(json!([
        {"path": "/products", "responses": [{}]},
        {"path": "/birds/{name}", "responses": [{}]},
        {"path": "/api/users", "responses": [{}]},
        {"path": "/api/users/{id:[0-9]+}/orders", "method": "POST", "responses": [{}]},
        {"path": "/files/{*rest}", "responses": [{}]},
        {"path": "/reset/{token}", "method": "PUT", "responses": [{}]},
    ]));
    let told: Vec<String> = [
        "GET /product",
        "GET /prodcuts/",
        "POST /Products",
        "GET /bird/wren",
        "GET /birds",
        "GET /birds/wren/songs",
        "GET /users",
        "GET /api/v1/users",
        "POST /api/user/x/order",
        "GET /fil%65/a/b/c",
        "PUT /rset/s3cr3t",
        "GET /fish",
        "GET /",
        "GET //",
    ]
    .map(|line| {
        let nearest = host.send(line).json()["nearest"].clone();
        let all = nearest.as_array().unwrap().iter().map(|near| {
            format!(
                "\n  {}: {}",
                near["mock"].as_str().unwrap(),
                near["reasons"]
            )
        });
        format!("{line}{}", all.collect::<String>())
    })
    .into();
    insta::assert_snapshot!(told.join("\n"), @r##"
    GET /product
      GET /products: ["path segment 1 is \"product\", not \"products\""]
    GET /prodcuts/
      GET /products: ["path segment 1 is \"prodcuts\", not \"products\""]
    POST /Products
      GET /products: ["method is POST, not GET","path segment 1 is \"Products\", not \"products\""]
    GET /bird/wren
      GET /birds/{name}: ["path segment 1 is \"bird\", not \"birds\""]
    GET /birds
      GET /birds/{name}: ["the path has 1 segment, not 2"]
    GET /birds/wren/songs
      GET /birds/{name}: ["the path has 3 segments, not 2"]
    GET /users
      GET /api/users: ["the path has 1 segment, not 2"]
    GET /api/v1/users
      GET /api/users: ["the path has 3 segments, not 2"]
    POST /api/user/x/order
      POST /api/users/{id:[0-9]+}/orders: ["path segment 2 is \"user\", not \"users\"","path segment 3 is \"x\", not \"{id:[0-9]+}\"","path segment 4 is \"order\", not \"orders\""]
    GET /fil%65/a/b/c
      GET /files/{*rest}: ["path segment 1 is \"file\", not \"files\""]
    PUT /rset/s3cr3t
      PUT /reset/{token}: ["path segment 1 is \"rset\", not \"reset\""]
    GET /fish
    GET /
    GET //
    "##);
}

/// Only the first are compared, and no long path.
#[test]
fn the_search_for_slips_is_bounded() {
    let one =
        |i: usize| json!({"path": format!("/{}/products", "x".repeat(i + 1)), "responses": [{}]});
    let host = Host::of_mocks((0..100).map(one).collect());
    let nearest = |path: &str| {
        let nearest = host.send(&format!("GET {path}")).json()["nearest"].clone();
        nearest.as_array().unwrap().len()
    };
    assert_eq!(nearest("/produtcs"), 3);
    assert_eq!(nearest(&format!("/produtcs?{}", "x".repeat(300))), 3);
    assert_eq!(nearest(&format!("/{}/produtcs", "y".repeat(70))), 0);
    assert_eq!(nearest(&"/products".repeat(30)), 0);
}

#[test]
fn secrets_are_masked() {
    let test = |kind: &str, field: &str| json!({"type": kind, "field": field, "operator": "equals", "value": "s3cr3t-wanted"});
    let host = Host::of_mocks(json!([
        {"path": "/a", "responses": [{"conditions": [
            test("header", "Authorization"), test("header", "X-API-Key"), test("cookie", "sid"),
            test("query", "access_token"), test("body", "user.password"), test("header", "X-Client-Secret"),
        ]}]},
        {"path": "/reset/{token:[0-9]+}", "responses": [{}]},
    ]));
    let headers = [
        ("authorization", "Bearer s3cr3t-came"),
        ("x-api-key", "s3cr3t-came"),
        ("cookie", "sid=s3cr3t-came"),
        ("x-client-secret", "s3cr3t-came"),
    ];
    let body = br#"{"user": {"password": "s3cr3t-came"}}"#;
    let text = miss(&host, "GET /a?access_token=s3cr3t-came", &headers, body);
    assert!(!text.contains("s3cr3t"), "{text}");
    insta::assert_snapshot!(text, @r##"
    {"error":"MOCK_NOT_FOUND","message":"no mock answers GET /a","documentation_url":"/docs/errors#MOCK_NOT_FOUND","nearest":[
    {"mock":"GET /a","method":"GET","path":"/a","matched":["method","path"],"reasons":["header Authorization does not equal the wanted value (both hidden)","header X-API-Key does not equal the wanted value (both hidden)","cookie sid does not equal the wanted value (both hidden)","query parameter access_token does not equal the wanted value (both hidden)","body field user.password does not equal the wanted value (both hidden)","header X-Client-Secret does not equal the wanted value (both hidden)"]}]}
    "##);
    let json = host.send("GET /reset/s3cr3t-came").json();
    assert!(!json["nearest"].to_string().contains("s3cr3t"), "{json}");
}

/// What stands in the place of a parameter with such a name is a secret, whether the mock answers or not.
#[test]
fn secrets_of_a_path_are_masked() {
    let conditions = json!([
        {"type": "path", "field": "", "operator": "endsWith", "value": "s3cr3t-wanted"},
        {"type": "path", "field": "apiKey", "operator": "equals", "value": "s3cr3t-wanted"},
    ]);
    let host = Host::of_mocks(json!([
        {"path": "/reset/{token:[0-9]+}", "responses": [{}]},
        {"path": "/old/:token", "method": "PUT", "responses": [{}]},
        {"path": "/files/v{key}.json", "method": "PUT", "responses": [{}]},
        {"path": "/all/{*secret}", "method": "PUT", "responses": [{}]},
        {"path": "/if/{apiKey}", "responses": [{"conditions": conditions}]},
        {"path": "/two/{password}/x", "method": "PUT", "responses": [{}]},
        {"path": "/pq/{token}/y", "responses": [{}]},
        {"path": "/pq/{x}/z", "responses": [{}]},
        {"path": "/pq/x/z", "responses": [{}]},
        {"path": "/session/login", "responses": [{}]},
        {"path": "/password/{id}/x", "responses": [{}]},
    ]));
    for (line, path) in [
        ("GET /reset/s3cr3t", "/reset/***"),
        ("GET /reset/s3cr3t/", "/reset/***/"),
        ("GET /old/s3cr3t", "/old/***"),
        ("GET /files/vs3cr3t.json", "/files/***"),
        ("GET /all/s3cr3t/s3cr3t", "/all/***"),
        ("GET /if/s3cr3t?token=s3cr3t", "/if/***"),
        ("GET /two/s3cr3t/y", "/two/***/y"),
        ("GET /two/s3cr3t", "/two/***"),
        ("GET /two/s3cr3t/x/", "/two/***/x/"),
        ("GET /two/s3cr3t/x/y/z", "/two/***/x/y/z"),
        ("GET /reset/s3cr3t/x/y", "/reset/***/x/y"),
        ("GET /pq/s3cr3t/w", "/pq/***/w"),
        ("GET /token/s3cr3t", "/token/***"),
        ("GET /session/s3cr3t", "/session/***"),
        ("GET /a/reset-password/s3cr3t/b", "/a/reset-password/***/b"),
        ("GET /a;jsessionid=s3cr3t/b", "/a;jsessionid=***/b"),
        ("GET /a/b?f=%257B%2522pin%2522%253A%2522s3cr3t%2522", "/a/b"),
    ] {
        let reply = host.send(line);
        assert_eq!(reply.status, 404, "{line}");
        assert!(!reply.text().contains("s3cr3t"), "{}", reply.text());
        assert_eq!(
            reply.json()["message"],
            format!("no mock answers GET {path}")
        );
        let (method, target) = line_of(line);
        let masked = host.engine.masked_target(&method, target, None);
        assert!(
            masked.starts_with(path) && !masked.contains("s3cr3t"),
            "{masked}"
        );
        let headers = HeaderMap::new();
        let request = Request::new(&method, target, &headers, b"");
        let explained = host.engine.explain(&request, &host.env());
        assert_eq!(explained.path, path);
        assert!(!format!("{:?}", explained.nearest).contains("s3cr3t-came"));
    }
    // And of one that a mock answers.
    let (method, target) = line_of("GET /reset/7?page=2");
    let headers = HeaderMap::new();
    let request = Request::new(&method, target, &headers, b"");
    let explained = host.engine.explain(&request, &host.env());
    assert_eq!(explained.path, "/reset/***");
    let mock = explained.mocks[0].mock;
    let masked = host.engine.masked_target(&method, target, Some(mock));
    assert_eq!(masked, "/reset/***?page=2");
    // What a template says in so many words is none.
    for (target, want) in [
        ("/session/login", "/session/login"),
        ("/password/s3cr3t/x?code=s3cr3t", "/password/***/x?code=***"),
    ] {
        let request = Request::new(&method, target, &headers, b"");
        let explained = host.engine.explain(&request, &host.env());
        assert_eq!(Some(&*explained.path), want.split('?').next());
        assert!(!format!("{:?}", explained.mocks[0].params).contains("s3cr3t"));
        let mock = explained.mocks[0].mock;
        assert_eq!(host.engine.masked_target(&method, target, Some(mock)), want);
    }
}

/// What looks like a credential is one, wherever it stands in a target and whatever the mocks are.
#[test]
fn credentials_in_a_target_are_masked() {
    let host = Host::of_mocks(json!([
        {"path": "/reset/{token}", "responses": [{}]},
        {"path": "/users/{id}/{part}", "responses": [
            {"conditions": [{"type": "query", "field": "q", "operator": "equals", "value": "x"}]},
            {"conditions": [{"type": "path", "field": "part", "operator": "equals", "value": "x"}]},
        ]},
    ]));
    for credential in [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "mk_q0hX2m8Yw3Vb7Nc1",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "xoxb-123456789012-abcdef",
        "9f86d081884c7d659a2feaa0c55ad015",
        "q0hX2m8Yw3-Vb7Nc1_Lk9Jf4Gd6Sa5Pz0Ot8Ri2Eu7W",
    ] {
        for (path, shown) in [
            (format!("/elsewhere/{credential}"), "/elsewhere/***"),
            (format!("/users/7/{credential}"), "/users/7/***"),
            (format!("/users/7/y?q={credential}"), "/users/7/y"),
            (format!("/{credential}/a/b/c/d/e"), "/***/a/b/c/d/e"),
        ] {
            let reply = host.send(&format!("GET {path}"));
            let message = format!("no mock answers GET {shown}");
            assert_eq!(reply.json()["message"], message);
            assert!(!reply.text().contains(credential), "{}", reply.text());
            let headers = HeaderMap::new();
            let method = http::Method::GET;
            let request = Request::new(&method, &path, &headers, b"");
            let explained = format!("{:?}", host.engine.explain(&request, &host.env()));
            // The request is no part of what is explained of a mock: only what was found in it.
            assert!(!explained.contains(credential), "{explained}");
            assert!(
                !host
                    .engine
                    .masked_target(&method, &path, None)
                    .contains(credential)
            );
        }
    }
    for id in [
        "550e8400-e29b-41d4-a716-446655440000",
        "507f1f77bcf86cd799439011",
        "12345678901234567890123456789012345",
        "how-to-write-a-very-long-title-for-a-post-in-2024",
        "2024-01-31T12:00:00.000Z",
    ] {
        let reply = host.send(&format!("GET /users/7/{id}?q={id}"));
        let message = format!("no mock answers GET /users/7/{id}");
        assert_eq!(reply.json()["message"], message);
        assert!(
            reply.json()["nearest"].to_string().contains(id),
            "{}",
            reply.text()
        );
    }
}

#[test]
fn hostile_requests_stay_json() {
    let host = birds();
    for line in [
        "GET /birds/%22%5C%00/songs/%FF",
        "GET /birds/\"/songs/<script>",
        "GET /gold?page=%00\u{2028}",
    ] {
        let reply = host.send(line);
        let json: Value = reply.json();
        assert_eq!(json["error"], "MOCK_NOT_FOUND", "{line}");
    }
    let long = format!("GET /birds/{}/songs/{}", "x".repeat(5000), "y".repeat(5000));
    let nearest = host.send(&long).json()["nearest"].to_string();
    assert!(nearest.len() < 1000, "{nearest}");
}

/// How many are timed.
const MISSES: u32 = 50;

/// The reasons are found among a few, however many there are.
#[test]
fn a_miss_among_thousands_is_bounded() {
    let mocks = |count: usize| -> Host {
        let one = |i: usize| {
            json!({"path": "/crowd", "responses": [{"conditions": [
                {"type": "header", "field": "X-Id", "operator": "equals", "value": format!("id-{i}")},
            ]}]})
        };
        Host::of_mocks((0..count).map(one).collect())
    };
    let host = mocks(5_000);
    let headers = [("x-id", "none")];
    let began = Instant::now();
    for _ in 0..MISSES {
        let json = host.send_with("GET /crowd", &headers, b"").json();
        let nearest = json["nearest"].as_array().unwrap();
        assert_eq!(nearest.len(), 3);
        assert_eq!(
            nearest[0]["reasons"][0],
            r#"header X-Id is "none", not "id-0""#
        );
    }
    // A search that looked at all 5,000 would take tens of milliseconds in a build for tests.
    let each = began.elapsed() / MISSES;
    assert!(each.as_millis() < 10, "{each:?} a miss");
}
