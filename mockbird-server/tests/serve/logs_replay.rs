//! What becomes of a logged request: a mock, or an answer of now.

use mockbird_server::domain::LogRecord;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::database::app_test;
use crate::support::logs::{Logger, body, store};
use crate::support::projects::{TestProject, id};

async fn logged(project: &TestProject<'_>, record: LogRecord) -> String {
    store(project.app.app.store(), std::slice::from_ref(&record)).await;
    format!("POST /api/projects/{{project}}/logs/{}", record.id)
}

app_test! {
    async fn a_request_becomes_a_mock_that_answers_it(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let sent = json!({
            "type": "order", "express": true, "password": "hunter2", "count": 3, "at": "2026-11-28", "to": "ada@example.com",
            "id": "0190b5f0-7a3a-7c3e-9c67-3d7e2b3c4d5e", "note": "x".repeat(41),
        });
        let text = sent.to_string();
        let log = Logger::of(&shop);
        let mut record = log.record(app.app.clock().now(), "POST /users/42/orders?dry=yes&api_key=s3cret&q=%5Bredacted%5D");
        record.body = Some(body(text.as_bytes(), text.len() as u64));
        let at = logged(&shop, record).await;
        let mock = shop.done(&format!("{at}/mock"), Value::Null, 200).await;
        assert_eq!(mock, json!({
            "method": "POST", "path": "/users/{userId}/orders",
            "responses": [{
                "statusCode": 200, "body": {"userId": "{{ request.params.userId }}"},
                "conditions": [
                    {"type": "query", "field": "dry", "operator": "equals", "value": "yes"},
                    {"type": "body", "operator": "contains", "value": {"type": "order", "express": true}},
                ],
            }],
        }));
        assert_eq!(shop.paths().await, Vec::<String>::new(), "it is not saved");
        shop.mock(mock).await;
        let route = format!("POST /m/{}/users/7/orders?dry=yes", shop.slug);
        assert_eq!(app.call(&route, &[], sent).await.json(), json!({"userId": "7"}));
    }
}

app_test! {
    async fn a_request_is_answered_by_the_mocks_of_now(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let log = Logger::of(&shop);
        let mut record = log.record(app.app.clock().now(), "POST /birds/7?colour=red");
        record.headers.push(("authorization".to_owned(), "[redacted]".to_owned()));
        record.body = Some(body(b"{\"na", 40));
        let at = logged(&shop, record).await;
        let replay = async || shop.done(&format!("{at}/replay"), Value::Null, 200).await;
        let missed = replay().await;
        assert_eq!((&missed["answeredBy"], &missed["status"], &missed["mockId"]), (&json!("nobody"), &json!(404), &Value::Null));
        assert_eq!(missed["lost"], json!([
            "the value of the header `authorization` is not kept", "only the first 4 of 40 bytes of the body are kept",
        ]));
        shop.mock(json!({"path": "/birds/{id}", "responses": [{}]})).await;
        assert_eq!(replay().await["nearest"][0]["reasons"], json!(["method is POST, not GET"]));
        let mock = shop.mock(json!({"path": "/birds/{id}", "method": "POST", "responses": [
            {"name": "blue", "conditions": [{"type": "query", "field": "colour", "operator": "equals", "value": "blue"}]},
            {"name": "red", "statusCode": 201, "headers": {"X-Bird": "wren"}, "body": {"id": "{{ request.params.id }}"}, "responseDelay": 50},
        ]})).await;
        let answered = replay().await;
        for (member, value) in [
            ("answeredBy", json!("mock")), ("mockId", json!(id(&mock))), ("responseId", json!(id(&mock["responses"][1]))),
            ("status", json!(201)), ("body", json!("{\"id\":\"7\"}")), ("bodyBase64", Value::Null), ("delayMs", json!(50)),
            ("failed", Value::Null), ("nearest", json!([])),
        ] {
            assert_eq!(answered[member], value, "{member}");
        }
        let headers = answered["headers"].as_array().unwrap();
        assert!(headers.contains(&json!({"name": "x-bird", "value": "wren"})), "{headers:?}");
        let asked = &answered["mocks"][0];
        assert_eq!((&asked["mockId"], &asked["params"]), (&json!(id(&mock)), &json!([{"name": "id", "value": "7"}])));
        let answers = |at: usize| (asked["responses"][at]["qualifies"].clone(), asked["responses"][at]["answers"].clone());
        assert_eq!((answers(0), answers(1)), ((json!(false), json!(false)), (json!(true), json!(true))));
        assert_eq!(asked["responses"][0]["conditions"][0]["passed"], false);
        // Nothing of it is counted.
        let usage = shop.done(&format!("GET /api/orgs/{}/usage", ada.organization()), Value::Null, 200).await;
        assert_eq!(usage["requests"]["used"], 0);
        assert_eq!(shop.done("GET /api/projects/{project}/logs", Value::Null, 200).await["total"], 1);
    }
}
