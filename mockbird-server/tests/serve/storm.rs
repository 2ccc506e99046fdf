//! Killed in the middle of writing, again and again: what was acknowledged is there afterwards.

use std::collections::BTreeSet;
use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::support::app::{Login, PASSWORD};
use crate::support::client::{self, Reply};
use crate::support::database::TestDatabase;
use crate::support::process::Serving;

/// How often the server is killed; `docs/OPERATIONS.md` says how often it was by hand.
const ROUNDS: &str = "MOCKBIRD_TEST_STORM_ROUNDS";
const ROUNDS_USUALLY: u32 = 3;

/// How many write at once.
const WRITERS: usize = 4;

/// So many acknowledged changes, drawn by chance, are waited for before it is killed.
const CHANGES: std::ops::Range<u32> = 1..80;

/// Somebody who makes an account, and then makes and revokes keys for as long as it is answered.
#[derive(Default)]
struct Writer {
    email: String,
    is_registered: bool,
    made: BTreeSet<String>,
    revoked: BTreeSet<String>,
    /// Asked to be revoked, without an answer.
    doubtful: Option<String>,
}

impl Writer {
    fn new() -> Self {
        Self {
            email: format!("{:x}@example.com", fastrand::u64(..)),
            ..Self::default()
        }
    }

    fn login(&self) -> Value {
        json!({"email": self.email, "password": PASSWORD})
    }

    async fn write(
        &mut self,
        server: SocketAddr,
        changes: &Semaphore,
    ) -> Result<(), Box<dyn Error>> {
        let reply = call(server, "", "POST /api/auth/register", self.login()).await?;
        assert_eq!(reply.status, 201, "{reply:?}");
        self.is_registered = true;
        changes.add_permits(1);
        let login = Login(reply.json());
        let keys = format!("/api/orgs/{}/api-keys", login.organization());
        loop {
            let key = json!({"name": "CI", "permissions": ["read"]});
            let reply = call(server, login.access(), &format!("POST {keys}"), key).await?;
            assert_eq!(reply.status, 201, "{reply:?}");
            self.made.insert(text(&reply.json()["id"]));
            changes.add_permits(1);
            if self.made.len().is_multiple_of(3) {
                self.revoke(server, login.access(), &keys).await?;
                changes.add_permits(1);
            }
        }
    }

    async fn revoke(
        &mut self,
        server: SocketAddr,
        token: &str,
        keys: &str,
    ) -> Result<(), Box<dyn Error>> {
        self.doubtful = self.made.pop_first();
        let id = self.doubtful.clone().unwrap();
        let reply = call(server, token, &format!("DELETE {keys}/{id}"), Value::Null).await?;
        assert_eq!(reply.status, 204, "{reply:?}");
        self.revoked.extend(self.doubtful.take());
        Ok(())
    }

    /// Everything that was acknowledged is there, and of the rest whole changes or none.
    async fn check(&self, server: SocketAddr) {
        let reply = call(server, "", "POST /api/auth/login", self.login())
            .await
            .unwrap();
        if !self.is_registered && reply.status == 401 {
            return;
        }
        assert_eq!(reply.status, 200, "{reply:?}");
        let login = Login(reply.json());
        let kept = keys(server, &login).await;
        assert!(
            kept.is_superset(&self.made),
            "{:?} are lost",
            self.made.difference(&kept)
        );
        assert!(kept.is_disjoint(&self.revoked), "a revoked key is back");
        let unasked: Vec<_> = kept.difference(&self.made).collect();
        assert!(
            unasked.len() <= 1,
            "{unasked:?}: one change at most was not acknowledged"
        );
    }
}

/// The ids of all keys.
async fn keys(server: SocketAddr, login: &Login) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for page in 1.. {
        let route = format!(
            "GET /api/orgs/{}/api-keys?limit=100&page={page}",
            login.organization()
        );
        let list = call(server, login.access(), &route, Value::Null)
            .await
            .unwrap()
            .json();
        ids.extend(
            list["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|key| text(&key["id"])),
        );
        if list["total"].as_u64().unwrap() <= 100 * page {
            break;
        }
    }
    ids
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

async fn call(
    server: SocketAddr,
    token: &str,
    route: &str,
    body: Value,
) -> Result<Reply, Box<dyn Error>> {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let headers = if token.is_empty() {
        &headers[..0]
    } else {
        &headers
    };
    client::send(server, client::request(route, headers, &body)).await
}

fn start(folder: &Path, database: &TestDatabase) -> Serving {
    let often = "10000/second";
    let url = database.url();
    Serving::start(
        folder,
        &[
            "--database-url",
            &url,
            "--rates-register",
            often,
            "--rates-api",
            often,
            "--rates-login-address",
            often,
        ],
    )
}

#[expect(
    clippy::print_stdout,
    reason = "for whoever runs it by hand, with `--nocapture`"
)]
async fn storm(database: TestDatabase) {
    let rounds = std::env::var(ROUNDS).map_or(ROUNDS_USUALLY, |rounds| rounds.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut writers: Vec<Writer> = Vec::new();
    for _ in 0..rounds {
        let server = start(folder.path(), &database);
        let address = server.address;
        let mut fresh: [Writer; WRITERS] = std::array::from_fn(|_| Writer::new());
        let changes = Semaphore::new(0);
        let [a, b, c, d] = &mut fresh;
        let kill = async {
            changes
                .acquire_many(fastrand::u32(CHANGES))
                .await
                .unwrap()
                .forget();
            server.kill();
        };
        // Each of them ends with an error: the server is gone.
        let _ = tokio::join!(
            a.write(address, &changes),
            b.write(address, &changes),
            c.write(address, &changes),
            d.write(address, &changes),
            kill,
        );
        let server = start(folder.path(), &database);
        for writer in &fresh {
            writer.check(server.address).await;
        }
        writers.extend(fresh);
        server.kill();
    }
    let server = start(folder.path(), &database);
    let acknowledged: usize = writers
        .iter()
        .map(|writer| writer.made.len() + writer.revoked.len())
        .sum();
    for writer in &writers {
        writer.check(server.address).await;
    }
    println!("killed {rounds} times, {acknowledged} keys made or revoked, none lost");
    server.kill();
    database.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_kill_9_on_sqlite() {
    storm(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_kill_9_on_postgres() {
    storm(TestDatabase::postgres().await).await;
}
