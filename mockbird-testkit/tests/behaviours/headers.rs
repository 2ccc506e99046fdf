//! Behaviours 11 to 17: headers, cookies and who is signed in.

use mockbird_testkit::prelude::*;

use crate::client::{answers, ask, send};

/// 11: names are the same in any case; values are not, unless said so.
#[test]
fn names_are_the_same_in_any_case() {
    answers(
        get("/").header("X-Custom", "One"),
        &[
            (ask("GET /").header("x-custom: One"), true),
            (ask("GET /").header("X-CUSTOM: One"), true),
            (ask("GET /").header("x-custom: one"), false),
        ],
    );
    answers(
        get("/").header("x-custom", equals("One").ignore_case()),
        &[(ask("GET /").header("x-custom: oNE"), true)],
    );
}

/// 12: several values, in one line or in several.
#[test]
fn several_values_are_a_list() {
    answers(
        get("/").when(header_values("cache-control", ["no-cache", "no-store"])),
        &[
            (
                ask("GET /").header("cache-control: no-cache, no-store"),
                true,
            ),
            (
                ask("GET /")
                    .header("cache-control: no-cache")
                    .header("cache-control: no-store"),
                true,
            ),
            (ask("GET /").header("cache-control: no-cache"), false),
            (
                ask("GET /").header("cache-control: no-cache, no-store, private"),
                false,
            ),
            (ask("GET /"), false),
        ],
    );
}

/// 13: a comma is no border where one value is meant.
#[test]
fn a_value_may_hold_a_comma() {
    let date = "Sat, 02 May 2026 10:00:00 GMT";
    answers(
        get("/").header("if-modified-since", date),
        &[
            (
                ask("GET /").header(&format!("if-modified-since: {date}")),
                true,
            ),
            (ask("GET /").header("if-modified-since: Sat"), false),
        ],
    );
}

/// 14: of a repeated header one value is enough, unless every one is asked.
#[test]
fn repeated_headers_are_asked_one_or_all() {
    let both = |last: &str| ask("GET /").header("x-tag: bird-1").header(last);
    answers(
        get("/").header("x-tag", matches("^bird")),
        &[
            (both("x-tag: bird-2"), true),
            (both("x-tag: cat"), true),
            (ask("GET /"), false),
        ],
    );
    answers(
        get("/").when(each_header("x-tag", matches("^bird"))),
        &[
            (both("x-tag: bird-2"), true),
            (both("x-tag: cat"), false),
            (ask("GET /"), false),
        ],
    );
}

/// 15: an empty header is there.
#[test]
fn an_empty_header_is_there() {
    answers(
        get("/").header("x-a", absent()),
        &[(ask("GET /"), true), (ask("GET /").header("x-a:"), false)],
    );
    answers(
        get("/").header("x-a", exists()),
        &[(ask("GET /").header("x-a:"), true), (ask("GET /"), false)],
    );
}

/// 16: matchers are put together.
#[test]
fn one_of_several_may_be_enough() {
    let sent = |values: &[&str]| {
        values.iter().fold(ask("GET /"), |ask, value| {
            ask.header(&format!("x-a: {value}"))
        })
    };
    answers(
        get("/").when(any_of([each_header("x-a", "one"), header("x-a", absent())])),
        &[
            (sent(&[]), true),
            (sent(&["one", "one"]), true),
            (sent(&["wrong", "one"]), false),
            (sent(&["one", "wrong"]), false),
        ],
    );
}

/// 17: who is signed in.
#[test]
fn credentials_are_compared() {
    answers(
        get("/").basic_auth("Aladdin", "open sesame"),
        &[
            (
                ask("GET /").header("authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
                true,
            ),
            (
                ask("GET /").header("authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZR=="),
                false,
            ),
            (ask("GET /"), false),
        ],
    );
    answers(
        get("/").bearer("token"),
        &[
            (ask("GET /").header("authorization: Bearer token"), true),
            (ask("GET /").header("authorization: Bearer tokens"), false),
        ],
    );
    answers(
        get("/").cookie("sid", starts_with("s-")),
        &[
            (ask("GET /").header("cookie: a=b; sid=s-1"), true),
            (ask("GET /").header("cookie: sid=t-1"), false),
        ],
    );
}

/// 25: what is no HTTP is refused before any mock is asked.
#[test]
fn malformed_requests_reach_no_mock() {
    let server = MockServer::start();
    let all = server.mount(any("/{*rest}").never());
    let reply = send(
        server.address(),
        b"GET /a HTTP/1.1\r\nhost: x\r\nno colon here\r\n\r\n",
    )
    .unwrap();
    assert!(reply.starts_with("HTTP/1.1 400"), "{reply}");
    assert_eq!(all.calls(), 0);
}
