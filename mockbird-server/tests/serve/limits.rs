//! How often mocks may be asked, and who comes in at all.

use std::time::Duration;

use mockbird_server::domain::{Clock, Millis, Plan};
use serde_json::{Value, json};

use crate::private_projects::key;
use crate::support::app::{Login, TestApp};
use crate::support::client::Reply;
use crate::support::database::TestDatabase;
use crate::support::projects::TestProject;

const SHOP: &str = r#"{"name": "Shop", "isPublic": true, "mocks": [
    {"path": "/", "responses": [{"body": "four"}]},
    {"path": "/own", "responses": [{"headers": {"RateLimit-Limit": "mine"}, "body": ""}]},
    {"path": "/options", "method": "OPTIONS", "responses": [{"body": ""}]}
]}"#;

/// A server whose clock stands.
async fn server(flags: &[(&str, &str)]) -> (TestApp, Clock) {
    let clock = Clock::fixed(Millis(1_900_000_000_000));
    let app = TestApp::at(clock.clone(), TestDatabase::sqlite(), flags).await;
    (app, clock)
}

async fn login(app: &TestApp) -> Login {
    app.register("ada@example.com").await
}

/// Asks from an address, by way of a proxy that is trusted.
async fn from(app: &TestApp, address: &str, project: &TestProject<'_>) -> Reply {
    let route = format!("GET /m/{}/", project.slug);
    app.call(&route, &[("x-forwarded-for", address)], Value::Null)
        .await
}

fn told(reply: &Reply) -> [Option<&str>; 4] {
    [
        "ratelimit-limit",
        "ratelimit-remaining",
        "ratelimit-reset",
        "retry-after",
    ]
    .map(|name| reply.header(name))
}

#[tokio::test]
async fn a_project_is_asked_as_often_as_its_plan_says() {
    let (app, clock) = server(&[]).await;
    let ada = login(&app).await;
    let (shop, other) = (
        TestProject::on_plan(Plan::Free, &app, &ada, SHOP).await,
        TestProject::on_plan(Plan::Free, &app, &ada, SHOP).await,
    );
    let root = format!("/m/{}/", shop.slug);
    for remaining in (0..10).rev() {
        let reply = app.get(&root).await;
        assert_eq!(reply.body, "four");
        let remaining = remaining.to_string();
        assert_eq!(
            told(&reply),
            [Some("10"), Some(remaining.as_str()), Some("2"), None]
        );
    }
    let refused = app.get(&root).await;
    assert_eq!(refused.problem(), (429, "RATE_LIMIT_EXCEEDED".to_owned()));
    assert_eq!(
        told(&refused),
        [Some("10"), Some("0"), Some("1"), Some("1")]
    );
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    assert!(refused.header("x-request-id").is_some());
    assert_eq!(
        refused.json()["message"],
        "this project is asked too often: try again in 1 s"
    );
    assert_eq!(
        app.get(&format!("/m/{}/", other.slug)).await.status,
        200,
        "another has its own"
    );

    clock.advance(Duration::from_millis(999));
    assert_eq!(app.get(&root).await.status, 429);
    clock.advance(Duration::from_millis(502));
    let half = app.get(&root).await;
    assert_eq!(
        told(&half),
        [Some("10"), Some("5"), Some("2"), None],
        "the window slides"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_dearer_plan_is_asked_more_often_and_a_server_of_ones_own_as_often_as_one_likes() {
    let (app, _) = server(&[("rates-mock-address", "1000/second")]).await;
    let ada = login(&app).await;
    for (plan, most) in [(Plan::Pro, 100), (Plan::Team, 100), (Plan::Unlimited, 150)] {
        let shop = TestProject::on_plan(plan, &app, &ada, SHOP).await;
        let mut admitted = 0;
        while admitted < 150 && from(&app, "192.0.2.1", &shop).await.status == 200 {
            admitted += 1;
        }
        assert_eq!(admitted, most, "{plan}");
    }
    app.stop().await;

    let (app, _) = server(&[("rates-mock-unlimited", "3/hour")]).await;
    let ada = login(&app).await;
    let shop = TestProject::with(&app, &ada, SHOP).await;
    for expected in [200, 200, 200, 429] {
        assert_eq!(from(&app, "192.0.2.1", &shop).await.status, expected);
    }
    app.stop().await;
}

#[tokio::test]
async fn an_address_is_counted_whoever_it_asks_but_not_with_a_key() {
    let flags = [
        ("rates-mock-address", "3/minute"),
        ("trusted-proxies", "127.0.0.1"),
        ("access-allow", "203.0.113.0/24"),
    ];
    let (app, _) = server(&flags).await;
    let ada = login(&app).await;
    let (shop, other) = (
        TestProject::on_plan(Plan::Team, &app, &ada, SHOP).await,
        TestProject::on_plan(Plan::Team, &app, &ada, SHOP).await,
    );
    for project in [&shop, &other, &shop] {
        assert_eq!(from(&app, "2001:db8::1", project).await.status, 200);
    }
    let refused = from(&app, "2001:db8::ffff", &other).await;
    assert_eq!(refused.problem(), (429, "RATE_LIMIT_EXCEEDED".to_owned()));
    assert_eq!(
        refused.json()["message"],
        "your address asks too often: try again in 60 s"
    );
    assert_eq!(
        from(&app, "2001:db8:0:1::1", &other).await.status,
        200,
        "another network"
    );
    for _ in 0..10 {
        let allowed = from(&app, "203.0.113.9", &shop).await;
        assert_eq!((allowed.status.as_u16(), told(&allowed)), (200, [None; 4]));
    }

    // Nobody who is not trusted says where it comes from.
    let flags = [
        ("rates-mock-address", "1/minute"),
        ("rates-mock-unlimited", "1000/minute"),
    ];
    let (direct, _) = server(&flags).await;
    let ada = login(&direct).await;
    let shop = TestProject::on_plan(Plan::Team, &direct, &ada, SHOP).await;
    assert_eq!(from(&direct, "192.0.2.1", &shop).await.status, 200);
    assert_eq!(from(&direct, "192.0.2.2", &shop).await.status, 429);
    let private = TestProject::with(&direct, &ada, &SHOP.replace("true", "false")).await;
    let (_, key) = key(&direct, &ada, json!({"permissions": ["mocks:call"]})).await;
    let route = format!("GET /m/{}/", private.slug);
    for _ in 0..5 {
        let reply = direct
            .call(&route, &[("x-mockbird-key", &key)], Value::Null)
            .await;
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    direct.stop().await;
    app.stop().await;
}

#[tokio::test]
async fn preflights_are_not_counted_and_a_mocks_own_headers_win() {
    let (app, _) = server(&[("rates-mock-project", "2/minute")]).await;
    let ada = login(&app).await;
    let shop = TestProject::on_plan(Plan::Team, &app, &ada, SHOP).await;
    let preflight = [
        ("access-control-request-method", "GET"),
        ("origin", "https://a.example"),
    ];
    let ask = async |route: &str| {
        let route = route.replace("{shop}", &format!("/m/{}", shop.slug));
        app.call(&route, &preflight, Value::Null).await
    };
    for _ in 0..5 {
        assert_eq!(ask("OPTIONS {shop}/").await.status, 204);
    }
    let own = ask("GET {shop}/own").await;
    assert_eq!(told(&own), [Some("mine"), Some("1"), Some("120"), None]);
    // A mock that answers them itself is asked.
    assert_eq!(
        told(&ask("OPTIONS {shop}/options").await),
        [Some("2"), Some("0"), Some("120"), None]
    );
    assert_eq!(ask("OPTIONS {shop}/options").await.status, 429);
    assert_eq!(ask("OPTIONS {shop}/").await.status, 204);
    app.stop().await;
}

#[tokio::test]
async fn few_of_many_refused_requests_are_logged_and_none_is_counted_as_used() {
    let (app, clock) = server(&[("rates-mock-project", "1/minute")]).await;
    let ada = login(&app).await;
    let shop = TestProject::on_plan(Plan::Team, &app, &ada, SHOP).await;
    let mut log = app.app.log_feed().subscribe();
    let root = format!("/m/{}/", shop.slug);
    for _ in 0..4 {
        app.get(&root).await;
    }
    clock.advance(Duration::from_secs(1));
    app.get(&root).await;
    for (status, notes) in [
        (200, None),
        (429, Some("a limit refused it")),
        (
            429,
            Some("a limit refused it, and 2 more before it that are not logged"),
        ),
    ] {
        let record = log.recv().await.unwrap();
        let noted = record.notes.iter().map(String::as_str);
        assert!(
            (record.status, noted.eq(notes)) == (status, true),
            "{record:?}"
        );
    }
    let usage = app
        .app
        .mock_plane()
        .usage(shop.organization)
        .await
        .unwrap()
        .1;
    assert_eq!(usage.requests, 1);
    app.stop().await;
}

#[tokio::test]
async fn whom_the_operator_keeps_out_gets_nothing() {
    let flags = [
        ("trusted-proxies", "127.0.0.1"),
        ("access-deny", "198.51.100.0/24"),
        ("access-allow", "198.51.100.7"),
        ("access-country-header", "CF-IPCountry"),
        ("access-deny-countries", "XX"),
    ];
    let (app, _) = server(&flags).await;
    let ada = login(&app).await;
    let shop = TestProject::with(&app, &ada, SHOP).await;
    let targets = [
        format!("GET /m/{}/", shop.slug),
        "GET /api/info".to_owned(),
        "GET /login".to_owned(),
        "GET /healthz".to_owned(),
        "POST /api/auth/login".to_owned(),
    ];
    for route in &targets {
        for (address, country, denied) in [
            ("198.51.100.1", "DE", true),
            ("198.51.100.7", "XX", false),
            ("192.0.2.1", "XX", true),
            ("192.0.2.1", "DE", false),
        ] {
            let headers = [("x-forwarded-for", address), ("cf-ipcountry", country)];
            let reply = app.call(route, &headers, json!({})).await;
            if denied {
                assert_eq!(
                    reply.problem(),
                    (403, "ACCESS_DENIED".to_owned()),
                    "{route}"
                );
                assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
                assert!(reply.header("x-request-id").is_some());
            } else {
                assert_ne!(reply.status, 403, "{route} {address} {country}");
            }
        }
    }
    let page = app.admin_get("/metrics").await;
    let page = String::from_utf8_lossy(&page.body).into_owned();
    assert!(
        page.contains("mockbird_denied_total{why=\"country\"}"),
        "{page}"
    );
    app.stop().await;
}

#[tokio::test]
async fn who_calls_the_api_is_told_what_is_left() {
    let flags = [
        ("rates-api", "3/minute"),
        ("rates-api-address", "4/minute"),
        ("trusted-proxies", "127.0.0.1"),
        ("access-allow", "203.0.113.0/24"),
    ];
    let (app, _) = server(&flags).await;
    let ada = login(&app).await;
    let bearer = format!("Bearer {}", ada.access());
    let call = async |route: &str, from: &str, login: &str| {
        let headers = [("x-forwarded-for", from), ("authorization", login)];
        app.call(route, &headers, Value::Null).await
    };
    let me = async |from| call("GET /api/auth/me", from, &bearer).await;
    for remaining in ["2", "1", "0"] {
        assert_eq!(
            told(&me("192.0.2.1").await),
            [Some("3"), Some(remaining), Some("120"), None]
        );
    }
    let refused = me("192.0.2.2").await;
    assert_eq!(
        refused.problem(),
        (429, "RATE_LIMIT_EXCEEDED".to_owned()),
        "wherever it comes from"
    );
    assert_eq!(
        told(&refused),
        [Some("3"), Some("0"), Some("60"), Some("60")]
    );
    assert_eq!(told(&me("203.0.113.9").await), [None; 4]);

    // Whoever is nobody counts by its address, and a login that is not good is nobody's.
    for (route, login, status, remaining) in [
        ("GET /api/info", "", 200, "3"),
        ("GET /api/auth/me", "Bearer wrong", 401, "2"),
        ("GET /api/auth/me", "Bearer mk_wrong", 401, "1"),
        ("GET /api/info", "", 200, "0"),
    ] {
        let reply = call(route, "192.0.2.3", login).await;
        assert_eq!(reply.status, status, "{reply:?}");
        assert_eq!(told(&reply)[1], Some(remaining), "{route} {login}");
    }
    for login in ["", "Bearer wrong"] {
        assert_eq!(
            call("GET /api/auth/me", "192.0.2.3", login).await.status,
            429
        );
    }
    assert_eq!(call("GET /api/info", "192.0.2.4", "").await.status, 200);
    assert_eq!(
        call("GET /healthz", "192.0.2.3", "").await.status,
        200,
        "whoever watches it must not be refused"
    );
    app.stop().await;
}
