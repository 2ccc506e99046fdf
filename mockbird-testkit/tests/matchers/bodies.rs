//! Bodies: as text, bytes, JSON, forms and XML.

use std::io::Write;
use std::net::TcpStream;

use mockbird_testkit::prelude::*;

use crate::{FORM, JSON, MULTIPART, check, line, reply_status, sent};

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
