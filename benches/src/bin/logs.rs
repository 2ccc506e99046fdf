//! The request log of `mockbird serve`: how many requests of 1 KB are written into PostgreSQL in a second, and how many rows of
//! the same COPY writes alone.
//!
//! ```sh
//! cargo build --release -p mockbird-benches --features service --bin logs
//! DATABASE_URL=postgres://... target/release/logs [BATCHES] [ROUNDS]      # an empty database
//! ```
//!
//! A round writes the same batches in three ways, one after the other, each batch in a transaction of its own: the bytes of
//! COPY as PostgreSQL itself gave them out; the rows as the writer makes them; and the rows with their batch and their rollups,
//! as a server does.
#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::time::{Duration, Instant};

use mockbird_benches::load::Outcome;
use mockbird_server::config::Database;
use mockbird_server::domain::{
    AnsweredBy, Clock, LogBody, LogIds, LogRecord, Millis, MockId, OrganizationId, ProjectId,
    ResponseId,
};
use mockbird_server::store::Store;
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

/// As many as a busy writer puts together.
const BATCH: usize = 4_000;

/// Projects that are asked at the same time, each with this many mocks.
const PROJECTS: usize = 20;
const MOCKS: usize = 5;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: usize| arguments.next().map_or(Ok(default), |text| text.parse());
    let (batches, rounds) = (number(10)?, number(5)?);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(measure(&std::env::var("DATABASE_URL")?, batches, rounds))
}

async fn measure(url: &str, batches: usize, rounds: usize) -> Outcome<()> {
    let store = Store::open(&Database::postgres(url)).await?;
    let now = Clock::System.now();
    let mut tx = store.begin().await?;
    tx.log_partitions_make(now, 1).await?;
    tx.commit().await?;
    let mut raw = PgConnection::connect(url).await?;
    let asked = Asked::new(now);
    let batches: Vec<Vec<LogRecord>> = (0..batches).map(|_| asked.batch()).collect();
    let payloads = payloads(&store, &mut raw, &batches).await?;
    let rows = batches.len() * BATCH;
    let bytes: usize = payloads.iter().map(Vec::len).sum();
    println!("{rows} rows of {} bytes each way", bytes / rows);
    let mut ratios = Vec::new();
    for round in 1..=rounds {
        let copied = copy(&mut raw, &payloads).await?;
        empty(&mut raw).await?;
        let inserted = write(&store, &batches, false).await?;
        empty(&mut raw).await?;
        let written = write(&store, &batches, true).await?;
        empty(&mut raw).await?;
        let rate = |took: Duration| rows as f64 / took.as_secs_f64();
        println!(
            "round {round}: COPY {:.0} rows/s, rows {:.0}, with batch and rollups {:.0}",
            rate(copied),
            rate(inserted),
            rate(written)
        );
        ratios.push((rate(inserted) / rate(copied), rate(written) / rate(copied)));
    }
    let median = |mut all: Vec<f64>| {
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let (inserted, written) = ratios.into_iter().unzip();
    println!(
        "to COPY alone: rows {:.2}, with batch and rollups {:.2}",
        median(inserted),
        median(written)
    );
    Ok(())
}

/// The bytes of each batch, as PostgreSQL gives them out.
async fn payloads(
    store: &Store,
    raw: &mut PgConnection,
    batches: &[Vec<LogRecord>],
) -> Outcome<Vec<Vec<u8>>> {
    let mut payloads = Vec::with_capacity(batches.len());
    for batch in batches {
        let mut tx = store.begin().await?;
        tx.logs_insert(batch).await?;
        tx.commit().await?;
        let mut out = raw
            .copy_out_raw("copy (select * from request_logs) to stdout (format binary)")
            .await?;
        let mut bytes = Vec::new();
        while let Some(chunk) = std::future::poll_fn(|cx| out.as_mut().poll_next(cx)).await {
            bytes.extend_from_slice(&chunk?);
        }
        drop(out);
        payloads.push(bytes);
        empty(raw).await?;
    }
    Ok(payloads)
}

async fn empty(raw: &mut PgConnection) -> Outcome<()> {
    raw.execute("truncate request_logs, log_batches, request_rollups")
        .await?;
    Ok(())
}

async fn copy(raw: &mut PgConnection, payloads: &[Vec<u8>]) -> Outcome<Duration> {
    let began = Instant::now();
    for payload in payloads {
        let mut tx = raw.begin().await?;
        let mut copy = tx
            .copy_in_raw("copy request_logs from stdin (format binary)")
            .await?;
        copy.send(&payload[..]).await?;
        copy.finish().await?;
        tx.commit().await?;
    }
    Ok(began.elapsed())
}

/// As the writer does, with or without what goes with the rows.
async fn write(store: &Store, batches: &[Vec<LogRecord>], whole: bool) -> Outcome<Duration> {
    let began = Instant::now();
    for batch in batches {
        let mut tx = store.begin().await?;
        if whole
            && !tx
                .log_batch_insert(Uuid::now_v7(), Clock::System.now())
                .await?
        {
            return Err("a batch was there already".into());
        }
        tx.logs_insert(batch).await?;
        if whole {
            tx.rollups_add(batch).await?;
        }
        tx.commit().await?;
    }
    Ok(began.elapsed())
}

/// Who is asked.
struct Asked {
    ids: LogIds,
    now: Millis,
    organization: OrganizationId,
    mocks: Vec<(ProjectId, MockId, ResponseId)>,
}

impl Asked {
    fn new(now: Millis) -> Self {
        let project = |_| {
            let project = ProjectId::new(now);
            (0..MOCKS).map(move |_| (project, MockId::new(now), ResponseId::new(now)))
        };
        Self {
            ids: LogIds::default(),
            now,
            organization: OrganizationId::new(now),
            mocks: (0..PROJECTS).flat_map(project).collect(),
        }
    }

    fn batch(&self) -> Vec<LogRecord> {
        (0..BATCH).map(|_| self.record()).collect()
    }

    /// A request of 1 KB.
    fn record(&self) -> LogRecord {
        let (project, mock, response) = self.mocks[fastrand::usize(..self.mocks.len())];
        let headers = [
            ("host", "mocks.example.com"),
            (
                "user-agent",
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            ),
            ("accept", "application/json, text/plain, */*"),
            ("accept-language", "en-GB,en;q=0.5"),
            ("content-type", "application/json"),
            ("authorization", "[redacted]"),
        ];
        let user = fastrand::u32(..);
        LogRecord {
            id: self.ids.next(self.now),
            organization: self.organization,
            project,
            mock: Some(mock),
            response: Some(response),
            at: self.now,
            answered_by: AnsweredBy::Mock,
            method: "POST".to_owned(),
            path: format!("/api/v1/users/{user}/orders").into_bytes(),
            query: Some(b"page=2&sort=name".to_vec()),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            body: Some(LogBody {
                kept: Some(format!("{{\"note\":\"{}\"}}", "x".repeat(350)).into_bytes()),
                length: 361,
                sha256: Some("ab".repeat(32)),
                is_binary: false,
            }),
            status: 201,
            response_bytes: 512,
            engine_us: fastrand::u64(3..40),
            delay_ms: 0,
            client: std::net::Ipv4Addr::from_bits(user % 10_000).into(),
            user_agent: Some(headers[1].1.to_owned()),
            near: Vec::new(),
            notes: Vec::new(),
        }
    }
}
