//! Replies that wait: how many may, and what ends their waiting.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::mock_plane::publish;
use crate::support::app::TestApp;
use crate::support::database::TestDatabase;

const SLOW: &str = r#"{"name": "Slow", "isPublic": true, "mocks": [
    {"path": "/", "responses": [{"body": "at once"}]},
    {"path": "/soon", "responseDelay": 1, "responses": [{"body": "soon"}]},
    {"path": "/late", "responseDelay": 600, "responses": [{"body": "late"}]},
    {"path": "/never", "responseDelay": 3600000, "responses": [{"body": "never"}]}
]}"#;

async fn ask(app: &TestApp, target: &str) -> TcpStream {
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Waits until a short delay is answered with this status.
async fn until(app: &TestApp, target: &str, status: u16) {
    while app.get(target).await.status != status {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn only_so_many_wait_until_somebody_goes() {
    let app = TestApp::with(TestDatabase::sqlite(), &[("mocks-waiting", "2")]).await;
    publish(&app, "slow", SLOW).await;
    publish(&app, "other", SLOW).await;
    let waiting = (
        ask(&app, "/m/slow/never").await,
        ask(&app, "/m/slow/never").await,
    );
    until(&app, "/m/slow/soon", 503).await;
    let refused = app.call("GET /m/slow/late", &[], Value::Null).await;
    assert_eq!(refused.problem(), (503, "TOO_MANY_WAITING".to_owned()));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        refused.json()["message"],
        "2 replies of this project wait for their delay, and no more may: ask again, or shorten the delay"
    );
    assert_eq!(
        app.get("/m/slow/").await.body,
        "at once",
        "it need not wait"
    );
    assert_eq!(app.get("/m/other/soon").await.body, "soon");
    app.app.mock_plane().forget("slow").await;
    assert_eq!(
        app.get("/m/slow/soon").await.status,
        503,
        "loaded anew, they still wait"
    );
    drop(waiting);
    until(&app, "/m/slow/soon", 200).await;
    app.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_lets_them_wait_as_long_as_it_has_patience() {
    for (target, grace, answered) in [
        ("/m/slow/late", "1h", true),
        ("/m/slow/never", "50ms", false),
    ] {
        let flags = [("mocks-waiting", "1"), ("limits-grace", grace)];
        let app = TestApp::with(TestDatabase::sqlite(), &flags).await;
        publish(&app, "slow", SLOW).await;
        let mut waiting = ask(&app, target).await;
        until(&app, "/m/slow/soon", 503).await;
        app.stop().await;
        let mut reply = Vec::new();
        // Closed or reset, where there is no reply.
        let _ = waiting.read_to_end(&mut reply).await;
        let reply = String::from_utf8_lossy(&reply);
        assert_eq!(reply.ends_with("late"), answered, "{reply}");
        assert_eq!(reply.is_empty(), !answered, "{reply}");
    }
}
