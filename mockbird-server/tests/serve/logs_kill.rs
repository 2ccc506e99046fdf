//! Real processes that end: by SIGTERM nothing is lost; what a killed one had not stored is counted, and the next one says so.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::thread;

use mockbird_server::config::Engine;
use secrecy::ExposeSecret;
use sqlx::{Connection, Executor, PgConnection};

use crate::logs_delivery::{HOLD, until_stored};
use crate::store_logs::logged;
use crate::support::database::TestDatabase;
use crate::support::process::Serving;

const REQUESTS: usize = 20;
const TARGET: &str = "/m/demo/hello/you";

/// What the next server says of requests that were lost.
const WARNING: &str = "killed before it had stored";

/// The counts that running servers keep: taken, and stored.
pub(crate) fn counts(data: &Path) -> Vec<(u64, u64)> {
    let files = fs::read_dir(data)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|kind| kind == "count"));
    let read = files.filter_map(|path| {
        let text = fs::read_to_string(path).unwrap();
        let (taken, stored) = text.trim().split_once(' ')?;
        Some((taken.parse().unwrap(), stored.parse().unwrap()))
    });
    read.collect()
}

async fn until_counted(data: &Path, expected: (u64, u64)) {
    while counts(data) != [expected] {
        tokio::task::yield_now().await;
    }
}

fn ask(serving: &Serving) {
    for _ in 0..REQUESTS {
        let reply = serving.get(TARGET);
        assert!(reply.contains("Hello you"), "{reply}");
    }
}

pub(crate) fn said(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap()
}

fn start(folder: &Path, database: &TestDatabase) -> Serving {
    Serving::start(folder, &["--database-url", &database.url()])
}

/// Does this while nobody else can write requests.
async fn while_held<T>(database: &TestDatabase, work: impl AsyncFnOnce() -> T) -> T {
    match &database.config.engine {
        Engine::Sqlite(_) => {
            let other = database.open().await;
            let holding = other.begin().await.unwrap();
            let done = work().await;
            drop(holding);
            other.close().await;
            done
        }
        Engine::Postgres(url) => {
            let mut other = PgConnection::connect(url.expose_secret()).await.unwrap();
            other.execute(HOLD).await.unwrap();
            let done = work().await;
            other.close().await.unwrap();
            done
        }
    }
}

async fn a_kill_is_counted(database: TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let data = folder.join("data");
    let engine = &database.config.engine;
    let all = REQUESTS as u64;

    let serving = start(folder, &database);
    ask(&serving);
    until_stored(engine, REQUESTS).await;
    until_counted(&data, (all, all)).await;
    serving.kill();

    // All was stored. Somebody else holds the database while more requests come.
    let serving = start(folder, &database);
    assert!(!said(folder).contains(WARNING), "{}", said(folder));
    while_held(&database, async || {
        ask(&serving);
        until_counted(&data, (all, 0)).await;
        serving.kill();
    })
    .await;
    assert_eq!(logged(engine, "log_id").await.len(), REQUESTS);

    let serving = start(folder, &database);
    let log = said(folder);
    assert!(
        log.contains(WARNING) && log.contains(&format!("requests={REQUESTS}")),
        "{log}"
    );
    ask(&serving);
    serving.terminate();
    assert_eq!(
        logged(engine, "log_id").await.len(),
        2 * REQUESTS,
        "stored at its end"
    );
    assert_eq!(counts(&data), [], "and nothing to tell");

    let serving = start(folder, &database);
    assert!(
        !said(folder).contains(WARNING),
        "told once: {}",
        said(folder)
    );
    serving.terminate();
    database.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_server_had_not_stored_is_counted_at_the_next_start_on_sqlite() {
    a_kill_is_counted(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_server_had_not_stored_is_counted_at_the_next_start_on_postgres() {
    a_kill_is_counted(TestDatabase::postgres().await).await;
}

/// Asks until the server is gone; gives the ids of the whole replies.
fn ask_to_the_end(serving: &Serving) -> impl FnOnce() -> Vec<String> + use<> {
    let address = serving.address;
    move || {
        let mut told = Vec::new();
        while let Ok(stream) = TcpStream::connect(address) {
            // A connection that was not taken any more ends without a reply.
            let Some(reply) = crate::support::process::ask(stream, address, TARGET) else {
                break;
            };
            let id = reply
                .lines()
                .find_map(|line| line.strip_prefix("x-request-id: "));
            told.push(id.unwrap().to_owned());
        }
        told
    }
}

/// Clients ask all at once while the process is told to stop, again and again.
async fn once_through_terminations(database: TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    let mut told = Vec::new();
    for _ in 0..3 {
        let serving = start(folder.path(), &database);
        let clients: Vec<_> = (0..4)
            .map(|_| thread::spawn(ask_to_the_end(&serving)))
            .collect();
        let before = told.len();
        until_more(&database.config.engine, before + REQUESTS).await;
        let output = serving.terminate();
        assert!(output.status.success(), "{output:?}");
        for client in clients {
            told.extend(client.join().unwrap());
        }
    }
    told.sort_unstable();
    assert!(
        logged(&database.config.engine, "log_id").await == told,
        "each once, in their order"
    );
    database.end().await;
}

/// Waits until so many requests are stored, or more.
async fn until_more(engine: &Engine, count: usize) {
    while logged(engine, "log_id").await.len() < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_stored_once_through_sigterm_on_sqlite() {
    once_through_terminations(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_stored_once_through_sigterm_on_postgres() {
    once_through_terminations(TestDatabase::postgres().await).await;
}
