//! A server that is told to stop: what is under way is finished, nothing new is taken, and patience has an end.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::app::TestApp;
use crate::support::database::TestDatabase;

/// A request whose head the server has read, and whose body it waits for: it asked for it.
async fn half(app: &TestApp, target: &str) -> TcpStream {
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\
         Expect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[tokio::test]
async fn requests_under_way_are_finished() {
    let app = TestApp::start().await;
    let address = app.address;
    let (mut mock, mut api) = (
        half(&app, "/m/demo/birds").await,
        half(&app, "/api/auth/login").await,
    );
    let idle = TcpStream::connect(address).await.unwrap();
    let finish = async {
        // It takes no more connections, as soon as the word has gone round.
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        for (stream, status) in [(&mut mock, "201 Created"), (&mut api, "422 ")] {
            stream.write_all(br#"{"name":"owl"}"#).await.unwrap();
            let mut reply = String::new();
            stream.read_to_string(&mut reply).await.unwrap();
            assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{reply}");
        }
        drop(idle);
    };
    tokio::join!(app.stop(), finish);
}

#[tokio::test]
async fn patience_has_an_end() {
    let app = TestApp::with(TestDatabase::sqlite(), &[("limits-grace", "50ms")]).await;
    let mut never = half(&app, "/m/demo/birds").await;
    app.stop().await;
    let mut rest = Vec::new();
    // Closed or reset: there is no reply.
    let _ = never.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
}
