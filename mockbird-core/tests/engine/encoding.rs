//! Content codings: of replies by `Accept-Encoding`, of requests by `Content-Encoding`.
#![cfg(feature = "compression")]

use std::io::Write;

use bytes::Bytes;
use mockbird_core::inflate;
use serde_json::{Value, json};

use crate::host::{BODY_BYTES_MAX, Host, Reply, header_map};

fn large() -> String {
    format!("[{}]", vec!["\"a mock for every bird\""; 100].join(","))
}

fn host() -> Host {
    let rows = "{% for i in range(100) %}row {{ i }} {{ request.query.a }} {% endfor %}";
    Host::of_mocks(json!([
        {"path": "/large", "responses": [{"body": large()}]},
        {"path": "/rendered", "responses": [{"body": rows}]},
        {"path": "/small", "responses": [{"body": "small"}]},
        {"path": "/image", "responses": [{"headers": {"Content-Type": "image/png"}, "body": large()}]},
        {"path": "/svg", "responses": [{"headers": {"Content-Type": "Image/SVG+XML"}, "body": large()}]},
        {"path": "/coded", "responses": [{"headers": {"Content-Encoding": "x-own"}, "body": large()}]},
        {"path": "/coded-rendered", "responses": [{"headers": {"Content-Encoding": "{{ 'x-own' }}"}, "body": large()}]},
        {"path": "/varied", "responses": [{"headers": {"Vary": "x-tenant"}, "body": large()}]},
        {"path": "/noise", "responses": [{"headers": {"Content-Type": "text/plain"}, "bodyBase64": noise()}]},
        {"method": "POST", "path": "/echo", "responseType": "text", "responses": [{"body": "{{ request.body.a }}"}]},
    ]))
}

/// Bytes that no coding makes smaller.
fn noise() -> String {
    use base64::Engine as _;
    let mut random = mockbird_core::random::Random::new(1);
    let bytes: Vec<u8> = (0..2000)
        .map(|_| random.next_u64().to_le_bytes()[0])
        .collect();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn accepting(host: &Host, line: &str, codings: &str) -> Reply {
    host.send_with(line, &[("accept-encoding", codings)], b"")
}

/// The body as the client meant to get it.
fn plain(reply: &Reply) -> Bytes {
    inflate(&reply.headers, reply.body.clone(), BODY_BYTES_MAX).unwrap()
}

#[test]
fn replies_are_coded_as_accepted() {
    let host = host();
    for (path, accepted, coding) in [
        ("/large", "gzip", "gzip"),
        ("/large", "br", "br"),
        ("/large", "gzip, deflate, br, zstd", "br"),
        ("/large", "gzip;q=1.0, br;q=0.5", "gzip"),
        ("/large", "gzip;q=0", ""),
        ("/large", "identity", ""),
        ("/large", "zstd", ""),
        ("/large", "", ""),
        ("/rendered?a=b", "gzip", "gzip"),
        ("/rendered?a=b", "br", "br"),
        ("/rendered?a=b", "identity", ""),
        ("/svg", "gzip", "gzip"),
        ("/varied", "br", "br"),
        ("/small", "gzip", ""),
        ("/image", "gzip", ""),
        ("/noise", "gzip, br", ""),
    ] {
        let case = format!("{path} {accepted}");
        let reply = accepting(&host, &format!("GET {path}"), accepted);
        assert_eq!(reply.header("content-encoding"), coding, "{case}");
        let as_it_is = host.send(&format!("GET {path}"));
        assert_eq!(plain(&reply), as_it_is.body, "{case}");
        assert_eq!(
            reply.body.len() < as_it_is.body.len(),
            !coding.is_empty(),
            "{case}"
        );
        // Caches must know, whatever this client accepts.
        assert_eq!(reply.header("vary"), as_it_is.header("vary"), "{case}");
        assert!(
            coding.is_empty() || reply.header("vary").contains("accept-encoding"),
            "{case}"
        );
        let head = accepting(&host, &format!("HEAD {path}"), accepted);
        assert_eq!(
            head.header("content-length"),
            reply.body.len().to_string(),
            "{case}"
        );
        assert_eq!(head.header("content-encoding"), coding, "{case}");
        assert_eq!(head.body.len(), 0, "{case}");
    }
    assert_eq!(
        accepting(&host, "GET /varied", "br").header("vary"),
        "x-tenant, accept-encoding"
    );
    for path in ["GET /small", "GET /image", "GET /coded"] {
        assert_eq!(host.send(path).header("vary"), "", "{path}");
    }
}

#[test]
fn a_coding_set_by_hand_is_left_alone() {
    let host = host();
    for path in ["GET /coded", "GET /coded-rendered"] {
        let reply = accepting(&host, path, "gzip, br");
        assert_eq!(reply.header("content-encoding"), "x-own", "{path}");
        assert_eq!(reply.body, large(), "{path}");
    }
}

#[test]
fn a_coded_body_has_the_tag_but_a_weak_one() {
    let host = host();
    let strong = host.send("GET /large").header("etag");
    let coded = accepting(&host, "GET /large", "gzip");
    assert_eq!(coded.header("etag"), format!("W/{strong}"));
    for tag in [&strong, &coded.header("etag")] {
        for codings in ["gzip", "br", "identity"] {
            let headers = [
                ("if-none-match", tag.as_str()),
                ("accept-encoding", codings),
            ];
            let reply = host.send_with("GET /large", &headers, b"");
            assert_eq!(reply.status, 304, "{tag} {codings}");
            assert_eq!(reply.header("content-encoding"), "", "{tag} {codings}");
            assert_eq!(reply.header("vary"), "accept-encoding", "{tag} {codings}");
        }
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    coder.write_all(text).unwrap();
    coder.finish().unwrap()
}

fn zlib(text: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    coder.write_all(text).unwrap();
    coder.finish().unwrap()
}

fn raw_deflate(text: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    coder.write_all(text).unwrap();
    coder.finish().unwrap()
}

fn brotli(text: &[u8]) -> Vec<u8> {
    let mut coded = Vec::new();
    brotli::BrotliCompress(
        &mut &*text,
        &mut coded,
        &brotli::enc::BrotliEncoderParams::default(),
    )
    .unwrap();
    coded
}

const BODY: &[u8] = br#"{"a": "inflated"}"#;

#[test]
fn requests_are_inflated() {
    let host = host();
    for (coding, body) in [
        ("gzip", gzip(BODY)),
        ("GZIP", gzip(BODY)),
        ("x-gzip", gzip(BODY)),
        ("deflate", zlib(BODY)),
        ("deflate", raw_deflate(BODY)),
        ("br", brotli(BODY)),
        ("gzip, br", brotli(&gzip(BODY))),
        ("identity", BODY.to_vec()),
        ("", BODY.to_vec()),
    ] {
        let reply = host.send_with("POST /echo", &[("content-encoding", coding)], &body);
        assert_eq!(reply.text(), "inflated", "{coding}");
    }
    // An unknown coding is nobody's business here: the body is what came.
    let reply = host.send_with("POST /echo", &[("content-encoding", "zstd")], BODY);
    assert_eq!(reply.text(), "inflated");
    let reply = host.send_with(
        "POST /echo",
        &[("content-encoding", "gzip, zstd")],
        &gzip(BODY),
    );
    assert_eq!((reply.status.as_u16(), reply.text()), (200, ""));
}

#[test]
fn broken_and_bloated_requests_are_refused() {
    let host = host();
    let bomb = vec![b' '; BODY_BYTES_MAX + 1];
    let just_fits = vec![b' '; BODY_BYTES_MAX];
    let cut = |mut body: Vec<u8>| {
        body.truncate(body.len() - 3);
        body
    };
    let (bad, large) = (Some("BAD_REQUEST"), Some("PAYLOAD_TOO_LARGE"));
    for (coding, body, code) in [
        ("gzip", b"not gzip".to_vec(), bad),
        ("gzip", cut(gzip(BODY)), bad),
        ("br", cut(brotli(&large_text())), bad),
        ("deflate", cut(zlib(BODY)), bad),
        ("gzip", gzip(&bomb), large),
        ("br", brotli(&bomb), large),
        ("deflate", zlib(&bomb), large),
        ("deflate", raw_deflate(&bomb), large),
        ("gzip, gzip", gzip(&gzip(&bomb)), large),
        ("gzip", gzip(&just_fits), None),
    ] {
        let reply = host.send_with("POST /echo", &[("content-encoding", coding)], &body);
        let Some(code) = code else {
            assert_eq!(reply.status, 200, "{coding}");
            continue;
        };
        let wanted = if code == "BAD_REQUEST" { 400 } else { 413 };
        assert_eq!(reply.status, wanted, "{coding} {code}");
        let error: Value = reply.json();
        assert_eq!(error["error"], code, "{coding}");
        assert_eq!(error["documentation_url"], format!("/docs/errors#{code}"));
        assert!(!error["message"].as_str().unwrap().is_empty());
    }
    let headers = header_map(&[("content-encoding", "gzip")]);
    assert_eq!(
        inflate(&headers, Bytes::new(), 10).unwrap(),
        "",
        "an empty body is no broken one"
    );
}

fn large_text() -> Vec<u8> {
    large().into_bytes()
}
