//! Each matcher through real requests: what it takes, and what it does not.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use mockbird_testkit::prelude::*;

/// A request: its line but for the version, its headers each ended by CRLF, its body.
type Asked = (&'static str, &'static str, &'static [u8]);

/// The status of the reply.
fn status_of(address: SocketAddr, (line, headers, body): Asked) -> u16 {
    let length = body.len();
    let head = format!(
        "{line} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    reply_status(stream)
}

fn reply_status(mut stream: TcpStream) -> u16 {
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).unwrap();
    let reply = String::from_utf8_lossy(&reply);
    reply.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Asks a server that has only this mock for each of the requests.
fn check(mount: Mount, taken: &[Asked], refused: &[Asked]) {
    let server = MockServer::start().lenient();
    server.mount(mount.status(299));
    for asked in taken {
        assert_eq!(status_of(server.address(), *asked), 299, "taken: {asked:?}");
    }
    for asked in refused {
        assert_eq!(
            status_of(server.address(), *asked),
            404,
            "refused: {asked:?}"
        );
    }
}

const fn line(line: &'static str) -> Asked {
    (line, "", b"")
}

const fn with(headers: &'static str) -> Asked {
    ("GET /a", headers, b"")
}

const fn sent(body: &'static [u8]) -> Asked {
    ("POST /a", "", body)
}

/// Lines of this file change.
fn without_lines(text: &str) -> String {
    let place = regex::Regex::new(r"\.rs:\d+:\d+").unwrap();
    place.replace_all(text, ".rs:LINE").into_owned()
}

const JSON: &str = "content-type: application/json\r\n";
const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";
const MULTIPART: &str = "content-type: multipart/form-data; boundary=x\r\n";

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
fn queries() {
    let q = |expected: Expectation| get("/a").query("q", expected);
    check(
        q(equals("o ne")),
        &[
            line("GET /a?q=o+ne"),
            line("GET /a?q=o%20ne"),
            line("GET /a?q=x&q=o+ne&z"),
            line("GET /a?z&q=o+ne"),
        ],
        &[
            line("GET /a?q=o%2Bne"),
            line("GET /a"),
            line("GET /a?Q=o+ne"),
        ],
    );
    check(
        get("/a").query("num ber", "Motörhead"),
        &[line("GET /a?num+ber=Mot%C3%B6rhead")],
        &[line("GET /a?number=Mot%C3%B6rhead")],
    );
    check(
        q(equals(1)),
        &[line("GET /a?q=1"), line("GET /a?q=1.0")],
        &[line("GET /a?q=2"), line("GET /a?q=one")],
    );
    check(
        q(exists()),
        &[line("GET /a?q="), line("GET /a?q")],
        &[line("GET /a"), line("GET /a?p=q")],
    );
    check(
        q(absent()),
        &[line("GET /a"), line("GET /a?"), line("GET /a?p=q")],
        &[line("GET /a?q=1"), line("GET /a?q")],
    );
    check(
        q(not("x")),
        &[line("GET /a"), line("GET /a?q=y")],
        &[line("GET /a?q=x"), line("GET /a?q=y&q=x")],
    );
}

#[test]
fn operators() {
    let q = |expected: Expectation| get("/a").query("q", expected);
    check(
        q(contains("ir")),
        &[line("GET /a?q=bird")],
        &[line("GET /a?q=BIRD")],
    );
    check(
        q(contains("ir").ignore_case()),
        &[line("GET /a?q=BIRD")],
        &[line("GET /a?q=x")],
    );
    check(
        q(ends_with("d")),
        &[line("GET /a?q=bird")],
        &[line("GET /a?q=birds")],
    );
    check(
        q(greater_than(2)),
        &[line("GET /a?q=2.5"), line("GET /a?q=1e3")],
        &[line("GET /a?q=2"), line("GET /a?q=x")],
    );
    check(
        q(greater_or_equal(2)),
        &[line("GET /a?q=2")],
        &[line("GET /a?q=1")],
    );
    check(
        q(less_than(2)),
        &[line("GET /a?q=1")],
        &[line("GET /a?q=2"), line("GET /a?q=")],
    );
    check(
        q(less_or_equal("2024-01-31T00:00:00Z")),
        &[line("GET /a?q=2024-01-31T01:00:00%2B01:00")],
        &[line("GET /a?q=2024-01-31T00:00:01Z")],
    );
}

#[test]
fn counted_queries() {
    check(
        get("/a").when(query_count("q", 2)),
        &[line("GET /a?q=1&q=2&p=3")],
        &[line("GET /a"), line("GET /a?q"), line("GET /a?q&q&q")],
    );
    check(
        get("/a")
            .when(query_count("p", ..2))
            .query("q", "1")
            .no_other_query(),
        &[line("GET /a?q=1"), line("GET /a?p=1&q=1")],
        &[
            line("GET /a?q=1&r=1"),
            line("GET /a?q=1&p&p"),
            line("GET /a?p=1"),
        ],
    );
    check(
        get("/a").no_other_query(),
        &[line("GET /a"), line("GET /a?")],
        &[line("GET /a?q")],
    );
}

#[test]
fn headers() {
    let date = "Sat, 02 Nov 2024 10:00:00 GMT";
    check(
        get("/a").header("If-Modified-Since", date),
        &[with("if-modified-since: Sat, 02 Nov 2024 10:00:00 GMT\r\n")],
        &[with("if-modified-since: Sat\r\n"), with("")],
    );
    check(
        get("/a").header("x", "1"),
        &[with("X: 1\r\n"), with("x: 0\r\nx: 1\r\n")],
        &[with("x: 11\r\n"), with("y: 1\r\n")],
    );
    check(
        get("/a").header("x", absent()),
        &[with("")],
        &[with("x:\r\n"), with("x: 1\r\n")],
    );
    check(
        get("/a").header("x", exists()),
        &[with("x:\r\n")],
        &[with("")],
    );
    check(
        get("/a").when(header_values("cache-control", ["no-cache", "no-store"])),
        &[
            with("cache-control: no-cache, no-store\r\n"),
            with("cache-control: no-cache\r\ncache-control: no-store\r\n"),
        ],
        &[
            with("cache-control: no-cache\r\n"),
            with("cache-control: no-store, no-cache\r\n"),
            with("cache-control: no-cache, no-store, x\r\n"),
            with(""),
        ],
    );
    check(
        get("/a").when(header_values("if-modified-since", [date])),
        &[with("if-modified-since: Sat, 02 Nov 2024 10:00:00 GMT\r\n")],
        &[with("if-modified-since: Sat, 02 Nov 2024 10:00:01 GMT\r\n")],
    );
}

#[test]
fn each_line_cookies_and_credentials() {
    let one_or_none = any_of([each_header("x", "one"), header("x", absent())]);
    check(
        get("/a").when(one_or_none),
        &[with(""), with("x: one\r\nx: one\r\n")],
        &[
            with("x: wrong\r\nx: one\r\n"),
            with("x: one\r\nx: wrong\r\n"),
            with("x:\r\n"),
        ],
    );
    check(
        get("/a").cookie("sid", starts_with("s-")),
        &[with("cookie: a=b; sid=s-1\r\n")],
        &[with("cookie: sid=1\r\n"), with("")],
    );
    check(
        get("/a").basic_auth("Aladdin", "open sesame"),
        &[
            with("authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"),
            with("authorization: basic  QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"),
        ],
        &[
            with("authorization: Basic QWxhZGRpbjpvcGVuIHNlc2Ftcw==\r\n"),
            with("authorization: Basic qWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"),
            with("authorization: Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"),
            with(""),
        ],
    );
    check(
        get("/a").bearer("t+."),
        &[
            with("authorization: Bearer t+.\r\n"),
            with("authorization: BEARER t+.\r\n"),
        ],
        &[
            with("authorization: Bearer ttx\r\n"),
            with("authorization: Bearer T+.\r\n"),
            with("authorization: Bearer t+.x\r\n"),
            with("authorization: Bearert+.\r\n"),
            with("authorization: t+.\r\n"),
        ],
    );
}

#[test]
fn bodies() {
    let b = |expected: Expectation| post("/a").body(expected);
    check(b(equals("hi")), &[sent(b"hi")], &[sent(b"hi\n"), sent(b"")]);
    check(
        b(contains("i")),
        &[sent(b"hi"), sent(b"\xFFi")],
        &[sent(b"ho")],
    );
    check(b(matches("^h.$")), &[sent(b"hi")], &[sent(b"hi!")]);
    check(
        b(absent()),
        &[
            sent(b""),
            ("POST /a", JSON, b""),
            ("POST /a", FORM, b""),
            ("POST /a", "content-encoding: gzip\r\n", b""),
        ],
        &[sent(b"x"), ("POST /a", JSON, b"null")],
    );
    check(
        b(exists()),
        &[sent(b"x"), sent(b"\xFF")],
        &[sent(b""), ("POST /a", JSON, b"")],
    );
    check(
        post("/a").when(body_bytes([0xFF, 0, 1])),
        &[sent(b"\xFF\0\x01")],
        &[sent(b"\xFE\0\x01"), sent(b"\xFF\0"), sent(b"")],
    );
    check(
        post("/a").when(body_bytes("hi")),
        &[sent(b"hi")],
        &[sent(b"ho")],
    );
    // A body is asked for on any method.
    check(
        get("/a").body("hi"),
        &[("GET /a", "", b"hi")],
        &[line("GET /a")],
    );
}

#[test]
fn json_bodies() {
    let b = |expected: Expectation| post("/a").body(expected);
    check(
        b(json_equals(r#"{"a": 1, "b": [true, null]}"#)),
        &[
            sent(br#"{"b":[true,null],"a":1.0}"#),
            ("POST /a", JSON, br#" { "a" : 1,"b":[true,null]} "#),
        ],
        &[
            sent(br#"{"a":1}"#),
            sent(br#"{"a":1,"b":[null,true]}"#),
            sent(b""),
            sent(b"no json"),
            sent(b"{"),
        ],
    );
    check(
        b(json_equals("\"hi\"")),
        &[sent(b"\"hi\"")],
        &[sent(b"hi"), sent(b"\"ho\"")],
    );
    check(
        b(json_contains(r#"{"items": [{"sku": "a"}], "n": {"x": 1}}"#)),
        &[sent(
            br#"{"z":0,"n":{"y":2,"x":1},"items":[{"sku":"b"},{"qty":1,"sku":"a"}]}"#,
        )],
        &[
            sent(br#"{"items":[{"sku":"a"}]}"#),
            sent(br#"{"items":[{"sku":"b"}],"n":{"x":1}}"#),
            sent(b""),
        ],
    );
    check(
        post("/a").json_path("$.items[*].id", 2),
        &[sent(br#"{"items":[{"id":1},{"id":2}]}"#)],
        &[
            sent(br#"{"items":[{"id":1}]}"#),
            sent(br#"{"items":[]}"#),
            sent(b"id 2"),
        ],
    );
    check(
        post("/a").json_path("user.name", "wren"),
        &[sent(br#"{"user":{"name":"wren"}}"#)],
        &[sent(br#"{"user":"wren"}"#), sent(b"")],
    );
    check(
        post("/a").json_path("$.ok", true),
        &[sent(br#"{"ok":true}"#)],
        &[sent(br#"{"ok":false}"#)],
    );
    check(
        post("/a").json_path("$.x", absent()),
        &[sent(b"{}"), sent(b"")],
        &[sent(br#"{"x":null}"#)],
    );
    let value = serde_json::json!({"a": [1, 2]});
    check(
        b(json_equals(&value)),
        &[sent(br#"{"a":[1,2]}"#)],
        &[sent(br#"{"a":[2,1]}"#)],
    );
    if cfg!(feature = "json-schema") {
        check(
            b(json_schema(r#"{"required": ["name"]}"#)),
            &[sent(br#"{"name":1}"#)],
            &[sent(b"{}"), sent(b"")],
        );
    }
}

#[test]
fn forms_and_xml() {
    let town = "name=Peter%20Griffin&town=Quahog".as_bytes();
    check(
        post("/a")
            .form("name", "Peter Griffin")
            .form("town", starts_with("Q")),
        &[("POST /a", FORM, town)],
        &[
            ("POST /a", "", town),
            ("POST /a", FORM, b"name=Peter"),
            (
                "POST /a",
                JSON,
                br#"{"name":"Peter Griffin","town":"Quahog"}"#,
            ),
            sent(b""),
        ],
    );
    let part =
        b"--x\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\nthe wren\r\n--x--\r\n";
    check(
        post("/a").multipart("title", contains("wren")),
        &[("POST /a", MULTIPART, part)],
        &[
            ("POST /a", "", part),
            ("POST /a", MULTIPART, b"--x--\r\n"),
            ("POST /a", FORM, b"title=the+wren"),
        ],
    );
    if cfg!(feature = "xpath") {
        check(
            post("/a").xpath("/order/@id", "7"),
            &[(
                "POST /a",
                "content-type: application/xml\r\n",
                b"<order id='7'/>",
            )],
            &[
                (
                    "POST /a",
                    "content-type: application/xml\r\n",
                    b"<order id='8'/>",
                ),
                sent(b""),
            ],
        );
    }
}

#[test]
fn groups_and_closures() {
    let either = any_of([header("x", "1"), query("q", absent())]);
    check(
        get("/a").when(either),
        &[line("GET /a"), ("GET /a?q=1", "x: 1\r\n", b"")],
        &[line("GET /a?q=1")],
    );
    let short = || matching(|request| request.body().len() < 3);
    check(
        post("/a").when(any_of([short(), header("x", "1")])),
        &[sent(b"hi"), ("POST /a", "x: 1\r\n", b"long")],
        &[sent(b"long")],
    );
    check(
        post("/a").when(not(short())),
        &[sent(b"long")],
        &[sent(b"hi")],
    );
    check(
        post("/{id}").when(all_of([short(), not(param("id", "b"))])),
        &[sent(b"hi")],
        &[("POST /b", "", b"hi"), sent(b"long")],
    );
    check(
        post("/a").matching(|request| {
            if request.body().is_empty() {
                Err("no body")
            } else {
                Ok(())
            }
        }),
        &[sent(b"x")],
        &[sent(b"")],
    );
}

/// A head larger than what is read at once, and a body in odd chunks.
#[test]
fn requests_in_many_pieces() {
    let server = MockServer::start();
    server.mount(
        post("/a")
            .body(json_equals(r#"{"a": "bcd"}"#))
            .header("x-14", exists())
            .status(299),
    );
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_nodelay(true).unwrap();
    let long = (0..15).map(|n| format!("x-{n}: {}\r\n", "y".repeat(900)));
    let long = long.collect::<Vec<_>>().concat();
    write!(stream, "POST /a HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{long}transfer-encoding: chunked\r\n\r\n").unwrap();
    for part in ["{\"a\"", ": \"b", "cd\"}"] {
        write!(stream, "{:x}\r\n{part}\r\n", part.len()).unwrap();
    }
    write!(stream, "0\r\n\r\n").unwrap();
    assert_eq!(reply_status(stream), 299);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let body = format!("{{\"a\": {}\"bcd\"}}", " ".repeat(6000));
    write!(
        stream,
        "POST /a HTTP/1.0\r\nx-14: 1\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    assert_eq!(reply_status(stream), 299);
}

/// A failing check changes nothing for the client, and is written down and reported.
#[test]
fn checks_are_apart_from_matching() {
    let server = MockServer::start();
    let pay = server.mount(
        post("/pay")
            .named("pay")
            .check(header("idempotency-key", exists()))
            .check(json_path("$.amount", greater_than(0)))
            .check(not(query("debug", exists())))
            .check(matching(|request| {
                if request.body().len() < 15 {
                    Ok(())
                } else {
                    Err("too long")
                }
            }))
            .check(header("authorization", "Bearer right"))
            .status(299),
    );
    let good = "idempotency-key: 1\r\nauthorization: Bearer right\r\n";
    assert_eq!(
        status_of(server.address(), ("POST /pay", good, br#"{"amount":1}"#)),
        299
    );
    assert!(pay.requests()[0].failed_checks().is_empty());
    let bad = "authorization: Bearer wrong\r\n";
    assert_eq!(
        status_of(
            server.address(),
            ("POST /pay?debug", bad, br#"{"amount": -5 }"#)
        ),
        299
    );
    let failed: Vec<_> = pay.requests()[1]
        .failed_checks()
        .iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(without_lines(&failed.join("\n")));
    let report = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| server.verify()));
    let report = report.unwrap_err();
    let report = report.downcast_ref::<String>().unwrap();
    assert!(
        report.contains("pay") && report.contains("is -5, which is not greater than 0"),
        "{report}"
    );
    assert!(!report.contains("wrong"), "secrets are hidden: {report}");
    drop(server.lenient());
}
