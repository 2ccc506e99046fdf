//! What `mockbird run` prints.

use crate::support::{Files, Server, mockbird, text_mock};

/// What was printed, with addresses, times and durations made equal.
fn tidy(server: &Server, printed: &str) -> String {
    let text = printed.replace(&format!(":{}", server.port), ":PORT");
    let time = regex::Regex::new(r"(?m)^\d\d:\d\d:\d\d\.\d{3}").unwrap();
    let took = regex::Regex::new(r"\d+(\.\d+)? (µs|ms|s)\n").unwrap();
    let text = time.replace_all(&text, "TIME");
    took.replace_all(&text, "TOOK\n").into_owned()
}

#[test]
fn routes_requests_and_near_misses() {
    let (server, _files) = Server::with_mocks(
        r#"
        {"name": "Get user", "path": "/users/{id}", "responses": [
            {"name": "found", "body": "ok",
             "conditions": [{"type": "query", "field": "page", "operator": "equals", "value": "1"}]}]},
        {"path": "/broken", "responses": [{"body": "{{ 1 / 0 }}"}]},
        {"name": "Users", "path": "/users/{userId}", "responses": [{"body": "shadowed",
             "conditions": [{"type": "query", "field": "page", "operator": "equals", "value": "1"}]}]}
        "#,
        &["--no-watch"],
    );
    server.get("/users/7?page=1");
    server.get("/users/7?page=2");
    server.send(b"POST /users/7 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    server.get("/broken");
    server.get("/esc%1b\u{9b}31m");
    server.send(b"NONSENSE\r\n\r\n");
    let printed = server.wait_for("in the form of HTTP/1.1");
    insta::assert_snapshot!(tidy(&server, &printed));
}

#[test]
fn secrets_of_a_target_are_not_printed() {
    let mocks = r#"{"path": "/reset/{token}", "method": "PUT", "responses": [{"body": "ok"}]},
        {"path": "/key/{secret}", "responses": [{"body": "ok"}]}"#;
    let (server, _files) = Server::with_mocks(mocks, &["--no-watch"]);
    server.get("/reset/hunter2");
    server.get("/key/hunter2?token=hunter2&page=3");
    server.get("/last");
    let printed = server.wait_for("/last");
    assert!(!printed.contains("hunter2"), "{printed}");
    assert!(printed.contains("/reset/***"), "{printed}");
    assert!(printed.contains("/key/***?token=***&page=3"), "{printed}");
}

#[test]
fn quiet_says_nothing_of_requests() {
    let (server, _files) = Server::with_mocks(&text_mock("/a", "ok"), &["--quiet"]);
    assert_eq!(server.get("/a").text(), "ok");
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert!(
        server
            .wait_for("listening on")
            .trim_end()
            .ends_with(&server.port.to_string())
    );
}

#[test]
fn what_cannot_be_served_is_said_with_a_remedy() {
    let files = Files::new(&[
        ("good.json", &crate::support::spec(&text_mock("/a", "ok"))),
        ("bad.json", "{\"name\": \"bad\",\n \"mocks\": [}"),
        ("mocks.txt", ""),
        (
            "seed.json",
            r#"{"name": "s", "seed": 1, "cors": false, "mocks": []}"#,
        ),
        (
            "other.json",
            r#"{"name": "o", "seed": 2, "cors": true, "mocks": []}"#,
        ),
    ]);
    let taken = Server::start(&files, &["good.json"]);
    let port = taken.port.to_string();
    let mut all = String::new();
    for arguments in [
        &["good.json", "--port", &port][..],
        &["none.json"],
        &["."],
        &["mocks.txt"],
        &["bad.json"],
        &["seed.json", "other.json"],
        &["good.json", "--host", "192.0.2.1"],
        &[],
    ] {
        let output = mockbird(&files, &[&["run"], arguments].concat());
        let said = String::from_utf8(output.stderr)
            .unwrap()
            .replace(&port, "PORT");
        let arguments = arguments.join(" ").replace(&port, "PORT");
        all += &format!(
            "$ mockbird run {arguments}\n{said}=> {:?}\n\n",
            output.status.code().unwrap()
        );
    }
    insta::assert_snapshot!(all);
}
