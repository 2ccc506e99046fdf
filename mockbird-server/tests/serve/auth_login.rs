//! Signing up and logging in.

use serde_json::{Value, json};

use crate::support::app::{Login, PASSWORD, TestApp};
use crate::support::database::TestDatabase;

#[tokio::test]
async fn somebody_signs_up_logs_in_and_out_on_sqlite() {
    life(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn somebody_signs_up_logs_in_and_out_on_postgres() {
    life(TestDatabase::postgres().await).await;
}

async fn life(database: TestDatabase) {
    let app = TestApp::with(database, &[]).await;
    let body =
        json!({"email": "Ada@Example.com", "password": PASSWORD, "name": "Ada King  Lovelace"});
    let reply = app.post("/api/auth/register", body).await;
    assert_eq!(reply.status, 201);
    let made = Login(reply.json());
    let (user, organization) = (&made.0["user"], &made.0["organization"]);
    assert_eq!(
        (&user["email"], &user["name"]),
        (&"ada@example.com".into(), &"Ada King Lovelace".into())
    );
    assert_eq!(user["emailVerified"], false);
    assert_eq!(
        (&organization["slug"], &organization["isPersonal"]),
        (&"ada-king-lovelace".into(), &true.into())
    );
    assert_eq!(made.0["expiresIn"], 600);

    let login = app.login(" ADA@example.com").await;
    assert_eq!(
        (&login.0["user"], &login.0["organization"]),
        (user, organization)
    );
    let me = app
        .call_as(login.access(), "GET /api/auth/me", Value::Null)
        .await;
    assert_eq!(
        me.json(),
        json!({"user": user, "organization": organization})
    );

    let out = app
        .call_as(login.access(), "POST /api/auth/logout", Value::Null)
        .await;
    assert_eq!(out.status, 204);
    assert_eq!(app.me(login.access()).await, 401);
    assert_eq!(app.refresh(login.refresh()).await.status, 401);
    assert_eq!(app.me(made.access()).await, 200, "the other login goes on");
    app.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_an_account_is_said_at_once() {
    let app = TestApp::start().await;
    let body = json!({"email": "ada", "password": "short", "name": ""});
    let reply = app.post("/api/auth/register", body).await;
    assert_eq!(reply.problem(), (422, "VALIDATION_FAILED".to_owned()));
    let places: Vec<_> = reply.json()["details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["at"].clone())
        .collect();
    assert_eq!(places, ["email", "password", "name"]);
    app.register("ada@example.com").await;
    let body = json!({"email": "ADA@example.com", "password": PASSWORD});
    let again = app.post("/api/auth/register", body).await;
    assert_eq!(again.problem(), (409, "EMAIL_TAKEN".to_owned()));
    // Another host, the same name: the organization gets another slug.
    let other = app.register("ada@example.org").await;
    let slug = other.0["organization"]["slug"].as_str().unwrap();
    assert!(slug.starts_with("ada-"), "{slug}");
    app.stop().await;
}

#[tokio::test]
async fn the_operator_says_who_may_sign_up() {
    for (flag, status) in [
        (("registration", "closed"), 403),
        (("allowed-email-domains", "example.org"), 403),
        (("allowed-email-domains", "example.org, example.com"), 202),
    ] {
        let flags = [flag, ("verify-email", "true")];
        let app = TestApp::with(TestDatabase::sqlite(), &flags).await;
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        assert_eq!(
            app.post("/api/auth/register", body).await.status,
            status,
            "{flags:?}"
        );
        app.stop().await;
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_not_told_apart() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    let mut replies = Vec::new();
    for (email, password) in [
        ("ada@example.com", "wrong horse"),
        ("eve@example.com", PASSWORD),
        ("demo@mockbird.invalid", ""),
        ("nonsense", PASSWORD),
    ] {
        let reply = app
            .post(
                "/api/auth/login",
                json!({"email": email, "password": password}),
            )
            .await;
        assert_eq!(reply.problem(), (401, "UNAUTHORIZED".to_owned()), "{email}");
        assert!(reply.cookies().is_empty());
        replies.push(reply.body);
    }
    replies.dedup();
    assert_eq!(replies.len(), 1, "{replies:?}");
    app.stop().await;
}

#[tokio::test]
async fn who_tries_too_often_must_wait() {
    let login = json!({"email": "ada@example.com", "password": "wrong horse"});
    let register = json!({"email": "ada", "password": PASSWORD});
    for (flag, path, body, before) in [
        ("rates-login-address", "/api/auth/login", &login, 401),
        ("rates-login-account", "/api/auth/login", &login, 401),
        (
            "rates-register",
            "/api/auth/register",
            &json!({"email": "a@b.co", "password": PASSWORD}),
            201,
        ),
    ] {
        let app = TestApp::with(TestDatabase::sqlite(), &[(flag, "1/hour")]).await;
        assert_eq!(app.post(path, body.clone()).await.status, before, "{flag}");
        let reply = app.post(path, body.clone()).await;
        assert_eq!(
            reply.problem(),
            (429, "RATE_LIMIT_EXCEEDED".to_owned()),
            "{flag}"
        );
        let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        assert!((3_500..=3_600).contains(&wait), "{wait}");
        app.stop().await;
    }
    // Another account is another count, and what is no account counts for nobody.
    let app = TestApp::with(TestDatabase::sqlite(), &[("rates-login-account", "1/hour")]).await;
    for email in ["a@b.co", "c@d.co", "x", "x"] {
        let reply = app
            .post("/api/auth/login", json!({"email": email, "password": "x"}))
            .await;
        assert_eq!(reply.status, 401, "{email}");
    }
    assert_eq!(
        app.post("/api/auth/register", register).await.status,
        422,
        "a slip counts for nothing"
    );
    app.stop().await;
}
