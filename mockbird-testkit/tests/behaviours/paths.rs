//! Behaviours 1 to 4, and who answers a path.

use mockbird_testkit::PathPattern;
use mockbird_testkit::prelude::*;

use crate::client::{answers, ask, panic_of};

/// 1: a server without mocks answers, and says that nobody does.
#[test]
fn a_server_without_mocks_says_no() {
    let server = MockServer::start().lenient();
    let reply = ask("GET /").of(&server);
    assert_eq!(reply.status, 404);
    assert!(
        reply.body.contains("no mock answers GET /"),
        "{}",
        reply.body
    );
}

/// 2: what is no path is refused where the mock is mounted, with the path that was meant.
#[test]
fn what_is_no_path_is_refused_with_advice() {
    let server = MockServer::start();
    for (path, advice) in [
        ("hello", "/hello"),
        ("/hello?a=1", "query"),
        ("http://example.com/hello", "/hello"),
    ] {
        let told = panic_of(|| {
            server.mount(get(path).text("x"));
        });
        assert!(told.contains(advice), "{path}: {told}");
    }
}

/// 3: a method in any case is the known one.
#[test]
fn methods_are_known_in_any_case() {
    answers(
        request("Get", "/a"),
        &[(ask("GET /a"), true), (ask("POST /a"), false)],
    );
    answers(
        request(["put", "PATCH"], "/a"),
        &[
            (ask("PUT /a"), true),
            (ask("PATCH /a"), true),
            (ask("GET /a"), false),
        ],
    );
}

/// 4: a mock that says nothing of the query answers with any.
#[test]
fn the_query_is_no_part_of_the_path() {
    for path in [
        PathPattern::from("/a"),
        path_regex("^/a$"),
        path_glob("/a"),
        path_prefix("/a"),
    ] {
        answers(
            get(path),
            &[
                (ask("GET /a"), true),
                (ask("GET /a?x=1"), true),
                (ask("GET /a?"), true),
                (ask("GET /b?/a"), false),
            ],
        );
    }
}

/// Where the others disagree: paths are compared decoded, and dots are no part of a path that clients send.
#[test]
fn paths_are_compared_decoded() {
    answers(
        get("/a b"),
        &[
            (ask("GET /a%20b"), true),
            (ask("GET /a+b"), false),
            (ask("GET /a%2520b"), false),
        ],
    );
    answers(
        get("/b"),
        &[(ask("GET /a/../b"), false), (ask("GET /%62"), true)],
    );
}
