//! Requests as they happen on another server of the database.

use std::collections::BTreeSet;
use std::time::Duration;

use mockbird_server::nodes::Bond;

use crate::logs_tail::{Event, SHOP, Tail, target};
use crate::nodes_redis::until;
use crate::support::app::{Login, TestApp};
use crate::support::database::TestDatabase;
use crate::support::door::Outage;
use crate::support::projects::TestProject;
use crate::support::redis::{redis_door, redis_url};

/// How many requests are asked for at a time.
const EACH: usize = 20;

/// Two servers of one database, and a project.
struct Pair<'a> {
    apps: [&'a TestApp; 2],
    login: &'a Login,
    shop: TestProject<'a>,
    /// What was asked so far.
    asked: BTreeSet<String>,
    /// What a follower was told so far.
    told: BTreeSet<String>,
}

impl<'a> Pair<'a> {
    async fn new(apps: [&'a TestApp; 2], login: &'a Login) -> Self {
        for app in apps {
            until(app, Bond::Joined).await;
        }
        let shop = TestProject::with(apps[0], login, SHOP).await;
        let (asked, told) = (BTreeSet::new(), BTreeSet::new());
        Self {
            apps,
            login,
            shop,
            asked,
            told,
        }
    }

    async fn ask(&mut self, app: &TestApp) {
        let reply = app.get(&format!("/m/{}/birds", self.shop.slug)).await;
        assert_eq!(reply.body, "four");
        let id = reply.header("x-request-id").unwrap();
        self.asked.insert(id.to_owned());
    }

    /// Asks both in turn.
    async fn ask_both(&mut self) {
        for at in 0..EACH {
            self.ask(self.apps[at % 2]).await;
        }
    }

    async fn open(&self, app: &TestApp, last: Option<&str>) -> Tail {
        let target = target(&self.shop);
        let tail = Tail::open(app, self.login.access(), &target, last);
        tail.await.unwrap()
    }

    /// The first server's tail, of which the other has heard: until then it asks and is told nothing.
    async fn follow(&mut self) -> Tail {
        let mut tail = self.open(self.apps[0], None).await;
        loop {
            self.ask(self.apps[1]).await;
            let wait = Duration::from_secs(1);
            if let Ok(event) = tokio::time::timeout(wait, tail.next()).await {
                self.note(&event.unwrap());
                self.told.clone_from(&self.asked);
                return tail;
            }
        }
    }

    /// Reads until all is told that was asked, each once, and gives where to go on.
    async fn read(&mut self, tail: &mut Tail) -> String {
        loop {
            let event = tail.next().await.unwrap();
            self.note(&event);
            if self.told == self.asked {
                return event.id.unwrap();
            }
        }
    }

    fn note(&mut self, event: &Event) {
        assert_eq!(event.name, "log");
        let id = event.data["id"].as_str().unwrap();
        assert!(self.told.insert(id.to_owned()), "{id} came twice");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tail_tells_of_all_servers_and_goes_on_on_any() {
    let url = redis_url();
    let redis = [("redis-url", url.as_str())];
    let one = TestApp::with(TestDatabase::postgres().await, &redis).await;
    let other = one.beside_with(&redis).await;
    let ada = one.register("ada@example.com").await;
    let mut pair = Pair::new([&one, &other], &ada).await;
    let mut tail = pair.follow().await;
    for app in [&other, &one, &other] {
        pair.ask_both().await;
        let last = pair.read(&mut tail).await;
        drop(tail);
        pair.ask_both().await;
        tail = pair.open(app, Some(&last)).await;
        pair.ask_both().await;
        pair.read(&mut tail).await;
    }
    drop(tail);
    other.stop().await;
    one.stop().await;
}

/// What does not come live is in the store.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tail_goes_on_while_redis_is_away() {
    let (mut door, through_door) = redis_door().await;
    let url = redis_url();
    let other = TestApp::with(TestDatabase::postgres().await, &[("redis-url", &url)]).await;
    let one = other.beside_with(&[("redis-url", &through_door)]).await;
    let ada = one.register("ada@example.com").await;
    let mut pair = Pair::new([&one, &other], &ada).await;
    let mut tail = pair.follow().await;
    for outage in [Outage::Silent, Outage::Stopped] {
        pair.ask_both().await;
        door.shut(outage).await;
        pair.ask_both().await;
        until(&one, Bond::Away).await;
        pair.ask_both().await;
        pair.read(&mut tail).await;
        door.reopen().await;
        pair.ask_both().await;
        until(&one, Bond::Joined).await;
        pair.ask_both().await;
        pair.read(&mut tail).await;
    }
    drop(tail);
    drop(pair);
    one.stop().await;
    other.stop().await;
}
