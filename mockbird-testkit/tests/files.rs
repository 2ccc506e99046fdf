//! Mock files: loaded into a server, and written by one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod client;

use std::net::SocketAddr;

use std::time::Duration;

use client::{send_with, split};
use mockbird_testkit::prelude::*;
use proptest::prelude::{Just, Strategy, any as arbitrary, prop_oneof, proptest};
use proptest::test_runner::Config;

const BIRDS: &str = r#"{"name": "birds", "mocks": [
  {"name": "one bird", "path": "/birds/{name}", "responses": [{"body": {"name": "{{ request.params.name }}"}}]},
  {"path": "/birds", "responses": [{"bodyFile": "bodies/birds.txt"}]},
  {"name": "hidden", "path": "/birds", "responses": [{"body": "never"}]}
]}"#;

fn answer(address: SocketAddr, request: &str, headers: &str, body: &str) -> (u16, String) {
    split(&send_with(address, request, headers, body).unwrap())
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

#[test]
fn a_file_is_mounted_with_its_order_and_its_bodies() {
    let folder = folder(&[("api.json", BIRDS), ("bodies/birds.txt", "wren")]);
    let server = MockServer::start();
    server.mount(get("/birds").text("older"));
    let mocks = server.load(folder.path().join("api.json"));
    assert_eq!(
        mocks.names().collect::<Vec<_>>(),
        ["one bird", "GET /birds", "hidden"]
    );
    let ask = |path: &str| client::get(server.address(), path).1;
    assert_eq!(ask("/birds/wren"), r#"{"name":"wren"}"#);
    assert_eq!(ask("/birds"), "wren");
    assert_eq!(
        (
            mocks["one bird"].calls(),
            mocks[1].calls(),
            mocks["hidden"].calls()
        ),
        (1, 1, 0)
    );
    mocks[1].remove();
    assert_eq!(ask("/birds"), "never");
    server.mount(get("/birds").text("newer"));
    assert_eq!(ask("/birds"), "newer");
}

#[test]
fn all_faults_of_a_file_are_said_at_once_and_nothing_is_mounted() {
    let faulty = r#"{"name": "birds", "mocks": [
  {"path": "/birds", "responses": [{"bodyFile": "../secret"}, {"bodyFile": "none"}]},
  {"path": "birds", "responses": [{"statusCode": 99}]},
  {"path": "/ok", "responses": [{"body": "{{ nothing"}]},
  {"path": "/ok", "respones": []}
]}"#;
    let folder = folder(&[
        ("mocks/api.json", faulty),
        ("secret", "x"),
        ("mocks/bad.json", "{\n  oops"),
        ("mocks/api.txt", ""),
    ]);
    let server = MockServer::start().lenient();
    let said = |name: &str| {
        let error = server
            .try_load(folder.path().join(name))
            .unwrap_err()
            .to_string();
        error.replace(&folder.path().display().to_string(), "FOLDER")
    };
    let all = [
        "mocks/api.json",
        "mocks/bad.json",
        "mocks/api.txt",
        "mocks/none.json",
    ]
    .map(said);
    insta::assert_snapshot!(all.join("\n\n"));
    assert_eq!(answer(server.address(), "GET /ok", "", "").0, 404);
}

#[cfg(unix)]
#[test]
fn a_link_does_not_lead_out_of_the_folder() {
    let file = r#"{"name": "n", "mocks": [{"path": "/a", "responses": [{"bodyFile": "link"}]}]}"#;
    let folder = folder(&[("mocks/api.json", file), ("secret", "x")]);
    std::os::unix::fs::symlink(
        folder.path().join("secret"),
        folder.path().join("mocks/link"),
    )
    .unwrap();
    let server = MockServer::start();
    let error = server
        .try_load(folder.path().join("mocks/api.json"))
        .unwrap_err();
    assert!(
        error.to_string().contains("leads out of the folder"),
        "{error}"
    );
}

#[cfg(feature = "yaml")]
#[test]
fn yaml_is_read_with_its_feature() {
    let file = "name: birds\nmocks:\n  - path: /a\n    responses:\n      - body: yaml\n";
    let folder = folder(&[("api.yaml", file)]);
    let server = MockServer::start();
    server.load(folder.path().join("api.yaml"));
    assert_eq!(answer(server.address(), "GET /a", "", "").1, "yaml");
}

/// Loads what a server exports into another.
fn copy_of(server: &MockServer) -> MockServer {
    let text = server.export().unwrap();
    let folder = folder(&[("copy.json", &text)]);
    let copy = MockServer::start().lenient();
    copy.load(folder.path().join("copy.json"));
    copy
}

#[test]
fn an_export_is_a_readable_file() {
    let server = MockServer::start().lenient();
    server.mount(get("/birds").text("base"));
    server.mount(get("/gone")).remove();
    server.mount(
        request(["PUT", "PATCH"], "/birds/{name}")
            .header("x-key", contains("k").ignore_case())
            .when(any_of([
                query("a", absent()),
                json_path("$.n", greater_than(1)),
            ]))
            .reply(
                json(r#"{"name": "{{ request.params.name }}"}"#)
                    .status(201)
                    .header("x-a", "b")
                    .delay(Duration::from_millis(5)),
            )
            .expect(..),
    );
    server.mount(
        get(path_prefix("/"))
            .named("all")
            .priority(-1)
            .replies([text("often").weight(3), bytes([0xFF].as_slice()).weight(1)]),
    );
    insta::assert_snapshot!(server.export().unwrap());
    assert_eq!(copy_of(&server).export().unwrap(), server.export().unwrap());
}

#[test]
fn what_no_file_can_say_is_refused_by_name() {
    let server = MockServer::start().lenient();
    let gate = Gate::new();
    server.mount(get("/fine").text("fine"));
    server.mount(
        get("/closures")
            .matching(|_| true)
            .when(query_count("a", 2))
            .reply(respond_with(|_| text("x"))),
    );
    server.mount(
        get("/calls")
            .at_most(2)
            .check(header("accept", exists()))
            .text("x"),
    );
    server.mount(
        get("/sequence")
            .replies([status(503), text("x").behind(&gate)])
            .then_fail(),
    );
    server.mount(get("/wire").replies([
        chunks(["a", "b"]),
        text("x").broken(Fault::Reset).trailer("x-a", "b"),
    ]));
    let error = server.export().unwrap_err().to_string();
    // Lines of this file change.
    let place = regex::Regex::new(r"\.rs:\d+(:\d+)?").unwrap();
    insta::assert_snapshot!(place.replace_all(&error, ".rs:LINE"));
}

/// A mock of few words, so that several meet on one request.
fn mount() -> impl Strategy<Value = Mount> {
    let methods = prop_oneof![
        Just(request("GET", "/a")),
        Just(request(["GET", "POST"], "/{x}")),
        Just(any("/a")),
        Just(get("/{*rest}")),
        Just(get(path_regex("a|^/$"))),
        Just(any(path_glob("/*"))),
        Just(post(path_prefix("/a"))),
    ];
    let matcher = prop_oneof![
        Just(query("q", "1")),
        Just(query("q", not("1"))),
        Just(header("x-h", exists())),
        Just(any_of([header("x-h", "1"), query("q", absent())])),
        Just(body(json_contains(r#"{"a": 1}"#))),
        Just(form("f", "1")),
        Just(method("POST")),
    ];
    let matchers = proptest::collection::vec(matcher, 0..3);
    (methods, matchers, -1..2_i32).prop_map(|(mount, matchers, priority)| {
        let mount = if priority == 0 {
            mount
        } else {
            mount.priority(priority)
        };
        matchers.into_iter().fold(mount, Mount::when)
    })
}

proptest! {
    #![proptest_config(Config { cases: 48, ..Config::default() })]

    /// Mounted, exported and loaded, mocks answer as before.
    #[test]
    fn a_copy_answers_as_its_original(mounts in proptest::collection::vec(mount(), 1..6), gone in arbitrary::<usize>()) {
        let server = MockServer::start().lenient();
        let handles: Vec<_> = (0_u32..).zip(mounts).map(|(number, mount)| {
            server.mount(mount.reply(text(format!("mock {number}"))))
        }).collect();
        if gone % 2 == 0 {
            handles[gone % handles.len()].remove();
        }
        let copy = copy_of(&server);
        let form = "content-type: application/x-www-form-urlencoded\r\n";
        for path in ["/", "/a", "/b", "/a/b", "/a?q=1", "/b?q=2"] {
            for (method, headers, body) in [
                ("GET", "", ""),
                ("GET", "x-h: 1\r\n", ""),
                ("POST", "", r#"{"a": 1}"#),
                ("POST", form, "f=1"),
                ("PUT", "x-h: 2\r\n", "x"),
            ] {
                let asked = format!("{method} {path}");
                let told = [&server, &copy].map(|server| answer(server.address(), &asked, headers, body));
                let is_miss = told.iter().all(|(status, _)| *status == 404);
                assert!(is_miss || told[0] == told[1], "{asked} {headers} {body}: {told:?}\n{}", server.export().unwrap());
            }
        }
    }
}

#[test]
fn a_mount_becomes_mocks_of_a_file_and_back() {
    let mocks = get("/a").query("q", "1").text("x").to_mocks().unwrap();
    let server = MockServer::start().lenient();
    server.mount(Mount::from(mocks[0].clone()));
    assert_eq!(answer(server.address(), "GET /a?q=1", "", "").1, "x");
    assert_eq!(answer(server.address(), "GET /a", "", "").0, 404);
}
