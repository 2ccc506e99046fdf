//! Two servers on one database.

use serde_json::Value;

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
