//! Which methods and paths a mock takes.

use mockbird_testkit::prelude::*;

use crate::{check, line, status_of};

#[test]
fn methods() {
    check(
        get("/a"),
        &[line("GET /a")],
        &[line("POST /a"), line("get /a")],
    );
    check(request("Get", "/a"), &[line("GET /a")], &[line("PUT /a")]);
    check(
        request(["put", "PATCH"], "/a"),
        &[line("PUT /a"), line("PATCH /a")],
        &[line("GET /a"), line("DELETE /a")],
    );
    check(
        request("PURGE", "/a"),
        &[line("PURGE /a")],
        &[line("GET /a")],
    );
    check(any("/a"), &[line("GET /a"), line("PURGE /a")], &[]);
    check(
        any("/a").when(not(any_of([method("GET"), method("HEAD")]))),
        &[line("PUT /a")],
        &[line("GET /a")],
    );
}

#[test]
fn several_methods_stand_where_one_would() {
    let server = MockServer::start();
    server.mount(get("/a").status(201));
    let both = server.mount(request(["GET", "POST"], "/a").status(202));
    assert_eq!(status_of(server.address(), line("GET /a")), 202);
    assert_eq!(status_of(server.address(), line("POST /a")), 202);
    assert_eq!(both.calls(), 2);
    both.remove();
    assert_eq!(status_of(server.address(), line("GET /a")), 201);
}

#[test]
fn paths() {
    check(
        get("/a"),
        &[
            line("GET /a"),
            line("GET /a?x=1"),
            line("GET /a?"),
            line("GET /a/"),
        ],
        &[
            line("GET /b"),
            line("GET /a/b"),
            line("GET /A"),
            line("GET /x/../a"),
        ],
    );
    check(get("/a b"), &[line("GET /a%20b")], &[line("GET /a+b")]);
    check(
        get(path_regex("^/a/[0-9]+$")),
        &[line("GET /a/1"), line("GET /a/12?x"), line("GET /a/%31")],
        &[
            line("GET /a"),
            line("GET /a/x"),
            line("GET /a/1/"),
            line("GET /"),
        ],
    );
    check(
        get(path_regex("x|^/$")),
        &[line("GET /"), line("GET /axb")],
        &[line("GET /a")],
    );
    check(
        get(path_glob("/a/*.css")),
        &[line("GET /a/b.css"), line("GET /a/.css")],
        &[line("GET /a/b/c.css"), line("GET /a/b.js")],
    );
    check(
        get(path_glob("/**")),
        &[line("GET /"), line("GET /a/b")],
        &[line("POST /a")],
    );
    check(
        get(path_prefix("/a")),
        &[line("GET /a"), line("GET /ab/c")],
        &[line("GET /b"), line("GET /")],
    );
    check(
        get(path_prefix("/")),
        &[line("GET /"), line("GET /b/")],
        &[],
    );
    check(
        get("/users/{id}").param("id", matches("^[0-9]+$")),
        &[line("GET /users/7")],
        &[line("GET /users/x")],
    );
    check(
        get("/users/{id}").param("id", "a b"),
        &[line("GET /users/a%20b")],
        &[line("GET /users/a")],
    );
}

#[test]
fn paths_that_begin_with_two_slashes() {
    for mount in [
        any(path_prefix("/")),
        any(path_regex("a")),
        any(path_glob("/**")),
        any("/{*rest}"),
    ] {
        check(mount, &[line("GET /a//b")], &[line("GET //a")]);
    }
    check(any("//a"), &[line("GET //a")], &[line("GET /a")]);
}
