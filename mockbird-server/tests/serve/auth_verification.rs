//! E-mail addresses that must be proved before anybody logs in.

use serde_json::{Value, json};

use crate::support::app::{Login, PASSWORD, TestApp};
use crate::support::client::Reply;
use crate::support::database::TestDatabase;

const VERIFY: &[(&str, &str)] = &[("verify-email", "true")];

impl TestApp {
    async fn sign_up(&self, email: &str, password: &str) -> Reply {
        let body = json!({"email": email, "password": password});
        self.post("/api/auth/register", body).await
    }

    async fn verify(&self, token: &str, password: &str) -> Reply {
        let body = json!({"token": token, "password": password});
        self.post("/api/auth/verify-email", body).await
    }

    async fn subjects(&self) -> Vec<String> {
        let mails = self.mails().await;
        mails.into_iter().map(|mail| mail.subject).collect()
    }
}

#[tokio::test]
async fn an_address_is_proved_before_the_first_login_on_sqlite() {
    life(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn an_address_is_proved_before_the_first_login_on_postgres() {
    life(TestDatabase::postgres().await).await;
}

async fn life(database: TestDatabase) {
    let app = TestApp::with(database, VERIFY).await;
    let reply = app.sign_up("ada@example.com", PASSWORD).await;
    assert_eq!(reply.status, 202);
    assert!(reply.cookies().is_empty());
    assert_eq!(app.subjects().await, ["Prove your e-mail address"]);

    let login = json!({"email": "ada@example.com", "password": PASSWORD});
    let refused = app.post("/api/auth/login", login.clone()).await;
    assert_eq!(refused.problem(), (403, "EMAIL_NOT_VERIFIED".to_owned()));
    assert!(refused.cookies().is_empty());
    let wrong = json!({"email": "ada@example.com", "password": "wrong horse"});
    assert_eq!(app.post("/api/auth/login", wrong).await.status, 401);

    let lost = app.mailed_token("ada@example.com").await;
    let again = json!({"email": "ada@example.com"});
    let reply = app
        .post("/api/auth/resend-verification", again.clone())
        .await;
    assert_eq!(reply.status, 202);
    let token = app.mailed_token("ada@example.com").await;
    assert_ne!(token, lost);
    assert_eq!(app.verify(&token, "wrong horse").await.status, 401);
    let entered = app.verify(&token, PASSWORD).await;
    assert_eq!(entered.status, 200, "a wrong password does not use it up");
    assert_eq!(entered.cookies().len(), 2);
    let entered = Login(entered.json());
    assert_eq!(entered.0["user"]["emailVerified"], true);
    assert_eq!(app.me(entered.access()).await, 200);
    for token in [&token, &lost] {
        assert_eq!(app.verify(token, PASSWORD).await.status, 422);
    }
    assert_eq!(app.post("/api/auth/login", login).await.status, 200);

    let mails = app.mails().await.len();
    app.post("/api/auth/resend-verification", again).await;
    assert_eq!(app.mails().await.len(), mails, "there is nothing to prove");
    app.stop().await;
}

#[tokio::test]
async fn signing_up_does_not_tell_who_has_an_account() {
    let app = TestApp::with(TestDatabase::sqlite(), VERIFY).await;
    let unknown = app.sign_up("ada@example.com", PASSWORD).await;
    let first = app.mailed_token("ada@example.com").await;
    let unproved = app.sign_up("ada@example.com", "another horse").await;
    assert_eq!(
        app.subjects().await,
        ["Prove your e-mail address", "Prove your e-mail address"]
    );
    assert_eq!(app.verify(&first, "another horse").await.status, 401);
    assert_eq!(app.verify(&first, PASSWORD).await.status, 200);
    let proved = app.sign_up("ada@example.com", "another horse").await;
    assert_eq!(app.subjects().await[0], "You have a MockBird account");
    for reply in [&unproved, &proved] {
        assert_eq!((reply.status, &reply.body), (unknown.status, &unknown.body));
    }
    let login = json!({"email": "ada@example.com", "password": "another horse"});
    assert_eq!(
        app.post("/api/auth/login", login).await.status,
        401,
        "the password is the first one's"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_new_password_by_mail_proves_the_address_too() {
    let app = TestApp::with(TestDatabase::sqlite(), VERIFY).await;
    // Somebody else took the address first.
    app.sign_up("ada@example.com", "stranger's horse").await;
    let body = json!({"email": "ada@example.com"});
    app.post("/api/auth/forgot-password", body).await;
    let token = app.mailed_token("ada@example.com").await;
    let body = json!({"token": token, "password": PASSWORD});
    assert_eq!(app.post("/api/auth/reset-password", body).await.status, 204);
    let ada = app.login("ada@example.com").await;
    assert_eq!(ada.0["user"]["emailVerified"], true);
    app.stop().await;
}

#[tokio::test]
async fn an_address_can_be_proved_where_it_need_not_be() {
    let app = TestApp::start().await;
    let ada = app.register("ada@example.com").await;
    assert_eq!(app.mails().await.len(), 0);
    let body = json!({"email": "ada@example.com"});
    app.post("/api/auth/resend-verification", body).await;
    let token = app.mailed_token("ada@example.com").await;
    assert_eq!(app.verify(&token, PASSWORD).await.status, 200);
    let me = app
        .call_as(ada.access(), "GET /api/auth/me", Value::Null)
        .await;
    assert_eq!(me.json()["user"]["emailVerified"], true);
    app.stop().await;
}
