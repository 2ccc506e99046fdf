//! What a developer reads when a test fails: every kind of message, as it stands in the terminal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod client;

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use client::{get as ask, send_with};
use insta::assert_snapshot;
use mockbird_testkit::prelude::*;

/// What a panic says, without the lines of this file, which change with it.
fn panic_of(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("a panic");
    let text = panic.downcast_ref::<String>().expect("its text");
    let mut parts = text.split("messages.rs:");
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
        write!(out, "messages.rs:LINE{rest}").unwrap();
    }
    out
}

/// What the end of a test says of this server.
fn report(server: MockServer) -> String {
    panic_of(|| drop(server))
}

fn send(server: &MockServer, line: &str, headers: &str, body: &str) -> String {
    send_with(server.address(), line, headers, body).expect("a reply")
}

#[test]
fn too_few_calls() {
    let server = MockServer::start();
    server.mount(
        post("/users/{id}/pay")
            .named("charge card")
            .query("dry", "1")
            .header("x-trace", exists())
            .status(503)
            .expect(3),
    );
    server.mount(
        post("/users/{id}/pay")
            .named("charge card (default)")
            .header("x-old", "1")
            .priority(1)
            .text("paid"),
    );
    server.mount(get("/healthz").text("fine"));
    let pay = |target: &str, headers: &str| {
        send(&server, &format!("POST {target}"), headers, "");
    };
    pay("/users/7/pay?dry=1", "x-trace: 1\r\n");
    pay("/users/7/pay?dry=1", "");
    pay("/users/8/pay?dry=1", "x-old: 1\r\nx-trace: 1\r\n");
    ask(server.address(), "/health");
    assert_snapshot!(report(server));
}

#[test]
fn no_request_at_all() {
    let server = MockServer::start();
    server.mount(get("/birds").expect(1..));
    assert_snapshot!(report(server));
}

#[test]
fn too_many_calls_and_calls_never_wanted() {
    let server = MockServer::start();
    server.mount(get("/birds").expect(..=1));
    server.mount(get("/cats").named("cats stay out").never());
    for path in ["/birds", "/birds", "/cats"] {
        ask(server.address(), path);
    }
    assert_snapshot!(report(server));
}

#[test]
fn nobody_answers() {
    let server = MockServer::start();
    server.mount(get("/birds/{name}").header("accept", contains("json")));
    server.mount(request(["PUT", "PATCH"], "/birds/{name}"));
    for path in [
        "/birds/wren",
        "/bird/wren",
        "//birds/wren",
        "/quite/another/path",
    ] {
        ask(server.address(), path);
    }
    assert_snapshot!(report(server));
}

#[test]
fn paths_that_are_no_templates() {
    let server = MockServer::start();
    server.mount(get(path_glob("/static/*.css")).header("accept", exists()));
    server.mount(
        get(path_regex("^/birds/[0-9]+$"))
            .named("by number")
            .expect(1),
    );
    server.mount(post(path_prefix("/api/")));
    for path in ["/static/main.css", "/birds/wren"] {
        ask(server.address(), path);
    }
    assert_snapshot!(report(server));
}

#[test]
fn nobody_answers_without_mocks() {
    let server = MockServer::start();
    for n in 0..12 {
        ask(server.address(), &format!("/{n}"));
    }
    assert_snapshot!(report(server));
}

const ORDER: &str = r#"{"customer": {"name": "wren", "card": {"pin": "1234"}},
    "items": [{"sku": "b", "qty": 1}, {"sku": "a", "qty": 1}], "note": null}"#;

#[test]
fn json_that_differs() {
    let server = MockServer::start();
    server.mount(
        post("/orders")
            .body(json_contains(
                r#"{"items": [{"sku": "a", "qty": 2}, {"sku": "z"}], "total": 9}"#,
            ))
            .expect(1),
    );
    server.mount(post("/orders").named("the very order").body(json_equals(
        r#"{"customer": {"name": "wren", "card": {"pin": "4321"}},
            "items": [{"sku": "b", "qty": 1}, {"sku": "a", "qty": 2}]}"#,
    )));
    send(
        &server,
        "POST /orders",
        "content-type: application/json\r\n",
        ORDER,
    );
    assert_snapshot!(report(server));
}

#[test]
fn json_that_differs_in_many_places() {
    let numbers = |from: usize| {
        let numbers: Vec<_> = (from..from + 30).map(|n| n.to_string()).collect();
        format!("[{}]", numbers.join(","))
    };
    let server = MockServer::start();
    server.mount(post("/numbers").body(json_equals(numbers(0))));
    send(&server, "POST /numbers", "", &numbers(100));
    assert_snapshot!(report(server));
}

#[test]
fn bodies_that_are_no_text() {
    let server = MockServer::start();
    server.mount(post("/upload").body("a text"));
    let mut body = vec![0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0xff];
    body.resize(3000, 0);
    client::send_bytes(server.address(), "POST /upload", &body).unwrap();
    // With the feature `digest` there is more to tell, and the line is broken elsewhere.
    let told = report(server);
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let digest = regex::Regex::new(", sha256 [0-9a-f]{64}").unwrap();
    let reason = r#"body is 3000 bytes of binary data (89 50 4e 47 0d 0a 1a 0a ...), not "a text""#;
    assert!(digest.replace(&told, "").contains(reason), "{told}");
}

/// Nobody has a wider terminal for sure.
#[test]
fn long_lines() {
    let long = format!("/{}", ["a-rather-long-segment"; 4].join("/"));
    let server = MockServer::start();
    server.mount(get(&*format!("{long}/{{bird}}")).expect(1));
    server.mount(
        post(&*long)
            .named("a mock whose name says all that there is to say of it, and then some")
            .header(
                "accept",
                contains("a text that is long enough to be too long for its line"),
            ),
    );
    let accept = "accept: another text that is long enough to be too long for its line\r\n";
    send(
        &server,
        &format!("POST {long}?{}", "q".repeat(300)),
        accept,
        "",
    );
    ask(server.address(), &format!("{long}/egg/wren"));
    assert_snapshot!(report(server));
}

/// Without the feature that inflates it, or where there is none.
#[test]
fn bodies_that_came_compressed() {
    let server = MockServer::start();
    server.mount(
        post("/birds")
            .body(json_contains(r#"{"name": "wren"}"#))
            .expect(1),
    );
    server.mount(post("/eggs").body(contains("egg")));
    // Another crate of the same build may have turned it on in the engine.
    let codings = if mockbird_core::INFLATES {
        "zstd"
    } else {
        "identity, GZIP"
    };
    let headers = format!("content-type: application/json\r\ncontent-encoding: {codings}\r\n");
    send(&server, "POST /birds", &headers, "\u{1f}\u{8b}...");
    let reply = send(&server, "POST /eggs", &headers, "\u{1f}\u{8b}...");
    let report = report(server);
    for said in [&reply, &report] {
        assert!(said.contains("was not inflated"), "{said}");
    }
    if !mockbird_core::INFLATES {
        assert_snapshot!(report);
    }
}

/// What a file may have and a test may not: a condition that no request passes.
#[test]
fn mistakes_in_mocks_of_a_file_are_noted_where_nobody_answers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("birds.json");
    let method = r#"{"type": "method", "operator": "equals", "value": "get"}"#;
    let mocks = format!(r#"[{{"path": "/birds", "responses": [{{"conditions": [{method}]}}]}}]"#);
    std::fs::write(&file, format!(r#"{{"name": "birds", "mocks": {mocks}}}"#)).unwrap();
    let server = MockServer::start();
    server.load(&file);
    ask(server.address(), "/birds");
    ask(server.address(), "/birds");
    let folder = folder.path().display().to_string();
    assert_snapshot!(report(server).replace(&folder, "FOLDER"));
}

#[test]
fn checks_that_fail() {
    let server = MockServer::start();
    server.mount(
        post("/pay")
            .named("charge card")
            .check(header("idempotency-key", exists()))
            .check(json_path("$.amount", greater_than(0)))
            .status(201),
    );
    for body in [r#"{"amount": -5}"#, r#"{"amount": 5}"#] {
        send(
            &server,
            "POST /pay",
            "content-type: application/json\r\n",
            body,
        );
    }
    assert_snapshot!(report(server));
}

#[test]
fn another_order() {
    let server = MockServer::start();
    let [login, fetch, logout] = ["login", "fetch", "logout"]
        .map(|name| server.mount(get(format!("/{name}").as_str()).named(name)));
    server.expect_order([&login, &fetch, &logout]);
    for path in ["/login", "/logout", "/fetch", "/fetch"] {
        ask(server.address(), path);
    }
    assert_snapshot!(report(server));
}

#[test]
fn an_order_without_its_end() {
    let server = MockServer::start();
    let login = server.mount(get("/login"));
    let logout = server.mount(get("/logout"));
    server.expect_order([&login, &logout]);
    ask(server.address(), "/login");
    assert_snapshot!(report(server));
}

#[test]
fn closures_that_say_no_or_panic() {
    let server = MockServer::start();
    let odd = |request: &ReceivedRequest| {
        let n = request.query_value("n");
        n.is_some_and(|n| n.ends_with(['1', '3', '5', '7', '9']))
    };
    server.mount(get("/a").named("odd numbers").when(matching(odd)));
    server.mount(get("/once").at_most(1));
    server.mount(get("/b").reply(respond_with(|_| panic!("out of ideas"))));
    for path in ["/a?n=2", "/once", "/once", "/b"] {
        ask(server.address(), path);
    }
    assert_snapshot!(report(server));
}

#[test]
fn waiting_in_vain() {
    let server = MockServer::start().lenient();
    let told = server.mount(post("/told").named("told").body("done"));
    send(&server, "POST /told", "", "done");
    send(&server, "POST /told", "", "not yet");
    let moment = Duration::from_millis(10);
    assert_snapshot!("waiting_for_calls", panic_of(|| told.wait_for(2, moment)));
    assert_snapshot!(
        "waiting_for_requests",
        panic_of(|| server.wait_until(moment, |requests| requests.len() == 3))
    );
}

#[test]
fn requests_that_were_forgotten() {
    let server = MockServer::builder().journal_limit(2, 1 << 20).start();
    let birds = server.mount(get("/birds").expect(3));
    server.expect_order([&birds]);
    for _ in 0..4 {
        ask(server.address(), "/birds");
    }
    assert_snapshot!(report(server));
}

#[test]
fn secrets_are_not_told() {
    let server = MockServer::start();
    server.mount(get("/me").bearer("HUNTER1").query("api_key", "HUNTER2"));
    let headers = "authorization: Bearer HUNTER3\r\n";
    let reply = send(&server, "GET /me?api_key=HUNTER4", headers, "");
    let report = report(server);
    for text in [&reply, &report] {
        assert!(!text.contains("HUNTER"), "{text}");
    }
    assert_snapshot!(report);
}

#[test]
fn the_reply_to_a_request_nobody_answers() {
    let server = MockServer::start().lenient();
    server.mount(
        post("/orders")
            .when(matching(|_: &ReceivedRequest| Err("no lucky day")))
            .body(json_contains(r#"{"items": [{"sku": "a", "qty": 2}]}"#)),
    );
    let reply = send(
        &server,
        "POST /orders",
        "content-type: application/json\r\n",
        ORDER,
    );
    let (_, body) = reply.split_once("\r\n\r\n").unwrap();
    assert_snapshot!(panic_of(|| panic!("{}", body.replace(",\"", ",\n\""))));
}

#[test]
fn mocks_that_are_probably_mistaken() {
    let server = MockServer::start();
    server.mount(get("/birds/{name}").text("trill").expect(1));
    server.mount(
        get("/birds/{name}")
            .named("in place of all birds")
            .priority(1)
            .text("tweet"),
    );
    server.mount(
        delete("/birds")
            .replies([status(204).text("gone"), status(410)])
            .expect(1),
    );
    // No mistakes: both may well let requests go on.
    server.mount(get("/cats").expect(1));
    server.mount(get("/cats").at_most(1));
    server.mount(get("/dogs").expect(1));
    server.mount(get("/dogs").matching(|_| false));
    assert_snapshot!(report(server));
}

#[test]
fn mocks_of_several_methods_are_one() {
    let server = MockServer::start();
    server.mount(request(["GET", "POST", "PUT"], "/birds").expect(1));
    server.mount(request(["GET", "POST", "PATCH"], "/birds").header("x-a", "1"));
    server.mount(post("/birds").named("the third").priority(-1));
    let reply = send(&server, "DELETE /birds", "", "");
    assert_eq!(reply.matches("GET, POST or P").count(), 2, "{reply}");
    assert!(reply.contains(r#""method":"GET|POST|PUT""#), "{reply}");
    assert!(reply.contains("the third"), "{reply}");
    // Similar by its letters.
    send(&server, "GET /bird", "", "");
    assert_snapshot!(report(server));
}
