//! `mockbird admin`: what an operator does beside a server that runs.

use std::path::Path;
use std::process::Output;

use mockbird_server::app::AppError;
use mockbird_server::domain::Clock;
use mockbird_server::store::Mail;
use serde_json::{Value, json};

use crate::support::app::{PASSWORD, TestApp};
use crate::support::client::{self, Reply};
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

async fn login(server: &Serving, email: &str, password: &str) -> Reply {
    let body = json!({"email": email, "password": password});
    let request = client::request("POST /api/auth/login", &[], &body);
    client::send(server.address, request).await.unwrap()
}

async fn may_log_in(server: &Serving, email: &str, password: &str) -> bool {
    login(server, email, password).await.status == 200
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
    assert!(may_log_in(&server, "ada@example.com", PASSWORD).await);
    assert!(
        !may_log_in(&server, "eve@example.com", PASSWORD).await,
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
    for task in [
        &["stats"][..],
        &["mail"],
        &["seed"],
        &["vacuum"],
        &["backup", "b"],
    ] {
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

/// The password that was made and printed.
fn password(told: &str) -> &str {
    let (_, rest) = told.split_once("\npassword: ").unwrap();
    let password = rest.lines().next().unwrap();
    assert_eq!(password.len(), 20, "{told}");
    password
}

async fn people(database: TestDatabase) {
    let (folder, url) = (tempfile::tempdir().unwrap(), database.url());
    let run = |arguments: &[&str]| admin(folder.path(), &url, arguments);
    // Before there is a server, or a table.
    let told = said(run(&[
        "create-user",
        "Ada@Example.com",
        "--name",
        "Ada Lovelace",
    ]));
    assert!(
        told.starts_with("ada@example.com has an account\n"),
        "{told}"
    );
    let closed = [
        "--database-url",
        &url,
        "--registration",
        "closed",
        "--verify-email",
        "true",
        "--rates-login-account",
        "1000/second",
        "--rates-login-address",
        "1000/second",
    ];
    let server = Serving::start(folder.path(), &closed);
    let first = login(&server, "ada@example.com", password(&told)).await;
    assert_eq!(first.status, 200, "{first:?}");
    let taken = refused(&run(&["create-user", "ada@example.com"]));
    assert!(
        taken.contains("there is an account with this e-mail address"),
        "{taken}"
    );

    let again = said(run(&["reset-password", "ada@example.com"]));
    assert!(!may_log_in(&server, "ada@example.com", password(&told)).await);
    assert!(may_log_in(&server, "ada@example.com", password(&again)).await);
    let me = call(&server, &first, "GET /api/auth/me").await;
    assert_eq!(me.status, 401, "the sessions of before are over");

    said(run(&["suspend", "user", "ada@example.com"]));
    let shut = login(&server, "ada@example.com", password(&again)).await;
    assert_eq!(shut.problem(), (403, "FORBIDDEN".to_owned()));
    said(run(&["resume", "user", "ada@example.com"]));
    assert!(may_log_in(&server, "ada@example.com", password(&again)).await);
    for (arguments, what) in [
        (&["reset-password", "eve@example.com"][..], "user"),
        (&["make-owner", "eve@example.com", "birds"], "user"),
        (&["make-owner", "ada@example.com", "birds"], "organization"),
        (&["suspend", "organization", "birds"], "organization"),
        (&["suspend", "project", "birds"], "project"),
    ] {
        let told = refused(&run(arguments));
        assert!(told.contains(&format!("there is no such {what}")), "{told}");
    }
    server.kill();
    database.end().await;
}

#[tokio::test]
async fn accounts_are_made_and_stopped_on_sqlite() {
    people(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn accounts_are_made_and_stopped_on_postgres() {
    people(TestDatabase::empty_postgres().await).await;
}

async fn call(server: &Serving, login: &Reply, route: &str) -> Reply {
    let bearer = format!("Bearer {}", login.json()["accessToken"].as_str().unwrap());
    let request = client::request(route, &[("authorization", &bearer)], &Value::Null);
    client::send(server.address, request).await.unwrap()
}

/// What the operator stops stops on a server that runs.
async fn example(database: TestDatabase) {
    let (folder, url) = (tempfile::tempdir().unwrap(), database.url());
    let server = Serving::start(folder.path(), &["--database-url", &url]);
    let told = said(admin(folder.path(), &url, &["seed"]));
    let (_, target) = told.split_once("their project answers at ").unwrap();
    let slug = target.trim().strip_prefix("/m/").unwrap();
    let slug = slug.strip_suffix("/birds").unwrap();
    let waits_for = |status: &str| {
        while !server
            .get(target.trim())
            .starts_with(&format!("HTTP/1.1 {status} "))
        {}
    };
    waits_for("200");
    let owner = login(&server, "olga@example.com", password(&told)).await;
    let orgs = call(&server, &owner, "GET /api/orgs").await.json();
    let orgs = orgs["items"].as_array().unwrap();
    let birds = orgs
        .iter()
        .find(|one| one["name"] == "Example Birds")
        .unwrap();
    let members = format!("GET /api/orgs/{}/members", birds["id"].as_str().unwrap());
    let members = call(&server, &owner, &members).await.json();
    assert_eq!(members["total"], 4, "{members}");

    let organization = birds["slug"].as_str().unwrap();
    for what in [["project", slug], ["organization", organization]] {
        said(admin(
            folder.path(),
            &url,
            &[&["suspend"], &what[..]].concat(),
        ));
        waits_for("410");
        said(admin(
            folder.path(),
            &url,
            &[&["resume"], &what[..]].concat(),
        ));
        waits_for("200");
    }
    let made = said(admin(
        folder.path(),
        &url,
        &["make-owner", "vera@example.com", organization],
    ));
    assert_eq!(
        made,
        format!("vera@example.com is an owner of {organization}\n")
    );
    let again = refused(&admin(folder.path(), &url, &["seed"]));
    assert!(again.contains("there is an account"), "{again}");
    server.kill();
    database.end().await;
}

#[tokio::test]
async fn an_example_is_made_and_stopped_on_sqlite() {
    example(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn an_example_is_made_and_stopped_on_postgres() {
    example(TestDatabase::postgres().await).await;
}

#[tokio::test]
async fn an_example_is_made_as_a_whole_or_not_at_all() {
    let app = TestApp::start().await;
    app.register("vera@example.com").await;
    let password = PASSWORD.parse().unwrap();
    let refused = app.app.operator_example(&password).await.unwrap_err();
    assert!(matches!(refused, AppError::EmailTaken), "{refused}");
    let olga = "olga@example.com".parse().unwrap();
    let mut read = app.app.store().read().await.unwrap();
    assert_eq!(read.user_by_email(&olga).await.unwrap(), None);
    drop(read);
    app.stop().await;
}

#[test]
fn its_help_teaches() {
    let folder = tempfile::tempdir().unwrap();
    let help = mockbird(folder.path(), &["admin", "--help"])
        .output()
        .unwrap();
    insta::assert_snapshot!(String::from_utf8(help.stdout).unwrap());
}
