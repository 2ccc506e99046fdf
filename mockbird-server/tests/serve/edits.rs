//! Projects in memory are edited in place: they answer as if they were loaded anew, whatever races.

use std::collections::BTreeSet;

use mockbird_server::app::{Actor, Duplicates, MockWish, Visitor, Who};
use mockbird_server::domain::Clock;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::mock_plane::{overtaken, until_it_waits};
use crate::support::app::TestApp;
use crate::support::database::{TestDatabase, app_test};
use crate::support::projects::{TestProject, id};
use crate::support::specs::read;

/// One change of a project; mocks are named by their place, beyond the end from the start.
#[derive(Clone, Debug)]
enum Step {
    Create(Value),
    Put(usize, Value),
    Activate(usize, bool),
    Delete(usize),
    Duplicate(usize),
    Move(usize, usize, bool),
    Response(usize, Value),
    BulkDelete(usize, usize),
    BulkCreate(Vec<Value>),
}

/// Few paths and methods, so that mocks stand in each other's way.
fn mocks() -> impl Strategy<Value = Value> {
    let path = proptest::sample::select(vec!["/a", "/b", "/{x}", "/a/{y}", "/{*rest}"]);
    let method = proptest::sample::select(vec!["GET", "POST", "ANY"]);
    let responses = proptest::collection::vec(responses(), 1..3);
    (path, method, responses, 0..2_i32, proptest::bool::weighted(0.8)).prop_map(
        |(path, method, responses, priority, active)| {
            json!({"path": path, "method": method, "responses": responses, "priority": priority, "isActive": active})
        },
    )
}

fn responses() -> impl Strategy<Value = Value> {
    (any::<u16>(), proptest::bool::ANY).prop_map(|(body, conditional)| {
        let mut response = json!({ "body": body });
        if conditional {
            response["conditions"] = json!([{"type": "query", "field": "q", "operator": "exists"}]);
        }
        response
    })
}

fn steps() -> impl Strategy<Value = Step> {
    let at = || 0..8_usize;
    prop_oneof![
        3 => mocks().prop_map(Step::Create),
        2 => (at(), mocks()).prop_map(|(at, mock)| Step::Put(at, mock)),
        1 => (at(), any::<bool>()).prop_map(|(at, active)| Step::Activate(at, active)),
        1 => at().prop_map(Step::Delete),
        1 => at().prop_map(Step::Duplicate),
        2 => (at(), at(), any::<bool>()).prop_map(|(at, other, before)| Step::Move(at, other, before)),
        1 => (at(), responses()).prop_map(|(at, response)| Step::Response(at, response)),
        1 => (at(), at()).prop_map(|(at, other)| Step::BulkDelete(at, other)),
        1 => proptest::collection::vec(mocks(), 1..3).prop_map(Step::BulkCreate),
    ]
}

/// Does it, over the API; ids in `order` stand as the mocks do.
async fn take(shop: &TestProject<'_>, step: &Step, order: &[String]) {
    let at = |place: &usize| {
        order
            .get(place % order.len().max(1))
            .cloned()
            .unwrap_or_default()
    };
    let (route, body) = match step {
        Step::Create(mock) => (
            "POST /api/projects/{project}/mocks?allowDuplicate=true".to_owned(),
            mock.clone(),
        ),
        Step::BulkCreate(mocks) => (
            "POST /api/projects/{project}/mocks/bulk?allowDuplicate=true".to_owned(),
            json!({"action": "create", "mocks": mocks}),
        ),
        _ if order.is_empty() => return,
        Step::Put(place, mock) => (
            format!("PUT /api/mocks/{}?allowDuplicate=true", at(place)),
            mock.clone(),
        ),
        Step::Activate(place, true) => (
            format!("POST /api/mocks/{}/activate", at(place)),
            Value::Null,
        ),
        Step::Activate(place, false) => (
            format!("POST /api/mocks/{}/deactivate", at(place)),
            Value::Null,
        ),
        Step::Delete(place) => (format!("DELETE /api/mocks/{}", at(place)), Value::Null),
        Step::Duplicate(place) => (
            format!("POST /api/mocks/{}/duplicate", at(place)),
            Value::Null,
        ),
        Step::Move(place, other, _) if at(place) == at(other) => return,
        Step::Move(place, other, before) => {
            let side = if *before { "before" } else { "after" };
            (
                "POST /api/projects/{project}/mocks/reorder".to_owned(),
                json!({"mock": at(place), side: at(other)}),
            )
        }
        Step::Response(place, response) => (
            format!("POST /api/mocks/{}/responses", at(place)),
            response.clone(),
        ),
        Step::BulkDelete(place, other) => {
            let ids: BTreeSet<_> = [at(place), at(other)].into();
            (
                "POST /api/projects/{project}/mocks/bulk".to_owned(),
                json!({"action": "delete", "mocks": ids}),
            )
        }
    };
    let reply = shop.ask(&route, body).await;
    assert!(reply.status.is_success(), "{step:?} {reply:?}");
}

async fn order(shop: &TestProject<'_>) -> Vec<String> {
    let list = "GET /api/projects/{project}/mocks?limit=100";
    let list = shop.done(list, Value::Null, 200).await;
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| id(item).to_owned()).collect()
}

/// What the project answers.
async fn answers(app: &TestApp, slug: &str) -> Vec<String> {
    let mut all = Vec::new();
    for method in ["GET", "POST", "DELETE"] {
        for path in ["/a", "/a?q", "/b", "/c?q", "/a/1", "/b/2?q"] {
            let reply = app
                .call(&format!("{method} /m/{slug}{path}"), &[], Value::Null)
                .await;
            let body = String::from_utf8_lossy(&reply.body);
            // Of a miss, which mocks were near, too.
            all.push(format!("{method} {path}: {} {body}", reply.status));
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_that_was_edited_answers_as_one_that_was_loaded() {
    let app = TestApp::with(TestDatabase::sqlite(), &[]).await;
    let fresh = app.beside().await;
    let ada = app.register("ada@example.com").await;
    let cases = Config {
        failure_persistence: None,
        ..Config::with_cases(12)
    };
    let handle = tokio::runtime::Handle::current();
    let check = |steps: Vec<Step>| {
        let (edited, loaded) = handle.block_on(async {
            let shop = TestProject::new(&app, &ada).await;
            let _ = answers(&app, &shop.slug).await;
            for step in &steps {
                take(&shop, step, &order(&shop).await).await;
            }
            fresh.app.mock_plane().forget(&shop.slug).await;
            (
                answers(&app, &shop.slug).await,
                answers(&fresh, &shop.slug).await,
            )
        });
        prop_assert_eq!(edited, loaded);
        Ok(())
    };
    let all = proptest::collection::vec(steps(), 1..12);
    tokio::task::block_in_place(|| TestRunner::new(cases).run(&all, check).unwrap());
    fresh.stop().await;
    app.stop().await;
}

const SEEDED: &str = r#"{"name": "Shop", "isPublic": true, "seed": 7, "mocks": [
    {"path": "/draw", "responses": [{"body": "a", "weight": 1}, {"body": "b", "weight": 1}]},
    {"path": "/other", "responses": [{}]}
]}"#;

app_test! {
    async fn what_a_seed_counts_goes_on(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::with(app, &ada, SEEDED).await;
        let mut whole = String::new();
        for _ in 0..24 {
            whole += &shop.body("GET /draw").await;
        }
        assert!(whole.contains('a') && whole.contains('b'));
        // The same once more, with changes in between.
        let shop = TestProject::with(app, &ada, SEEDED).await;
        let of_other = format!("PATCH /api/mocks/{}", order(&shop).await[1]);
        let of_project = "PATCH /api/projects/{project}";
        let settings = format!("PATCH /api/orgs/{}/settings", ada.organization());
        let mut edited = String::new();
        for n in 0..24 {
            edited += &shop.body("GET /draw").await;
            match n % 6 {
                0 => shop.done(&of_other, json!({ "name": format!("{n}") }), 200).await,
                1 => shop.done(of_project, json!({ "name": format!("{n}"), "description": "a" }), 200).await,
                2 => shop.done(of_project, json!({ "cors": n % 4 == 0 }), 200).await,
                3 => shop.done(of_project, json!({ "slug": format!("{}-{n}", shop.slug) }), 200).await,
                4 => shop.done(&settings, json!({ "requireApiKey": true }), 200).await,
                _ => shop.done("POST /api/projects/{project}/archive", Value::Null, 200).await,
            };
            shop.done(&settings, json!({ "requireApiKey": false }), 200).await;
            shop.done("POST /api/projects/{project}/unarchive", Value::Null, 200).await;
            shop.done(of_project, json!({ "slug": shop.slug }), 200).await;
        }
        assert_eq!(edited, whole);
    }
}

app_test! {
    async fn what_a_rate_limit_counts_goes_on(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let limited = json!({"path": "/rare", "rateLimit": {"requests": 2, "per": "hour"}, "responses": [{}]});
        let shop = TestProject::with(app, &ada, &json!({"name": "Shop", "isPublic": true, "mocks": [
            limited, {"path": "/other", "responses": [{}]},
        ]}).to_string()).await;
        let [rare, other] = order(&shop).await.try_into().unwrap();
        let (rare, other) = (format!("PATCH /api/mocks/{rare}"), format!("PATCH /api/mocks/{other}"));
        for (route, change, status) in [
            (&*other, json!({"name": "b"}), 200),
            ("PATCH /api/projects/{project}", json!({"description": "c"}), 200),
            (&*rare, json!({"description": "d", "rateLimit": {"statusCode": 503}}), 503),
            (&*rare, json!({"rateLimit": {"requests": 3}}), 200),
            (&*rare, json!({"rateLimit": null}), 200),
        ] {
            shop.done(route, change.clone(), 200).await;
            assert_eq!(shop.call("GET /rare").await.status.as_u16(), status, "{change}");
        }
        let faulty = shop.done(&rare, json!({"rateLimit": {"requests": 0, "per": "minutes"}}), 422).await;
        let at: Vec<_> = faulty["details"].as_array().unwrap().iter().map(|fault| &fault["at"]).collect();
        assert_eq!(at, ["rateLimit.per", "rateLimit.requests"]);
    }
}

/// Wherever a change is when whoever asked for it goes away: if it was committed, it answers, and without being loaded.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_committed_answers_though_nobody_waits_for_it() {
    let app = TestApp::with(TestDatabase::sqlite(), &[]).await;
    let ada = app.register("ada@example.com").await;
    let actor = Actor {
        who: Who::User(ada.user().parse().unwrap()),
        visitor: Visitor::default(),
    };
    for stop in 1.. {
        let shop = TestProject::new(&app, &ada).await;
        assert_eq!(shop.call("GET /new").await.status, 404);
        let loads = app.app.mock_plane().held().await.loads;
        let organization = ada.organization().parse().unwrap();
        let wish = MockWish {
            spec: read(r#"{"name": "a", "mocks": [{"path": "/new", "responses": [{}]}]}"#)
                .mocks
                .remove(0),
            responses: vec![None],
            version: None,
        };
        let mut change =
            Box::pin(
                app.app
                    .mock_create(organization, shop.id, wish, Duplicates::Refuse, &actor),
            );
        let is_done = until_it_waits(stop, change.as_mut()).await.is_some();
        drop(change);
        // One writes at a time: whatever was begun is at its end.
        drop(app.app.store().begin().await.unwrap());
        if !shop.paths().await.is_empty() {
            while shop.call("GET /new").await.status != 200 {}
            let held = app.app.mock_plane().held().await;
            assert_eq!(
                held.loads, loads,
                "put in place by the change itself: {stop}"
            );
        }
        if is_done {
            break;
        }
    }
    app.stop().await;
}

app_test! {
    async fn edits_at_once_are_all_seen(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let mut ids = Vec::new();
        for n in 0..4 {
            let mock = json!({"path": format!("/{n}"), "responses": [{"body": "start"}]});
            ids.push(id(&shop.mock(mock).await).to_owned());
        }
        let one = async |n: usize| {
            for turn in 0..10 {
                let body = format!("{n}: {turn}");
                let patch = json!({"responses": [{ "body": body }]});
                shop.done(&format!("PATCH /api/mocks/{}", ids[n]), patch, 200).await;
                assert_eq!(shop.body(&format!("GET /{n}")).await, body, "seen by the very next request");
            }
        };
        tokio::join!(one(0), one(1), one(2), one(3));
        for n in 0..4 {
            assert_eq!(shop.body(&format!("GET /{n}")).await, format!("{n}: 9"));
        }
    }
}

app_test! {
    async fn a_load_that_an_edit_overtook_is_not_kept(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let mock = shop.mock(json!({"path": "/", "responses": [{"body": "start"}]})).await;
        let patch = format!("PATCH /api/mocks/{}", id(&mock));
        for stop in 1.. {
            app.app.mock_plane().forget(&shop.slug).await;
            let body = format!("after {stop}");
            let change = Box::pin(async {
                shop.done(&patch, json!({"responses": [{ "body": body }]}), 200).await;
            });
            let (seen, answered) = overtaken(app, &shop.slug, stop, change).await;
            assert_eq!(seen, body, "{stop}");
            if answered {
                break;
            }
        }
    }
}

app_test! {
    async fn what_two_servers_edit_in_turns_is_whole(app: TestApp) {
        let other = app.beside().await;
        let ada = app.register("ada@example.com").await;
        let here = TestProject::new(app, &ada).await;
        let there = TestProject { app: &other, login: &ada, organization: here.organization, id: here.id, slug: here.slug.clone() };
        let mut paths = Vec::new();
        for (n, shop) in [&here, &there, &there, &here, &here, &there].into_iter().enumerate() {
            let path = format!("/{n}");
            shop.mock(json!({"path": path, "responses": [{"body": n}]})).await;
            paths.push(path);
            for (n, path) in paths.iter().enumerate() {
                assert_eq!(shop.body(&format!("GET {path}")).await, n.to_string(), "what the other one did is there");
            }
        }
        here.app.app.mock_plane().catch_up(Clock::System.now()).await.unwrap();
        assert_eq!(here.body("GET /5").await, "5");
        other.stop().await;
    }
}
