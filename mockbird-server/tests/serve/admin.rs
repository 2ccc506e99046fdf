//! `mockbird admin`: what an operator does beside a server that runs.

use std::path::Path;
use std::process::Output;

use mockbird_server::domain::Clock;
use mockbird_server::store::Mail;
use serde_json::json;

use crate::support::app::PASSWORD;
use crate::support::client;
use crate::support::database::TestDatabase;
use crate::support::process::{Serving, mockbird};

fn admin(folder: &Path, database: &str, arguments: &[&str]) -> Output {
    let fixed = ["admin", "--data-dir", "data", "--database-url", database];
    let mut command = mockbird(folder, &[&fixed[..], arguments].concat());
    command.output().unwrap()
}

/// What it printed; it must have worked.
fn said(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Why it did not work.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

async fn register(server: &Serving, email: &str) {
    let body = json!({"email": email, "password": PASSWORD});
    let request = client::request("POST /api/auth/register", &[], &body);
    let reply = client::send(server.address, request).await.unwrap();
    assert_eq!(reply.status, 201, "{reply:?}");
}

async fn may_log_in(server: &Serving, email: &str) -> bool {
    let body = json!({"email": email, "password": PASSWORD});
    let request = client::request("POST /api/auth/login", &[], &body);
    let reply = client::send(server.address, request).await.unwrap();
    reply.status == 200
}

async fn backup_and_restore(database: TestDatabase, fresh: TestDatabase) {
    let (folder, url) = (tempfile::tempdir().unwrap(), database.url());
    let server = Serving::start(folder.path(), &["--database-url", &url]);
    register(&server, "ada@example.com").await;
    let told = said(admin(folder.path(), &url, &["backup", "birds.backup"]));
    assert!(
        told.contains("birds.backup holds the database, but not data/signing-secret"),
        "{told}"
    );
    register(&server, "eve@example.com").await;
    let again = refused(&admin(folder.path(), &url, &["backup", "birds.backup"]));
    assert!(again.contains("birds.backup is there already"), "{again}");
    let occupied = refused(&admin(folder.path(), &url, &["restore", "birds.backup"]));
    assert!(
        occupied.contains("is there already: move it away"),
        "{occupied}"
    );
    server.kill();

    let url = fresh.url();
    let told = said(admin(folder.path(), &url, &["restore", "birds.backup"]));
    assert_eq!(told, "the database is that of birds.backup\n");
    let server = Serving::start(folder.path(), &["--database-url", &url]);
    assert!(may_log_in(&server, "ada@example.com").await);
    assert!(
        !may_log_in(&server, "eve@example.com").await,
        "she came later"
    );
    assert!(server.get("/m/demo/hello/you").contains("Hello you"));
    server.kill();
    database.end().await;
    fresh.end().await;
}

#[tokio::test]
async fn a_backup_is_restored_on_sqlite() {
    backup_and_restore(TestDatabase::sqlite(), TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn a_backup_is_restored_on_postgres() {
    backup_and_restore(
        TestDatabase::postgres().await,
        TestDatabase::empty_postgres().await,
    )
    .await;
}

#[tokio::test]
async fn what_is_no_backup_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let kept = TestDatabase::sqlite();
    kept.open().await.close().await;
    said(admin(folder.path(), &kept.url(), &["backup", "whole"]));
    let mut bytes = std::fs::read(path("whole")).unwrap();
    // The pages behind the first, which tells what is in them.
    bytes[4096..12288].fill(0xff);
    std::fs::write(path("damaged"), bytes).unwrap();
    std::fs::write(path("text"), "PGDMP").unwrap();
    for (file, why) in [
        ("text", "text is no backup of SQLite"),
        ("absent", "absent: No such file"),
        ("damaged", "damaged is damaged: "),
    ] {
        let told = refused(&admin(folder.path(), "sqlite:new.db", &["restore", file]));
        assert!(told.contains(why), "{told}");
    }
    let postgres = TestDatabase::empty_postgres().await;
    let told = refused(&admin(
        folder.path(),
        &postgres.url(),
        &["restore", "whole"],
    ));
    assert!(told.contains("whole is no backup of PostgreSQL"), "{told}");
    std::fs::write(path("new.db-wal"), "").unwrap();
    let told = refused(&admin(
        folder.path(),
        "sqlite:new.db",
        &["restore", "whole"],
    ));
    assert!(told.contains("new.db-wal is there already"), "{told}");
    let names = std::fs::read_dir(folder.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    assert_eq!(names, ["damaged", "new.db-wal", "text", "whole"]);
    postgres.end().await;
}

#[tokio::test]
async fn nothing_is_made_where_no_database_is() {
    let folder = tempfile::tempdir().unwrap();
    for task in [&["stats"][..], &["mail"], &["vacuum"], &["backup", "b"]] {
        let told = refused(&admin(folder.path(), "sqlite:new.db", task));
        assert!(told.contains("there is no database at new.db"), "{told}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

async fn numbers_and_mails(database: TestDatabase) {
    let (folder, url) = (tempfile::tempdir().unwrap(), database.url());
    let store = database.open().await;
    let mail = Mail {
        to: "ada@example.com".parse().unwrap(),
        subject: "Your \u{1b}[31mpassword".to_owned(),
        body: "Dear Ada,\nfollow https://birds.test/reset?token=t\n".to_owned(),
    };
    let mut tx = store.begin().await.unwrap();
    tx.mail_insert(&mail, Clock::System.now()).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let told = said(admin(folder.path(), &url, &["mail"]));
    for part in [
        "To: ada@example.com\n",
        "Subject: Your \\u{1b}[31mpassword\n",
        "State: waits\n",
        "\n    follow https://birds.test/reset?token=t\n",
        "\n1 of 1 mails, page 1\n",
    ] {
        assert!(told.contains(part), "{told}");
    }
    let stats = said(admin(folder.path(), &url, &["stats"]));
    assert!(
        stats.contains("\nmails waiting              1\n"),
        "{stats}"
    );
    assert_eq!(said(admin(folder.path(), &url, &["vacuum"])), "done\n");
    database.end().await;
}

#[tokio::test]
async fn numbers_and_mails_are_shown_on_sqlite() {
    numbers_and_mails(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn numbers_and_mails_are_shown_on_postgres() {
    numbers_and_mails(TestDatabase::postgres().await).await;
}
