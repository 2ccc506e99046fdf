//! Mock files in and out over HTTP.

use bytes::Bytes;
use http::Request;
use mockbird_server::domain::Plan;
use serde_json::{Value, json};

use crate::over_http::cases;
use crate::support::app::{Login, TestApp};
use crate::support::client::Reply;
use crate::support::database::app_test;
use crate::support::projects::TestProject;
use crate::support::specs::read;

const JSON: &str = "application/json";
const YAML: &str = "application/yaml";

/// Sends a file.
async fn send(app: &TestApp, who: &Login, target: &str, kind: &str, text: &str) -> Reply {
    let request = Request::post(target)
        .header("authorization", format!("Bearer {}", who.access()))
        .header("content-type", kind);
    let body = Bytes::copy_from_slice(text.as_bytes());
    app.send(request.body(body).unwrap()).await
}

/// Puts a file into a project.
async fn import(project: &TestProject<'_>, query: &str, text: &str) -> Reply {
    let target = format!("/api/projects/{}/import{query}", project.id);
    send(project.app, project.login, &target, YAML, text).await
}

/// The project as a file.
async fn export(project: &TestProject<'_>) -> Reply {
    let route = format!("GET /api/projects/{}/export", project.id);
    project
        .app
        .call_as(project.login.access(), &route, Value::Null)
        .await
}

/// The mocks of a project, as the API lists them.
async fn mocks(project: &TestProject<'_>) -> Vec<Value> {
    let route = format!("GET /api/projects/{}/mocks", project.id);
    let list = project
        .app
        .call_as(project.login.access(), &route, Value::Null)
        .await
        .json();
    list["items"].as_array().unwrap().clone()
}

/// Of each of a list of mocks: its path, and where it differs.
fn paths(list: &Value) -> Value {
    let all = list.as_array().unwrap().iter();
    all.map(|mock| json!([mock["path"], mock["differences"]]))
        .collect()
}

const BIRDS: &str = "
name: Birds
slug: birds
isPublic: true
seed: 7
mocks:
- {path: /owl, responses: [{body: hoo}]}
- {path: '/wren/{name}', name: wren, responses: [{name: found, body: {a: 1.10, b: 2}}, {statusCode: 404, weight: 0}]}
- {id: kite, path: /kite, responses: [{body: kee}]}
";

app_test! {
    async fn a_file_becomes_a_project_that_answers(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let made = send(app, &ada, "/api/projects/import", "text/yaml; charset=utf-8", BIRDS).await;
        assert_eq!((made.status.as_u16(), made.json()["warnings"].clone()), (201, json!([])));
        let project = made.json();
        assert_eq!((&project["slug"], &project["mockCount"], &project["seed"]), (&json!("birds"), &json!(3), &json!(7)));
        assert_eq!(app.get("/m/birds/wren/a").await.body, r#"{"a":1.10,"b":2}"#);

        let taken = send(app, &ada, "/api/projects/import", YAML, BIRDS).await;
        assert_eq!(taken.problem(), (409, "CONFLICT".to_owned()));
        let named = send(app, &ada, "/api/projects/import?slug=bats", YAML, BIRDS).await.json();
        assert_eq!(named["slug"], "bats");
        let reserved = BIRDS.replace("slug: birds", "slug: admin");
        let refused = send(app, &ada, "/api/projects/import", YAML, &reserved).await;
        assert_eq!(refused.json()["details"][0]["at"], "slug");
        let warned = send(app, &ada, "/api/projects/import", JSON, r#"{"name": "Owls", "mocks": [
            {"path": "/{a}", "responses": [{}]}, {"path": "/{b}", "responses": [{}]}]}"#).await.json();
        let warning = &warned["warnings"][0];
        assert_eq!((&warning["at"], &warning["line"], &warning["column"]), (&json!("mocks[1]"), &json!(2), &json!(50)));
    }
}

app_test! {
    async fn what_is_wrong_with_a_file_is_told_and_changes_nothing(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let project = TestProject::with(app, &ada, r#"{"name": "Shop", "isPublic": true, "mocks": [
            {"path": "/", "responses": [{"body": "shop"}]}]}"#).await;
        let target = format!("/api/projects/{}/import", project.id);
        for (kind, text, status, places) in [
            ("text/plain", "name: a", 415, json!([])),
            (JSON, "{\"name\": 1,}", 400, json!([])),
            (YAML, "name: [", 400, json!([])),
            (YAML, "name: a\nmocks:\n- path: a\n  responses: [{bodyFile: b.json, colour: red}]\n", 422,
                json!([["mocks[0].path", 3, 9], ["mocks[0].responses[0].bodyFile", 4, 26], ["mocks[0].responses[0].colour", 4, 34]])),
            (JSON, "{\"name\": \"a\",\n\"mocks\": [{\"path\": \"/\",\n\"responses\": [{\"body\": \"{{ nothing( }}\"}]}]}", 422,
                json!([["mocks[0].responses[0].body", 3, 24]])),
            (YAML, "name: a\nmocks: [{path: /a, responseDelay: 10001, responses: [{}]}]\n", 422,
                json!([["mocks[0].responseDelay", 2, 35]])),
            (YAML, "name: a\nmocks: [{path: /a, responses: [{name: \"a\\0\"}]}]\n", 422,
                json!([["mocks[0].responses[0].name", 2, 39]])),
        ] {
            let reply = send(app, &ada, &target, kind, text).await;
            assert_eq!(reply.status, status, "{text} {reply:?}");
            let details = reply.json()["details"].as_array().cloned().unwrap_or_default();
            let found: Value = details.iter().map(|fault| json!([fault["at"], fault["line"], fault["column"]])).collect();
            assert_eq!(found, places, "{text}");
            assert_eq!(app.get(&format!("/m/{}/", project.slug)).await.body, "shop");
        }
        let stale = app.call_with(ada.access(), &format!("POST {target}"), ("if-match", "\"77\""), json!({"name": "a", "mocks": []})).await;
        assert_eq!(stale.problem(), (412, "PRECONDITION_FAILED".to_owned()));
    }
}

app_test! {
    async fn an_import_tells_what_it_changes_and_keeps_what_is_the_same(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let project = TestProject::new(app, &ada).await;
        let first = import(&project, "?dryRun=true", BIRDS).await.json();
        assert_eq!((&first["dryRun"], &first["added"].as_array().unwrap().len(), mocks(&project).await.len()), (&json!(true), &3, 0));
        assert_eq!(first["added"][0]["id"], Value::Null);
        assert_eq!((&first["about"], &first["warnings"][0]["at"]), (&json!(["name", "seed"]), &json!("slug")));
        let done = import(&project, "", BIRDS).await;
        assert_eq!(done.status, 200);
        let before = mocks(&project).await;
        assert_eq!(done.json()["added"][0]["id"], before[0]["id"]);
        let version = done.json()["project"]["version"].clone();
        let again = import(&project, "", BIRDS).await.json();
        assert_eq!((&again["unchanged"], &again["project"]["version"]), (&json!(3), &version), "the same changes nothing");

        let other = "
name: Birds
isPublic: true
seed: 7
mocks:
- {path: /owl, responses: [{body: hoo}]}
- {id: kite, path: /kites, method: POST, responses: [{body: kee}]}
- {path: '/wren/{id}', name: wren, responses: [{name: found, body: {a: 1.1, b: 2}}, {statusCode: 404, weight: 0}]}
- {path: /bat, responses: [{body: eek}]}
";
        for query in ["?dryRun=true", ""] {
            let diff = import(&project, query, other).await.json();
            assert_eq!(paths(&diff["added"]), json!([["/bat", []]]));
            assert_eq!(paths(&diff["changed"]), json!([["/kites", ["path", "method"]], ["/wren/{id}", ["path", "responses[0].body.a"]]]));
            assert_eq!((&diff["removed"], &diff["unchanged"], &diff["isReordered"]), (&json!([]), &json!(1), &json!(true)));
        }
        let after = mocks(&project).await;
        let ids = |all: &[Value], order: &[usize]| order.iter().map(|index| all[*index]["id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&after, &[0, 2, 1]), ids(&before, &[0, 1, 2]));
        assert_eq!(after[0], before[0], "what is the same is as it was");
        assert_eq!(after[1]["createdAt"], before[2]["createdAt"]);
        assert_eq!(after[2]["responses"][1]["id"], before[1]["responses"][1]["id"]);
        assert_eq!(app.get(&format!("/m/{}/wren/a", project.slug)).await.body, r#"{"a":1.1,"b":2}"#);
        assert_eq!(app.get(&format!("/m/{}/kite", project.slug)).await.status, 404);

        let fewer = import(&project, "", "{name: Birds, mocks: [{path: /owl, responses: [{body: hoo}]}]}").await.json();
        assert_eq!(fewer["removed"].as_array().unwrap().len(), 3);
        assert_eq!(fewer["project"]["isPublic"], json!(true), "a file that says nothing of it leaves it");
        assert_eq!(mocks(&project).await, after[..1]);
    }
}

app_test! {
    async fn what_goes_in_comes_out(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let project = TestProject::new(app, &ada).await;
        let mut taken = 0;
        for (name, case) in cases().iter().filter(|(_, case)| case.compile_error.is_none()) {
            let mut spec = read(case.spec.get());
            // What a project has already stays, if a file says nothing of it.
            spec.is_public = Some(taken % 2 == 0);
            let text = spec.to_node().to_string();
            let reply = import(&project, "", &text).await;
            assert_eq!(reply.status, 200, "{name}: {reply:?}");
            spec.slug = spec.slug.map(|_| project.slug.clone());
            let file = export(&project).await;
            assert_eq!(file.header("content-disposition"), Some(format!("attachment; filename=\"{}.json\"", project.slug).as_str()));
            let out = read(std::str::from_utf8(&file.body).unwrap());
            assert_eq!(out.to_node().to_string(), spec.to_node().to_string(), "{name}");
            taken += 1;
        }
        assert!(taken > 200, "{taken}");
    }
}

app_test! {
    async fn files_are_a_matter_of_the_plan(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let file = r#"{"name": "Shop", "mocks": []}"#;
        let free = TestProject::on_plan(Plan::Free, app, &ada, file).await;
        for reply in [import(&free, "", file).await, export(&free).await] {
            assert_eq!(reply.problem(), (402, "SUBSCRIPTION_LIMIT".to_owned()));
        }
        let pro = TestProject::on_plan(Plan::Pro, app, &ada, file).await;
        assert_eq!(export(&pro).await.status, 200);
        let mock = |number| format!("{{\"path\": \"/{number}\", \"responses\": [{{}}]}}");
        let many = |count| {
            let all: Vec<_> = (0..count).map(mock).collect();
            format!("{{\"name\": \"Shop\", \"mocks\": [{}]}}", all.join(","))
        };
        assert_eq!(import(&pro, "", &many(50)).await.status, 200);
        assert_eq!(import(&pro, "", &many(51)).await.problem(), (402, "SUBSCRIPTION_LIMIT".to_owned()));
        assert_eq!(mocks(&pro).await.len(), 20, "a page of those that were there");
    }
}
