//! A batch is written once, though its answer is lost, and one that the store refuses loses no more than what is to blame.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mockbird_server::config::{Config, Engine, Sources};
use mockbird_server::domain::{Clock, LogIds, LogRecord, Millis};
use mockbird_server::logs::{Event, Logs};
use mockbird_server::nodes::Nodes;
use secrecy::ExposeSecret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::logs_delivery::until_stored;
use crate::store_logs::{bare, bytes, logged};
use crate::support::database::TestDatabase;

/// A record on its way through the pipeline alone.
struct Made(LogRecord);

impl Event for Made {
    fn weight(&self) -> usize {
        1
    }

    fn into_record(self, _: usize) -> LogRecord {
        self.0
    }
}

/// The pipeline of a server, on this database.
async fn run(database: &TestDatabase, records: Vec<LogRecord>, stored: (&Engine, usize)) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::read(&Sources::default()).unwrap();
    folder.path().clone_into(&mut config.listen.data_dir);
    config.database = database.config.clone();
    let store = database.open().await;
    let (logs, writer) = Logs::start(&config, &store, &Clock::System, &Nodes::default()).unwrap();
    let queue = logs.queue.unwrap();
    for record in records {
        queue.push(Made(record));
    }
    let (engine, count) = stored;
    until_stored(engine, count).await;
    writer.unwrap().finish(config.limits.grace).await;
    store.close().await;
    until_stored(engine, count).await;
}

/// Passes all on but the answers to the next so many commits of request logs: there the connection breaks.
async fn losing_answers(database: &Engine, losses: usize) -> (String, Arc<AtomicUsize>) {
    let Engine::Postgres(url) = database else {
        panic!("PostgreSQL has an address")
    };
    let url = url.expose_secret();
    let (_, rest) = url.split_once('@').unwrap();
    let (host, name) = rest.split_once('/').unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let left = Arc::new(AtomicUsize::new(losses));
    let (host, count) = (host.to_owned(), Arc::clone(&left));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&host).await.unwrap();
            tokio::spawn(pass(client, server, Arc::clone(&count)));
        }
    });
    (format!("postgres://mockbird@{address}/{name}"), left)
}

async fn pass(mut client: TcpStream, mut server: TcpStream, left: Arc<AtomicUsize>) {
    let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut logs = false;
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(count @ 1..) = read else { return };
                let asked = &asked[..count];
                logs |= holds(asked, b"copy request_logs");
                server.write_all(asked).await.unwrap();
                if logs && holds(asked, b"COMMIT") && take_one(&left) {
                    // It is committed once this is answered.
                    assert!(server.read(&mut answered).await.unwrap() > 0);
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let Ok(count @ 1..) = read else { return };
                if client.write_all(&answered[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn take_one(left: &AtomicUsize) -> bool {
    let less = |left: usize| left.checked_sub(1);
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
        .is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_not_done_twice() {
    let mut database = TestDatabase::postgres().await;
    let direct = database.config.engine.clone();
    let (url, left) = losing_answers(&direct, 1).await;
    database.config.engine = Engine::Postgres(url.into());
    let ids = LogIds::default();
    let mut records: Vec<_> = (0..700).map(|_| bare(&ids, Clock::System.now())).collect();
    let (organization, project) = (records[0].organization, records[0].project);
    for record in &mut records {
        (record.organization, record.project) = (organization, project);
    }
    let made: Vec<_> = records.iter().map(|record| record.id.to_string()).collect();
    run(&database, records, (&direct, 700)).await;
    assert_eq!(left.load(Ordering::Relaxed), 0, "an answer was lost");
    assert!(logged(&direct, "log_id").await == made);
    let counted = "select convert_to(cast(sum(requests) as text), 'utf8') from request_rollups \
         where period = 'minute' and scope_id = ";
    let counted = bytes(&direct, &format!("{counted}'{project}'")).await;
    assert_eq!(counted, [Some(b"700".to_vec())], "counted once, too");
    database.config.engine = direct;
    database.end().await;
}

/// One of them is there already.
async fn one_is_refused(database: TestDatabase) {
    let (ids, now) = (LogIds::default(), Millis(1_900_000_000_000));
    let records: Vec<_> = (0..50).map(|_| bare(&ids, now)).collect();
    let store = database.open().await;
    let mut tx = store.begin().await.unwrap();
    tx.logs_insert(&records[20..21]).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let engine = &database.config.engine;
    let made: Vec<_> = records.iter().map(|record| record.id.to_string()).collect();
    run(&database, records, (engine, 50)).await;
    assert!(logged(engine, "log_id").await == made);
    database.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_store_refuses_takes_no_other_with_it_on_sqlite() {
    one_is_refused(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_store_refuses_takes_no_other_with_it_on_postgres() {
    one_is_refused(TestDatabase::postgres().await).await;
}
