//! Requests as they happen, as server-sent events.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use mockbird_server::domain::Role;
use mockbird_server::logs::FOLLOWERS_MAX;
use serde_json::{Value, json};

use crate::support::app::{Login, TestApp};
use crate::support::client::{open, request};
use crate::support::database::{TestDatabase, app_test};
use crate::support::logs::Logger;
use crate::support::projects::TestProject;

pub(crate) const SHOP: &str = r#"{"name": "Shop", "isPublic": true, "mocks": [{"path": "/{*rest}", "responses": [{"body": "four"}]}]}"#;

/// An event, as it came.
#[derive(Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    pub(crate) data: Value,
}

/// An open stream of events.
pub(crate) struct Tail {
    body: Incoming,
    text: String,
}

impl Tail {
    pub(crate) async fn open(
        app: &TestApp,
        token: &str,
        target: &str,
        last: Option<&str>,
    ) -> Result<Self, u16> {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(last.map(|id| ("last-event-id", id)));
        let request = request(&format!("GET {target}"), &headers, &Value::Null);
        let (head, body) = open(app.address, request).await.unwrap().into_parts();
        if head.status != 200 {
            return Err(head.status.as_u16());
        }
        assert_eq!(head.headers["content-type"], "text/event-stream");
        let mut tail = Self {
            body,
            text: String::new(),
        };
        // It follows from here on.
        assert!(tail.more().await);
        let retry = tail.text.split_off("retry: 1000\n\n".len());
        assert_eq!(std::mem::replace(&mut tail.text, retry), "retry: 1000\n\n");
        Ok(tail)
    }

    async fn of(project: &TestProject<'_>, query: &str, last: Option<&str>) -> Self {
        let target = format!("{}{query}", target(project));
        Self::open(project.app, project.login.access(), &target, last)
            .await
            .unwrap()
    }

    /// False at the end.
    async fn more(&mut self) -> bool {
        match self.body.frame().await {
            None => false,
            Some(frame) => {
                let bytes = frame.unwrap().into_data().unwrap();
                self.text.push_str(std::str::from_utf8(&bytes).unwrap());
                true
            }
        }
    }

    /// The next event; absent at the end.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                if event != ":" {
                    return Some(read(&event));
                }
            } else if !self.more().await {
                assert_eq!(self.text, "");
                return None;
            }
        }
    }

    /// The ids of so many requests.
    async fn ids(&mut self, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        while ids.len() < count {
            let event = self.next().await.unwrap();
            assert_eq!(
                (event.name.as_str(), event.id.as_deref()),
                ("log", event.data["id"].as_str())
            );
            ids.extend(event.id);
        }
        ids
    }

    /// Waits for the end.
    async fn end(mut self) {
        while self.next().await.is_some() {}
    }
}

fn read(event: &str) -> Event {
    let field = |name: &str| {
        let mut lines = event.lines();
        lines.find_map(|line| {
            line.strip_prefix(name)?
                .strip_prefix(": ")
                .map(str::to_owned)
        })
    };
    Event {
        name: field("event").unwrap(),
        id: field("id"),
        data: serde_json::from_str(&field("data").unwrap()).unwrap(),
    }
}

pub(crate) fn target(project: &TestProject<'_>) -> String {
    format!("/api/projects/{}/logs/stream", project.id)
}

/// Asks the mocks, and gives the ids of what is logged.
pub(crate) async fn ask(project: &TestProject<'_>, paths: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for path in paths {
        let reply = project.call(&format!("GET {path}")).await;
        ids.push(reply.header("x-request-id").unwrap().to_owned());
    }
    ids
}

app_test! {
    async fn requests_come_as_they_are_answered(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::with(app, &ada, SHOP).await;
        let other = TestProject::with(app, &ada, SHOP).await;
        ask(&shop, &["/before"]).await;
        let mut all = Tail::of(&shop, "", None).await;
        let mut birds = Tail::of(&shop, "?path=/birds&matched=true", None).await;
        ask(&other, &["/birds"]).await;
        let ids = ask(&shop, &["/birds/1", "/bats", "/birds/2"]).await;
        // What came right before may be on its way still.
        let mut seen = all.ids(3).await;
        if !ids.contains(&seen[0]) {
            seen.remove(0);
            seen.extend(all.ids(1).await);
        }
        assert_eq!(seen, ids);
        let first = birds.next().await.unwrap();
        assert_eq!((&first.data["path"], first.data.get("body")), (&json!("/birds/1"), None));
        assert_eq!(birds.ids(1).await, [ids[2].clone()]);
    }
}

app_test! {
    async fn who_comes_back_gets_each_request_once(app: TestApp) {
        const COUNT: usize = 150;
        const EACH: usize = 25;
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::with(app, &ada, SHOP).await;
        let mut first = Tail::of(&shop, "", None).await;
        let followed = async {
            let mut ids = first.ids(EACH).await;
            drop(first);
            while ids.len() < COUNT {
                let mut again = Tail::of(&shop, "", ids.last().map(String::as_str)).await;
                ids.extend(again.ids(EACH).await);
            }
            ids
        };
        let (asked, followed) = tokio::join!(ask(&shop, &["/"; COUNT]), followed);
        assert_eq!(followed, asked);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_still_on_its_way_to_the_store_is_not_missing() {
    let app = TestApp::start().await;
    let ada = app.register("ada@example.com").await;
    let shop = TestProject::with(&app, &ada, SHOP).await;
    let all = Logger::of(&shop).many(app.app.clock().now(), 3);
    crate::support::logs::store(app.app.store(), &all[..1]).await;
    let last = all[0].id.to_string();
    let mut tail = Tail::of(&shop, "", Some(&last)).await;
    // Handed on before anybody followed, and stored late.
    crate::support::logs::store(app.app.store(), &all[1..]).await;
    let ids = tail.ids(2).await;
    assert_eq!(ids, [all[1].id.to_string(), all[2].id.to_string()]);
    // Those are not sent again when they come live.
    for record in &all[1..] {
        app.app.log_feed().publish(&record.clone().into());
    }
    let live = ask(&shop, &["/"]).await;
    assert_eq!(tail.ids(1).await, live);
    drop(tail);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_too_slow_is_told_how_many_were_missed() {
    const COUNT: usize = 20_000;
    let app = TestApp::start().await;
    let ada = app.register("ada@example.com").await;
    let shop = TestProject::with(&app, &ada, SHOP).await;
    let mut tail = Tail::of(&shop, "", None).await;
    for record in Logger::of(&shop).many(app.app.clock().now(), COUNT) {
        app.app.log_feed().publish(&record.into());
    }
    let (mut seen, mut missed) = (0, None);
    while let Some(event) = tail.next().await {
        assert_eq!(missed, None, "it is the last");
        match event.name.as_str() {
            "log" => seen += 1,
            "missed" => missed = event.data["count"].as_u64(),
            other => panic!("{other}"),
        }
    }
    assert_eq!(seen + missed.unwrap(), COUNT as u64);
    app.stop().await;
}

app_test! {
    async fn it_ends_with_the_right_to_see_it(app: TestApp) {
        let (ada, eve) = (app.register("ada@example.com").await, app.register("eve@example.com").await);
        app.join(ada.organization(), &eve, Role::Viewer).await;
        let shop = TestProject::with(app, &ada, SHOP).await;
        let key = app.call_as(ada.access(), &format!("POST /api/orgs/{}/api-keys", ada.organization()),
            json!({"name": "CI", "permissions": ["read"]})).await.json();
        let again = app.login("ada@example.com").await;
        let stays = Tail::of(&shop, "", None).await;
        let of = async |login: &Login| Tail::open(app, login.access(), &target(&shop), None).await.unwrap();
        let (of_session, of_member) = (of(&again).await, of(&eve).await);
        let of_key = Tail::open(app, key["key"].as_str().unwrap(), &target(&shop), None).await.unwrap();
        for (route, token) in [
            ("POST /api/auth/logout".to_owned(), again.access()),
            (format!("DELETE /api/orgs/{}/members/{}", ada.organization(), eve.user()), ada.access()),
            (format!("DELETE /api/orgs/{}/api-keys/{}", ada.organization(), key["id"].as_str().unwrap()), ada.access()),
        ] {
            assert_eq!(app.call_as(token, &route, Value::Null).await.status, 204, "{route}");
        }
        of_session.end().await;
        of_member.end().await;
        of_key.end().await;
        let mut stays = stays;
        let ids = ask(&shop, &["/"]).await;
        assert_eq!(stays.ids(1).await, ids);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_when_the_server_stops() {
    let app = TestApp::with(TestDatabase::sqlite(), &[("limits-grace", "1h")]).await;
    let ada = app.register("ada@example.com").await;
    let shop = TestProject::with(&app, &ada, SHOP).await;
    let mut tail = Tail::of(&shop, "", None).await;
    let ids = ask(&shop, &["/"]).await;
    assert_eq!(tail.ids(1).await, ids);
    drop(shop);
    let stopped = tokio::time::timeout(Duration::from_mins(1), app.stop());
    let ((), stopped) = tokio::join!(tail.end(), stopped);
    stopped.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organization_has_so_many_at_once() {
    let app = TestApp::start().await;
    let ada = app.register("ada@example.com").await;
    let shop = TestProject::with(&app, &ada, SHOP).await;
    let mut tails = Vec::new();
    for _ in 0..FOLLOWERS_MAX {
        tails.push(Tail::of(&shop, "", None).await);
    }
    let target = target(&shop);
    let one_more = async || Tail::open(&app, ada.access(), &target, None).await;
    assert_eq!(one_more().await.err(), Some(429));
    let eve = app.register("eve@example.com").await;
    let theirs = TestProject::with(&app, &eve, SHOP).await;
    drop(Tail::of(&theirs, "", None).await);
    tails.pop();
    while one_more().await.is_err() {
        tokio::task::yield_now().await;
    }
    drop(tails);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_id_is_refused() {
    let app = TestApp::start().await;
    let ada = app.register("ada@example.com").await;
    let shop = TestProject::with(&app, &ada, SHOP).await;
    let stream = format!("GET {}", target(&shop));
    for (header, at) in [("7", "Last-Event-ID"), ("", "Last-Event-ID")] {
        let reply = app
            .call_with(
                ada.access(),
                &stream,
                ("last-event-id", header),
                Value::Null,
            )
            .await;
        assert_eq!(
            (reply.problem().0, &reply.json()["details"][0]["at"]),
            (422, &json!(at))
        );
    }
    let reply = app
        .call_as(ada.access(), &format!("{stream}?status=4"), Value::Null)
        .await;
    assert_eq!(reply.problem().0, 422);
    app.stop().await;
}
