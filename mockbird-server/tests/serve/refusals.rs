//! What no handler sees: requests that are none, or are too long.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::app::TestApp;
use crate::support::database::TestDatabase;

/// Sends these bytes, and reads until the server closes.
async fn said(app: &TestApp, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut said = Vec::new();
    stream.read_to_end(&mut said).await.unwrap();
    String::from_utf8(said).unwrap()
}

#[tokio::test]
async fn they_are_refused_in_our_form() {
    let app = TestApp::start().await;
    let long = |bytes: usize| "a".repeat(bytes);
    let headers = "h: 1\r\n".repeat(101);
    for (request, status, code) in [
        ("nonsense\r\n\r\n".to_owned(), "400 ", "BAD_REQUEST"),
        (
            format!("GET /m/demo/{} HTTP/1.1\r\nhost: a\r\n\r\n", long(70_000)),
            "414 ",
            "URI_TOO_LONG",
        ),
        (
            format!("GET /m/demo/birds HTTP/1.1\r\nhost: a\r\n{headers}\r\n"),
            "431 ",
            "HEADERS_TOO_LARGE",
        ),
        (
            format!(
                "GET /api/auth/me HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n",
                long(300 << 10)
            ),
            "431 ",
            "HEADERS_TOO_LARGE",
        ),
    ] {
        let said = said(&app, request.as_bytes()).await;
        assert!(said.starts_with(&format!("HTTP/1.1 {status}")), "{said}");
        assert!(said.contains("content-type: application/json"), "{said}");
        assert!(said.contains(&format!(r#""error":"{code}""#)), "{said}");
    }
    app.stop().await;
}

#[tokio::test]
async fn half_a_head_does_not_hold_up_the_end() {
    let app = TestApp::with(TestDatabase::sqlite(), &[("limits-grace", "1h")]).await;
    let mut half = TcpStream::connect(app.address).await.unwrap();
    half.write_all(b"GET /m/demo/birds HTTP/1.1\r\nhost: a\r\n")
        .await
        .unwrap();
    app.stop().await;
    let mut rest = Vec::new();
    let _ = half.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
}

#[tokio::test]
async fn who_sends_too_much_is_told_why_and_not_cut_off() {
    let app = TestApp::start().await;
    let ada = app.register("ada@example.com").await;
    let token = ada.access();
    let body = vec![b'1'; 16 << 20];
    for target in ["/api/projects", "/m/demo/birds", "/api/nowhere"] {
        let head = format!(
            "POST {target} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // All of it goes before the reply is looked at.
        stream.write_all(&body).await.unwrap();
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await.unwrap();
        let said = String::from_utf8(said).unwrap();
        assert!(said.starts_with("HTTP/1.1 4"), "{target}: {said}");
        assert!(said.contains(r#""error":""#), "{target}: {said}");
    }
    app.stop().await;
}
