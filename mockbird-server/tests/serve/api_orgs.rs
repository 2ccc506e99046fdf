//! Organizations and their settings over HTTP.

use serde_json::{Value, json};

use crate::support::app::{Login, TestApp};
use crate::support::database::app_test;

/// Makes an organization.
async fn create(app: &TestApp, owner: &Login, name: &str) -> Value {
    let reply = app
        .call_as(owner.access(), "POST /api/orgs", json!({ "name": name }))
        .await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("etag")),
        (201, Some("\"1\"")),
        "{reply:?}"
    );
    reply.json()
}

fn of(organization: &Value) -> String {
    format!("/api/orgs/{}", organization["id"].as_str().unwrap())
}

/// The names of a list.
async fn names(app: &TestApp, login: &Login, target: &str) -> Vec<String> {
    let route = format!("GET {target}");
    let list = app.call_as(login.access(), &route, Value::Null).await;
    let list = list.json();
    let items = list["items"].as_array().unwrap();
    assert_eq!(list["total"], items.len());
    let name = |item: &Value| item["name"].as_str().unwrap().to_owned();
    items.iter().map(name).collect()
}

app_test! {
    async fn an_organization_is_made_renamed_deleted_and_had_back(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let made = create(app, &ada, "Birds Inc.").await;
        assert_eq!((&made["slug"], &made["role"]), (&json!("birds-inc"), &json!("owner")));
        assert_eq!((&made["isPersonal"], &made["plan"]), (&json!(false), &json!("unlimited")));
        assert_eq!(names(app, &ada, "/api/orgs").await, ["ada", "Birds Inc."]);

        let patch = format!("PATCH {}", of(&made));
        let renamed = app.call_as(ada.access(), &patch, json!({"name": "Bats"})).await;
        assert_eq!((renamed.status.as_u16(), renamed.header("etag")), (200, Some("\"2\"")));
        let renamed = renamed.json();
        assert_eq!((&renamed["name"], &renamed["slug"]), (&json!("Bats"), &json!("birds-inc")));
        let put = format!("PUT {}", of(&made));
        let reply = app.call_as(ada.access(), &put, json!({"name": "Bats", "slug": "bats"})).await;
        assert_eq!((&reply.json()["slug"], reply.header("etag")), (&json!("bats"), Some("\"3\"")));
        let same = app.call_as(ada.access(), &put, json!({"name": "Bats", "slug": "bats"})).await;
        assert_eq!(same.header("etag"), Some("\"3\""), "nothing was changed");

        let get = format!("GET {}", of(&made));
        assert_eq!(app.call_as(ada.access(), &get, Value::Null).await.json(), same.json());
        let delete = format!("DELETE {}", of(&made));
        assert_eq!(app.call_as(ada.access(), &delete, Value::Null).await.status, 204);
        assert_eq!(app.call_as(ada.access(), &get, Value::Null).await.status, 404);
        assert_eq!(names(app, &ada, "/api/orgs").await, ["ada"]);
        assert_eq!(names(app, &ada, "/api/orgs?deleted=true").await, ["Bats"]);
        let taken = json!({"name": "Bats", "slug": "bats"});
        let refused = app.call_as(ada.access(), "POST /api/orgs", taken).await;
        assert_eq!(refused.problem(), (409, "CONFLICT".to_owned()), "its slug rests");

        let restore = format!("POST {}/restore", of(&made));
        let back = app.call_as(ada.access(), &restore, Value::Null).await;
        assert_eq!((back.status.as_u16(), &back.json()["deletedAt"]), (200, &Value::Null));
        assert_eq!(app.call_as(ada.access(), &restore, Value::Null).await.status, 404);
        assert_eq!(names(app, &ada, "/api/orgs").await, ["ada", "Bats"]);
    }
}

app_test! {
    async fn a_deleted_organization_is_had_back_by_its_owner_alone(app: TestApp) {
        let (ada, bob) = (app.register("ada@example.com").await, app.register("bob@example.com").await);
        let made = create(app, &ada, "Birds").await;
        app.join(made["id"].as_str().unwrap(), &bob, mockbird_server::domain::Role::Admin).await;
        let delete = format!("DELETE {}", of(&made));
        assert_eq!(app.call_as(bob.access(), &delete, Value::Null).await.status, 403);
        assert_eq!(app.call_as(ada.access(), &delete, Value::Null).await.status, 204);
        let restore = format!("POST {}/restore", of(&made));
        assert_eq!(app.call_as(bob.access(), &restore, Value::Null).await.status, 404);
        assert_eq!(names(app, &bob, "/api/orgs?deleted=true").await, [""; 0]);
        let personal = format!("DELETE /api/orgs/{}", ada.organization());
        let refused = app.call_as(ada.access(), &personal, Value::Null).await;
        assert_eq!(refused.problem(), (409, "CONFLICT".to_owned()));
    }
}

app_test! {
    async fn slugs_are_given_once(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let (first, second) = (create(app, &ada, "Birds").await, create(app, &ada, "Birds").await);
        assert_eq!(first["slug"], "birds");
        assert!(second["slug"].as_str().unwrap().starts_with("birds-"), "{second}");
        let patch = format!("PATCH {}", of(&second));
        let refused = app.call_as(ada.access(), &patch, json!({"slug": "birds"})).await;
        assert_eq!(refused.problem(), (409, "CONFLICT".to_owned()));
        for (body, at) in [(json!({"slug": "Birds"}), "slug"), (json!({"name": ""}), "name")] {
            let refused = app.call_as(ada.access(), &patch, body).await;
            assert_eq!((refused.status.as_u16(), &refused.json()["details"][0]["at"]), (422, &json!(at)));
        }
    }
}

app_test! {
    async fn who_changes_an_older_version_is_told(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let made = create(app, &ada, "Birds").await;
        for what in ["", "/settings"] {
            let target = format!("{}{what}", of(&made));
            let (get, patch) = (format!("GET {target}"), format!("PATCH {target}"));
            let body = |n: i64, version: Option<i64>| {
                let mut body = match what {
                    "" => json!({ "name": format!("Birds {n}") }),
                    _ => json!({ "allowedEmailDomains": [format!("d{n}.com")] }),
                };
                if let Some(version) = version {
                    body["version"] = version.into();
                }
                body
            };
            for (n, if_match, version, status, code) in [
                (1, "\"1\"", None, 200, ""),
                (2, "\"1\"", None, 412, "PRECONDITION_FAILED"),
                (2, "W/\"2\"", None, 412, "PRECONDITION_FAILED"),
                (2, "\"7\", \"2\"", Some(2), 200, ""),
                (3, "*", Some(2), 409, "VERSION_CONFLICT"),
                (3, "\"2\"", Some(2), 412, "PRECONDITION_FAILED"),
                (3, "2", None, 400, "BAD_REQUEST"),
                (3, "*", Some(3), 200, ""),
            ] {
                let header = ("if-match", if_match);
                let reply = app.call_with(ada.access(), &patch, header, body(n, version)).await;
                assert_eq!(reply.status, status, "{patch} {n} {if_match} {version:?} {reply:?}");
                if status == 200 {
                    let tag = reply.header("etag").unwrap().to_owned();
                    assert_eq!(tag, format!("\"{}\"", reply.json()["version"]));
                    let got = app.call_as(ada.access(), &get, Value::Null).await;
                    assert_eq!((got.header("etag"), got.json()), (Some(tag.as_str()), reply.json()));
                } else {
                    assert_eq!(reply.problem().1, code);
                }
            }
        }
        let delete = format!("DELETE {}", of(&made));
        let reply = app.call_with(ada.access(), &delete, ("if-match", "\"1\""), Value::Null).await;
        assert_eq!(reply.problem(), (412, "PRECONDITION_FAILED".to_owned()));
    }
}

app_test! {
    async fn settings_are_replaced_or_changed_in_part(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let target = format!("/api/orgs/{}/settings", ada.organization());
        let (get, put, patch) = (format!("GET {target}"), format!("PUT {target}"), format!("PATCH {target}"));
        let start = app.call_as(ada.access(), &get, Value::Null).await.json();
        assert_eq!(start, json!({
            "allowPublicProjects": true, "defaultVisibility": "private", "requireApiKey": false,
            "allowedEmailDomains": [], "updatedAt": null, "version": 1,
        }));
        let whole = json!({
            "allowPublicProjects": true, "defaultVisibility": "public", "requireApiKey": true,
            "allowedEmailDomains": ["Example.com", "example.org"],
        });
        let put_reply = app.call_as(ada.access(), &put, whole.clone()).await;
        assert_eq!(put_reply.json()["allowedEmailDomains"], json!(["example.com", "example.org"]));
        let patched = app.call_as(ada.access(), &patch, json!({"requireApiKey": false})).await.json();
        assert_eq!(
            (&patched["requireApiKey"], &patched["defaultVisibility"], &patched["version"]),
            (&json!(false), &json!("public"), &json!(3))
        );
        for (method, body, at) in [
            (&put, json!({"requireApiKey": false}), None),
            (&patch, json!({"defaultVisibility": "secret"}), Some("defaultVisibility")),
            (&patch, json!({"allowPublicProjects": false}), Some("defaultVisibility")),
            (&patch, json!({"allowedEmailDomains": ["example"]}), Some("allowedEmailDomains")),
            (&patch, json!({"colour": "blue"}), None),
        ] {
            let reply = app.call_as(ada.access(), method, body.clone()).await;
            assert_eq!(reply.problem(), (422, "VALIDATION_FAILED".to_owned()), "{body}");
            if let Some(at) = at {
                assert_eq!(reply.json()["details"][0]["at"], at, "{body}");
            }
        }
    }
}

app_test! {
    async fn a_suspended_organization_is_read_only(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let made = create(app, &ada, "Birds").await;
        let id = made["id"].as_str().unwrap().parse().unwrap();
        let operator = mockbird_server::app::Actor::operator();
        let suspended = app.app.organization_suspend(id, true, &operator).await.unwrap();
        assert_eq!(suspended.version, 2);
        let again = app.app.organization_suspend(id, true, &operator).await.unwrap();
        assert_eq!(again.version, 2, "it was stopped already");
        let target = of(&made);
        for (route, body, suspended, resumed) in [
            (format!("GET {target}"), Value::Null, 200, 200),
            (format!("GET {target}/members"), Value::Null, 200, 200),
            (format!("GET {target}/audit-logs"), Value::Null, 200, 200),
            (format!("PATCH {target}"), json!({"name": "Bats"}), 403, 200),
            (format!("PATCH {target}/settings"), json!({"requireApiKey": true}), 403, 200),
            (format!("POST {target}/api-keys"), json!({"name": "CI", "permissions": ["read"]}), 403, 201),
            (format!("DELETE {target}"), Value::Null, 403, 204),
        ] {
            app.app.organization_suspend(id, true, &operator).await.unwrap();
            let reply = app.call_as(ada.access(), &route, body.clone()).await;
            assert_eq!(reply.status, suspended, "{route}");
            if suspended == 403 {
                assert_eq!(reply.problem().1, "ORGANIZATION_SUSPENDED");
            }
            app.app.organization_suspend(id, false, &operator).await.unwrap();
            assert_eq!(app.call_as(ada.access(), &route, body).await.status, resumed, "{route}");
        }
    }
}

app_test! {
    async fn the_mocks_of_an_organization_rest_with_it(app: TestApp) {
        let mut read = app.app.store().read().await.unwrap();
        let demo = read.project_by_slug("demo").await.unwrap().unwrap();
        drop(read);
        let operator = mockbird_server::app::Actor::operator();
        for (suspended, status) in [(false, 200), (true, 410), (false, 200)] {
            app.app.organization_suspend(demo.organization, suspended, &operator).await.unwrap();
            assert_eq!(app.get("/m/demo/birds").await.status, status);
        }
        app.app.organization_delete(demo.organization, &mockbird_server::app::Expected::default(), &operator).await.unwrap();
        assert_eq!(app.get("/m/demo/birds").await.status, 404);
    }
}

app_test! {
    async fn the_audit_log_tells_who_changed_what(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let made = create(app, &ada, "Birds").await;
        let target = of(&made);
        app.call_as(ada.access(), &format!("PATCH {target}"), json!({"name": "Bats"})).await;
        app.call_as(ada.access(), &format!("PATCH {target}/settings"), json!({"requireApiKey": true})).await;
        let log = async |query: &str| {
            let route = format!("GET {target}/audit-logs{query}");
            app.call_as(ada.access(), &route, Value::Null).await
        };
        let all = log("").await.json();
        let actions: Vec<_> = all["items"].as_array().unwrap().iter().map(|line| &line["action"]).collect();
        assert_eq!(actions, ["settings.changed", "organization.changed", "organization.created"]);
        let line = &all["items"][1];
        assert_eq!(line["changes"], json!({
            "before": {"name": "Birds", "slug": "birds"}, "after": {"name": "Bats", "slug": "birds"},
        }));
        assert_eq!(
            (&line["userId"], &line["ipAddress"], &line["resourceId"]),
            (&ada.0["user"]["id"], &json!("127.0.0.1"), &made["id"])
        );
        assert!(line["requestId"].is_string());
        let moment = line["createdAt"].as_str().unwrap();
        for (query, found) in [
            ("?action=organization.changed".to_owned(), 1),
            ("?resourceType=organization".to_owned(), 2),
            (format!("?userId={}", ada.user()), 3),
            (format!("?userId={}", made["id"].as_str().unwrap()), 0),
            (format!("?from={moment}"), 2),
            (format!("?before={moment}"), 1),
            ("?limit=2&page=2".to_owned(), 3),
        ] {
            let list = log(&query).await.json();
            assert_eq!(list["total"], found, "{query} {list}");
        }
        for query in ["?userId=7", "?from=yesterday", "?page=0", "?action=%00", "?resourceType=a%00", "?resourceId=%00"] {
            assert_eq!(log(query).await.problem(), (422, "VALIDATION_FAILED".to_owned()), "{query}");
        }
    }
}
