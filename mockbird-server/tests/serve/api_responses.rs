//! Responses of mocks over the API.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::database::app_test;
use crate::support::projects::{TestProject, id};

app_test! {
    async fn a_response_is_made_changed_and_deleted_and_each_time_the_next_request_sees_it(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let mock = shop.mock(json!({"path": "/a", "responses": [{"body": "always"}]})).await;
        let responses = format!("/api/mocks/{}/responses", id(&mock));
        let first = id(&mock["responses"][0]);
        let extinct = json!([{"type": "query", "field": "extinct", "operator": "exists"}]);
        let made = shop.done(&format!("POST {responses}"), json!({
            "specId": "gone", "statusCode": 404, "body": {"n": 1}, "conditions": extinct,
        }), 201).await;
        assert_eq!((&made["mockId"], &made["specId"], &made["version"]), (&mock["id"], &json!("gone"), &json!(1)));
        assert_eq!(shop.body("GET /a?extinct").await, r#"{"n":1}"#);

        let response = format!("{responses}/{}", id(&made));
        let patched = shop.done(&format!("PATCH {response}"), json!({"body": {"m": 2}, "statusCode": 410}), 200).await;
        assert_eq!((&patched["body"], &patched["version"]), (&json!({"n": 1, "m": 2}), &json!(2)), "merged as RFC 7396 says");
        assert_eq!(shop.call("GET /a?extinct").await.status, 410);
        let put = shop.done(&format!("PUT {response}"), json!({"body": "only"}), 200).await;
        assert_eq!((&put["conditions"], &put["statusCode"], id(&put)), (&Value::Null, &Value::Null, id(&made)));
        assert_eq!(put["warnings"][0]["at"], "", "it can never answer: {put}");
        let read = shop.done(&format!("GET {response}"), Value::Null, 200).await;
        let same = shop.done(&format!("PUT {response}"), read.clone(), 200).await;
        assert_eq!(same["version"], read["version"], "what was read may come back, and changes nothing");

        let list = shop.done(&format!("GET {responses}?limit=1&page=2"), Value::Null, 200).await;
        assert_eq!((&list["total"], &list["items"]), (&json!(2), &json!([read])));
        shop.done(&format!("DELETE {responses}/{first}"), Value::Null, 204).await;
        assert_eq!(shop.body("GET /a").await, "only");
        let last = shop.ask(&format!("DELETE {response}"), Value::Null).await;
        assert_eq!(last.problem(), (409, "LAST_RESPONSE".to_owned()));
        assert_eq!(shop.ask(&format!("GET {responses}/{first}"), Value::Null).await.status, 404);
    }
}

app_test! {
    async fn one_response_of_a_mock_is_its_default(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let asked = |value: &str| json!([{"type": "query", "field": "a", "operator": "equals", "value": value}]);
        let mock = shop.mock(json!({"path": "/a", "responses": [
            {"body": "1", "conditions": asked("1"), "isDefault": true}, {"body": "2", "conditions": asked("2")},
        ]})).await;
        let responses = format!("/api/mocks/{}/responses", id(&mock));
        let second = format!("{responses}/{}", id(&mock["responses"][1]));
        assert_eq!(shop.body("GET /a").await, "1");
        let refused = shop.ask(&format!("PATCH {second}"), json!({"isDefault": true})).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["details"][0]["at"]), (422, &json!("isDefault")));
        let made = shop.done(&format!("POST {second}/default"), Value::Null, 200).await;
        assert_eq!(made["isDefault"], true);
        assert_eq!(shop.body("GET /a").await, "2");
        let before = shop.done(&format!("GET {responses}/{}", id(&mock["responses"][0])), Value::Null, 200).await;
        assert_eq!((&before["isDefault"], &before["version"]), (&Value::Null, &json!(2)));
    }
}

app_test! {
    async fn faults_of_a_response_have_places_in_it(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let mock = shop.mock(json!({"path": "/a", "responses": [{}, {}]})).await;
        let responses = format!("/api/mocks/{}/responses", id(&mock));
        let second = format!("{responses}/{}", id(&mock["responses"][1]));
        for (body, at) in [
            (json!([]), ""),
            (json!({"status": 200}), "status"),
            (json!({"specId": 7}), "specId"),
            (json!({"responseDelay": {"min": 1, "max": 10_001}}), "responseDelay.max"),
            (json!({"body": "{{ nothing( }}"}), "body"),
            (json!({"bodyFile": "x"}), "bodyFile"),
            (json!({"headers": {"Content-Length": "7"}}), "headers.Content-Length"),
            (json!({"conditions": [{"type": "header", "field": "a", "operator": "regex", "value": "("}]}), "conditions[0].value"),
            (json!({"mockId": "7"}), "mockId"),
            (json!({"name": "a\u{0}"}), "name"),
        ] {
            for route in [format!("POST {responses}"), format!("PUT {second}")] {
                let reply = shop.ask(&route, body.clone()).await;
                assert_eq!(reply.problem(), (422, "VALIDATION_FAILED".to_owned()), "{route} {body}");
                assert_eq!(reply.json()["details"][0]["at"], at, "{route} {body} {reply:?}");
            }
        }
    }
}
