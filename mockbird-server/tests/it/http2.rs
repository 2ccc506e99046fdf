//! Limits and patience over HTTP/2, where neither replies nor ends are those of HTTP/1.1.

use std::io::{Read, Write};
use std::net::TcpStream;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::limits::server;
use crate::support::{Server, text_mock};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The types of frames that are sent or looked for here (RFC 9113 section 6).
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// The largest payload that anybody may send without having asked (RFC 9113 section 4.2).
const PAYLOAD_BYTES_MAX: usize = 16_384;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let stream = stream.to_be_bytes();
    [&length[1..], &[kind, flags], &stream, payload].concat()
}

/// What a client begins with.
fn opening() -> Vec<u8> {
    [PREFACE, &frame(SETTINGS, 0, 0, b"")].concat()
}

/// The fields of `GET target` (RFC 7541), none of them indexed or compressed but for names and constants.
fn get(target: &str) -> Vec<u8> {
    let mut fields = vec![0x82, 0x86, 0x04];
    let mut rest = target.len();
    if rest < 127 {
        fields.push(u8::try_from(rest).unwrap());
    } else {
        fields.push(127);
        rest -= 127;
        while rest >= 128 {
            fields.push(u8::try_from(rest % 128).unwrap() | 0x80);
            rest /= 128;
        }
        fields.push(u8::try_from(rest).unwrap());
    }
    fields.extend_from_slice(target.as_bytes());
    fields
}

/// Those fields in as many frames as they need.
fn request(stream: u32, fields: &[u8]) -> Vec<u8> {
    let parts: Vec<_> = fields.chunks(PAYLOAD_BYTES_MAX).collect();
    let mut frames = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let (kind, first) = if at == 0 {
            (HEADERS, END_STREAM)
        } else {
            (CONTINUATION, 0)
        };
        let last = if at + 1 == parts.len() {
            END_HEADERS
        } else {
            0
        };
        frames.extend(frame(kind, first | last, stream, part));
    }
    frames
}

/// The next frame: its type, its stream and its payload.
fn next_frame(stream: &mut TcpStream) -> (u8, u32, Vec<u8>) {
    let mut head = [0; 9];
    stream.read_exact(&mut head).unwrap();
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
    let mut payload = vec![0; length as usize];
    stream.read_exact(&mut payload).unwrap();
    (head[3], id, payload)
}

#[test]
fn clients_that_ask_for_nothing_are_let_go() {
    let (server, _files) = server(&["--read-timeout", "1"]);
    let half_a_frame = &request(1, &get("/a"))[..11];
    let half_a_head = frame(HEADERS, END_STREAM, 1, &get("/a"));
    let mut streams = Vec::new();
    for bytes in [
        PREFACE,
        &opening(),
        &[&opening(), half_a_frame].concat(),
        &[opening(), half_a_head].concat(),
        &[opening(), request(1, &get("/a"))].concat(),
    ] {
        let mut stream = server.connect();
        stream.write_all(bytes).unwrap();
        streams.push(stream);
    }
    for stream in &mut streams {
        // Each is told, so that it knows that nothing it asked is lost.
        while next_frame(stream).0 != GOAWAY {}
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
    }
}

#[tokio::test]
async fn replies_that_take_their_time_are_waited_for() {
    let late = r#"{"path": "/late", "responseDelay": 2500, "responses": [{"body": "ok"}]}"#;
    let (server, _files) = Server::with_mocks(late, &["--read-timeout", "1"]);
    let mut client = http2_of(&server).await;
    let get = http::Request::get("http://a/late").body(Full::default());
    let reply = client.send_request(get.unwrap()).await.unwrap();
    assert_eq!(reply.into_body().collect().await.unwrap().to_bytes(), "ok");
}

#[test]
fn a_client_that_takes_nothing_is_let_go() {
    let large = text_mock("/large", &"x".repeat(8 << 20));
    let (server, _files) = Server::with_mocks(&large, &["--read-timeout", "1"]);
    let mut stream = server.connect();
    stream
        .write_all(&[opening(), request(1, &get("/large"))].concat())
        .unwrap();
    // No window is ever opened.
    while next_frame(&mut stream).0 != GOAWAY {}
}

#[test]
fn a_target_beyond_what_can_be_read_ends_its_stream_only() {
    let (server, _files) = server(&[]);
    let mut stream = server.connect();
    let long = format!("/{}", "x".repeat(70_000));
    let both = [opening(), request(1, &get(&long)), request(3, &get("/a"))];
    stream.write_all(&both.concat()).unwrap();
    let (mut reset, mut answered) = (false, false);
    while !(reset && answered) {
        let (kind, id, _) = next_frame(&mut stream);
        assert_ne!(kind, GOAWAY);
        reset |= (kind, id) == (RST_STREAM, 1);
        answered |= (kind, id) == (HEADERS, 3);
    }
}

/// A client that speaks HTTP/2 from the start.
async fn http2_of(server: &Server) -> hyper::client::conn::http2::SendRequest<Full<Bytes>> {
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", server.port))
        .await
        .unwrap();
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    sender
}

async fn refusal_of(reply: http::Response<hyper::body::Incoming>) -> (u16, String) {
    let status = reply.status().as_u16();
    let body = reply.into_body().collect().await.unwrap().to_bytes();
    let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
    (status, json["error"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn http2_bodies_over_the_limit_are_answered() {
    let (server, _files) = server(&["--max-body", "10"]);
    for size in [11, 29, 3000, 100_000, 1 << 20] {
        // A client of its own each: what one stream was told must not depend on the others.
        let mut client = http2_of(&server).await;
        for _ in 0..5 {
            let body = Full::new(Bytes::from(vec![b'x'; size]));
            let post = http::Request::post("http://a/a").body(body).unwrap();
            let reply = client.send_request(post).await.unwrap();
            let refusal = refusal_of(reply).await;
            assert_eq!(refusal, (413, "PAYLOAD_TOO_LARGE".into()), "{size} bytes");
        }
    }
}

#[tokio::test]
async fn http2_headers_over_the_limit_are_answered() {
    let (server, _files) = server(&[]);
    let mut client = http2_of(&server).await;
    let get = |bytes: usize| {
        let part = "x".repeat(bytes / 10);
        let request = http::Request::get("http://a/a");
        let request = (0..10).fold(request, |r, n| r.header(format!("x-{n}"), &part));
        request.body(Full::default()).unwrap()
    };
    let reply = client.send_request(get(300_000)).await.unwrap();
    assert_eq!(refusal_of(reply).await, (431, "HEADERS_TOO_LARGE".into()));
    let reply = client.send_request(get(200_000)).await.unwrap();
    assert_eq!(reply.status(), 200);
}

#[tokio::test]
async fn long_targets_over_http2() {
    let (server, _files) = server(&[]);
    let mut client = http2_of(&server).await;
    let get = |target: &str| {
        let request = http::Request::get(format!("http://a{target}"));
        request.body(Full::<Bytes>::default()).unwrap()
    };
    let long = format!("/a?{}", "x".repeat(65_000));
    let reply = client.send_request(get(&long)).await.unwrap();
    assert_eq!(reply.status(), 200);
}
