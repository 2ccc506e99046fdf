//! `Idempotency-Key`: what is asked for again is not made twice.

use std::time::Duration;

use mockbird_server::app::{Begun, OnceRequest, Who};
use mockbird_server::domain::{Clock, Millis, Role};
use serde_json::{Value, json};

use crate::api_projects::create as create_project;
use crate::support::app::{Login, TestApp};
use crate::support::client::Reply;
use crate::support::database::{TestDatabase, app_test};

const CREATE: &str = "POST /api/orgs";

async fn create(app: &TestApp, who: &Login, key: &str, body: Value) -> Reply {
    let header = ("idempotency-key", key);
    app.call_with(who.access(), CREATE, header, body).await
}

/// How many organizations somebody is in, the personal one apart.
async fn made(app: &TestApp, who: &Login) -> u64 {
    let list = app
        .call_as(who.access(), "GET /api/orgs", Value::Null)
        .await;
    list.json()["total"].as_u64().unwrap() - 1
}

app_test! {
    async fn the_same_wish_is_answered_as_before(app: TestApp) {
        let (ada, bob) = (app.register("ada@example.com").await, app.register("bob@example.com").await);
        let body = json!({"name": "Birds"});
        let first = create(app, &ada, "k-1", body.clone()).await;
        assert_eq!((first.status.as_u16(), first.header("idempotency-replayed")), (201, None));
        let again = create(app, &ada, "k-1", body.clone()).await;
        assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (201, Some("true")));
        assert_eq!((&again.body, again.header("etag")), (&first.body, first.header("etag")));
        assert_eq!(again.header("content-type"), first.header("content-type"));
        assert_eq!(made(app, &ada).await, 1);

        let other = create(app, &ada, "k-1", json!({"name": "Bats"})).await;
        assert_eq!(other.problem(), (422, "IDEMPOTENCY_MISMATCH".to_owned()));
        assert_eq!(create(app, &ada, "k-2", body.clone()).await.status, 201);
        assert_eq!(create(app, &bob, "k-1", body.clone()).await.status, 201, "keys are their owner's");
        assert_eq!((made(app, &ada).await, made(app, &bob).await), (2, 1));

        let nobody = app.call(CREATE, &[("idempotency-key", "k-1")], body.clone()).await;
        assert_eq!(nobody.problem(), (401, "UNAUTHORIZED".to_owned()));
        for wrong in ["", "two words", &"k".repeat(256)] {
            let refused = create(app, &ada, wrong, body.clone()).await;
            assert_eq!(refused.problem(), (400, "BAD_REQUEST".to_owned()), "{wrong}");
        }
    }
}

app_test! {
    async fn what_was_refused_may_come_again(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let refused = create(app, &ada, "k", json!({"name": ""})).await;
        assert_eq!(refused.problem(), (422, "VALIDATION_FAILED".to_owned()));
        assert_eq!(create(app, &ada, "k", json!({"name": "Birds"})).await.status, 201);
        let huge = create(app, &ada, "h", json!({"name": "x".repeat(11 << 20)})).await;
        assert_eq!(huge.problem(), (413, "PAYLOAD_TOO_LARGE".to_owned()));
    }
}

app_test! {
    async fn many_at_once_make_one(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let ask = || create(app, &ada, "k", json!({"name": "Birds"}));
        let (a, b, c, d) = tokio::join!(ask(), ask(), ask(), ask());
        for reply in [&a, &b, &c, &d] {
            let unfinished = || reply.problem() == (409, "IDEMPOTENCY_UNFINISHED".to_owned());
            assert!(reply.status == 201 || unfinished(), "{reply:?}");
        }
        assert!([&a, &b, &c, &d].iter().any(|reply| reply.status == 201));
        assert_eq!(made(app, &ada).await, 1);
    }
}

app_test! {
    async fn a_client_that_goes_away_before_the_answer_gets_it_the_next_time(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        for n in 0..8 {
            let body = json!({ "name": format!("Birds {n}") });
            let key = format!("k-{n}");
            let bearer = format!("Bearer {}", ada.access());
            let headers = [("authorization", bearer.as_str()), ("idempotency-key", &key)];
            app.ask_and_leave(CREATE, &headers, &body).await;
            let reply = loop {
                let reply = create(app, &ada, &key, body.clone()).await;
                if reply.status != 409 {
                    break reply;
                }
                assert!(reply.json()["message"].as_str().unwrap().contains("under way"), "{reply:?}");
                assert_eq!(reply.header("retry-after"), Some("1"));
            };
            assert_eq!(reply.status, 201);
            assert_eq!(made(app, &ada).await, n + 1);
        }
    }
}

app_test! {
    async fn a_secret_is_answered_again_but_not_kept_in_plain(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let keys = format!("POST /api/orgs/{}/api-keys", ada.organization());
        let body = json!({"name": "CI", "permissions": ["read"]});
        let header = ("idempotency-key", "k");
        let first = app.call_with(ada.access(), &keys, header, body.clone()).await.json();
        let again = app.call_with(ada.access(), &keys, header, body).await.json();
        assert_eq!((&again, first["key"].as_str().unwrap().len()), (&first, 46));
        let mut read = app.app.store().read().await.unwrap();
        let kept = read.idempotency_get(ada.user(), &"k".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(kept.status, Some(201));
        let (kept, key) = (kept.answer.unwrap(), first["key"].as_str().unwrap());
        for secret in [key, &key[3..], "name", "CI\""] {
            assert!(!kept.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret}");
        }
    }
}

app_test! {
    async fn who_may_no_more_is_not_told_again(app: TestApp) {
        let (ada, bob) = (app.register("ada@example.com").await, app.register("bob@example.com").await);
        app.join(ada.organization(), &bob, Role::Member).await;
        let project = create_project(app, &ada, json!({"name": "Birds"})).await;
        let of_project = format!("/api/projects/{}", project["id"].as_str().unwrap());
        let mock = json!({"path": "/owl", "responses": [{}]});
        let wishes = [
            ("POST /api/projects".to_owned(), json!({"name": "Shop", "organizationId": ada.organization()})),
            (format!("POST {of_project}/mocks"), mock),
            (format!("POST {of_project}/duplicate"), json!({"name": "Bats"})),
            (format!("POST /api/orgs/{}/response-templates", ada.organization()), json!({"name": "a", "response": {}})),
        ];
        let ask = async |route: &str, key: &str, body: &Value| {
            app.call_with(bob.access(), route, ("idempotency-key", key), body.clone()).await
        };
        let own = async || ask("POST /api/orgs", "own", &json!({"name": "Own"})).await;
        let member = format!("/api/orgs/{}/members/{}", ada.organization(), bob.user());
        for (index, (route, body)) in wishes.iter().enumerate() {
            let ask = async || ask(route, &index.to_string(), body).await;
            assert_eq!(ask().await.status, 201, "{route}");
            assert_eq!(ask().await.header("idempotency-replayed"), Some("true"), "{route}");
        }
        let made = own().await.json();
        let lower = app.call_as(ada.access(), &format!("PATCH {member}"), json!({"role": "viewer"})).await;
        assert_eq!(lower.status, 200, "{lower:?}");
        let refused = async |problem: (u16, &str)| {
            for (index, (route, body)) in wishes.iter().enumerate() {
                let again = ask(route, &index.to_string(), body).await;
                assert_eq!(again.problem(), (problem.0, problem.1.to_owned()), "{route}");
                assert_eq!(again.header("idempotency-replayed"), None);
            }
        };
        refused((403, "FORBIDDEN")).await;
        assert_eq!(app.call_as(ada.access(), &format!("DELETE {member}"), Value::Null).await.status, 204);
        refused((404, "NOT_FOUND")).await;
        assert_eq!(own().await.json(), made, "that is still theirs");
        let gone = format!("DELETE /api/orgs/{}", made["id"].as_str().unwrap());
        assert_eq!(app.call_as(bob.access(), &gone, Value::Null).await.status, 204);
        assert_eq!(own().await.status, 404);
    }
}

app_test! {
    async fn a_key_that_was_revoked_is_not_told_again(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let keys = format!("/api/orgs/{}/api-keys", ada.organization());
        let ask = async || {
            let wish = json!({"name": "CI", "permissions": ["read"]});
            app.call_with(ada.access(), &format!("POST {keys}"), ("idempotency-key", "k"), wish).await
        };
        let made = ask().await.json();
        let revoke = format!("DELETE {keys}/{}", made["id"].as_str().unwrap());
        assert_eq!(app.call_as(ada.access(), &revoke, Value::Null).await.status, 204);
        let again = ask().await;
        assert_eq!(again.problem(), (409, "CONFLICT".to_owned()));
        assert!(!String::from_utf8_lossy(&again.body).contains("mk_"), "{again:?}");
    }
}

#[tokio::test]
async fn a_request_that_broke_off_is_not_done_again_until_its_key_is_forgotten() {
    let clock = Clock::fixed(Millis(1_900_000_000_000));
    let app = TestApp::at(clock.clone(), TestDatabase::sqlite(), &[]).await;
    let ada = app.register("ada@example.com").await;
    let body = json!({"name": "Birds"});
    let who = Who::User(ada.user().parse().unwrap());
    let sent = body.to_string();
    let key = "k".parse().unwrap();
    // As if the server had died over it.
    let request = OnceRequest::new(who, key, &[b"/api/orgs", sent.as_bytes()]);
    let begun = app.app.once_begin(&request).await.unwrap();
    assert!(matches!(begun, Begun::First));
    for (later, words) in [
        (Duration::ZERO, "under way"),
        (Duration::from_secs(59), "under way"),
        (Duration::from_secs(1), "broke off"),
    ] {
        clock.advance(later);
        let refused = create(&app, &ada, "k", body.clone()).await;
        assert_eq!(
            refused.problem(),
            (409, "IDEMPOTENCY_UNFINISHED".to_owned())
        );
        let message = refused.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(words), "{message}");
    }
    clock.advance(Duration::from_hours(24));
    let ada = app.login("ada@example.com").await;
    assert_eq!(create(&app, &ada, "k", body).await.status, 201);
    app.stop().await;
}

#[tokio::test]
async fn every_create_takes_a_key() {
    let app = TestApp::start().await;
    let document = app.get("/api/openapi.json").await.json();
    let mut creates = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let post = &methods["post"];
        // Who signs up has no login that the key could belong to.
        if post["responses"]["201"].is_null() || post["security"].is_null() {
            continue;
        }
        creates += 1;
        let parameters = post["parameters"].as_array().unwrap();
        let named = |one: &&Value| one["name"] == "Idempotency-Key" && one["in"] == "header";
        assert!(parameters.iter().any(|one| named(&one)), "{path}");
    }
    assert!(creates >= 2, "{creates}");
    app.stop().await;
}
