//! What a real browser lets a mock do to whoever is logged in: nothing.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::mock_plane::publish;
use crate::support::app::{PASSWORD, TestApp};

/// A mock's pages in the forms that browsers run scripts in, which try to leave a cookie besides.
const EVIL: &str = r#"{"name": "Evil", "isPublic": true, "mocks": [
    {"path": "/page", "responseType": "html", "responses": [{
        "headers": {"Set-Cookie": "mockbird-access=stolen; Path=/", "Clear-Site-Data": "\"cookies\"", "Content-Security-Policy": "default-src * 'unsafe-inline'"},
        "body": "<!doctype html><body>a<script>document.documentElement.setAttribute('data-ran', 'yes')</script>"
    }]},
    {"path": "/picture", "responses": [{
        "headers": {"Content-Type": "image/svg+xml", "Set-Cookie": "mockbird-refresh=stolen; Path=/"},
        "body": "<svg xmlns='http://www.w3.org/2000/svg'><script>document.documentElement.setAttribute('data-ran', 'yes')</script></svg>"
    }]},
    {"path": "/document", "responses": [{
        "headers": {"Content-Type": "application/xhtml+xml"},
        "body": "<html xmlns='http://www.w3.org/1999/xhtml'><body><script>document.documentElement.setAttribute('data-ran', 'yes')</script></body></html>"
    }]},
    {"path": "/form", "responseType": "html", "responses": [{
        "body": "<!doctype html><form method='post' action='/api/auth/logout'></form><script>document.forms[0].submit()</script>"
    }]},
    {"path": "/echo", "responseType": "text", "responses": [{"body": "{{ request.headers.cookie }}"}]},
    {"path": "/worker.js", "responses": [{
        "headers": {"Content-Type": "text/javascript", "Service-Worker-Allowed": "/"},
        "body": "self.onfetch = (event) => event.respondWith(new Response('stolen'))"
    }]}
]}"#;

/// Lets the browser run a script, and gives what it tells.
async fn drive(script: &str, arguments: &[&str]) -> Value {
    assert!(
        std::env::var_os("MOCKBIRD_TEST_BROWSER").is_some(),
        "MOCKBIRD_TEST_BROWSER names no folder with playwright-core: run `bash .ci/browser cargo test -p mockbird-server --test serve browser`"
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/serve/browser")
        .join(script);
    let mut node = Command::new("node");
    node.arg(script).args(arguments);
    let said = tokio::task::spawn_blocking(move || node.output());
    let said = said.await.unwrap().unwrap();
    let complaint = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{complaint}");
    serde_json::from_slice(&said.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mock_on_our_own_host_cannot_act_as_who_looks_at_it() {
    let app = TestApp::start().await;
    app.register("ada@a.co").await;
    publish(&app, "evil", EVIL).await;
    let server = format!("http://{}", app.address);
    let told = drive("stranger.cjs", &[&server, "ada@a.co", PASSWORD]).await;
    let tried = json!({
        "origin": "null",
        "readCookies": "SecurityError",
        "writeCookie": "SecurityError",
        "storage": "SecurityError",
        "me": "TypeError",
        "makeOrganization": "TypeError",
        // It is sent, and refused: no script sees the answer.
        "logout": 0,
        "worker": "SecurityError",
        "frame": "null",
    });
    let page = json!({"ran": "yes", "tried": tried});
    let mut picture = page.clone();
    // It has no body to put a frame into.
    picture["tried"]["frame"] = json!("TypeError");
    let expected = json!({
        "login": 200,
        "names": ["mockbird-access", "mockbird-refresh"],
        "before": 200,
        "page": page,
        "picture": picture,
        "document": page,
        "form": true,
        "echo": "",
        "cookiesKept": true,
        "storage": null,
        "workers": 0,
        "after": 200,
        "organizations": 1,
    });
    assert_eq!(told, expected, "{told:#}");
    app.stop().await;
}
