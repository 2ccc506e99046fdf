//! The command itself: what it prints, makes, refuses, and how it ends.

use std::path::Path;

use mockbird_server::config::Database;
use mockbird_server::domain::Page;
use mockbird_server::store::Store;
use serde_json::{Value, json};

use crate::support::app::PASSWORD;
use crate::support::client::{request, send};
use crate::support::process::{Serving, serve};

#[test]
fn it_starts_with_nothing_answers_ends_and_starts_again() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), &[]);
    let address = &serving.address;
    assert!(
        serving
            .printed
            .contains(&format!("API docs       http://{address}/api/docs\n")),
        "{}",
        serving.printed
    );
    assert!(
        serving
            .printed
            .contains(&format!("http://{address}/m/demo/hello/you\n")),
        "{}",
        serving.printed
    );
    assert!(serving.get("/m/demo/hello/you").contains("Hello you"));
    let secret = std::fs::read(folder.path().join("data/signing-secret")).unwrap();
    assert!(folder.path().join("data/mockbird.db").is_file());
    let ended = serving.terminate();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");

    let again = Serving::start(folder.path(), &[]);
    assert!(again.get("/m/demo/birds/dodo").contains("extinct"));
    assert_eq!(
        std::fs::read(folder.path().join("data/signing-secret")).unwrap(),
        secret
    );
    again.terminate();
}

#[test]
fn whoever_lets_others_in_is_told_once_where_mocks_belong() {
    const WARNING: &str = "give them another registrable domain";
    let open = ["--public-url", "https://api.test"];
    let apart = [
        "--public-url",
        "https://api.test",
        "--mocks-domain",
        "mocks.test",
    ];
    for (arguments, times) in [(&[][..], 0), (&open, 1), (&apart, 0)] {
        let folder = tempfile::tempdir().unwrap();
        let serving = Serving::start(folder.path(), arguments);
        serving.get("/m/demo/hello/you");
        serving.terminate();
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
        assert_eq!(log.matches(WARNING).count(), times, "{log}");
    }
}

#[test]
fn a_wrong_configuration_is_refused_with_all_its_faults() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("mockbird.toml"),
        "port = 'high'\nmax_conections = 3\n",
    )
    .unwrap();
    let refused = serve(folder.path(), &["--log-format", "xml"])
        .env("MOCKBIRD_REGISTRATION", "perhaps")
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    insta::assert_snapshot!(String::from_utf8(refused.stderr).unwrap());
    assert!(
        !folder.path().join("mockbird-data").exists(),
        "nothing is made"
    );
}

#[test]
fn its_help_lists_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let help = serve(folder.path(), &["--help"]).output().unwrap();
    assert!(help.status.success());
    insta::assert_snapshot!(String::from_utf8(help.stdout).unwrap());
}

/// The token of the latest mail in the outbox of this folder.
async fn mailed_token(folder: &Path) -> String {
    let database = Database::sqlite(folder.join("data/mockbird.db"));
    let store = Store::open(&database).await.unwrap();
    let page = Page::new(None, None).unwrap();
    let mails = store.read().await.unwrap().mail_list(page).await.unwrap();
    store.close().await;
    let (_, rest) = mails.items[0].body.split_once("?token=").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn secrets_are_never_logged() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), &["--log-level", "trace"]);
    let call = async |route: &str, body: Value| {
        let called = send(serving.address, request(route, &[], &body)).await;
        called.unwrap().status.as_u16()
    };
    let account = json!({"email": "ada@example.com", "password": PASSWORD});
    assert_eq!(call("POST /api/auth/register", account).await, 201);
    let forgotten = json!({"email": "ada@example.com"});
    assert_eq!(call("POST /api/auth/forgot-password", forgotten).await, 202);
    let token = mailed_token(folder.path()).await;
    call(&format!("GET /reset-password?token={token}"), Value::Null).await;
    let reset = json!({"token": token, "password": "battery staple"});
    assert_eq!(call("POST /api/auth/reset-password", reset).await, 204);
    serving.terminate();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("/api/auth/forgot-password"), "{log}");
    for secret in [token.as_str(), PASSWORD, "battery staple"] {
        assert!(!log.contains(secret), "{log}");
    }
}
