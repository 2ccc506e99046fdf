//! Projects over HTTP.

use std::time::Duration;

use mockbird_server::domain::{Plan, Role};
use mockbird_server::store::NewOrganization;
use serde_json::{Value, json};

use crate::store_rows::new_organization;
use crate::support::app::{Login, TestApp};
use crate::support::client::Reply;
use crate::support::database::app_test;
use crate::support::projects::TestProject;
use crate::support::specs::read;

/// Makes a project.
pub(crate) async fn create(app: &TestApp, who: &Login, wish: Value) -> Value {
    let reply = app.call_as(who.access(), "POST /api/projects", wish).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.json()
}

/// Its address in the API.
pub(crate) fn of(project: &Value) -> String {
    format!("/api/projects/{}", project["id"].as_str().unwrap())
}

/// The slugs of a list, in its order.
async fn slugs(app: &TestApp, token: &str, query: &str) -> Vec<String> {
    let route = format!("GET /api/projects{query}");
    let list = app.call_as(token, &route, Value::Null).await.json();
    let items = list["items"].as_array().unwrap();
    assert_eq!(list["total"], items.len());
    let slug = |item: &Value| item["slug"].as_str().unwrap().to_owned();
    items.iter().map(slug).collect()
}

/// The code of what a slug answers where there is no mock.
async fn answers(app: &TestApp, slug: &str) -> String {
    app.get(&format!("/m/{slug}/")).await.problem().1
}

fn details(reply: &Reply) -> Value {
    reply.json()["details"].clone()
}

app_test! {
    async fn a_project_is_made_changed_deleted_and_had_back(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let ask = async |route: &str, body: Value| app.call_as(ada.access(), route, body).await;
        assert_eq!(answers(app, "my-shop").await, "PROJECT_NOT_FOUND");
        let made = create(app, &ada, json!({"name": "My Shop", "isPublic": true, "seed": u64::MAX})).await;
        let url = format!("http://127.0.0.1:{}/m/my-shop", app.address.port());
        for (member, value) in [
            ("organizationId", json!(ada.organization())), ("name", json!("My Shop")), ("slug", json!("my-shop")),
            ("url", json!(url)), ("description", Value::Null), ("isPublic", json!(true)), ("cors", json!(true)),
            ("seed", json!(u64::MAX)), ("isActive", json!(true)), ("archivedAt", Value::Null), ("mockCount", json!(0)),
            ("version", json!(1)),
        ] {
            assert_eq!(made[member], value, "{member}");
        }
        assert_eq!(answers(app, "my-shop").await, "MOCK_NOT_FOUND", "the very next request sees it");

        let (get, put, patch) = (format!("GET {}", of(&made)), format!("PUT {}", of(&made)), format!("PATCH {}", of(&made)));
        let read = ask(&get, Value::Null).await;
        assert_eq!((read.json(), read.header("etag")), (made.clone(), Some("\"1\"")));
        assert_eq!(ask(&put, made.clone()).await.json(), made, "as it was read, nothing changes");
        let changed = ask(&patch, json!({"description": "Birds", "isActive": false, "seed": null})).await;
        assert_eq!(changed.header("etag"), Some("\"2\""));
        let changed = changed.json();
        assert_eq!((&changed["description"], &changed["seed"]), (&json!("Birds"), &Value::Null));
        assert_eq!(answers(app, "my-shop").await, "PROJECT_INACTIVE");
        let replaced = ask(&put, json!({"name": "Shed", "slug": "shed"})).await.json();
        assert_eq!((&replaced["description"], &replaced["isActive"]), (&Value::Null, &json!(true)));
        assert_eq!(replaced["isPublic"], json!(false), "where nothing is said, the settings hold");
        assert_eq!(answers(app, "my-shop").await, "PROJECT_NOT_FOUND");
        assert_eq!(answers(app, "shed").await, "UNAUTHORIZED");

        for (body, at) in [
            (json!({"id": ada.organization()}), "id"),
            (json!({"organizationId": made["id"]}), "organizationId"),
            (json!({"name": " "}), "name"),
            (json!({"slug": "admin"}), "slug"),
            (json!({"seed": -1}), "seed"),
            (json!({"colour": "red"}), "colour"),
            (json!({"description": "x".repeat(10_001)}), "description"),
            (json!({"name": "a\u{202e}b"}), "name"),
            (json!({"url": "http://127.0.0.1/m/other"}), "url"),
            (json!({"mockCount": 7}), "mockCount"),
            (json!({"isOpen": true}), "isOpen"),
            (json!({"archivedAt": "2026-01-01T00:00:00Z"}), "archivedAt"),
            (json!({"suspendedAt": 7}), "suspendedAt"),
            (json!({"createdAt": null}), "createdAt"),
            (json!({"updatedAt": null}), "updatedAt"),
            (json!({"deletedAt": "2026-01-01T00:00:00Z"}), "deletedAt"),
            (json!({"logs": {"redact": [7]}}), "logs.redact[0]"),
        ] {
            let reply = ask(&patch, body).await;
            assert_eq!((reply.status.as_u16(), &details(&reply)[0]["at"]), (422, &json!(at)), "{reply:?}");
        }
        let many = json!({"name": "", "slug": 7, "seed": -1, "colour": "red", "cors": "yes", "mockCount": 7});
        let refused = details(&ask(&patch, many.clone()).await);
        let mut at: Vec<_> = refused.as_array().unwrap().iter().map(|fault| fault["at"].as_str().unwrap()).collect();
        at.sort_unstable();
        assert_eq!(at, ["colour", "cors", "mockCount", "name", "seed", "slug"], "all faults at once");
        let new = details(&ask("POST /api/projects", many).await);
        assert_eq!(new.as_array().unwrap().len(), 6, "{new}");
        for missing in [json!({"name": "a"}), json!({"slug": "a"})] {
            assert_eq!(ask(&put, missing).await.problem().1, "VALIDATION_FAILED");
        }

        assert_eq!(ask(&format!("DELETE {}", of(&made)), Value::Null).await.status, 204);
        assert_eq!(ask(&get, Value::Null).await.status, 404);
        assert_eq!(answers(app, "shed").await, "PROJECT_NOT_FOUND");
        assert_eq!((slugs(app, ada.access(), "").await, slugs(app, ada.access(), "?deleted=true").await), (vec![], vec!["shed".to_owned()]));
        let again = ask("POST /api/projects", json!({"name": "a", "slug": "shed"})).await;
        assert_eq!(again.problem(), (409, "CONFLICT".to_owned()), "its slug rests");
        let restore = format!("POST {}/restore", of(&made));
        assert_eq!(ask(&restore, Value::Null).await.json()["deletedAt"], Value::Null);
        assert_eq!(ask(&restore, Value::Null).await.status, 404);
        assert_eq!(answers(app, "shed").await, "UNAUTHORIZED");
    }
}

app_test! {
    async fn what_somebody_else_changed_meanwhile_is_not_overwritten(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let made = create(app, &ada, json!({"name": "Shop"})).await;
        let patch = format!("PATCH {}", of(&made));
        let stale = app.call_as(ada.access(), &patch, json!({"name": "a", "version": 7})).await;
        assert_eq!(stale.problem(), (409, "VERSION_CONFLICT".to_owned()));
        for route in [patch, format!("POST {}/archive", of(&made)), format!("DELETE {}", of(&made))] {
            let body = if route.starts_with("PATCH") { json!({"name": "a"}) } else { Value::Null };
            let stale = app.call_with(ada.access(), &route, ("if-match", "\"7\""), body).await;
            assert_eq!(stale.problem(), (412, "PRECONDITION_FAILED".to_owned()), "{route}");
        }
    }
}

app_test! {
    async fn lists_show_what_is_asked_for(app: TestApp) {
        let (ada, bob) = (app.register("ada@example.com").await, app.register("bob@example.com").await);
        for name in ["one", "two", "three"] {
            create(app, &ada, json!({"name": name})).await;
        }
        let theirs = create(app, &bob, json!({"name": "theirs"})).await;
        app.join(bob.organization(), &ada, Role::Viewer).await;
        let two = slugs(app, ada.access(), "?slug=two").await;
        assert_eq!(two, ["two"]);
        assert_eq!(slugs(app, ada.access(), "").await, ["theirs", "three", "two", "one"]);
        assert_eq!(slugs(app, bob.access(), "").await, ["theirs"]);
        assert_eq!(slugs(app, bob.access(), "?slug=two").await, [""; 0]);
        assert_eq!(slugs(app, ada.access(), &format!("?organization={}", bob.organization())).await, ["theirs"]);
        let archive = format!("POST {}/archive", of(&theirs));
        assert_eq!(app.call_as(bob.access(), &archive, Value::Null).await.status, 200);
        assert_eq!(answers(app, "theirs").await, "PROJECT_INACTIVE");
        assert_eq!(slugs(app, ada.access(), "?archived=true").await, ["theirs"]);
        assert_eq!(slugs(app, ada.access(), "?archived=false").await, ["three", "two", "one"]);
        let unarchive = format!("POST {}/unarchive", of(&theirs));
        let back = app.call_as(bob.access(), &unarchive, Value::Null).await.json();
        assert_eq!((&back["archivedAt"], answers(app, "theirs").await), (&Value::Null, "UNAUTHORIZED".to_owned()));
        for (who, query, status) in [
            (&bob, format!("?organization={}", ada.organization()), 404),
            (&bob, "?organization=7".to_owned(), 422),
            (&bob, "?archived=perhaps".to_owned(), 422),
            (&bob, "?slug=%00".to_owned(), 422),
        ] {
            let reply = app.call_as(who.access(), &format!("GET /api/projects{query}"), Value::Null).await;
            assert_eq!(reply.status, status, "{query}");
        }
        let page = app.call_as(ada.access(), "GET /api/projects?page=2&limit=3", Value::Null).await.json();
        assert_eq!((&page["items"][0]["slug"], &page["total"]), (&json!("one"), &json!(4)));
    }
}

app_test! {
    async fn a_key_sees_and_makes_what_is_its_own(app: TestApp) {
        let (ada, bob) = (app.register("ada@example.com").await, app.register("bob@example.com").await);
        let (one, _) = (create(app, &ada, json!({"name": "one"})).await, create(app, &ada, json!({"name": "two"})).await);
        create(app, &bob, json!({"name": "theirs"})).await;
        let keys = format!("POST /api/orgs/{}/api-keys", ada.organization());
        let key = async |wish: Value| {
            let made = app.call_as(ada.access(), &keys, wish).await.json();
            made["key"].as_str().unwrap().to_owned()
        };
        let whole = key(json!({"name": "CI", "permissions": ["write"]})).await;
        let single = key(json!({"name": "CI", "permissions": ["write"], "projectId": one["id"]})).await;
        assert_eq!(slugs(app, &whole, "").await, ["two", "one"]);
        assert_eq!(slugs(app, &single, "").await, ["one"]);
        let made = app.call_as(&whole, "POST /api/projects", json!({"name": "three"})).await.json();
        assert_eq!(made["organizationId"], ada.organization());
        let get = format!("GET {}", of(&made));
        assert_eq!(app.call_as(&single, &get, Value::Null).await.status, 404, "the key of another project");
        let query = format!("GET /api/projects?organization={}", bob.organization());
        assert_eq!(app.call_as(&whole, &query, Value::Null).await.status, 404);
    }
}

app_test! {
    async fn slugs_are_found_for_names_and_told_where_they_are_taken(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let first = create(app, &ada, json!({"name": "Shop"})).await;
        let second = create(app, &ada, json!({"name": "Shop"})).await;
        create(app, &ada, json!({"name": "Shop", "slug": "shop-3"})).await;
        assert_eq!((&first["slug"], &second["slug"]), (&json!("shop"), &json!("shop-2")));
        let rename = format!("PATCH {}", of(&second));
        for (route, body) in [
            ("POST /api/projects", json!({"name": "a", "slug": "shop"})),
            (&rename, json!({"slug": "shop"})),
        ] {
            let taken = app.call_as(ada.access(), route, body).await;
            let message = taken.json()["message"].as_str().unwrap().to_owned();
            assert_eq!(message, "the slug `shop` is taken: `shop-4` is free");
            assert_eq!(taken.problem(), (409, "CONFLICT".to_owned()));
        }
        let slug = async |slug: &str| {
            let reply = app.call_as(ada.access(), &format!("GET /api/slugs/{slug}"), Value::Null).await;
            let report = reply.json();
            (report["isFree"].as_bool().unwrap(), report["refusal"].is_string(), report["suggestions"].clone())
        };
        let copy = app.call_as(ada.access(), &format!("POST {}/duplicate", of(&first)), Value::Null).await;
        assert_eq!(copy.json()["slug"], "shop-4");
        let admin = create(app, &ada, json!({"name": "Admin"})).await;
        assert_eq!(admin["slug"], "admin-2");
        assert_eq!(slug("admin").await, (false, true, json!(["admin-3", "admin-4", "admin-5"])));
        assert!(slug("xn--birds").await.1);
        assert_eq!(slug("shed").await, (true, false, json!([])));
        assert_eq!(slug("shop").await, (false, false, json!(["shop-5", "shop-6", "shop-7"])));
        assert_eq!(slug("My%20Shop").await, (false, true, json!(["my-shop", "my-shop-2", "my-shop-3"])));
    }
}

app_test! {
    async fn many_of_one_name_at_once_are_numbered(app: TestApp) {
        let names = ["ada", "bob", "eve", "joe"];
        let mut people = Vec::new();
        for name in names {
            people.push(app.register(&format!("{name}@example.com")).await);
        }
        let make = async |who: &Login| create(app, who, json!({"name": "Shop"})).await["slug"].as_str().unwrap().to_owned();
        let made = tokio::join!(make(&people[0]), make(&people[1]), make(&people[2]), make(&people[3]));
        let mut slugs: [String; 4] = made.into();
        slugs.sort_unstable();
        assert_eq!(slugs, ["shop", "shop-2", "shop-3", "shop-4"]);
        let own = async |who: &Login| {
            let made = app.call_as(who.access(), "POST /api/orgs", json!({"name": "Birds"})).await;
            made.json()["slug"].as_str().unwrap().to_owned()
        };
        let made = tokio::join!(own(&people[0]), own(&people[1]), own(&people[2]), own(&people[3]));
        let mut slugs: [String; 4] = made.into();
        slugs.sort_unstable();
        assert_eq!(slugs, ["birds", "birds-2", "birds-3", "birds-4"]);
    }
}

app_test! {
    async fn who_may_call_is_as_the_settings_say(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let settings = format!("PATCH /api/orgs/{}/settings", ada.organization());
        let set = async |body: Value| assert_eq!(app.call_as(ada.access(), &settings, body).await.status, 200);
        let private = create(app, &ada, json!({"name": "private"})).await;
        assert_eq!(private["isPublic"], json!(false));
        set(json!({"defaultVisibility": "public"})).await;
        let public = create(app, &ada, json!({"name": "public"})).await;
        let says = async || {
            let read = app.call_as(ada.access(), &format!("GET {}", of(&public)), Value::Null).await.json();
            let list = app.call_as(ada.access(), "GET /api/projects?slug=public", Value::Null).await.json();
            assert_eq!(list["items"][0], read);
            (read["isPublic"].clone(), read["isOpen"].clone(), answers(app, "public").await)
        };
        assert_eq!(says().await, (json!(true), json!(true), "MOCK_NOT_FOUND".to_owned()));
        set(json!({"requireApiKey": true})).await;
        assert_eq!(says().await, (json!(true), json!(false), "UNAUTHORIZED".to_owned()), "what is wished, and what holds");
        set(json!({"requireApiKey": false})).await;
        set(json!({"defaultVisibility": "private", "allowPublicProjects": false})).await;
        for (route, body) in [
            ("POST /api/projects".to_owned(), json!({"name": "a", "isPublic": true})),
            (format!("PATCH {}", of(&private)), json!({"isPublic": true})),
        ] {
            let reply = app.call_as(ada.access(), &route, body).await;
            assert_eq!((reply.status.as_u16(), &details(&reply)[0]["at"]), (422, &json!("isPublic")));
        }
    }
}

app_test! {
    async fn what_is_in_the_archive_stays_as_it_is(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::with(app, &ada, OWL).await;
        let mocks = shop.done("GET /api/projects/{project}/mocks", Value::Null, 200).await;
        let mock = format!("/api/mocks/{}", mocks["items"][0]["id"].as_str().unwrap());
        let response = mocks["items"][0]["responses"][0]["id"].as_str().unwrap();
        let archive = "POST /api/projects/{project}/archive";
        let archived = shop.done(archive, Value::Null, 200).await;
        let new = json!({"path": "/new", "responses": [{}]});
        for (route, body) in [
            ("PATCH /api/projects/{project}".to_owned(), json!({"name": "Bats"})),
            ("PUT /api/projects/{project}".to_owned(), json!({"name": "Bats", "slug": shop.slug})),
            ("POST /api/projects/{project}/import".to_owned(), json!({"name": "Bats", "mocks": []})),
            ("POST /api/projects/{project}/mocks".to_owned(), new.clone()),
            ("POST /api/projects/{project}/mocks/bulk".to_owned(), json!({"action": "create", "mocks": [new]})),
            ("POST /api/projects/{project}/mocks/reorder".to_owned(), json!({"mocks": [mocks["items"][0]["id"]]})),
            (format!("PUT {mock}"), new.clone()),
            (format!("PATCH {mock}"), json!({"name": "a"})),
            (format!("DELETE {mock}"), Value::Null),
            (format!("POST {mock}/activate"), Value::Null),
            (format!("POST {mock}/deactivate"), Value::Null),
            (format!("POST {mock}/duplicate"), Value::Null),
            (format!("POST {mock}/responses"), json!({})),
            (format!("PUT {mock}/responses/{response}"), json!({})),
            (format!("PATCH {mock}/responses/{response}"), json!({})),
            (format!("DELETE {mock}/responses/{response}"), Value::Null),
            (format!("POST {mock}/responses/{response}/default"), Value::Null),
        ] {
            let refused = shop.ask(&route, body).await;
            assert_eq!(refused.problem(), (409, "PROJECT_ARCHIVED".to_owned()), "{route}");
            assert!(refused.json()["message"].as_str().unwrap().contains("unarchive"), "{refused:?}");
        }
        assert_eq!(shop.done(archive, Value::Null, 200).await, archived, "it is there already");
        let copy = shop.done("POST /api/projects/{project}/duplicate", Value::Null, 201).await;
        assert_eq!(copy["archivedAt"], Value::Null, "a copy is as good as new");
        shop.done("GET /api/projects/{project}/export", Value::Null, 200).await;
        shop.done("POST /api/projects/{project}/unarchive", Value::Null, 200).await;
        shop.done(&format!("PATCH {mock}"), json!({"name": "a"}), 200).await;
        shop.done(archive, Value::Null, 200).await;
        shop.done("DELETE /api/projects/{project}", Value::Null, 204).await;
    }
}

/// One mock.
const OWL: &str = r#"{"name": "Birds", "isPublic": true, "mocks": [{"path": "/owl", "responses": [{"body": "hoo"}]}]}"#;

/// An organization that pays nothing.
pub(crate) async fn free_organization(app: &TestApp, owner: &Login) -> String {
    let (user, now) = (owner.user().parse().unwrap(), app.app.clock().now());
    let new = NewOrganization {
        plan: Plan::Free,
        ..new_organization(user)
    };
    let mut tx = app.app.store().begin().await.unwrap();
    tx.organization_insert(&new, now).await.unwrap();
    tx.commit().await.unwrap();
    let id = new.id.to_string();
    app.join(&id, owner, Role::Owner).await;
    id
}

app_test! {
    async fn null_is_as_if_nobody_had_said_it(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let made = create(app, &ada, json!({"name": "Birds", "isActive": false})).await;
        let (patch, put) = (format!("PATCH {}", of(&made)), format!("PUT {}", of(&made)));
        let nothing = json!({"name": null, "slug": null});
        for (route, body) in [(&patch, &nothing), (&put, &nothing), (&put, &json!({}))] {
            let refused = app.call_as(ada.access(), route, body.clone()).await;
            assert_eq!(refused.status, 422, "{route} {body}");
            let details = details(&refused);
            assert_eq!((&details[0]["at"], &details[1]["at"]), (&json!("name"), &json!("slug")), "{route} {body}");
        }
        let answers = app.call_as(ada.access(), &patch, json!({"isActive": null})).await;
        assert_eq!((answers.status.as_u16(), &answers.json()["isActive"]), (200, &json!(true)), "{answers:?}");
    }
}

app_test! {
    async fn a_copy_is_private_where_none_may_be_public_any_more(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let original = create(app, &ada, json!({"name": "Birds", "isPublic": true})).await;
        let settings = format!("PATCH /api/orgs/{}/settings", ada.organization());
        let closed = app.call_as(ada.access(), &settings, json!({"allowPublicProjects": false})).await;
        assert_eq!(closed.status, 200, "{closed:?}");
        let copy = app.call_as(ada.access(), &format!("POST {}/duplicate", of(&original)), Value::Null).await;
        assert_eq!((copy.status.as_u16(), &copy.json()["isPublic"]), (201, &json!(false)), "{copy:?}");
    }
}

app_test! {
    async fn a_copy_answers_as_its_original_if_the_plan_has_room(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let free = free_organization(app, &ada).await;
        let ask = async |route: String| app.call_as(ada.access(), &route, Value::Null).await;
        let wish = json!({"name": "Birds", "isPublic": true, "organizationId": free});
        let original = create(app, &ada, wish).await;
        let id = original["id"].as_str().unwrap().parse().unwrap();
        let mut tx = app.app.store().begin().await.unwrap();
        let now = app.app.clock().now();
        assert!(tx.project_spec_save(free.parse().unwrap(), id, &read(OWL), None, now).await.unwrap());
        tx.commit().await.unwrap();
        let duplicate = format!("POST {}/duplicate", of(&original));
        let copy = ask(duplicate.clone()).await;
        assert_eq!(copy.status, 201, "{copy:?}");
        let copy = copy.json();
        assert_eq!((&copy["name"], &copy["slug"], &copy["mockCount"]), (&json!("Birds"), &json!("birds-2"), &json!(1)));
        assert_eq!(app.get("/m/birds-2/owl").await.body, "hoo");
        let named = app.call_as(ada.access(), &duplicate, json!({"name": "Bats", "slug": "bats-9"})).await.json();
        assert_eq!((&named["name"], &named["slug"]), (&json!("Bats"), &json!("bats-9")));

        let refused = ask(duplicate.clone()).await;
        assert_eq!(refused.problem(), (402, "SUBSCRIPTION_LIMIT".to_owned()));
        let message = "the plan `free` includes 3 mocks: delete some, or take a dearer plan";
        assert_eq!(refused.json()["message"], message);
        assert_eq!(ask(format!("DELETE {}", of(&named))).await.status, 204);
        assert_eq!(ask(duplicate).await.status, 201, "what was deleted does not count");
        assert_eq!(ask(format!("POST {}/restore", of(&named))).await.problem().0, 402);
    }
}

app_test! {
    async fn nothing_changes_in_a_project_that_was_suspended(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let made = create(app, &ada, json!({"name": "Shop"})).await;
        let mut tx = app.app.store().begin().await.unwrap();
        let now = app.app.clock().now();
        tx.project_suspend(made["id"].as_str().unwrap().parse().unwrap(), Some(now), now.after(Duration::ZERO)).await.unwrap();
        tx.commit().await.unwrap();
        let get = app.call_as(ada.access(), &format!("GET {}", of(&made)), Value::Null).await;
        assert!(get.json()["suspendedAt"].is_string());
        let patch = app.call_as(ada.access(), &format!("PATCH {}", of(&made)), json!({"name": "a"})).await;
        assert_eq!(patch.problem(), (403, "PROJECT_SUSPENDED".to_owned()));
    }
}
