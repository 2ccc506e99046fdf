//! Passwords that were forgotten.

use std::time::Duration;

use mockbird_server::app::Stoppable;
use mockbird_server::domain::{Clock, HashedPassword, Millis, Page};
use mockbird_server::store::{AuditFilter, Store};
use serde_json::json;

use crate::store_logins::user;
use crate::support::app::{Login, PASSWORD, TestApp};
use crate::support::client::Reply;
use crate::support::database::{TestDatabase, app_test, store_test};

const NEW: &str = "battery staple";

impl TestApp {
    async fn forget(&self, email: &str) -> Reply {
        self.post("/api/auth/forgot-password", json!({"email": email}))
            .await
    }

    async fn reset(&self, token: &str, password: &str) -> Reply {
        let body = json!({"token": token, "password": password});
        self.post("/api/auth/reset-password", body).await
    }

    async fn try_login(&self, email: &str, password: &str) -> u16 {
        let body = json!({"email": email, "password": password});
        self.post("/api/auth/login", body).await.status.as_u16()
    }
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_on_sqlite() {
    life(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_on_postgres() {
    life(TestDatabase::postgres().await).await;
}

async fn life(database: TestDatabase) {
    let app = TestApp::with(database, &[("public-url", "https://birds.example.com")]).await;
    let (ada, eve) = (
        app.register("ada@example.com").await,
        app.register("eve@example.com").await,
    );
    assert_eq!(app.forget(" ADA@example.com").await.status, 202);
    let mail = app.mails().await.remove(0);
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("ada@example.com", "Set a new password")
    );
    let token = app.mailed_token("ada@example.com").await;
    let link = format!("\nhttps://birds.example.com/reset-password?token={token}\n");
    assert!(mail.body.contains(&link), "{}", mail.body);

    let short = app.reset(&token, "short").await;
    assert_eq!(short.problem(), (422, "VALIDATION_FAILED".to_owned()));
    assert_eq!(short.json()["details"][0]["at"], "password");
    assert_eq!(app.reset(&token, NEW).await.status, 204);
    assert_eq!(app.try_login("ada@example.com", PASSWORD).await, 401);
    assert_eq!(app.try_login("ada@example.com", NEW).await, 200);
    assert_eq!(app.me(ada.access()).await, 401, "all sessions have ended");
    assert_eq!(app.refresh(ada.refresh()).await.status, 401);
    assert_eq!(app.me(eve.access()).await, 200, "but no other's");
    assert_eq!(app.mails().await[0].subject, "Your password was changed");

    let again = app.reset(&token, "another one").await;
    assert_eq!(again.problem(), (422, "VALIDATION_FAILED".to_owned()));
    assert_eq!(again.json()["details"][0]["at"], "token");
    assert_eq!(app.try_login("ada@example.com", NEW).await, 200);
    let organization = ada.organization().parse().unwrap();
    let mut read = app.app.store().read().await.unwrap();
    let log = read
        .audit_list(
            organization,
            &AuditFilter::default(),
            Page::new(None, None).unwrap(),
        )
        .await;
    assert_eq!(log.unwrap().items[0].action, "user.password_reset");
    drop(read);
    app.stop().await;
}

#[tokio::test]
async fn who_asks_does_not_learn_whether_there_is_an_account() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    for route in ["/api/auth/forgot-password", "/api/auth/resend-verification"] {
        let known = app.post(route, json!({"email": "ada@example.com"})).await;
        let unknown = app.post(route, json!({"email": "eve@example.com"})).await;
        assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
        assert_eq!(known.status, 202);
        assert_eq!(app.post(route, json!({"email": "ada"})).await.status, 422);
    }
    let mails = app.mails().await;
    assert!(
        mails
            .iter()
            .all(|mail| mail.to.as_str() == "ada@example.com")
    );
    assert_eq!(mails.len(), 2);
    app.stop().await;
}

#[tokio::test]
async fn a_link_is_good_for_a_while_and_for_one_thing() {
    let clock = Clock::fixed(Millis(1_900_000_000_000));
    let flags = [("tokens-reset", "10m")];
    let app = TestApp::at(clock.clone(), TestDatabase::sqlite(), &flags).await;
    app.register("ada@example.com").await;
    app.forget("ada@example.com").await;
    let first = app.mailed_token("ada@example.com").await;
    clock.advance(Duration::from_millis(1));
    app.forget("ada@example.com").await;
    let second = app.mailed_token("ada@example.com").await;
    assert_ne!(first, second);
    let verify = json!({"token": second, "password": PASSWORD});
    assert_eq!(app.post("/api/auth/verify-email", verify).await.status, 422);
    clock.advance(Duration::from_millis(10 * 60_000 - 1));
    assert_eq!(app.reset(&first, NEW).await.status, 422, "it has ended");
    assert_eq!(app.reset(&second, NEW).await.status, 204);
    let mut links = Vec::new();
    for _ in 0..2 {
        clock.advance(Duration::from_millis(1));
        app.forget("ada@example.com").await;
        links.push(app.mailed_token("ada@example.com").await);
    }
    assert_eq!(app.reset(&links[1], NEW).await.status, 204);
    assert_eq!(
        app.reset(&links[0], NEW).await.status,
        422,
        "the use of one ends all"
    );
    for token in ["", "nonsense", "mp_", "mp_\0"] {
        assert_eq!(app.reset(token, NEW).await.status, 422, "{token:?}");
    }
    app.stop().await;
}

#[tokio::test]
async fn of_many_who_use_a_link_at_once_one_does_on_sqlite() {
    race(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn of_many_who_use_a_link_at_once_one_does_on_postgres() {
    race(TestDatabase::postgres().await).await;
}

async fn race(database: TestDatabase) {
    let app = TestApp::with(database, &[]).await;
    app.register("ada@example.com").await;
    app.forget("ada@example.com").await;
    let token = app.mailed_token("ada@example.com").await;
    let (a, b, c) = tokio::join!(
        app.reset(&token, "password a"),
        app.reset(&token, "password b"),
        app.reset(&token, "password c"),
    );
    let mut statuses = [a, b, c].map(|reply| reply.status.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 422, 422]);
    app.stop().await;
}

#[tokio::test]
async fn mails_are_not_had_for_the_asking() {
    for (first, second) in [
        // One address asks for several accounts.
        ("ada@example.com", "eve@example.com"),
        ("ada@example.com", "ada@example.com"),
    ] {
        let flags = [("rates-reset", "1/hour")];
        let app = TestApp::with(TestDatabase::sqlite(), &flags).await;
        assert_eq!(app.forget(first).await.status, 202);
        let reply = app.forget(second).await;
        assert_eq!(reply.problem(), (429, "RATE_LIMIT_EXCEEDED".to_owned()));
        assert_eq!(app.reset("nonsense", NEW).await.status, 422);
        assert_eq!(app.reset("nonsense", NEW).await.status, 429);
        app.stop().await;
    }
    // Many addresses ask for one account.
    let flags = [("rates-reset", "1/hour"), ("trusted-proxies", "127.0.0.1")];
    let app = TestApp::with(TestDatabase::sqlite(), &flags).await;
    for (from, email, status) in [
        ("192.0.2.1", "ada@example.com", 202),
        ("192.0.2.2", "ada@example.com", 429),
        ("192.0.2.3", "eve@example.com", 202),
    ] {
        let header = [("x-forwarded-for", from)];
        let body = json!({"email": email});
        let reply = app
            .call("POST /api/auth/forgot-password", &header, body)
            .await;
        assert_eq!(reply.status, status, "{from} {email}");
    }
    app.stop().await;
}

#[tokio::test]
async fn sessions_are_not_refreshed_without_end() {
    let app = TestApp::with(TestDatabase::sqlite(), &[("rates-refresh", "1/hour")]).await;
    let login = app.register("ada@example.com").await;
    let reply = app.refresh(login.refresh()).await;
    assert_eq!(reply.status, 200);
    let next = Login(reply.json());
    assert_eq!(
        app.refresh(next.refresh()).await.problem(),
        (429, "RATE_LIMIT_EXCEEDED".to_owned())
    );
    assert_eq!(app.me(next.access()).await, 200, "the session goes on");
    app.stop().await;
}

#[tokio::test]
async fn a_login_on_a_new_device_is_told() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    app.login("ada@example.com").await;
    assert_eq!(app.mails().await.len(), 0, "the same device");
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    for agent in ["Birds/1.0", "Birds/2.0"] {
        let header = [("user-agent", agent)];
        let reply = app
            .call("POST /api/auth/login", &header, body.clone())
            .await;
        assert_eq!(reply.status, 200);
        let mails = app.mails().await;
        assert_eq!(mails.len(), 1, "once a device");
        assert_eq!(mails[0].subject, "A login on a new device");
        assert!(mails[0].body.contains("Birds/1.0"), "{}", mails[0].body);
        assert!(mails[0].body.contains("127.0.0.1"), "{}", mails[0].body);
    }
    app.stop().await;
}

store_test! {
    async fn a_password_that_was_changed_is_not_held(store: Store) {
        let user = user(&store).await;
        let [old, new] = ["old", "new"].map(|text| HashedPassword::new(text.to_owned()));
        let mut tx = store.begin().await.unwrap();
        tx.credential_put(user, &old, Millis(1)).await.unwrap();
        assert!(tx.credential_hold(user, &old).await.unwrap());
        tx.credential_put(user, &new, Millis(2)).await.unwrap();
        assert!(!tx.credential_hold(user, &old).await.unwrap());
        assert!(tx.credential_hold(user, &new).await.unwrap());
        tx.commit().await.unwrap();
    }
}

app_test! {
    async fn what_the_operator_ends_no_old_link_opens(app: TestApp) {
        const ADA: &str = "ada@example.com";
        app.register(ADA).await;
        let email = ADA.parse().unwrap();
        let ada = Stoppable::User(ADA.parse().unwrap());
        app.forget(ADA).await;
        let before = app.mailed_token(ADA).await;
        app.app.operator_password(&email, &NEW.parse().unwrap()).await.unwrap();
        assert_eq!(app.reset(&before, "of the thief").await.status, 422);
        app.forget(ADA).await;
        let before = app.mailed_token(ADA).await;
        app.app.operator_suspend(&ada, true).await.unwrap();
        app.app.operator_suspend(&ada, false).await.unwrap();
        assert_eq!(app.reset(&before, "of the thief").await.status, 422);
        assert_eq!(app.try_login(ADA, NEW).await, 200);
        app.forget(ADA).await;
        let after = app.mailed_token(ADA).await;
        assert_eq!(app.reset(&after, PASSWORD).await.status, 204, "a new link works");
    }
}
