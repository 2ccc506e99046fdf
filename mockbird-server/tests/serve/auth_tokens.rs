//! Access and refresh tokens, cookies and sessions, by a clock of the test's own.

use std::time::Duration;

use mockbird_server::domain::{Clock, Millis};
use serde_json::{Value, json};

use crate::support::app::{Login, PASSWORD, TestApp};
use crate::support::database::{TestDatabase, app_test};

const MS: Duration = Duration::from_millis(1);
const GRACE: Duration = Duration::from_secs(10);

async fn start(flags: &[(&str, &str)]) -> (TestApp, Clock) {
    let clock = Clock::fixed(Millis(1_900_000_000_000));
    let app = TestApp::at(clock.clone(), TestDatabase::sqlite(), flags).await;
    (app, clock)
}

#[tokio::test]
async fn an_access_token_ends_after_its_time() {
    let (app, clock) = start(&[("tokens-access", "1m")]).await;
    let login = app.register("ada@example.com").await;
    clock.advance(Duration::from_millis(59_999));
    assert_eq!(app.me(login.access()).await, 200);
    clock.advance(MS);
    let reply = app
        .call_as(login.access(), "GET /api/auth/me", Value::Null)
        .await;
    assert_eq!(reply.problem(), (401, "UNAUTHORIZED".to_owned()));
    assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    for wrong in ["", "nonsense", "mk_nonsense", "a.b.c", login.refresh()] {
        assert_eq!(app.me(wrong).await, 401, "{wrong}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_session_lives_as_long_as_it_is_used() {
    let (app, clock) = start(&[("tokens-refresh", "1h")]).await;
    let mut login = app.register("ada@example.com").await;
    for _ in 0..3 {
        clock.advance(Duration::from_millis(3_599_999));
        let reply = app.refresh(login.refresh()).await;
        assert_eq!(reply.status, 200);
        login = Login(reply.json());
        assert_eq!(app.me(login.access()).await, 200);
    }
    clock.advance(Duration::from_hours(1));
    assert_eq!(
        app.refresh(login.refresh()).await.problem(),
        (401, "UNAUTHORIZED".to_owned())
    );
    app.stop().await;
}

#[tokio::test]
async fn a_refresh_token_that_was_used_ends_the_session() {
    let (app, clock) = start(&[]).await;
    let (first, other) = (
        app.register("ada@example.com").await,
        app.login("ada@example.com").await,
    );
    let second = Login(app.refresh(first.refresh()).await.json());
    assert_ne!(second.refresh(), first.refresh());
    clock.advance(GRACE);
    assert_eq!(app.me(second.access()).await, 200);
    assert_eq!(app.refresh(first.refresh()).await.status, 401);
    assert_eq!(
        app.me(second.access()).await,
        401,
        "the access tokens end with the session"
    );
    assert_eq!(app.refresh(second.refresh()).await.status, 401);
    assert_eq!(
        app.me(other.access()).await,
        200,
        "another login is another session"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_reply_may_be_lost() {
    let (app, clock) = start(&[]).await;
    let first = app.register("ada@example.com").await;
    let lost = Login(app.refresh(first.refresh()).await.json());
    clock.advance(Duration::from_millis(9_999));
    let second = app.refresh(first.refresh()).await;
    assert_eq!(second.status, 200, "the one before is taken for a moment");
    let second = Login(second.json());
    assert_eq!(second.refresh(), lost.refresh(), "it is given again");
    let third = Login(app.refresh(second.refresh()).await.json());
    // Two steps back gets nothing, but may be one that is merely late.
    assert_eq!(app.refresh(first.refresh()).await.status, 401);
    assert_eq!(app.me(third.access()).await, 200);
    clock.advance(GRACE);
    assert_eq!(app.refresh(first.refresh()).await.status, 401);
    assert_eq!(app.me(third.access()).await, 401, "by now it was stolen");
    app.stop().await;
}

app_test! {
    async fn of_many_who_refresh_at_once_all_get_the_same(app: TestApp) {
        let login = app.register("ada@example.com").await;
        let ask = || app.refresh(login.refresh());
        let (a, b, c, d) = tokio::join!(ask(), ask(), ask(), ask());
        let next = Login(a.json());
        for reply in [a, b, c, d] {
            assert_eq!(reply.status, 200, "{reply:?}");
            assert_eq!(Login(reply.json()).refresh(), next.refresh());
        }
        assert_eq!(app.refresh(next.refresh()).await.status, 200);
        assert_eq!(app.me(login.access()).await, 200);
    }
}

/// The id of a session is no secret: it stands in lists and logs.
#[tokio::test]
async fn who_knows_a_session_alone_does_not_end_it() {
    let (app, clock) = start(&[]).await;
    let login = app.register("ada@example.com").await;
    let (session, _) = login.refresh().split_once('.').unwrap();
    clock.advance(GRACE);
    for secret in ["x", "x.x", ".", "", "AAAA.AAAA"] {
        let forged = format!("{session}.{secret}");
        assert_eq!(app.refresh(&forged).await.status, 401, "{forged}");
    }
    assert_eq!(app.me(login.access()).await, 200);
    assert_eq!(app.refresh(login.refresh()).await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn an_empty_body_leaves_it_to_the_cookie() {
    let (app, _) = start(&[("public-url", "https://birds.example.com")]).await;
    let login = app.register("ada@example.com").await;
    let cookie = format!("__Host-mockbird-refresh={}", login.refresh());
    let headers = [
        ("content-type", "application/json"),
        ("sec-fetch-site", "same-origin"),
        ("cookie", &cookie),
    ];
    let reply = app
        .call("POST /api/auth/refresh", &headers, Value::Null)
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    app.stop().await;
}

#[tokio::test]
async fn another_device_must_log_in() {
    let (app, _) = start(&[]).await;
    let agent = |agent| [("user-agent", agent)];
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let reply = app
        .call("POST /api/auth/register", &agent("Firefox/131.0"), body)
        .await;
    let first = Login(reply.json());
    let refresh = json!({"refreshToken": first.refresh()});
    let reply = app
        .call("POST /api/auth/refresh", &agent("Firefox/140.1"), refresh)
        .await;
    assert_eq!(reply.status, 200, "a new version is the same device");
    let second = Login(reply.json());
    let refresh = json!({"refreshToken": second.refresh()});
    let reply = app
        .call(
            "POST /api/auth/refresh",
            &agent("curl/8.5.0"),
            refresh.clone(),
        )
        .await;
    assert_eq!(reply.problem(), (401, "UNAUTHORIZED".to_owned()));
    let reply = app
        .call("POST /api/auth/refresh", &agent("Firefox/140.1"), refresh)
        .await;
    assert_eq!(
        reply.status, 401,
        "the token is known to a stranger: the session is over"
    );
    app.stop().await;
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let (app, clock) = start(&[]).await;
    let first = app.register("ada@example.com").await;
    clock.advance(MS);
    let second = app.login("ada@example.com").await;
    let eve = app.register("eve@example.com").await;
    let list = app
        .call_as(second.access(), "GET /api/auth/sessions", Value::Null)
        .await
        .json();
    assert_eq!(list["total"], 2);
    let current: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["current"].clone())
        .collect();
    assert_eq!(current, [true, false]);
    assert_eq!(list["items"][0]["ipAddress"], "127.0.0.1");
    let end = format!(
        "DELETE /api/auth/sessions/{}",
        list["items"][1]["id"].as_str().unwrap()
    );
    for (who, status) in [(&eve, 404), (&second, 204), (&second, 404)] {
        assert_eq!(
            app.call_as(who.access(), &end, Value::Null).await.status,
            status
        );
    }
    assert_eq!(
        (app.me(first.access()).await, app.me(second.access()).await),
        (401, 200)
    );
    let all = app
        .call_as(second.access(), "DELETE /api/auth/sessions", Value::Null)
        .await;
    assert_eq!(all.status, 204);
    assert_eq!(
        (app.me(second.access()).await, app.me(eve.access()).await),
        (401, 200)
    );
    app.stop().await;
}

#[tokio::test]
async fn cookies_are_kept_from_scripts_and_to_https() {
    for (url, prefix, secure) in [
        ("https://birds.example.com", "__Host-mockbird-", true),
        ("http://birds.example.com", "mockbird-", false),
    ] {
        let (app, _) = start(&[("public-url", url)]).await;
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        let reply = app.post("/api/auth/register", body).await;
        let login = Login(reply.json());
        let mut cookies = reply.cookies();
        cookies.sort_unstable();
        for (cookie, name, value, life) in [
            (cookies[0], "access", login.access(), 600),
            (cookies[1], "refresh", login.refresh(), 2_592_000),
        ] {
            let mut parts: Vec<_> = cookie.split("; ").collect();
            assert_eq!(parts.remove(0), format!("{prefix}{name}={value}"));
            parts.sort_unstable();
            let age = format!("Max-Age={life}");
            let mut expected = vec!["HttpOnly", &age, "Path=/", "SameSite=Lax"];
            expected.extend(secure.then_some("Secure"));
            assert_eq!(parts, expected);
        }
        let out = app
            .call_as(login.access(), "POST /api/auth/logout", Value::Null)
            .await;
        assert!(
            out.cookies()
                .iter()
                .all(|cookie| cookie.contains("Max-Age=0")),
            "{out:?}"
        );
        assert_eq!(out.cookies().len(), 2);
        app.stop().await;
    }
}

/// What a browser says of the page that asks, with and without the cookies of somebody who is logged in.
#[tokio::test]
async fn only_our_own_pages_use_the_cookies() {
    let (app, _) = start(&[("public-url", "https://birds.example.com")]).await;
    for (header, with_cookie, without) in [
        (("sec-fetch-site", "same-origin"), 200, 401),
        (("origin", "https://birds.example.com"), 200, 401),
        (("sec-fetch-site", "none"), 401, 401),
        (("x-nothing", "said"), 401, 401),
        (("sec-fetch-site", "cross-site"), 403, 403),
        (("sec-fetch-site", "same-site"), 403, 403),
        (("origin", "https://evil.example.com"), 403, 403),
        (("origin", "null"), 403, 403),
        (("origin", "http://birds.example.com"), 403, 403),
    ] {
        let login = app
            .register(&format!("{:x}@example.com", fastrand::u64(..)))
            .await;
        let cookie = format!(
            "__Host-mockbird-access={}; __Host-mockbird-refresh={}",
            login.access(),
            login.refresh()
        );
        let route = "POST /api/auth/refresh";
        assert_eq!(
            app.call(route, &[header], Value::Null).await.status,
            without,
            "{header:?}"
        );
        let reply = app
            .call(route, &[header, ("cookie", &cookie)], Value::Null)
            .await;
        assert_eq!(reply.status, with_cookie, "{header:?}");
        // Reading changes nothing, so that it is refused for want of a login alone.
        let read = app
            .call(
                "GET /api/auth/me",
                &[header, ("cookie", &cookie)],
                Value::Null,
            )
            .await;
        assert_eq!(
            read.status,
            if with_cookie == 200 { 200 } else { 401 },
            "{header:?}"
        );
        // A login from another site would put somebody into a stranger's account.
        let body = json!({"email": login.0["user"]["email"], "password": PASSWORD});
        let entered = app.call("POST /api/auth/login", &[header], body).await;
        assert_eq!(
            entered.status,
            if with_cookie == 403 { 403 } else { 200 },
            "{header:?}"
        );
    }
    app.stop().await;
}
