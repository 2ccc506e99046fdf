//! The request log of `mockbird serve` on PostgreSQL: how many rows a second are written, and how soon a page of many is read.
//!
//! ```sh
//! cargo build --release -p mockbird-benches --features service --bin logs
//! export DATABASE_URL=postgres://...                       # of an empty database
//! target/release/logs write [ROUNDS]                       # the writer beside COPY alone
//! target/release/logs fill MILLIONS                        # rows of one project over the last 30 days
//! target/release/logs pages [ROUNDS]                       # the first page of each filter
//! ```
#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::net::IpAddr;
use std::time::{Duration, Instant};

use mockbird_benches::load::{Outcome, median, ratio, summary};
use mockbird_server::config::{Config, Sources};
use mockbird_server::domain::{
    AnsweredBy, Clock, LogBody, LogFilter, LogId, LogIds, LogRecord, Millis, MockId,
    OrganizationId, Page, ProjectId, ResponseId, listed,
};
use mockbird_server::store::{LogRange, LogScope, Store};
use uuid::Uuid;

/// As many as the writer takes together when many come.
const BATCH: usize = 4_000;

/// Batches of one measurement of `write`.
const BATCHES: usize = 10;

/// How far back `fill` goes.
const DAYS: u32 = 30;
const DAY: Duration = Duration::from_hours(24);

/// Bytes of a body in `write`: with all else, a record is 1 KB.
const BODY: usize = 600;

/// Whose requests they are: the same in each run, so that `pages` finds what `fill` made.
const SCOPE: u128 = 0x0190_0000_0000_7000_8000_0000_0000_0001;

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let number = arguments.next().map(|text| text.parse()).transpose()?;
    let url = std::env::var("DATABASE_URL")?;
    let config = Config::read(&Sources::default().with_variable("DATABASE_URL", &url))?;
    let store = Store::open(&config.database).await?;
    match task.as_str() {
        "write" => write(&store, number.unwrap_or(5)).await?,
        "fill" => fill(&store, number.unwrap_or(10)).await?,
        "pages" => pages(&store, number.unwrap_or(5)).await?,
        _ => return Err("say `write`, `fill` or `pages`".into()),
    }
    store.close().await;
    Ok(())
}

/// Makes records, most of them alike and some of each kind that somebody looks for.
struct Records {
    ids: LogIds,
    mocks: Vec<(MockId, ResponseId)>,
    body: Option<LogBody>,
}

impl Records {
    fn new(body: usize) -> Outcome<Self> {
        let mocks = (1..51u128).map(|number| -> Outcome<_> {
            let id = Uuid::from_u128(SCOPE + (number << 8)).to_string();
            Ok((id.parse()?, id.parse()?))
        });
        Ok(Self {
            ids: LogIds::default(),
            mocks: mocks.collect::<Outcome<_>>()?,
            body: (body > 0).then(|| LogBody {
                kept: Some(
                    b"{\"bird\":\"wren\"}"
                        .iter()
                        .cycle()
                        .take(body)
                        .copied()
                        .collect(),
                ),
                length: body as u64,
                sha256: Some("5".repeat(64)),
                is_binary: false,
            }),
        })
    }

    fn at(&self, at: Millis, number: usize) -> Outcome<LogRecord> {
        let (mock, response) = self.mocks[number % self.mocks.len()];
        let is_missed = number.is_multiple_of(200);
        // What somebody looks for in vain among the newest: a hundred in ten million.
        let is_rare = number % 100_000 == 77;
        let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Ok(LogRecord {
            id: self.ids.next(at),
            organization: organization()?,
            project: project()?,
            mock: (!is_missed).then_some(mock),
            response: (!is_missed).then_some(response),
            at,
            answered_by: if is_missed {
                AnsweredBy::Nobody
            } else {
                AnsweredBy::Mock
            },
            method: if is_rare {
                "PURGE"
            } else {
                ["GET", "GET", "POST"][number % 3]
            }
            .to_owned(),
            path: match (is_rare, is_missed) {
                (true, _) => format!("/rare/{number}"),
                (_, true) => format!("/nothing/{number}"),
                _ => format!("/api/r{}/users/{number}", number % 50),
            }
            .into_bytes(),
            query: Some(b"page=2".to_vec()),
            headers: vec![
                text("host", "bench.mockbird.test"),
                text("user-agent", "bench/1.0"),
                text("accept", "application/json"),
            ],
            body: self.body.clone(),
            status: if is_rare {
                503
            } else if is_missed {
                404
            } else {
                200
            },
            response_bytes: 120,
            engine_us: 20,
            delay_ms: 0,
            client: IpAddr::from([192, 0, 2, u8::try_from(number % 200)?]),
            user_agent: Some("bench/1.0".to_owned()),
            near: Vec::new(),
            notes: Vec::new(),
        })
    }
}

fn organization() -> Outcome<OrganizationId> {
    Ok(Uuid::from_u128(SCOPE).to_string().parse()?)
}

fn project() -> Outcome<ProjectId> {
    Ok(Uuid::from_u128(SCOPE + 1).to_string().parse()?)
}

/// What is written of a batch.
#[derive(Clone, Copy)]
enum Written {
    /// The rows alone: what COPY takes.
    Rows,
    /// The rows, the batch's id and what is counted of it, as the server writes it.
    All,
}

async fn write_batch(store: &Store, records: &[LogRecord], what: Written) -> Outcome<()> {
    let mut tx = store.begin().await?;
    if matches!(what, Written::All) {
        tx.log_batch_insert(Uuid::now_v7(), Clock::System.now())
            .await?;
    }
    tx.logs_insert(records).await?;
    if matches!(what, Written::All) {
        tx.rollups_add(records).await?;
    }
    Ok(tx.commit().await?)
}

/// Rows a second on one connection, one batch after the other, as the writer does.
async fn write(store: &Store, rounds: u32) -> Outcome<()> {
    let made = Records::new(BODY)?;
    let mut tx = store.begin().await?;
    tx.log_partitions_make(Clock::System.now(), 1).await?;
    tx.commit().await?;
    let mut number = 0;
    let mut rates = [Vec::new(), Vec::new()];
    for round in 0..=rounds {
        for turn in [0, 1] {
            let kind = (turn + round as usize) % 2;
            let what = [Written::Rows, Written::All][kind];
            let mut took = Duration::ZERO;
            for _ in 0..BATCHES {
                let now = Clock::System.now();
                let records = (number..number + BATCH).map(|number| made.at(now, number));
                let records: Vec<_> = records.collect::<Outcome<_>>()?;
                number += BATCH;
                let began = Instant::now();
                write_batch(store, &records, what).await?;
                took += began.elapsed();
            }
            // The first round warms up.
            if round > 0 {
                #[expect(clippy::cast_precision_loss, reason = "a figure to read")]
                rates[kind].push((BATCH * BATCHES) as f64 / took.as_secs_f64());
            }
        }
    }
    let [rows, all] = &rates;
    println!(
        "COPY alone               {:8.0} rows/s",
        median(rows.clone())
    );
    println!(
        "as the server writes     {:8.0} rows/s ({:.2} of COPY)",
        median(all.clone()),
        ratio(all, rows)
    );
    Ok(())
}

/// Rows of one project, evenly over the last days.
async fn fill(store: &Store, millions: u32) -> Outcome<()> {
    let made = Records::new(0)?;
    let now = Clock::System.now();
    for days in (0..=DAYS).rev() {
        let mut tx = store.begin().await?;
        tx.log_partitions_make(now.before(DAY * days), 1).await?;
        tx.commit().await?;
    }
    let count = millions as usize * 1_000_000;
    let period = (DAY * DAYS).as_millis() / count as u128;
    let period = Duration::from_millis(u64::try_from(period)?);
    let began = Instant::now();
    let first = now.before(DAY * DAYS);
    for start in (0..count).step_by(BATCH) {
        let records = (start..count.min(start + BATCH)).map(|number| {
            let at = first.after(period * u32::try_from(number)?);
            made.at(at, number)
        });
        let records: Vec<_> = records.collect::<Outcome<_>>()?;
        write_batch(store, &records, Written::All).await?;
    }
    println!(
        "{count} rows in {} s; now say `vacuum analyze`",
        began.elapsed().as_secs()
    );
    Ok(())
}

/// The first page of each filter, and of a later page.
async fn pages(store: &Store, rounds: u32) -> Outcome<()> {
    let now = Clock::System.now();
    let scope = LogScope {
        organization: organization()?,
        project: project()?,
        since: now.before(DAY * (DAYS + 1)),
    };
    let page = Page::new(None, None)?;
    let made = Records::new(0)?;
    let (mock, response) = made.mocks[7];
    let absent = Uuid::from_u128(SCOPE + 2).to_string();
    let last_week = now.before(DAY * 7);
    let filters = [
        ("none", LogFilter::default()),
        (
            "an hour of last week",
            between(last_week, last_week.after(DAY / 24)),
        ),
        ("method, common", of_methods("POST")?),
        ("method, rare", of_methods("PURGE")?),
        ("method, none", of_methods("TRACE")?),
        ("status, common", of_statuses("2xx")?),
        ("status, 1 in 200", of_statuses("4xx")?),
        ("status, rare", of_statuses("503")?),
        ("statuses, rare", of_statuses("503,1xx")?),
        ("status, none", of_statuses("418")?),
        ("path, common", of_path("/api/")?),
        ("path, 1 in 50", of_path("/api/r7/")?),
        ("path, rare", of_path("/rare/")?),
        ("path, none", of_path("/absent")?),
        ("matched", of_matched(true)),
        ("unmatched", of_matched(false)),
        ("mock", of_mock(mock, LogFilter::default())),
        ("response", of_response(response)),
        ("response, none", of_response(absent.parse()?)),
        ("mock and rare status", of_mock(mock, of_statuses("503")?)),
        ("text among 50,000, rare", of_text("nowhere")?),
        ("text among 50,000, common", of_text("users")?),
    ];
    let middle = LogRange {
        before: Some(LogId::first_at(now.before(DAY * 15))),
        after: None,
    };
    for (name, filter) in &filters {
        for (place, range) in [("first", LogRange::default()), ("middle", middle)] {
            let mut times = Vec::new();
            let mut rows = 0;
            for _ in 0..rounds {
                let began = Instant::now();
                let mut read = store.read().await?;
                rows = read.log_list(&scope, filter, range, page).await?.len();
                times.push(began.elapsed());
            }
            println!("{name:26} {place:6} {rows:3} rows   {}", summary(times));
        }
    }
    Ok(())
}

fn between(from: Millis, before: Millis) -> LogFilter {
    LogFilter {
        from: Some(from),
        before: Some(before),
        ..LogFilter::default()
    }
}

fn of_methods(all: &str) -> Outcome<LogFilter> {
    Ok(LogFilter {
        methods: listed(all)?,
        ..LogFilter::default()
    })
}

fn of_statuses(all: &str) -> Outcome<LogFilter> {
    Ok(LogFilter {
        statuses: listed(all)?,
        ..LogFilter::default()
    })
}

fn of_path(path: &str) -> Outcome<LogFilter> {
    Ok(LogFilter {
        path: Some(path.parse()?),
        ..LogFilter::default()
    })
}

fn of_matched(matched: bool) -> LogFilter {
    LogFilter {
        matched: Some(matched),
        ..LogFilter::default()
    }
}

fn of_mock(mock: MockId, filter: LogFilter) -> LogFilter {
    LogFilter {
        mock: Some(mock),
        ..filter
    }
}

fn of_response(response: ResponseId) -> LogFilter {
    LogFilter {
        response: Some(response),
        ..LogFilter::default()
    }
}

fn of_text(text: &str) -> Outcome<LogFilter> {
    Ok(LogFilter {
        text: Some(text.parse()?),
        ..LogFilter::default()
    })
}
