//! Mocks over the API: each change answers the very next request.

use mockbird_server::domain::Plan;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::database::app_test;
use crate::support::projects::{TestProject, id};

app_test! {
    async fn a_mock_is_made_changed_and_deleted_and_each_time_the_next_request_sees_it(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        assert_eq!(shop.call("GET /owls/7").await.status, 404);
        let made = shop.mock(json!({
            "specId": "owl", "name": "Owl", "path": "/owls/{id}", "priority": 3, "x-mine": {"a": [1.50]},
            "responses": [{"specId": "one", "name": "found", "body": {"n": 1}}],
        })).await;
        let url = format!("{}/m/{}/owls/{{id}}", app.app.config().listen.base_url(), shop.slug);
        assert_eq!((&made["url"], &made["version"], &made["updatedAt"]), (&json!(url), &json!(1), &Value::Null));
        assert_eq!((&made["specId"], &made["responses"][0]["specId"]), (&json!("owl"), &json!("one")));
        assert_eq!((&made["warnings"], &made["projectId"]), (&json!([]), &json!(shop.id.to_string())));
        assert_eq!(shop.body("GET /owls/7").await, r#"{"n":1}"#);

        let mock = format!("/api/mocks/{}", id(&made));
        let patched = shop.ask(&format!("PATCH {mock}"), json!({"name": null, "responseType": "text"})).await;
        assert_eq!((patched.status.as_u16(), patched.header("etag")), (200, Some("\"2\"")));
        let patched = patched.json();
        assert_eq!(
            (&patched["name"], &patched["responses"], &patched["x-mine"]),
            (&Value::Null, &made["responses"], &json!({"a": [1.50]}))
        );
        let put = json!({"path": "/owls/{name}", "responseType": "text", "responses": [{"body": "{{ request.params.name }}"}]});
        let put = shop.done(&format!("PUT {mock}"), put, 200).await;
        assert_eq!((&put["version"], &put["specId"], &put["priority"]), (&json!(3), &Value::Null, &Value::Null));
        assert_eq!(shop.body("GET /owls/barn").await, "barn");
        let kept = shop.done(&format!("PUT {mock}"), json!({"path": "/barn"}), 200).await;
        assert_eq!(kept["responses"], put["responses"], "responses that are left out stay");
        assert_eq!(shop.call("GET /owls/barn").await.status, 404);

        let mut read = shop.done(&format!("GET {mock}"), Value::Null, 200).await;
        let same = shop.done(&format!("PUT {mock}"), read.clone(), 200).await;
        assert_eq!(same["version"], read["version"], "what was read may come back, and changes nothing");
        read["responses"][0]["body"] = json!("hoo");
        let other = shop.done(&format!("PUT {mock}"), read.clone(), 200).await;
        assert_eq!(id(&other["responses"][0]), id(&read["responses"][0]), "the row stays");
        assert_eq!(shop.body("GET /barn").await, "hoo");

        assert_eq!(shop.done(&format!("POST {mock}/deactivate"), Value::Null, 200).await["isActive"], false);
        assert_eq!(shop.call("GET /barn").await.status, 404);
        let rests = shop.done(&format!("POST {mock}/deactivate"), Value::Null, 200).await;
        let again = shop.done(&format!("POST {mock}/activate"), Value::Null, 200).await;
        assert_eq!(again["version"].as_i64(), rests["version"].as_i64().map(|version| version + 1));
        assert_eq!(shop.body("GET /barn").await, "hoo");
        assert_eq!(shop.done(&format!("DELETE {mock}"), Value::Null, 204).await, Value::Null);
        assert_eq!(shop.call("GET /barn").await.status, 404);
        assert_eq!(shop.ask(&format!("GET {mock}"), Value::Null).await.status, 404);
    }
}

app_test! {
    async fn a_mock_is_kept_as_it_is_written(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let text = r#"{"path":"/n","responses":[{"body":{"b":1.50,"a":12345678901234567890123}}]}"#;
        let request = http::Request::post(format!("/api/projects/{}/mocks", shop.id))
            .header("authorization", format!("Bearer {}", ada.access()))
            .header("content-type", "application/json; charset=utf-8");
        let made = app.send(request.body(text.into()).unwrap()).await;
        assert_eq!(made.status, 201, "{made:?}");
        let body = r#"{"b":1.50,"a":12345678901234567890123}"#;
        assert!(String::from_utf8_lossy(&made.body).contains(body), "{made:?}");
        assert_eq!(shop.body("GET /n").await, body);
    }
}

app_test! {
    async fn mocks_are_listed_in_their_order_and_by_what_is_asked(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        for (method, path, name, active) in [
            ("GET", "/a/{id}", "One", true),
            ("POST", "/a/{key}", "Two 100%", true),
            ("ANY", "/b", "three_x", false),
            ("GET", "/c", "Four", true),
        ] {
            shop.mock(json!({"method": method, "path": path, "name": name, "isActive": active, "responses": [{}]})).await;
        }
        for (query, paths) in [
            ("", &["/a/{id}", "/a/{key}", "/b", "/c"][..]),
            ("method=GET", &["/a/{id}", "/c"]),
            ("path=/a/{whatever}", &["/a/{id}", "/a/{key}"]),
            ("path=/a", &[]),
            ("isActive=false", &["/b"]),
            ("isActive=true&method=POST", &["/a/{key}"]),
            ("q=one", &["/a/{id}"]),
            ("q=100%25", &["/a/{key}"]),
            ("q=_x", &["/b"]),
            ("q=%25_", &[]),
            ("limit=2&page=2", &["/b", "/c"]),
        ] {
            let query = query.replace('{', "%7B").replace('}', "%7D");
            let list = shop.done(&format!("GET /api/projects/{{project}}/mocks?{query}"), Value::Null, 200).await;
            let found: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| item["path"].as_str().unwrap()).collect();
            assert_eq!(found, paths, "{query}");
            assert_eq!(list["total"], if query.contains("page") { 4 } else { paths.len() }, "{query}");
        }
        let nul = shop.ask("GET /api/projects/{project}/mocks?q=%00", Value::Null).await;
        assert_eq!(nul.problem(), (422, "VALIDATION_FAILED".to_owned()));
    }
}

app_test! {
    async fn every_fault_is_told_at_its_place(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let made = shop.mock(json!({"path": "/a", "responses": [{}]})).await;
        let post = "POST /api/projects/{project}/mocks".to_owned();
        let mock = format!("/api/mocks/{}", id(&made));
        let long = "x".repeat(501);
        for (route, body, places) in [
            (&post, json!([]), &[""][..]),
            (&post, json!({}), &["", ""]),
            (&post, json!({"path": "a", "responses": [{"status": 200}]}), &["path", "responses[0].status"]),
            (&post, json!({"path": "a", "responses": [{}]}), &["path"]),
            (&post, json!({"path": "/a", "responses": []}), &["responses"]),
            (&post, json!({"path": format!("/{long}"), "responses": [{"responseDelay": 10_001}]}), &["path", "responses[0].responseDelay"]),
            (&post, json!({"path": "/a", "specId": 7, "responses": [{"specId": 7}]}), &["responses[0].specId", "specId"]),
            (&post, json!({"id": "x", "path": "/z", "responses": [{"id": "y"}]}), &["id", "responses[0].id"]),
            (&post, json!({"path": "/{a}", "responses": [{"body": "{{ nothing( }}"}]}), &["responses[0].body"]),
            (&post, json!({"path": "/z", "responses": [{"bodyFile": "/etc/passwd"}]}), &["responses[0].bodyFile"]),
            (&post, json!({"path": "/z", "responses": [{"isDefault": true}, {"isDefault": true}]}), &["responses[1].isDefault"]),
            (&format!("PATCH {mock}"), json!({"id": shop.id.to_string()}), &["id"]),
            (&format!("PATCH {mock}"), json!({"projectId": "x", "url": "y", "version": "1"}), &["projectId", "url", "version"]),
            (&format!("PATCH {mock}"), json!({"responses": null}), &[]),
            (&format!("PATCH {mock}"), json!({"responses": [{"id": 7}]}), &["responses[0].id"]),
            (&format!("PUT {mock}"), json!({"path": "/b", "responses": [
                {"id": made["responses"][0]["id"]}, {"id": made["responses"][0]["id"]}]}), &["responses[1].id"]),
        ] {
            let reply = shop.ask(route, body.clone()).await;
            if places.is_empty() {
                assert_eq!(reply.status, 200, "{body}");
                continue;
            }
            assert_eq!(reply.problem(), (422, "VALIDATION_FAILED".to_owned()), "{body}");
            let details = reply.json()["details"].as_array().unwrap().clone();
            let mut found: Vec<_> = details.iter().map(|detail| detail["at"].as_str().unwrap()).collect();
            // In the order of the keys, which `json!` sorts.
            found.sort_unstable();
            assert_eq!(found, places, "{body}");
        }
        let bearer = format!("Bearer {}", ada.access());
        let headers = [("authorization", bearer.as_str())];
        let none = app.call(&format!("PATCH {mock}"), &headers, Value::Null).await;
        assert_eq!(none.problem(), (415, "UNSUPPORTED_MEDIA_TYPE".to_owned()));
        let broken = http::Request::patch(&mock).header("authorization", &bearer).header("content-type", "application/json");
        let broken = app.send(broken.body("{\n \"a\": }".into()).unwrap()).await;
        assert_eq!(broken.problem(), (400, "BAD_REQUEST".to_owned()));
        assert!(broken.json()["message"].as_str().unwrap().contains("line 2"), "{broken:?}");
        assert_eq!(shop.body("GET /a").await, "", "nothing was changed");
    }
}

app_test! {
    async fn what_is_probably_a_mistake_is_told_with_the_save(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let first = shop.mock(json!({"name": "first", "path": "/a", "responses": [{}]})).await;
        assert_eq!(first["warnings"], json!([]));
        let second = json!({"name": "second", "path": "/a", "responses": [{"body": "x"}]});
        let second = shop.done("POST /api/projects/{project}/mocks?allowDuplicate=true", second, 201).await;
        assert_eq!(second["warnings"], json!([{
            "at": "", "message": "`second` can never answer: `first` always goes first",
            "hint": "change its path, method, conditions or priority, or delete it",
        }]));
        let both = json!({"responses": [{"body": "x"}, {"body": "y"}]});
        let both = shop.done(&format!("PATCH /api/mocks/{}", id(&first)), both, 200).await;
        assert_eq!(both["warnings"][0]["at"], "responses[1]", "{both}");
    }
}

app_test! {
    async fn a_second_mock_of_one_path_and_method_is_taken_for_a_slip(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let first = shop.mock(json!({"path": "/users/{id}/a%2fb", "responses": [{}]})).await;
        let other = shop.mock(json!({"path": "/users/{id}", "method": "POST", "responses": [{}]})).await;
        let create = "POST /api/projects/{project}/mocks";
        for (path, method, status) in [
            ("/users/:userId/a%2Fb", "GET", 409),
            ("/users/{id}/a%2fb", "GET", 409),
            ("/users/{id}/a%2fb", "ANY", 201),
            ("/users/{id:[0-9]+}/a%2fb", "GET", 201),
        ] {
            let reply = shop.ask(create, json!({"path": path, "method": method, "responses": [{}]})).await;
            assert_eq!(reply.status, status, "{path} {reply:?}");
            if status == 409 {
                assert_eq!(reply.problem().1, "DUPLICATE_MOCK");
                let detail = reply.json()["details"][0].clone();
                assert_eq!(detail["at"], "path");
                assert!(detail["message"].as_str().unwrap().contains(id(&first)), "{detail}");
            }
        }
        let patch = format!("PATCH /api/mocks/{}", id(&other));
        let change = json!({"path": "/users/:x/a%2fb", "method": "GET"});
        assert_eq!(shop.ask(&patch, change.clone()).await.problem().1, "DUPLICATE_MOCK");
        let patch = format!("{patch}?allowDuplicate=true");
        shop.done(&patch, change, 200).await;
        // What is a duplicate already can be changed in what else it is.
        shop.done(&format!("PATCH /api/mocks/{}", id(&other)), json!({"name": "second"}), 200).await;
    }
}

app_test! {
    async fn the_order_of_mocks_says_which_of_them_answers(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let mut ids = Vec::new();
        for (path, body) in [("/x", "0"), ("/a", "1"), ("/a", "2"), ("/y", "3")] {
            let mock = json!({"path": path, "responses": [{"body": body}]});
            let made = shop.done("POST /api/projects/{project}/mocks?allowDuplicate=true", mock, 201).await;
            ids.push(id(&made).to_owned());
        }
        let reorder = "POST /api/projects/{project}/mocks/reorder";
        assert_eq!(shop.body("GET /a").await, "1");
        // As often as there is no room left between two, and more.
        for _ in 0..25 {
            shop.done(reorder, json!({"mock": ids[2], "before": ids[1]}), 204).await;
            assert_eq!(shop.body("GET /a").await, "2");
            shop.done(reorder, json!({"mock": ids[1], "before": ids[2]}), 204).await;
            assert_eq!(shop.body("GET /a").await, "1");
        }
        shop.done(reorder, json!({"mock": ids[0], "after": ids[3]}), 204).await;
        assert_eq!(shop.paths().await, ["/a", "/a", "/y", "/x"]);
        shop.done(reorder, json!({"mock": ids[3], "before": ids[1]}), 204).await;
        assert_eq!(shop.paths().await, ["/y", "/a", "/a", "/x"]);
        shop.done(reorder, json!({"mocks": [ids[0], ids[2], ids[1], ids[3]]}), 204).await;
        assert_eq!(shop.paths().await, ["/x", "/a", "/a", "/y"]);
        assert_eq!(shop.body("GET /a").await, "2");
        for (body, status) in [
            (json!({}), 422),
            (json!({"mock": ids[0]}), 422),
            (json!({"mock": ids[0], "before": ids[0]}), 422),
            (json!({"mock": ids[0], "before": ids[1], "after": ids[2]}), 422),
            (json!({"mocks": [ids[0]]}), 422),
            (json!({"mocks": [ids[0], ids[0], ids[1], ids[2]]}), 422),
            (json!({"mock": ids[0], "before": "7"}), 404),
        ] {
            assert_eq!(shop.ask(reorder, body.clone()).await.status, status, "{body}");
        }
        assert_eq!(shop.paths().await, ["/x", "/a", "/a", "/y"]);
    }
}

app_test! {
    async fn a_duplicate_stands_right_after_its_original(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let first = shop.mock(json!({"specId": "a", "path": "/a", "responses": [{"specId": "r", "body": "a"}]})).await;
        shop.mock(json!({"path": "/b", "responses": [{}]})).await;
        let route = format!("POST /api/mocks/{}/duplicate", id(&first));
        for _ in 0..25 {
            let copy = shop.done(&route, Value::Null, 201).await;
            assert_eq!((&copy["specId"], &copy["responses"][0]["specId"]), (&Value::Null, &Value::Null));
            assert_ne!(id(&copy), id(&first));
            let patch = json!({"path": "/copy"});
            shop.done(&format!("PATCH /api/mocks/{}?allowDuplicate=true", id(&copy)), patch, 200).await;
            assert_eq!((shop.body("GET /a").await, shop.body("GET /copy").await), ("a".to_owned(), "a".to_owned()));
        }
        let paths = shop.paths().await;
        assert_eq!((&paths[0], &paths[1], &paths[25], &paths[26]), (&"/a".into(), &"/copy".into(), &"/copy".into(), &"/b".into()));
    }
}

app_test! {
    async fn many_mocks_are_changed_all_or_none(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let bulk = "POST /api/projects/{project}/mocks/bulk";
        let mock = |n: usize| json!({"path": format!("/{n}"), "responses": [{"body": n}]});
        let mocks: Vec<_> = (0..1_000).map(mock).collect();
        let made = shop.done(bulk, json!({"action": "create", "mocks": mocks}), 200).await;
        let ids = made["mocks"].as_array().unwrap().clone();
        assert_eq!((ids.len(), &made["warnings"]), (1_000, &json!([])));
        assert_eq!((shop.body("GET /0").await, shop.body("GET /999").await), ("0".to_owned(), "999".to_owned()));
        assert_eq!(shop.paths().await[99], "/99");

        let some = [&ids[3], &ids[700]];
        shop.done(bulk, json!({"action": "deactivate", "mocks": some}), 200).await;
        assert_eq!((shop.call("GET /3").await.status, shop.call("GET /4").await.status), (404.try_into().unwrap(), 200.try_into().unwrap()));
        shop.done(bulk, json!({"action": "activate", "mocks": some}), 200).await;
        assert_eq!(shop.body("GET /700").await, "700");
        shop.done(bulk, json!({"action": "delete", "mocks": some}), 200).await;
        assert_eq!(shop.call("GET /700").await.status, 404);

        let good = json!({"path": "/good", "responses": [{}]});
        for (body, status, at) in [
            (json!({"action": "create", "mocks": [good, {"path": "bad", "responses": [{}]}]}), 422, "mocks[1].path"),
            (json!({"action": "create", "mocks": [{"path": "bad", "responses": [{}]}]}), 422, "mocks[0].path"),
            (json!({"action": "create", "mocks": [good, {"path": "/x", "responses": [{"status": 1}]}]}), 422, "mocks[1].responses[0].status"),
            (json!({"action": "create", "mocks": [good, mock(5)]}), 409, "mocks[1].path"),
            (json!({"action": "create", "mocks": [good, good]}), 409, "mocks[1].path"),
            (json!({"action": "delete", "mocks": [ids[0], ids[0]]}), 422, "mocks[1]"),
            (json!({"action": "delete", "mocks": [ids[0], 7]}), 422, "mocks[1]"),
            (json!({"action": "delete", "mocks": []}), 422, "mocks"),
            (json!({"action": "explode", "mocks": [ids[0]]}), 422, "action"),
            (json!({"action": "delete", "mocks": [ids[0]], "colour": 1}), 422, "colour"),
            (json!({"action": "delete", "mocks": [ids[0], ids[3]]}), 404, ""),
            (json!({"action": "activate", "mocks": [ids[0], ids[3]]}), 404, ""),
        ] {
            let reply = shop.ask(bulk, body.clone()).await;
            assert_eq!(reply.status, status, "{body} {reply:?}");
            if !at.is_empty() {
                assert_eq!(reply.json()["details"][0]["at"], at, "{body}");
            }
        }
        assert_eq!((shop.call("GET /good").await.status.as_u16(), shop.body("GET /0").await.as_str()), (404, "0"));
    }
}

app_test! {
    async fn a_plan_bounds_mocks_and_what_they_have(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let rich = json!({"path": "/rich", "responses": [{"headers": {"X-A": "1"}}]});
        let spec = json!({"name": "Shop", "isPublic": true, "mocks": [rich]}).to_string();
        let shop = TestProject::on_plan(Plan::Free, app, &ada, &spec).await;
        let create = "POST /api/projects/{project}/mocks";
        let mock = |n: u32| json!({"path": format!("/{n}"), "responses": [{}]});
        let kept = shop.done("GET /api/projects/{project}/mocks", Value::Null, 200).await["items"][0].clone();
        let refused = shop.ask(&format!("PATCH /api/mocks/{}", id(&kept)), json!({"name": "n"})).await;
        assert_eq!(refused.problem(), (402, "SUBSCRIPTION_LIMIT".to_owned()));
        assert_eq!(shop.call("GET /rich").await.status, 200, "what is there goes on");
        shop.done(&format!("POST /api/mocks/{}/deactivate", id(&kept)), Value::Null, 200).await;
        shop.done(&format!("POST /api/mocks/{}/activate", id(&kept)), Value::Null, 402).await;
        shop.done(&format!("PATCH /api/mocks/{}", id(&kept)), json!({"responses": [{}]}), 200).await;
        for (body, status) in [
            (rich, 402),
            (json!({"path": "/c", "responses": [{"conditions": [{"type": "query", "field": "a", "operator": "exists"}]}]}), 402),
            (mock(1), 201),
            (mock(2), 201),
            (mock(3), 402),
        ] {
            let reply = shop.ask(create, body.clone()).await;
            assert_eq!(reply.status, status, "{body} {reply:?}");
        }
        let refused = shop.ask(create, mock(3)).await.json();
        assert_eq!(refused["message"], "the plan `free` includes 3 mocks: delete some, or take a dearer plan");
        for route in [format!("POST /api/mocks/{}/duplicate", id(&kept)), "POST /api/projects/{project}/mocks/bulk".to_owned()] {
            let reply = shop.ask(&route, json!({"action": "create", "mocks": [mock(3)]})).await;
            assert_eq!(reply.problem(), (402, "SUBSCRIPTION_LIMIT".to_owned()), "{route}");
        }
        shop.done(&format!("DELETE /api/mocks/{}", id(&kept)), Value::Null, 204).await;
        shop.done(create, mock(3), 201).await;
    }
}

app_test! {
    async fn who_changes_an_older_version_of_a_mock_is_told(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let made = shop.mock(json!({"path": "/a", "responses": [{}, {"statusCode": 404}]})).await;
        let mock = format!("/api/mocks/{}", id(&made));
        let response = format!("{mock}/responses/{}", id(&made["responses"][1]));
        for (target, status) in [(&mock, 200), (&response, 200)] {
            let patch = format!("PATCH {target}");
            for (n, if_match, version, status) in [
                (1, "*", None, status), (2, "\"1\"", None, 412), (2, "*", Some(1), 409), (2, "\"2\"", Some(2), 200),
            ] {
                let mut body = json!({ "name": format!("n{n}") });
                if let Some(version) = version {
                    body["version"] = version.into();
                }
                let reply = app.call_with(ada.access(), &patch, ("if-match", if_match), body).await;
                assert_eq!(reply.status, status, "{patch} {n} {if_match} {version:?} {reply:?}");
            }
        }
        let mock_now = shop.ask(&format!("GET {mock}"), Value::Null).await;
        assert_eq!(mock_now.header("etag"), Some("\"5\""), "a change of a response is one of its mock");
        for route in [format!("DELETE {response}"), format!("POST {response}/default"), format!("DELETE {mock}"), format!("POST {mock}/deactivate")] {
            let reply = app.call_with(ada.access(), &route, ("if-match", "\"1\""), Value::Null).await;
            assert_eq!(reply.problem(), (412, "PRECONDITION_FAILED".to_owned()), "{route}");
        }
    }
}

app_test! {
    async fn a_list_is_asked_for_as_it_can_be(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let list = "GET /api/projects/{project}/mocks";
        for (query, at, words) in [
            ("?method=get", "method", "take `GET`"),
            ("?method=G%20T", "method", "no method"),
            ("?limit=0", "limit", "whole number"),
        ] {
            let refused = shop.done(&format!("{list}{query}"), Value::Null, 422).await;
            assert_eq!(refused["details"][0]["at"], at);
            assert!(refused["message"].as_str().unwrap().contains(words), "{refused}");
        }
        let body = "x".repeat(1_000_000);
        for n in 0..18 {
            shop.mock(json!({"path": format!("/{n}"), "responses": [{ "body": body }]})).await;
        }
        let refused = shop.done(list, Value::Null, 422).await;
        assert_eq!(refused["details"][0]["at"], "limit");
        let limit = refused["message"].as_str().unwrap().rsplit(' ').next().unwrap().to_owned();
        let page = shop.done(&format!("{list}?limit={limit}"), Value::Null, 200).await;
        assert_eq!((&page["total"], page["items"][0]["responses"][0]["body"].as_str().unwrap().len()), (&json!(18), 1_000_000));
    }
}
