//! Behaviours 18 to 24: bodies.

use std::io::{Read, Write};

use mockbird_testkit::prelude::*;
use serde_json::json;

use crate::client::{answers, ask, connect, send};

/// 18: JSON is the same whatever the order of keys and the space between.
#[test]
fn json_is_compared_as_json() {
    answers(
        post("/").body(json_equals(json!({"a": 1, "b": [true, null]}))),
        &[
            (ask("POST /").json(r#"{"b":[true,null],"a":1}"#), true),
            (
                ask("POST /").json("{ \"a\" : 1,\n\t\"b\": [ true, null ] }"),
                true,
            ),
            (ask("POST /").json(r#"{"a":1,"b":[true]}"#), false),
            (
                ask("POST /").json(r#"{"a":1,"b":[true,null],"c":0}"#),
                false,
            ),
        ],
    );
}

/// Where the others agree and we do not: numbers are compared by value.
#[test]
fn numbers_are_compared_by_value() {
    answers(
        post("/").body(json_equals(r#"{"a": 1}"#)),
        &[
            (ask("POST /").json(r#"{"a": 1.0}"#), true),
            (ask("POST /").json(r#"{"a": 1e0}"#), true),
            (ask("POST /").json(r#"{"a": "1"}"#), false),
        ],
    );
}

/// 19: a part of JSON; elements of arrays are looked for at any place.
#[test]
fn a_part_of_json_is_enough() {
    answers(
        post("/").body(json_contains(json!({"user": {"name": "Ada"}, "items": [{"sku": "a"}]}))),
        &[
            (
                ask("POST /").json(
                    r#"{"id": 1, "user": {"id": 2, "name": "Ada"}, "items": [{"sku": "a", "qty": 1}]}"#,
                ),
                true,
            ),
            (
                ask("POST /").json(r#"{"user": {"name": "Ada"}, "items": [{"sku": "b"}, {"sku": "a"}]}"#),
                true,
            ),
            (ask("POST /").json(r#"{"user": {"name": "Ada"}}"#), false),
            (ask("POST /").json(r#"{"user": {"name": "Bob"}, "items": [{"sku": "a"}]}"#), false),
        ],
    );
}

/// 20: a body that is no JSON is a plain no, and the server goes on.
#[test]
fn what_is_no_json_harms_nobody() {
    answers(
        post("/").body(json_contains("{}")),
        &[
            (ask("POST /"), false),
            (ask("POST /").json(""), false),
            (ask("POST /").json("{"), false),
            (ask("POST /").json("not json"), false),
            (ask("POST /").body(b"\xFF\x00"), false),
            (ask("POST /").json("{}"), true),
        ],
    );
}

/// 21: bytes are bytes, in requests and replies.
#[test]
fn bodies_may_be_no_text() {
    let picture = [0xFF, 0xD8, 0x00, 0xFF, b'\n'];
    answers(
        post("/").when(body_bytes(picture)),
        &[
            (ask("POST /").body(picture), true),
            (ask("POST /").body(&picture[..4]), false),
        ],
    );
    let server = MockServer::start();
    server.mount(get("/").reply(bytes(picture.to_vec())));
    let mut stream = connect(server.address()).unwrap();
    stream.write_all(&ask("GET /").bytes()).unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).unwrap();
    assert!(reply.ends_with(&picture), "{reply:?}");
}

/// 22: a request is matched as a whole, however it comes.
#[test]
fn requests_may_come_in_pieces() {
    let server = MockServer::start();
    server.mount(
        post("/")
            .header("x-14", "y")
            .body(json_equals(json!({"text": "x".repeat(3000)}))),
    );
    let mut request = ask("POST /").json(&format!(r#"{{"text": "{}"}}"#, "x".repeat(3000)));
    for n in 0..15 {
        let padding = if n == 14 {
            "y".to_owned()
        } else {
            "z".repeat(300)
        };
        request = request.header(&format!("x-{n}: {padding}"));
    }
    let bytes = request.bytes();
    let mut stream = connect(server.address()).unwrap();
    for part in bytes.chunks(777) {
        stream.write_all(part).unwrap();
        stream.flush().unwrap();
    }
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");

    let chunked = "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-14: y\r\ntransfer-encoding: chunked\r\n\r\n";
    let json = format!(r#"{{"text": "{}"}}"#, "x".repeat(3000));
    let mut bytes = chunked.as_bytes().to_vec();
    for part in [&json[..1], &json[1..1500], &json[1500..]] {
        bytes.extend_from_slice(format!("{:x}\r\n{part}\r\n", part.len()).as_bytes());
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    let reply = send(server.address(), &bytes).unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
}

/// 23: HTTP/1.0, and a large body.
#[test]
fn old_clients_and_large_bodies_are_served() {
    let server = MockServer::start();
    let text = "0123456789".repeat(600);
    server.mount(post("/old").body(text.clone()));
    server.mount(
        post("/large")
            .when(matching(|request| request.body().len() == 8_000_000))
            .status(202),
    );
    let old = format!(
        "POST /old HTTP/1.0\r\ncontent-length: {}\r\n\r\n{text}",
        text.len()
    );
    let reply = send(server.address(), old.as_bytes()).unwrap();
    assert!(reply.starts_with("HTTP/1.0 200"), "{reply}");
    assert_eq!(
        ask("POST /large")
            .body(vec![b'x'; 8_000_000])
            .of(&server)
            .status,
        202
    );
}

/// 23: a body as large as files are uploaded, if the server may read so much. It is looked at, and not kept.
#[test]
fn very_large_bodies_are_served_where_they_are_wanted() {
    const MB: usize = 1_000_000;
    let server = MockServer::builder().body_limit(120 * MB).start();
    let upload = server.mount(
        put("/upload")
            .check(matching(|request| request.body().len() == 120 * MB))
            .status(202)
            .expect(1),
    );
    let mut stream = connect(server.address()).unwrap();
    let length = 120 * MB;
    let head = format!(
        "PUT /upload HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let part = vec![b'x'; MB];
    for _ in 0..120 {
        stream.write_all(&part).unwrap();
    }
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 202"), "{reply}");
    assert_eq!((upload.calls(), upload.requests().len()), (1, 0));
}

/// 24: forms.
#[test]
fn forms_are_decoded() {
    answers(
        post("/")
            .form("name", "Peter Griffin")
            .form("town", "Quahog"),
        &[
            (ask("POST /").form("name=Peter%20Griffin&town=Quahog"), true),
            (
                ask("POST /").form("town=Quahog&x=1&name=Peter+Griffin"),
                true,
            ),
            (ask("POST /").form("name=Peter%20Griffin"), false),
        ],
    );
}

/// What none of the others has: JSONPath, multipart, and a text by its form.
#[test]
fn parts_of_bodies_are_asked() {
    answers(
        post("/").json_path("$.items[*].qty", greater_than(2)),
        &[
            (
                ask("POST /").json(r#"{"items": [{"qty": 1}, {"qty": 3}]}"#),
                true,
            ),
            (ask("POST /").json(r#"{"items": [{"qty": 1}]}"#), false),
        ],
    );
    let part = "--b\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\nwren\r\n--b--\r\n";
    let multipart_of = |body: &str| {
        ask("POST /")
            .header("content-type: multipart/form-data; boundary=b")
            .body(body)
    };
    answers(
        post("/").multipart("title", "wren"),
        &[
            (multipart_of(part), true),
            (multipart_of(&part.replace("wren", "owl")), false),
        ],
    );
    answers(
        post("/").body(matches("^[a-z]+$")),
        &[
            (ask("POST /").body("wren"), true),
            (ask("POST /").body("wren 1"), false),
        ],
    );
}
