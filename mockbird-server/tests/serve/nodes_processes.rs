//! Several `mockbird serve` as processes of their own, on one database and one Redis.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::logs_kill::{counts, said};
use crate::store_logs::logged;
use crate::support::app::{Login, PASSWORD};
use crate::support::client::{self, Reply};
use crate::support::database::TestDatabase;
use crate::support::process::Serving;
use crate::support::redis::redis_url;

/// How many changes are looked at; `benches/RESULTS.md` says how many were by hand.
const CHANGES: &str = "MOCKBIRD_TEST_NODES_CHANGES";
const CHANGES_USUALLY: usize = 5;

/// So many servers, each with a folder of its own, that have one secret.
struct Group {
    folder: tempfile::TempDir,
    database: TestDatabase,
    flags: Vec<String>,
}

impl Group {
    fn new(database: TestDatabase, redis: Option<&str>) -> Self {
        let often = "10000/second";
        let mut flags = vec!["--database-url".to_owned(), database.url()];
        for rate in ["--rates-register", "--rates-api", "--rates-login-address"] {
            flags.extend([rate.to_owned(), often.to_owned()]);
        }
        if let Some(url) = redis {
            flags.extend(["--redis-url".to_owned(), url.to_owned()]);
        }
        Self {
            folder: tempfile::tempdir().unwrap(),
            database,
            flags,
        }
    }

    /// The folder of one of them.
    fn folder(&self, node: usize) -> std::path::PathBuf {
        let folder = self.folder.path().join(node.to_string());
        fs::create_dir_all(folder.join("data")).unwrap();
        folder
    }

    fn start(&self, node: usize) -> Serving {
        const SECRET: &str = "data/signing-secret";
        let (first, own) = (self.folder(0).join(SECRET), self.folder(node).join(SECRET));
        if node > 0 && !own.exists() {
            fs::copy(first, own).unwrap();
        }
        let flags: Vec<_> = self.flags.iter().map(String::as_str).collect();
        let serving = Serving::start(&self.folder(node), &flags);
        if self.flags.iter().any(|flag| flag == "--redis-url") {
            while serving.get("/readyz").contains("degraded") {}
        }
        serving
    }
}

async fn call(server: &Serving, token: &str, route: &str, body: Value) -> Reply {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let headers = if token.is_empty() { &[][..] } else { &headers };
    let request = client::request(route, headers, &body);
    client::send(server.address, request).await.unwrap()
}

/// An account and a mock of a public project: its slug, and the route of the mock.
async fn publish(server: &Serving) -> (Login, String, String) {
    let entered = json!({"email": "ada@example.com", "password": PASSWORD});
    let reply = call(server, "", "POST /api/auth/register", entered).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    let login = Login(reply.json());
    let wish = json!({"name": "Shop", "isPublic": true});
    let project = call(server, login.access(), "POST /api/projects", wish)
        .await
        .json();
    let route = format!(
        "POST /api/projects/{}/mocks",
        project["id"].as_str().unwrap()
    );
    let mock = json!({"path": "/", "responses": [{"body": "0"}]});
    let mock = call(server, login.access(), &route, mock).await.json();
    let response = mock["responses"][0]["id"].as_str().unwrap();
    let route = format!(
        "PATCH /api/mocks/{}/responses/{response}",
        mock["id"].as_str().unwrap()
    );
    let slug = project["slug"].as_str().unwrap().to_owned();
    (login, slug, route)
}

/// How long it took each of the others to answer with a change, from the moment at which the first had kept it.
async fn times_to_be_seen(group: &Group, nodes: usize, changes: usize) -> Vec<Duration> {
    let servers: Vec<_> = (0..nodes).map(|node| group.start(node)).collect();
    let (login, slug, route) = publish(&servers[0]).await;
    let target = format!("GET /m/{slug}/");
    let mut times = Vec::new();
    for change in 1..=changes {
        let body = change.to_string();
        let changed = call(&servers[0], login.access(), &route, json!({"body": body})).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        let kept = Instant::now();
        let mut unaware: Vec<_> = servers[1..].iter().collect();
        while !unaware.is_empty() {
            let mut still = Vec::new();
            for server in unaware {
                let reply = call(server, "", &target, Value::Null).await;
                if reply.body == body {
                    times.push(kept.elapsed());
                } else {
                    still.push(server);
                }
            }
            unaware = still;
        }
    }
    for server in servers {
        server.kill();
    }
    times.sort_unstable();
    times
}

#[expect(
    clippy::print_stdout,
    reason = "for whoever measures by hand, with `--nocapture`"
)]
async fn a_change_is_seen_by_all(redis: Option<&str>, nodes: usize) {
    let changes = std::env::var(CHANGES).map_or(CHANGES_USUALLY, |text| text.parse().unwrap());
    let group = Group::new(TestDatabase::postgres().await, redis);
    let times = times_to_be_seen(&group, nodes, changes).await;
    assert_eq!(times.len(), changes * (nodes - 1));
    let share = |percent: usize| times[(times.len() * percent).div_ceil(100) - 1];
    println!(
        "{nodes} servers, {}: {changes} changes seen by the others after {:?} (p50), {:?} (p99), {:?} at most",
        redis.map_or("without Redis", |_| "with Redis"),
        share(50),
        share(99),
        share(100),
    );
    group.database.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_seen_by_two_with_redis() {
    a_change_is_seen_by_all(Some(&redis_url()), 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_seen_by_three_with_redis() {
    a_change_is_seen_by_all(Some(&redis_url()), 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_seen_by_three_without_redis() {
    a_change_is_seen_by_all(None, 3).await;
}

/// Waits until a server has written down that it took so many requests.
async fn until_taken(folder: &Path, requests: u64) {
    while counts(&folder.join("data"))
        .iter()
        .all(|(taken, _)| *taken < requests)
    {
        tokio::task::yield_now().await;
    }
}

/// One that is killed loses no more than what it had not stored, and says at its next start how much that was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_takes_nothing_of_the_others_along() {
    const REQUESTS: usize = 50;
    let group = Group::new(TestDatabase::postgres().await, Some(&redis_url()));
    let (stays, killed) = (group.start(0), group.start(1));
    let (_, slug, _) = publish(&stays).await;
    let target = format!("/m/{slug}/");
    for _ in 0..REQUESTS {
        for server in [&stays, &killed] {
            assert!(server.get(&target).ends_with("\r\n\r\n0"));
        }
    }
    until_taken(&group.folder(1), REQUESTS as u64).await;
    killed.kill();
    for _ in 0..REQUESTS {
        assert!(stays.get(&target).ends_with("\r\n\r\n0"));
    }
    stays.terminate();
    let again = group.start(1);
    let told = said(&group.folder(1));
    let lost: usize = told.split_once("requests=").map_or(0, |(_, rest)| {
        rest.split_whitespace().next().unwrap().parse().unwrap()
    });
    let stored = logged(&group.database.config.engine, "log_id").await.len();
    assert!(
        3 * REQUESTS - stored <= lost && lost <= REQUESTS,
        "{stored} stored, {told}"
    );
    again.kill();
    group.database.end().await;
}
