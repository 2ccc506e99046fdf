//! What is another's: their ids in every field of every route, and what becomes of it.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::database::app_test;
use crate::support::projects::{TestProject, id};

app_test! {
    async fn ids_of_others_are_ids_of_nothing(app: TestApp) {
        let (ada, eve) = (app.register("ada@example.com").await, app.register("eve@example.com").await);
        let mock = |path: &str| json!({"path": path, "responses": [{"body": "mine"}, {"statusCode": 404}]});
        let shop = TestProject::new(app, &ada).await;
        let (ours, ours_too) = (shop.mock(mock("/a")).await, shop.mock(mock("/b")).await);
        // Another one of her own, too: what belongs to a project is not reached from the next.
        let next_door = TestProject::new(app, &ada).await;
        let next = next_door.mock(mock("/n")).await;
        let theirs = TestProject::new(app, &eve).await;
        let stolen = theirs.mock(mock("/t")).await;
        let response = |mock: &Value| id(&mock["responses"][0]).to_owned();
        for (elsewhere, strange) in [(&next_door, &next), (&theirs, &stolen)] {
            let (before, path) = (elsewhere.paths().await, strange["path"].as_str().unwrap());
            let (own, other) = (id(&ours), id(strange));
            let (project, strange_response) = (elsewhere.id.to_string(), response(strange));
            let body = mock("/x");
            let reorder = "POST /api/projects/{project}/mocks/reorder".to_owned();
            let bulk = "POST /api/projects/{project}/mocks/bulk".to_owned();
            let with = |key: &str, value: &str| {
                let mut body = mock("/x");
                body[key] = value.into();
                body
            };
            let attacks = [
                (reorder.clone(), json!({"mock": other, "before": own}), 404),
                (reorder.clone(), json!({"mock": own, "before": other}), 404),
                (reorder.clone(), json!({"mock": own, "after": other}), 404),
                (reorder.clone(), json!({"mocks": [own, other]}), 404),
                (reorder, json!({"mocks": [own, id(&ours_too), other]}), 404),
                (bulk.clone(), json!({"action": "delete", "mocks": [own, other]}), 404),
                (bulk.clone(), json!({"action": "activate", "mocks": [other]}), 404),
                (bulk.clone(), json!({"action": "deactivate", "mocks": [own, other]}), 404),
                (bulk, json!({"action": "create", "mocks": [with("projectId", &project)]}), 422),
                ("POST /api/projects/{project}/mocks".to_owned(), with("projectId", &project), 422),
                ("POST /api/projects/{project}/mocks".to_owned(), with("organizationId", eve.organization()), 422),
                ("POST /api/projects/{project}/mocks".to_owned(), with("id", other), 422),
                (format!("PUT /api/mocks/{own}"), with("projectId", &project), 422),
                (format!("PATCH /api/mocks/{own}"), json!({"projectId": project}), 422),
                (format!("PATCH /api/mocks/{own}"), json!({"id": other}), 422),
                (format!("PATCH /api/mocks/{own}"), json!({"responses": [{"id": strange_response, "body": "stolen"}]}), 404),
                (format!("PUT /api/mocks/{own}"), json!({"path": "/a", "responses": [{"id": strange_response}]}), 404),
                (format!("GET /api/mocks/{own}/responses/{strange_response}"), Value::Null, 404),
                (format!("PUT /api/mocks/{own}/responses/{strange_response}"), json!({"body": "stolen"}), 404),
                (format!("PATCH /api/mocks/{own}/responses/{strange_response}"), json!({"body": "stolen"}), 404),
                (format!("DELETE /api/mocks/{own}/responses/{strange_response}"), Value::Null, 404),
                (format!("POST /api/mocks/{own}/responses/{strange_response}/default"), Value::Null, 404),
                (format!("PATCH /api/mocks/{own}/responses/{}", response(&ours)), json!({"mockId": other}), 422),
                (format!("PATCH /api/mocks/{own}/responses/{}", response(&ours)), json!({"id": strange_response}), 422),
                (format!("POST /api/mocks/{own}/responses"), json!({"id": strange_response}), 422),
                (format!("GET /api/mocks/{own}/responses/{}", response(&ours_too)), Value::Null, 404),
            ];
            for (route, body, status) in attacks {
                let reply = shop.ask(&route, body.clone()).await;
                assert_eq!(reply.status, status, "{route} {body} {reply:?}");
            }
            if elsewhere.login.user() != ada.user() {
                for (route, body) in [
                    (format!("GET /api/projects/{project}/mocks"), Value::Null),
                    (format!("POST /api/projects/{project}/mocks"), body.clone()),
                    (format!("POST /api/projects/{project}/mocks/bulk"), json!({"action": "delete", "mocks": [other]})),
                    (format!("POST /api/projects/{project}/mocks/reorder"), json!({"mocks": [other]})),
                    (format!("GET /api/mocks/{other}"), Value::Null),
                    (format!("PUT /api/mocks/{other}"), body.clone()),
                    (format!("PATCH /api/mocks/{other}"), json!({"name": "stolen"})),
                    (format!("DELETE /api/mocks/{other}"), Value::Null),
                    (format!("POST /api/mocks/{other}/activate"), Value::Null),
                    (format!("POST /api/mocks/{other}/deactivate"), Value::Null),
                    (format!("POST /api/mocks/{other}/duplicate"), Value::Null),
                    (format!("GET /api/mocks/{other}/responses"), Value::Null),
                    (format!("POST /api/mocks/{other}/responses"), json!({})),
                    (format!("GET /api/mocks/{other}/responses/{strange_response}"), Value::Null),
                    (format!("PUT /api/mocks/{other}/responses/{strange_response}"), json!({})),
                    (format!("PATCH /api/mocks/{other}/responses/{strange_response}"), json!({})),
                    (format!("DELETE /api/mocks/{other}/responses/{strange_response}"), Value::Null),
                    (format!("POST /api/mocks/{other}/responses/{strange_response}/default"), Value::Null),
                ] {
                    let reply = shop.ask(&route, body).await;
                    assert_eq!(reply.status, 404, "{route} {reply:?}");
                }
            }
            assert_eq!(elsewhere.paths().await, before);
            assert_eq!(elsewhere.body(&format!("GET {path}")).await, "mine");
            assert_eq!(shop.paths().await, ["/a", "/b"]);
        }
    }
}
