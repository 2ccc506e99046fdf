//! Limits that servers of one database hold together.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use mockbird_server::domain::{Clock, Millis, Plan};
use mockbird_server::nodes::Bond;

use crate::logs_tail::SHOP;
use crate::nodes_redis::until;
use crate::support::app::TestApp;
use crate::support::database::TestDatabase;
use crate::support::door::Outage;
use crate::support::projects::TestProject;
use crate::support::redis::{redis_door, redis_url};

/// How many requests a project may be asked in an hour: those of a test come in one period.
const LIMIT: usize = 500;

/// So many more or less may be admitted: two of a hundred.
const LEEWAY: usize = LIMIT / 50;

/// What limits nothing but the project, and waits for Redis however busy the machine is.
fn flags<'a>(url: &'a str, limit: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("redis-url", url),
        ("redis-wait", "5s"),
        ("rates-mock-project", limit),
        ("rates-mock-address", "60000/second"),
    ]
}

/// Asks a mock so often of each server, all at once, and gives how many requests each admitted.
async fn ask_all(apps: &[TestApp], target: &str, each: usize) -> Vec<usize> {
    let ask = async |app: &TestApp| {
        let mut admitted = 0;
        for _ in 0..each {
            let reply = app.get(target).await;
            match reply.status.as_u16() {
                200 => admitted += 1,
                429 => assert!(reply.header("retry-after").is_some(), "{reply:?}"),
                _ => panic!("{reply:?}"),
            }
        }
        admitted
    };
    match apps {
        [one, two] => <[usize; 2]>::from(tokio::join!(ask(one), ask(two))).to_vec(),
        [one, two, three] => {
            <[usize; 3]>::from(tokio::join!(ask(one), ask(two), ask(three))).to_vec()
        }
        _ => panic!("two or three"),
    }
}

/// Together they admit what one would, whatever their clocks say.
async fn a_limit_is_held(ahead: &[Duration]) {
    let (url, limit) = (redis_url(), format!("{LIMIT}/hour"));
    let flags = flags(&url, &limit);
    let now = Clock::System.now();
    let clock = |ahead: Duration| Clock::fixed(Millis(now.0).after(ahead));
    let mut apps = vec![TestApp::at(clock(ahead[0]), TestDatabase::postgres().await, &flags).await];
    for ahead in &ahead[1..] {
        let beside = apps[0].beside_at(clock(*ahead), &flags).await;
        apps.push(beside);
    }
    for app in &apps {
        until(app, Bond::Joined).await;
    }
    let ada = apps[0].register("ada@example.com").await;
    let shop = TestProject::on_plan(Plan::Team, &apps[0], &ada, SHOP).await;
    let target = format!("/m/{}/birds", shop.slug);
    drop(shop);
    let admitted = ask_all(&apps, &target, LIMIT).await;
    let sum = admitted.iter().sum::<usize>();
    assert!(sum.abs_diff(LIMIT) <= LEEWAY, "{admitted:?}");
    assert!(admitted.iter().all(|own| *own > 0), "{admitted:?}");
    while let Some(app) = apps.pop() {
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_is_held_by_two() {
    a_limit_is_held(&[Duration::ZERO; 2]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_is_held_by_three() {
    a_limit_is_held(&[Duration::ZERO; 3]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_is_held_by_servers_whose_clocks_differ() {
    a_limit_is_held(&[0, 5, 10].map(Duration::from_secs)).await;
}

/// While Redis is away each holds the limit by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_holds_the_limit_by_itself_while_redis_is_away() {
    let (mut door, url) = redis_door().await;
    let limit = format!("{LIMIT}/hour");
    let flags = flags(&url, &limit);
    let one = TestApp::with(TestDatabase::postgres().await, &flags).await;
    let two = one.beside_with(&flags).await;
    let ada = one.register("ada@example.com").await;
    let shop = TestProject::on_plan(Plan::Team, &one, &ada, SHOP).await;
    let target = format!("/m/{}/birds", shop.slug);
    drop(shop);
    let apps = [one, two];
    door.shut(Outage::Stopped).await;
    for app in &apps {
        until(app, Bond::Away).await;
    }
    let admitted = ask_all(&apps, &target, LIMIT + 50).await;
    assert_eq!(admitted, [LIMIT, LIMIT]);
    let [one, two] = apps;
    two.stop().await;
    one.stop().await;
}

/// Redis goes and comes while mocks are asked: none of them fails.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_redis_goes_and_comes() {
    let (mut door, url) = redis_door().await;
    let mut flags = flags(&url, "60000/second");
    flags.retain(|(flag, _)| *flag != "redis-wait");
    let app = TestApp::with(TestDatabase::postgres().await, &flags).await;
    let ada = app.register("ada@example.com").await;
    let shop = TestProject::on_plan(Plan::Team, &app, &ada, SHOP).await;
    let target = format!("/m/{}/birds", shop.slug);
    let (is_over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let ask = async || {
        while !is_over.load(Ordering::Relaxed) {
            let reply = app.get(&target).await;
            assert_eq!(reply.status, 200, "{reply:?}");
            answered.fetch_add(1, Ordering::Relaxed);
        }
    };
    // Some are asked in each state.
    let more = async || {
        let before = answered.load(Ordering::Relaxed);
        while answered.load(Ordering::Relaxed) < before + 50 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let go_and_come = async {
        for outage in [Outage::Stopped, Outage::Silent] {
            until(&app, Bond::Joined).await;
            more().await;
            door.shut(outage).await;
            more().await;
            until(&app, Bond::Away).await;
            let ready = app.get("/readyz").await;
            assert!(ready.body.starts_with(b"ready, degraded: "), "{ready:?}");
            more().await;
            door.reopen().await;
        }
        until(&app, Bond::Joined).await;
        more().await;
        is_over.store(true, Ordering::Relaxed);
    };
    tokio::join!(ask(), ask(), ask(), go_and_come);
    drop(shop);
    app.stop().await;
}
