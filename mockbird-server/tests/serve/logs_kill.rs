//! A server that is killed has counted what it had not stored, and the next one says so.

use std::fs;
use std::path::Path;

use mockbird_server::config::Engine;
use mockbird_server::store::Store;

use crate::logs_delivery::until_stored;
use crate::store_logs::logged;
use crate::support::process::Serving;

const REQUESTS: usize = 20;

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
        let reply = serving.get("/m/demo/hello/you");
        assert!(reply.contains("Hello you"), "{reply}");
    }
}

pub(crate) fn said(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_server_had_not_stored_is_counted_at_the_next_start() {
    const WARNING: &str = "killed before it had stored";
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let data = folder.join("data");
    let engine = Engine::Sqlite(data.join("mockbird.db"));
    let all = REQUESTS as u64;

    let serving = Serving::start(folder, &[]);
    ask(&serving);
    until_stored(&engine, REQUESTS).await;
    until_counted(&data, (all, all)).await;
    serving.kill();

    // All was stored. Somebody else holds the database while more requests come.
    let serving = Serving::start(folder, &[]);
    assert!(!said(folder).contains(WARNING), "{}", said(folder));
    let config = mockbird_server::config::Database::sqlite(data.join("mockbird.db"));
    let other = Store::open(&config).await.unwrap();
    let holding = other.begin().await.unwrap();
    ask(&serving);
    until_counted(&data, (all, 0)).await;
    serving.kill();
    drop(holding);
    other.close().await;
    assert_eq!(logged(&engine, "log_id").await.len(), REQUESTS);

    let serving = Serving::start(folder, &[]);
    let log = said(folder);
    assert!(
        log.contains(WARNING) && log.contains(&format!("requests={REQUESTS}")),
        "{log}"
    );
    ask(&serving);
    serving.terminate();
    assert_eq!(
        logged(&engine, "log_id").await.len(),
        2 * REQUESTS,
        "stored at its end"
    );
    assert_eq!(counts(&data), [], "and nothing to tell");

    let serving = Serving::start(folder, &[]);
    assert!(
        !said(folder).contains(WARNING),
        "told once: {}",
        said(folder)
    );
    serving.terminate();
}
