//! Traces and errors as a collector and Sentry get them: the command as a process, and a receiver of our own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use http::Request;
use serde_json::Value;

use crate::support::client;
use crate::support::process::Serving;

/// What was posted: the path, the headers and the body.
type Posts = Arc<Mutex<Vec<(String, String, String)>>>;

/// Takes what is posted until the test ends.
fn receiver() -> (SocketAddr, Posts) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, posts) = (listener.local_addr().unwrap(), Posts::default());
    let all = Arc::clone(&posts);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let (mut first, mut headers, mut length) = (String::new(), String::new(), 0);
            reader.read_line(&mut first).unwrap();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let line = line.trim().to_ascii_lowercase();
                if let Some(bytes) = line.strip_prefix("content-length: ") {
                    length = bytes.parse().unwrap();
                }
                if line.is_empty() {
                    break;
                }
                headers += &(line + "\n");
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
            all.lock()
                .unwrap()
                .push((path, headers, String::from_utf8(body).unwrap()));
            let reply = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
            reader.get_mut().write_all(reply.as_bytes()).unwrap();
        }
    });
    (address, posts)
}

async fn get(address: SocketAddr, target: &str) -> u16 {
    let request = Request::get(target).header("authorization", "Bearer mk_secret-of-somebody");
    let request = request.body(bytes::Bytes::new()).unwrap();
    client::send(address, request)
        .await
        .unwrap()
        .status
        .as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traces_reach_a_collector() {
    let (collector, posts) = receiver();
    let folder = tempfile::tempdir().unwrap();
    let endpoint = format!("http://{collector}");
    let server = Serving::start(
        folder.path(),
        &[
            "--traces-endpoint",
            &endpoint,
            "--traces-mock-percent",
            "100",
        ],
    );
    assert_eq!(
        get(server.address, "/api/info?token=secret-of-somebody").await,
        200
    );
    assert_eq!(
        get(server.address, "/m/demo/hello/you?token=secret-of-somebody").await,
        200
    );
    // What waits is sent at the end.
    assert!(server.terminate().status.success());
    let posts = posts.lock().unwrap();
    let mut spans = Vec::new();
    for (path, headers, body) in posts.iter() {
        assert_eq!(path, "/v1/traces");
        assert!(
            headers.contains("content-type: application/json"),
            "{headers}"
        );
        assert!(!body.contains("secret-of-somebody"), "{body}");
        let told: Value = serde_json::from_str(body).unwrap();
        let of_one = &told["resourceSpans"][0];
        assert_eq!(
            of_one["resource"]["attributes"][0]["value"]["stringValue"],
            "mockbird"
        );
        spans.extend(of_one["scopeSpans"][0]["spans"].as_array().unwrap().clone());
    }
    for name in [
        "GET /api/info",
        "mock",
        "store.begin",
        "store.commit",
        "log.batch",
    ] {
        let found = spans.iter().find(|span| span["name"] == name);
        let span = found.unwrap_or_else(|| panic!("no span {name} in {spans:#?}"));
        assert_eq!(span["traceId"].as_str().unwrap().len(), 32);
        assert_eq!(span["spanId"].as_str().unwrap().len(), 16);
    }
    let named = |name: &'static str| spans.iter().filter(move |span| span["name"] == name);
    let batch = named("log.batch").next().unwrap();
    assert!(named("store.commit").any(|span| span["parentSpanId"] == batch["spanId"]));
}

#[test]
fn errors_reach_sentry_without_anything_of_requests() {
    let (sentry, posts) = receiver();
    let reports = mockbird_server::config::Sources::default()
        .with_flag("sentry-dsn", &format!("http://a-key@{sentry}/7"))
        .with_flag("log-level", "off");
    let config = mockbird_server::config::Config::read(&reports).unwrap();
    let telling = mockbird_server::telemetry::tell(&config.log, &config.reports);
    tracing::info!(path = "/secret-of-somebody", "answered");
    tracing::error!(panic = "an index was out of bounds", "a handler panicked");
    drop(telling);
    let posts = posts.lock().unwrap();
    // Other tests of this process may have errors of their own.
    let found = posts
        .iter()
        .find(|(_, _, body)| body.contains("a handler panicked"));
    let (path, headers, body) = found.unwrap_or_else(|| panic!("{posts:?}"));
    assert_eq!(path, "/api/7/envelope/");
    assert!(
        headers.contains("x-sentry-auth: ") && headers.contains("sentry_key=a-key"),
        "{headers}"
    );
    assert!(body.contains("an index was out of bounds"));
    assert!(!body.contains("secret-of-somebody"));
}
