//! Two servers on one database.

use mockbird_server::app::Actor;
use serde_json::{Value, json};

use crate::mock_plane::{change, publish, publish_in, shop};
use crate::private_projects::{INNER, key, opens};
use crate::support::app::{Login, TestApp};
use crate::support::database::TestDatabase;

async fn what_one_ends_is_over_on_the_other(database: TestDatabase) {
    let one = TestApp::with(database, &[]).await;
    let other = one.beside().await;
    let login = one.register("ada@example.com").await;
    assert_eq!(
        other.me(login.access()).await,
        200,
        "they sign with one secret"
    );
    let renewed = Login(other.refresh(login.refresh()).await.json());
    assert_eq!(one.me(renewed.access()).await, 200);
    let keys = format!("/api/orgs/{}/api-keys", login.organization());
    let wish = serde_json::json!({"name": "CI", "permissions": ["admin"]});
    let key = one
        .call_as(login.access(), &format!("POST {keys}"), wish)
        .await
        .json();
    let list = format!("GET {keys}");
    let by_key = async |app: &TestApp| {
        let reply = app
            .call_as(key["key"].as_str().unwrap(), &list, Value::Null)
            .await;
        reply.status.as_u16()
    };
    assert_eq!(by_key(&other).await, 200);

    let revoke = format!("DELETE {keys}/{}", key["id"].as_str().unwrap());
    assert_eq!(
        one.call_as(login.access(), &revoke, Value::Null)
            .await
            .status,
        204
    );
    assert_eq!(by_key(&other).await, 401, "the very next call is refused");
    let out = one
        .call_as(login.access(), "POST /api/auth/logout", Value::Null)
        .await;
    assert_eq!(out.status, 204);
    assert_eq!(
        other.me(renewed.access()).await,
        401,
        "the very next call is refused"
    );
    assert_eq!(other.refresh(renewed.refresh()).await.status, 401);
    other.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn what_one_ends_is_over_on_the_other_on_sqlite() {
    what_one_ends_is_over_on_the_other(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn what_one_ends_is_over_on_the_other_on_postgres() {
    what_one_ends_is_over_on_the_other(TestDatabase::postgres().await).await;
}

/// The other server gets to know of a change within about a second: it is waited for, and not forever.
async fn changes_go_round(database: TestDatabase) {
    let one = TestApp::with(database, &[]).await;
    let other = one.beside().await;
    let waits_for = async |status: u16, body: &str| {
        loop {
            let reply = other.get("/m/shop/").await;
            if reply.status == status && (body.is_empty() || reply.body == body) {
                break;
            }
        }
    };
    waits_for(404, "").await;
    let (organization, id) = publish(&one, "shop", &shop("old")).await;
    waits_for(200, "old").await;
    change(&one, organization, id, "shop", &shop("new")).await;
    waits_for(200, "new").await;
    let operator = Actor::operator();
    for (suspended, status) in [(true, 410), (false, 200)] {
        one.app
            .organization_suspend(organization, suspended, &operator)
            .await
            .unwrap();
        waits_for(status, "").await;
    }
    other.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn changes_go_round_on_sqlite() {
    changes_go_round(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn changes_go_round_on_postgres() {
    changes_go_round(TestDatabase::postgres().await).await;
}

/// A key that is made or revoked on one server counts on the other within about a second.
async fn keys_go_round(database: TestDatabase) {
    let one = TestApp::with(database, &[]).await;
    let other = one.beside().await;
    let ada = one.register("ada@example.com").await;
    publish_in(&one, ada.organization().parse().unwrap(), "inner", INNER).await;
    let calls = json!({"permissions": ["mocks:call"]});
    // It is loaded, without a key.
    assert!(!opens(&other, "/m/inner/", "none").await);
    let (id, key) = key(&one, &ada, calls).await;
    while !opens(&other, "/m/inner/", &key).await {}
    let revoke = format!("DELETE /api/orgs/{}/api-keys/{id}", ada.organization());
    let revoked = one.call_as(ada.access(), &revoke, Value::Null).await;
    assert_eq!(revoked.status, 204);
    while opens(&other, "/m/inner/", &key).await {}
    other.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn keys_go_round_on_sqlite() {
    keys_go_round(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn keys_go_round_on_postgres() {
    keys_go_round(TestDatabase::postgres().await).await;
}

/// What another server holds under a slug is gone once its project has another one, and there again once it has it back.
async fn a_slug_that_is_given_up_goes_round(database: TestDatabase) {
    let one = TestApp::with(database, &[]).await;
    let other = one.beside().await;
    let ada = one.register("ada@example.com").await;
    let wish = json!({"name": "Shop", "isPublic": true});
    let made = one.call_as(ada.access(), "POST /api/projects", wish).await;
    let rename = format!(
        "PATCH /api/projects/{}",
        made.json()["id"].as_str().unwrap()
    );
    let waits_for = async |slug: &str, code: &str| {
        while other.get(&format!("/m/{slug}/")).await.problem().1 != code {}
    };
    waits_for("shop", "MOCK_NOT_FOUND").await;
    for (slug, former) in [("shed", "shop"), ("shack", "shed"), ("shop", "shack")] {
        let renamed = one
            .call_as(ada.access(), &rename, json!({"slug": slug}))
            .await;
        assert_eq!(renamed.status, 200);
        for (target, code) in [(slug, "MOCK_NOT_FOUND"), (former, "PROJECT_NOT_FOUND")] {
            let here = one.get(&format!("/m/{target}/")).await;
            assert_eq!(here.problem().1, code, "{target}: here it is known at once");
            waits_for(target, code).await;
        }
    }
    other.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn a_slug_that_is_given_up_goes_round_on_sqlite() {
    a_slug_that_is_given_up_goes_round(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn a_slug_that_is_given_up_goes_round_on_postgres() {
    a_slug_that_is_given_up_goes_round(TestDatabase::postgres().await).await;
}
