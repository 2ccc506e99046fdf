//! Mails on their way: from the outbox to a real mail server, and what is done without one.

use std::path::Path;
use std::time::Duration;

use mockbird_server::domain::{Clock, Millis};
use mockbird_server::store::OutboxMail;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::database::TestDatabase;
use crate::support::mail::MailServer;

const MINUTE: Duration = Duration::from_mins(1);

/// A server that sends by way of this port; its time stands still.
async fn start(database: TestDatabase, port: u16, flags: &[(&str, &str)]) -> (TestApp, Clock) {
    let clock = Clock::fixed(Millis(1_900_000_000_000));
    let port = port.to_string();
    let mut all = vec![
        ("smtp-host", "127.0.0.1"),
        ("smtp-port", &port),
        ("smtp-from", "MockBird <mocks@birds.example.com>"),
        ("smtp-security", "none"),
        ("verify-email", "true"),
    ];
    all.retain(|(name, _)| flags.iter().all(|(flag, _)| flag != name));
    all.extend(flags);
    let app = TestApp::at(clock.clone(), database, &all).await;
    (app, clock)
}

impl TestApp {
    async fn cause_mail(&self, email: &str) {
        let body = json!({"email": email, "password": crate::support::app::PASSWORD});
        assert_eq!(self.post("/api/auth/register", body).await.status, 202);
    }

    /// The only mail, once the condition holds for it.
    async fn mail_that(&self, holds: impl Fn(&OutboxMail) -> bool) -> OutboxMail {
        loop {
            let mail = self.mails().await.remove(0);
            if holds(&mail) {
                return mail;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn header<'a>(mail: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = mail["headers"].as_array().unwrap().iter();
    headers
        .filter(|header| header[0] == name)
        .map(|header| header[1].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_link_arrives_and_is_forgotten_on_sqlite() {
    arrives(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn a_link_arrives_and_is_forgotten_on_postgres() {
    arrives(TestDatabase::postgres().await).await;
}

async fn arrives(database: TestDatabase) {
    let mut server = MailServer::start().await;
    let (app, _) = start(database, server.port, &[]).await;
    app.cause_mail("ada@example.com").await;
    let mail = server.next().await;
    assert_eq!(mail["to"], json!(["ada@example.com"]));
    assert_eq!(mail["from"], "mocks@birds.example.com");
    assert_eq!(header(&mail, "To"), ["ada@example.com"]);
    assert_eq!(header(&mail, "Subject"), ["Prove your e-mail address"]);
    let kept = app.mail_that(|mail| mail.sent_at.is_some()).await;
    assert_eq!((kept.body.as_str(), kept.attempts), ("", 1));
    let id = format!("<{}@birds.example.com>", kept.id);
    assert_eq!(header(&mail, "Message-ID"), [id]);

    let body = mail["body"].as_str().unwrap();
    let (_, token) = body.split_once("/verify-email?token=").unwrap();
    let token = token.split_whitespace().next().unwrap();
    let proof = json!({"token": token, "password": crate::support::app::PASSWORD});
    assert_eq!(app.post("/api/auth/verify-email", proof).await.status, 200);
    let metrics = app.admin_get("/metrics").await;
    let metrics = std::str::from_utf8(&metrics.body).unwrap();
    assert!(metrics.contains("mockbird_mails_total{outcome=\"sent\"}"));
    app.stop().await;
    assert_eq!(server.stop().await.len(), 0, "each mail is sent once");
}

#[tokio::test]
async fn while_the_mail_server_is_away_mails_wait() {
    let server = MailServer::start().await;
    let port = server.port;
    server.stop().await;
    let (app, clock) = start(TestDatabase::sqlite(), port, &[]).await;
    app.cause_mail("ada@example.com").await;
    let mail = app.mail_that(|mail| mail.last_error.is_some()).await;
    let error = mail.last_error.unwrap();
    assert!(
        error.starts_with("the mail server cannot be talked to: "),
        "{error}"
    );
    assert_eq!(
        mail.next_attempt_at,
        Some(clock.now().after(MINUTE)),
        "after a pause"
    );
    clock.advance(MINUTE);
    let mail = app
        .mail_that(|mail| {
            mail.attempts == 2 && mail.next_attempt_at > Some(clock.now().after(MINUTE))
        })
        .await;
    assert!(mail.sent_at.is_none());
    clock.advance(Duration::from_hours(1));
    let mut server = MailServer::with(&["--port", &port.to_string()]).await;
    // It may have been tried just before the mail server came back.
    let arrived = loop {
        tokio::select! {
            mail = server.next() => break mail,
            () = tokio::time::sleep(Duration::from_secs(2)) => clock.advance(Duration::from_hours(1)),
        }
    };
    assert_eq!(arrived["to"], json!(["ada@example.com"]));
    let sent = app.mail_that(|mail| mail.sent_at.is_some()).await;
    assert_eq!(sent.last_error, None);
    app.stop().await;
}

#[tokio::test]
async fn a_mail_that_is_refused_does_not_hold_up_the_others() {
    let mut server = MailServer::with(&["--refuse", "1"]).await;
    let (app, clock) = start(TestDatabase::sqlite(), server.port, &[]).await;
    app.cause_mail("ada@example.com").await;
    let refused = server.next().await;
    assert_eq!(refused, json!({"refused": ["ada@example.com"]}));
    app.cause_mail("eve@example.com").await;
    assert_eq!(server.next().await["to"], json!(["eve@example.com"]));
    let waiting = app.mails().await;
    let waiting = waiting
        .iter()
        .find(|mail| mail.to.as_str() == "ada@example.com");
    let error = waiting.unwrap().last_error.as_deref().unwrap();
    assert!(error.contains("come back later"), "{error}");
    clock.advance(MINUTE);
    assert_eq!(server.next().await["to"], json!(["ada@example.com"]));
    app.stop().await;
}

#[tokio::test]
async fn two_servers_on_one_database_send_each_mail_once() {
    let server = MailServer::start().await;
    let database = TestDatabase::postgres().await;
    let other = database.shared();
    let (one, _) = start(database, server.port, &[]).await;
    let (two, _) = start(other, server.port, &[]).await;
    for number in 0..20 {
        let email = format!("bird{number}@example.com").parse().unwrap();
        let mail = mockbird_server::mail::Letter::PasswordChanged.to(&email);
        let mut tx = one.app.store().begin().await.unwrap();
        tx.mail_insert(&mail, one.app.clock().now()).await.unwrap();
        tx.commit().await.unwrap();
    }
    while one.mails().await.iter().any(|mail| mail.sent_at.is_none()) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    two.stop().await;
    one.stop().await;
    let mails = server.stop().await;
    let mut to: Vec<_> = mails.iter().map(|mail| mail["to"].to_string()).collect();
    to.sort_unstable();
    to.dedup();
    assert_eq!((mails.len(), to.len()), (20, 20));
}

/// A certificate for this machine that nobody vouches for, and its key.
fn certificate(folder: &Path) -> [String; 2] {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let pems = [
        ("cert.pem", made.cert.pem()),
        ("key.pem", made.signing_key.serialize_pem()),
    ];
    pems.map(|(name, pem)| {
        let path = folder.join(name);
        std::fs::write(&path, pem).unwrap();
        path.to_str().unwrap().to_owned()
    })
}

/// Why a server with these settings does not send a mail.
async fn failure(port: u16, flags: &[(&str, &str)]) -> String {
    let (app, _) = start(TestDatabase::sqlite(), port, flags).await;
    app.cause_mail("ada@example.com").await;
    let mail = app.mail_that(|mail| mail.last_error.is_some()).await;
    app.stop().await;
    mail.last_error.unwrap()
}

#[tokio::test]
async fn passwords_and_links_cross_the_network_in_tls_alone() {
    let folder = tempfile::tempdir().unwrap();
    let [cert, key] = certificate(folder.path());
    for security in ["starttls", "tls"] {
        let option = format!("--{security}");
        let mut options = vec![option.as_str(), "--cert", &cert, "--key", &key];
        options.extend(["--login", "birds", "hunter2"]);
        let mut server = MailServer::with(&options).await;
        let mut flags = vec![
            ("smtp-security", security),
            ("smtp-user", "birds"),
            ("smtp-password", "hunter2"),
        ];
        let error = failure(server.port, &flags).await;
        assert!(error.contains("certificate"), "{error}");

        flags.push(("smtp-ca", &cert));
        let (app, _) = start(TestDatabase::sqlite(), server.port, &flags).await;
        app.cause_mail("ada@example.com").await;
        let mail = server.next().await;
        let (tls, user) = (&mail["tls"], &mail["user"]);
        assert_eq!((tls, user), (&json!(true), &json!("birds")));
        app.stop().await;

        flags.push(("smtp-password", "hunter3"));
        let error = failure(server.port, &flags).await;
        assert!(error.contains("535"), "{error}");
        assert!(!error.contains("hunter3"), "{error}");
        assert_eq!(server.stop().await.len(), 0);
    }
    // One that offers no TLS gets nothing.
    let server = MailServer::start().await;
    let error = failure(server.port, &[("smtp-security", "starttls")]).await;
    assert!(
        error.starts_with("the mail server cannot be talked to: "),
        "{error}"
    );
    assert_eq!(server.stop().await.len(), 0);
}

#[tokio::test]
async fn without_a_mail_server_mails_wait_for_the_operator() {
    let app = TestApp::with(TestDatabase::sqlite(), &[("verify-email", "true")]).await;
    app.cause_mail("ada@example.com").await;
    let token = app.mailed_token("ada@example.com").await;
    let proof = json!({"token": token, "password": crate::support::app::PASSWORD});
    assert_eq!(app.post("/api/auth/verify-email", proof).await.status, 200);
    let mail = app.mails().await.remove(0);
    assert_eq!((mail.attempts, mail.sent_at), (0, None));
    app.stop().await;
}

#[tokio::test]
async fn a_server_stops_while_its_mail_server_does_not_answer() {
    // It takes connections, and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let (app, _) = start(TestDatabase::sqlite(), port, &[("limits-grace", "100ms")]).await;
    app.cause_mail("ada@example.com").await;
    app.mail_that(|mail| mail.attempts == 1).await;
    app.stop().await;
}
