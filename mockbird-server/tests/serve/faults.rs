//! What is wrong with what was sent: all of it at once, each with its place.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::Reply;
use crate::support::database::app_test;
use crate::support::projects::{TestProject, id};

const MOCKS: &str = "POST /api/projects/{project}/mocks";

/// The places of all faults.
fn places(reply: &Reply) -> Vec<String> {
    assert_eq!(
        reply.problem(),
        (422, "VALIDATION_FAILED".to_owned()),
        "{reply:?}"
    );
    let details = reply.json()["details"].as_array().unwrap().clone();
    let place = |detail: &Value| detail["at"].as_str().unwrap().to_owned();
    details.iter().map(place).collect()
}

app_test! {
    async fn all_faults_of_a_mock_are_told_at_once(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let response = json!({"statusCode": 7, "headers": {"X-A": "{{ nothing( }}"}, "colour": "red"});
        let mock = json!({
            "id": "a", "path": "/{a}/{a}", "name": "x".repeat(256), "method": "get", "responseDelay": 5_000_000,
            "responses": [{"body": "{{ nothing( }}"}, response],
        });
        let all = [
            "id", "method", "responseDelay", "responses[1].colour", "responses[1].statusCode", "name", "path",
            "responses[0].body", "responses[1].headers.X-A",
        ];
        let refused = shop.ask(MOCKS, mock.clone()).await;
        assert_eq!(places(&refused), all);
        let delay = &refused.json()["details"][2];
        assert!(delay.to_string().contains("10000") && !delay.to_string().contains("3600000"), "{delay}");

        let in_list = all.map(|place| format!("mocks[0].{place}"));
        let bulk = "POST /api/projects/{project}/mocks/bulk";
        let refused = shop.ask(bulk, json!({"action": "create", "mocks": [mock]})).await;
        assert_eq!(places(&refused), in_list);

        let made = shop.mock(json!({"path": "/", "responses": [{}]})).await;
        let add = format!("POST /api/mocks/{}/responses", id(&made));
        let refused = shop.ask(&add, json!({"statusCode": 7, "body": "{{ nothing( }}", "name": "x".repeat(256)})).await;
        assert_eq!(places(&refused), ["statusCode", "name", "body"]);
        let template = format!("POST /api/orgs/{}/response-templates", ada.organization());
        let response = json!({"statusCode": 7, "body": "{{ nothing( }}"});
        let refused = shop.ask(&template, json!({"name": "a", "response": response})).await;
        assert_eq!(places(&refused), ["response.statusCode", "response.body"]);
    }
}

app_test! {
    async fn what_cannot_be_kept_has_its_place(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let nul = "a\0b";
        let mock = json!({
            "specId": nul, "path": "/\0", "name": nul, "description": nul,
            "responses": [{"specId": nul, "name": nul, "body": nul}],
        });
        let all = ["path", "specId", "name", "description", "responses[0].specId", "responses[0].name"];
        assert_eq!(places(&shop.ask(MOCKS, mock).await), all);
        let kept = shop.mock(json!({"path": "/nul", "responseType": "text", "responses": [{"body": nul}]})).await;
        assert_eq!((shop.body("GET /nul").await.as_str(), &kept["responses"][0]["body"]), (nul, &json!(nul)));
        let template = format!("POST /api/orgs/{}/response-templates", ada.organization());
        for (route, body, at) in [
            ("POST /api/projects", json!({"name": "a", "description": nul}), "description"),
            (&template, json!({"name": "a", "description": nul, "response": {}}), "description"),
            ("POST /api/orgs", json!({"name": nul}), "name"),
            ("GET /api/projects/{project}/mocks?q=a%00", Value::Null, "q"),
            ("GET /api/projects?slug=%00", Value::Null, "slug"),
        ] {
            assert_eq!(places(&shop.ask(route, body).await), [at], "{route}");
        }
        let half = r#"{"path": "/half", "responses": [{"body": "\ud83d"}]}"#;
        for route in [MOCKS, "POST /api/projects/import"] {
            let refused = shop.ask_text(route, half).await;
            assert_eq!(refused.problem(), (400, "BAD_REQUEST".to_owned()), "{route}");
            let message = refused.json()["message"].as_str().unwrap().to_owned();
            assert!(message.contains("surrogate") && message.contains("line 1, column 43"), "{message}");
        }
    }
}

app_test! {
    async fn a_patch_says_each_thing_once(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let made = shop.mock(json!({"path": "/", "responses": [{}]})).await;
        let (mock, response) = (format!("PATCH /api/mocks/{}", id(&made)), id(&made["responses"][0]));
        let patch = r#"{"name": "a", "x-a": {"b": 1, "b": 2}, "name": "b"}"#;
        assert_eq!(places(&shop.ask_text(&mock, patch).await), ["x-a.b", "name"]);
        let of_response = format!("{mock}/responses/{response}");
        assert_eq!(places(&shop.ask_text(&of_response, r#"{"name": "a", "name": "b"}"#).await), ["name"]);
    }
}

/// A value of so many lists in each other.
fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |inner, _| json!([inner]))
}

app_test! {
    async fn what_is_kept_can_be_sent_again(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let made = shop.mock(json!({"path": "/", "x-a": nested(120), "responses": [{}]})).await;
        let mock = format!("/api/mocks/{}", id(&made));
        let response = format!("{mock}/responses/{}", id(&made["responses"][0]));
        let condition = |depth| json!([{"type": "body", "operator": "equals", "value": nested(depth)}]);
        for (field, most, beyond) in [
            ("body", nested(120), nested(121)),
            ("body", nested(120), nested(126)),
            ("conditions", condition(118), condition(119)),
        ] {
            let refused = shop.ask(&format!("PATCH {response}"), json!({ field: beyond })).await;
            assert_eq!(places(&refused), [field]);
            shop.done(&format!("PATCH {response}"), json!({ field: most }), 200).await;
        }
        assert_eq!(places(&shop.ask(&format!("PATCH {mock}"), json!({"x-a": nested(121)})).await), ["x-a"]);
        let whole = shop.done(&format!("GET {mock}"), Value::Null, 200).await;
        shop.done(&format!("PUT {mock}"), whole, 200).await;
        let file = shop.done("GET /api/projects/{project}/export", Value::Null, 200).await;
        shop.done("POST /api/projects/{project}/import", file, 200).await;
    }
}

app_test! {
    async fn what_is_stale_is_a_conflict_whatever_it_says(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let read = shop.mock(json!({"path": "/", "responses": [{}]})).await;
        let mock = format!("/api/mocks/{}", id(&read));
        shop.done(&format!("PATCH {mock}"), json!({"name": "a"}), 200).await;
        let stale = shop.ask(&format!("PUT {mock}"), read).await;
        assert_eq!(stale.problem(), (409, "VERSION_CONFLICT".to_owned()));
    }
}
