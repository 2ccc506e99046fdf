//! Edits of files that are served.

use crate::support::{Files, Server, spec, text_mock};

fn one(body: &str) -> String {
    spec(&text_mock("/a", body))
}

#[test]
fn an_edit_is_served_and_a_broken_one_is_not() {
    let files = Files::new(&[("a.json", &one("1"))]);
    let server = Server::start(&files, &["a.json"]);
    assert_eq!(server.get("/a").text(), "1");
    files.write(
        "a.json",
        &spec(&[text_mock("/a", "2"), text_mock("/b", "new")].join(",")),
    );
    server.wait_for("reloaded: 1 added, 1 changed (2 mocks now)");
    assert_eq!(server.get("/a").text(), "2");

    files.write("a.json", "{\"name\": \"a\",\n \"mokcs\": []}");
    let printed = server.wait_for("not reloaded: the last good version goes on answering");
    assert!(printed.contains("a.json:2:2  mokcs"), "{printed}");
    assert_eq!(server.get("/a").text(), "2");

    files.write("a.json", &one("3"));
    server.wait_for("reloaded: 1 changed, 1 removed (1 mock now)");
    assert_eq!(server.get("/a").text(), "3");
}

#[test]
fn a_save_by_renaming_is_noticed_again_and_again() {
    let files = Files::new(&[("a.json", &one("0"))]);
    let server = Server::start(&files, &["a.json"]);
    for n in 1..=3 {
        files.write("a.json.tmp", &one(&format!("version {n}")));
        std::fs::rename(files.path("a.json.tmp"), files.path("a.json")).unwrap();
        server.wait_until(
            |printed| printed.matches("reloaded: 1 changed").count() == n,
            "reloaded",
        );
        assert_eq!(server.get("/a").text(), format!("version {n}"));
    }
}

#[test]
fn a_file_that_goes_away_may_come_back() {
    let files = Files::new(&[("a.json", &one("1"))]);
    let server = Server::start(&files, &["a.json"]);
    std::fs::remove_file(files.path("a.json")).unwrap();
    server.wait_for("there is no such file");
    assert_eq!(server.get("/a").text(), "1");
    files.write("a.json", &one("back again"));
    server.wait_for("reloaded: 1 changed");
    assert_eq!(server.get("/a").text(), "back again");
}

#[test]
fn body_files_are_followed_wherever_they_lie() {
    let files = Files::new(&[(
        "a.json",
        &spec(r#"{"path": "/a", "responses": [{"bodyFile": "bodies/a.txt"}]}"#),
    )]);
    std::fs::create_dir(files.path("bodies")).unwrap();
    files.write("bodies/a.txt", "first");
    let server = Server::start(&files, &["a.json"]);
    assert_eq!(server.get("/a").text(), "first");
    files.write("bodies/a.txt", "second one");
    server.wait_for("reloaded");
    assert_eq!(server.get("/a").text(), "second one");
}

#[test]
fn without_watching_nothing_changes() {
    let files = Files::new(&[("a.json", &one("1"))]);
    let server = Server::start(&files, &["a.json", "--no-watch"]);
    files.write("a.json", &one("another"));
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert_eq!(server.get("/a").text(), "1");
    assert!(!server.wait_for("listening").contains("reloaded"));
}

#[test]
fn a_rate_limit_goes_on_after_a_reload() {
    let limited = r#"{"path": "/a", "rateLimit": {"requests": 2, "per": "hour"}, "responses": [{}, {"name": "slow", "statusCode": 429}]}"#;
    let files = Files::new(&[("a.json", &spec(limited))]);
    let server = Server::start(&files, &["a.json"]);
    assert_eq!(server.get("/a").status, 200);
    files.write("a.json", &spec(&[&text_mock("/b", "b"), limited].join(",")));
    server.wait_for("reloaded: 1 added");
    let statuses = [200, 429].map(|_| server.get("/a").status);
    assert_eq!(statuses, [200, 429]);
    server.wait_for("GET /a › slow  rate limit");
}

#[test]
fn seeded_draws_go_on_after_a_reload() {
    let mock = |path: &str| {
        format!(
            r#"{{"path": "{path}", "responses": [{{"body": "{{{{ randomInt(1, 1000000) }}}}"}}]}}"#
        )
    };
    let named =
        |name: &str, mocks: &str| format!(r#"{{"name": "{name}", "seed": 7, "mocks": [{mocks}]}}"#);
    let draws = |server: &Server, count| -> Vec<String> {
        let draw = |_| server.get("/dice").text().to_owned();
        (0..count).map(draw).collect()
    };
    let dice = mock("/dice");
    let files = Files::new(&[("a.json", &named("a", &dice))]);
    let whole = draws(&Server::start(&files, &["a.json"]), 9);

    let server = Server::start(&files, &["a.json"]);
    let mut parts = draws(&server, 3);
    files.write("a.json", &named("another", &dice));
    server.wait_for("reloaded:");
    parts.extend(draws(&server, 3));
    files.write("a.json", &named("a", &[mock("/first"), dice].join(",")));
    server.wait_for("reloaded: 1 added");
    parts.extend(draws(&server, 3));
    assert_eq!(parts, whole);
}
