//! What goes over the wire, besides what the conformance vectors say.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::support::{Reply, Server, text_mock};

#[test]
fn other_forms_of_target_get_sensible_answers() {
    let (server, _files) = Server::with_mocks(
        &[
            text_mock("/a", "at {{ request.host }}"),
            text_mock("/café", "coffee"),
        ]
        .join(","),
        &[],
    );
    let send = |first: &str| {
        server.send(format!("{first} HTTP/1.1\r\nhost: b\r\nconnection: close\r\n\r\n").as_bytes())
    };
    assert_eq!(send("GET http://other.test:99/a").text(), "at other.test");
    assert_eq!(send("GET /caf%C3%A9").text(), "coffee");
    assert_eq!(send("GET /café").text(), "coffee");
    assert_eq!(send("OPTIONS *").status, 204);
    let reply = send("CONNECT a.test:443");
    assert_eq!(
        (reply.status, reply.error_code().as_str()),
        (400, "BAD_REQUEST")
    );
    assert_eq!(send("GET http://other.test").status, 404);
}

#[test]
fn what_is_no_http_is_refused_in_our_form() {
    let (server, _files) = Server::with_mocks(&text_mock("/a", "ok"), &[]);
    for bytes in [
        &b"NONSENSE\r\n\r\n"[..],
        b"GET /a\x01 HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"GET /a HTTP/1.1\r\nbad header\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ] {
        let reply = server.send(bytes);
        assert_eq!(
            (reply.status, reply.error_code().as_str()),
            (400, "BAD_REQUEST"),
            "{bytes:?}"
        );
        assert_eq!(reply.header("connection"), Some("close"));
    }
}

#[test]
fn an_upgrade_that_is_not_offered_is_ignored() {
    let (server, _files) = Server::with_mocks(&text_mock("/a", "ok"), &[]);
    let reply = server.send(
        b"GET /a HTTP/1.1\r\nhost: a\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\
        sec-websocket-key: x\r\nsec-websocket-version: 13\r\n\r\n",
    );
    assert_eq!((reply.status, reply.text()), (200, "ok"));
}

#[test]
fn several_requests_on_one_connection_even_at_once() {
    let (server, _files) =
        Server::with_mocks(&[text_mock("/a", "1"), text_mock("/b", "2")].join(","), &[]);
    let mut stream = server.connect();
    let first = "GET /a HTTP/1.1\r\nhost: a\r\n\r\n";
    let last = "GET /b HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    stream
        .write_all(format!("{first}{first}{last}").as_bytes())
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert_eq!(text.matches("HTTP/1.1 200").count(), 3, "{text}");
    assert!(text.ends_with("\r\n\r\n2"), "{text}");
}

#[test]
fn a_preface_may_come_in_pieces_or_turn_out_to_be_none() {
    let (server, _files) = Server::with_mocks(
        r#"{"method": "PRIME", "path": "/a", "responses": [{"body": "ok"}]}"#,
        &[],
    );
    let mut stream = server.connect();
    stream.write_all(b"PRI").unwrap();
    std::thread::sleep(Duration::from_millis(30));
    stream
        .write_all(b"ME /a HTTP/1.1\r\nconnection: close\r\n\r\n")
        .unwrap();
    assert_eq!(Reply::read(&mut stream).text(), "ok");
}

#[tokio::test]
async fn http2_with_prior_knowledge() {
    let (server, _files) = Server::with_mocks(
        r#"{"method": "POST", "path": "/a", "responses": [{"body": "at {{ request.host }}: {{ request.rawBody }}"}]}"#,
        &["--max-body", "1000"],
    );
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", server.port))
        .await
        .unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let post = |body: String| {
        http::Request::post("http://two.test:8080/a")
            .body(Full::new(Bytes::from(body)))
            .unwrap()
    };
    let reply = sender.send_request(post("body".into())).await.unwrap();
    assert_eq!(reply.version(), http::Version::HTTP_2);
    assert_eq!(
        reply.into_body().collect().await.unwrap().to_bytes(),
        "at two.test: body"
    );
    let reply = sender.send_request(post("x".repeat(1001))).await.unwrap();
    assert_eq!(reply.status(), 413);
    let reply = sender.send_request(post("again".into())).await.unwrap();
    assert_eq!(reply.status(), 200, "the connection outlives a refusal");
}

#[test]
fn delays_hold_no_thread() {
    let (server, _files) = Server::with_mocks(
        r#"{"path": "/slow", "responseDelay": 200, "responses": [{"body": "ok"}]}"#,
        &["--threads", "1", "--quiet"],
    );
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| assert_eq!(server.get("/slow").text(), "ok"));
        }
    });
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(200), "{took:?}");
    assert!(
        took < Duration::from_secs(8),
        "one after the other would be 20 s, it took {took:?}"
    );
}

#[test]
fn large_and_compressed_bodies_are_parsed_and_echoed() {
    let (server, _files) = Server::with_mocks(
        r#"{"method": "POST", "path": "/len", "responses": [{"body": "{{ request.body.text | length }}"}]}"#,
        &[],
    );
    let text = "x".repeat(3 << 20);
    let body = format!(r#"{{"text": "{text}"}}"#);
    let head = format!(
        "POST /len HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let reply = server.send(&[head.as_bytes(), body.as_bytes()].concat());
    assert_eq!(reply.text(), text.len().to_string());

    let half = body.len() / 2;
    let chunks = format!(
        "{:x}\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        half,
        &body[..half],
        body.len() - half,
        &body[half..]
    );
    let head =
        "POST /len HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    assert_eq!(
        server
            .send(&[head.as_bytes(), chunks.as_bytes()].concat())
            .text(),
        text.len().to_string()
    );

    let head = "POST /len HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnope";
    let reply = server.send(head.as_bytes());
    assert_eq!(
        (reply.status, reply.error_code().as_str()),
        (400, "BAD_REQUEST")
    );
}
