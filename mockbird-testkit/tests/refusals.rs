//! What no mock can mean is refused where it is mounted: what is wrong, where, and what to do.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::reversed_empty_ranges, reason = "what a test may get wrong")]

use std::time::Duration;

use mockbird_testkit::prelude::*;

/// Lines of this file change.
fn without_lines(text: &str) -> String {
    let place = regex::Regex::new(r"\.rs:\d+:\d+").unwrap();
    place.replace_all(text, ".rs:LINE").into_owned()
}

/// All that is said of these mocks, a paragraph each.
fn faults_of(mocks: impl IntoIterator<Item = Mount>) -> String {
    let server = MockServer::start();
    let faults = |mount: Mount| {
        let error = server.try_mount(mount).unwrap_err();
        let faults: Vec<_> = error.faults().iter().map(ToString::to_string).collect();
        faults.join("\n")
    };
    let all: Vec<_> = mocks.into_iter().map(faults).collect();
    without_lines(&all.join("\n\n"))
}

#[test]
fn what_is_wrong_with_a_mock_is_said_in_the_words_of_the_test() {
    let said = faults_of([
        get("http://localhost:80/a?x=1"),
        get("/a?x=1"),
        get("a"),
        get(path_regex("(")),
        get(path_regex("^api/v1")),
        get(path_glob("*.css")),
        get(path_prefix("api/")),
        request(["no method", "GET"], "/a"),
        request([""; 0], "/a"),
        get("/a")
            .header("x key", "1")
            .query("", exists())
            .replies([status(99), status(200)]),
        post("/a")
            .body(json_equals("{nonsense"))
            .json_path("/a", "1")
            .xpath("a", "1")
            .form("$a", "1"),
        get("/a").when(any_of([])).check(header("x", matches("("))),
        get("/a")
            .when(any_of([matching(|_| true), header("", "1")]))
            .query("q", f64::NAN),
        get("/a/{id}")
            .param("ID", "1")
            .when(not(any_of([param("x", exists()), header("x", "1")])))
            .when(any_of([matching(|_| true), param("y", "1")]))
            .check(param("z", "1")),
        get("/a").param("id", absent()),
        any("/a")
            .when(method("get"))
            .check(method("post"))
            .header("age", greater_than("young")),
        get("/a")
            .basic_auth("a:b", "c")
            .check(query_count("q", 3..1)),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn times_that_no_reply_can_take() {
    let ms = Duration::from_millis;
    let said = faults_of([
        get("/a").reply(status(200).delay_between(ms(80), ms(20))),
        get("/a").delay(Duration::MAX),
        get("/a").reply(status(200).delay_between(ms(1), Duration::MAX)),
        get("/a").reply(status(200).delay_lognormal(ms(120), f64::NAN)),
        get("/a").replies([
            status(200).delay_lognormal(ms(120), -1.0),
            status(200).delay_lognormal(Duration::MAX, 1e9),
        ]),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn numbers_of_calls_that_no_test_can_have() {
    let said = faults_of([
        get("/a").expect(5..3),
        get("/a").expect(3..=2),
        get("/a").expect(2..2),
        get("/a").expect(..0),
        get("/a").at_most(1).expect(3),
        get("/a").expect(2..).at_most(1),
        get("/a")
            .replies([status(503), status(200)])
            .then_fail()
            .expect(3..),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn templates_that_name_nothing() {
    let said = faults_of([
        get("/a").text("Hello {{ name }}"),
        request(["GET", "PUT"], "/birds/{name}").json(r#"{"name": "{{ request.params.nmae }}"}"#),
        get("/a").replies([
            text("fine"),
            text("fine").header("x-a", "{{ rquest.path }}"),
        ]),
    ]);
    insta::assert_snapshot!(said);
    let server = MockServer::start();
    server.mount(get("/a").reply(bytes("Hello {{ name }}")));
    server
        .mount(get("/b").text("{% set name = 1 %}{{ name }}{{ request.query.x | default('x') }}"));
    server.mount(get("/d").text("[not JSON, and no template"));
    server.mount(get("/c").reply(respond_with(|_| text("Hello {{ name }}"))));
}

#[test]
fn replies_of_which_one_would_be_lost() {
    let of_file = Mount::from(core_mock());
    let said = faults_of([
        get("/a").replies([]),
        get("/a").status(201).reply(json("[]")),
        get("/a").reply(status(503)).reply(json("[]")),
        get("/a")
            .delay(Duration::from_millis(1))
            .replies([status(503), json("[]")]),
        get("/a").replies([status(503), json("[]")]).status(201),
        get("/a").replies([text("a").weight(0), text("b").weight(0)]),
        of_file.clone().status(201),
        get("/a").json("{broken"),
        get("/a").replies([json("1"), json("wren")]),
    ]);
    insta::assert_snapshot!(said);
    let server = MockServer::start();
    server.mount(of_file.reply(status(201)));
    server.mount(
        get("/a")
            .status(201)
            .text("a")
            .delay(Duration::from_millis(1)),
    );
    server.mount(get("/a").reply(json("[]")).status(201));
    for fine in ["^a?/b", "^a|/b", "^/a", "a", "^[a/]"] {
        server.mount(get(path_regex(fine)));
    }
    for fine in ["/*", "**a", "**"] {
        server.mount(get(path_glob(fine)));
    }
    server.mount(any(path_prefix("")).json("{% if true %}1{% endif %}"));
}

/// A mock as a file has it.
fn core_mock() -> mockbird_testkit::core::spec::Mock {
    let mocks = get("/file").text("of a file").to_mocks();
    mocks.unwrap().remove(0)
}

#[test]
#[should_panic(expected = "`content-length: 1` is no trailer that HTTP allows")]
fn trailers_that_would_not_be_sent() {
    let _ = text("a").trailer("content-length", "1");
}
