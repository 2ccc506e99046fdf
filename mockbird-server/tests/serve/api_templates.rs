//! Response templates over HTTP.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::database::app_test;
use crate::support::projects::TestProject;

app_test! {
    async fn a_template_can_be_sent_to_a_mock_as_it_is(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let ask = async |route: &str, body: Value| app.call_as(ada.access(), route, body).await;
        let project = TestProject::with(app, &ada, r#"{"name": "Shop", "isPublic": true, "mocks": [
            {"path": "/{id}", "responses": [{"body": "shop"}]}]}"#).await;
        let mocks = ask(&format!("GET /api/projects/{}/mocks", project.id), Value::Null).await.json();
        let responses = format!("/api/mocks/{}/responses", mocks["items"][0]["id"].as_str().unwrap());
        let list = ask("GET /api/response-templates?limit=100", Value::Null).await.json();
        let all = list["items"].as_array().unwrap();
        assert_eq!(list["total"], all.len());
        for template in all {
            let made = ask(&format!("POST {responses}"), template["response"].clone()).await;
            assert_eq!(made.status, 201, "{template} {made:?}");
            let default = format!("POST {responses}/{}/default", made.json()["id"].as_str().unwrap());
            assert_eq!(ask(&default, Value::Null).await.status, 200);
            let answered = app.get(&format!("/m/{}/7?page=2", project.slug)).await;
            let status = template["response"]["statusCode"].as_u64().unwrap();
            assert_eq!(u64::from(answered.status.as_u16()), status, "{template} {answered:?}");
            let is_json = answered.header("content-type").is_some_and(|kind| kind == "application/json");
            assert!(!is_json || answered.json().is_object(), "{template} {answered:?}");
        }
    }
}

app_test! {
    async fn an_organization_has_its_own(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let ask = async |route: &str, body: Value| app.call_as(ada.access(), route, body).await;
        let all = format!("/api/orgs/{}/response-templates", ada.organization());
        let wish = json!({"name": "Sold out", "category": "shop", "response": {"statusCode": 409, "body": {"error": "sold out", "n": 1}}});
        let made = ask(&format!("POST {all}"), wish).await;
        assert_eq!((made.status.as_u16(), made.header("etag")), (201, Some("\"1\"")));
        let made = made.json();
        let one = format!("{all}/{}", made["id"].as_str().unwrap());
        let (get, put, patch) = (format!("GET {one}"), format!("PUT {one}"), format!("PATCH {one}"));
        assert_eq!(ask(&get, Value::Null).await.json(), made);
        assert_eq!(ask(&put, made.clone()).await.json(), made, "as it was read, nothing changes");
        let change = json!({"description": "No more", "category": null, "response": {"statusCode": null, "body": {"n": 2}}});
        let changed = ask(&patch, change).await.json();
        assert_eq!(changed["response"], json!({"body": {"error": "sold out", "n": 2}}));
        assert_eq!((&changed["description"], &changed["category"], &changed["version"]), (&json!("No more"), &Value::Null, &json!(2)));
        let replaced = ask(&put, json!({"name": "Gone", "response": {"statusCode": 410}})).await.json();
        assert_eq!((&replaced["name"], &replaced["description"]), (&json!("Gone"), &Value::Null));
        let stale = app.call_with(ada.access(), &patch, ("if-match", "\"1\""), json!({"name": "a"})).await;
        assert_eq!(stale.problem().0, 412);
        assert_eq!(ask(&patch, json!({"name": "a", "version": 1})).await.problem().0, 409);
        let list = ask(&format!("GET {all}"), Value::Null).await.json();
        assert_eq!(list["items"], json!([replaced]));
        assert_eq!(ask(&format!("DELETE {one}"), Value::Null).await.status, 204);
        assert_eq!(ask(&get, Value::Null).await.status, 404);
    }
}

app_test! {
    async fn faults_of_a_template_have_their_places(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let create = format!("POST /api/orgs/{}/response-templates", ada.organization());
        for (body, at) in [
            (json!({"response": {}}), "name"),
            (json!({"name": "a"}), "response"),
            (json!({"name": " ", "response": {}}), "name"),
            (json!({"name": "a", "response": 7}), "response"),
            (json!({"name": "a", "response": {"statusCode": 99}}), "response.statusCode"),
            (json!({"name": "a", "response": {"bodyFile": "a.json"}}), "response.bodyFile"),
            (json!({"name": "a", "response": {"body": "{{ nothing( }}"}}), "response.body"),
            (json!({"name": "a", "response": {}, "colour": 1}), "colour"),
        ] {
            let reply = app.call_as(ada.access(), &create, body.clone()).await;
            assert_eq!((reply.status.as_u16(), &reply.json()["details"][0]["at"]), (422, &json!(at)), "{body} {reply:?}");
        }
    }
}
