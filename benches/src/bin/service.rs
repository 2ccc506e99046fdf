//! `mockbird serve` beside `mockbird run`, with its request log and without, interleaved.
//!
//! ```sh
//! cargo build --release -p mockbird-server -p mockbird-benches
//! taskset -c 1 target/release/service [ROUNDS] [SECONDS]       # with DATABASE_URL on PostgreSQL, else on SQLite
//! ```
//!
//! Every server runs on processor 0, this load on processor 1. Each round measures every server once, in a rotating order: at a
//! rate of 5,000 requests a second, at 80 % of what it could do in the round before, and at saturation; then the log is waited for.
#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use mockbird_benches::load::{CONNECTIONS, Measured, Outcome, Server, median, ratio};

/// What users may offer without a thought, in requests a second.
const OFFERED: f64 = 5_000.0;

/// How much of its own throughput a server is measured at besides.
const PART: f64 = 0.8;

/// A server and what the rounds have measured of it; times in milliseconds.
struct Case {
    server: Server,
    /// Where its metrics are; absent if it keeps no log.
    metrics: Option<String>,
    /// What it could do in the round before.
    capacity: f64,
    throughput: Vec<f64>,
    offered_p99: Vec<f64>,
    part_p95: Vec<f64>,
    part_p99: Vec<f64>,
    /// What was not logged at the offered rate, at part load and at saturation.
    dropped: [f64; 3],
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let rounds: usize = arguments.next().map_or(Ok(9), |text| text.parse())?;
    let seconds: f64 = arguments.next().map_or(Ok(2.0), |text| text.parse())?;
    let files = std::env::temp_dir().join(format!("mockbird-bench-{}", std::process::id()));
    std::fs::create_dir_all(&files)?;
    let mut cases = cases(&files)?;
    for round in 0..=rounds {
        for turn in 0..cases.len() {
            let at = (turn + round) % cases.len();
            cases[at].measure(seconds, round > 0)?;
        }
    }
    println!(
        "{rounds} rounds of {seconds} s, {CONNECTIONS} connections; medians, ratios to the case without log"
    );
    let plain = &cases[1];
    for case in &cases {
        println!(
            "{:24} {:8.0} req/s ({:.2})   p99 at 5,000/s {:6.2} ms ({:.2})   at 80 % p95 {:6.2} ms, p99 {:6.2} ms   not logged: {:?}",
            case.server.name,
            median(case.throughput.clone()),
            ratio(&case.throughput, &plain.throughput),
            median(case.offered_p99.clone()),
            ratio(&case.offered_p99, &plain.offered_p99),
            median(case.part_p95.clone()),
            median(case.part_p99.clone()),
            case.dropped,
        );
    }
    std::fs::remove_dir_all(files)?;
    Ok(())
}

impl Case {
    fn new(server: Server, metrics: Option<String>) -> Self {
        Self {
            server,
            metrics,
            capacity: OFFERED,
            throughput: Vec::new(),
            offered_p99: Vec::new(),
            part_p95: Vec::new(),
            part_p99: Vec::new(),
            dropped: [0.0; 3],
        }
    }

    /// Measures all; the first round warms up, and counts for nothing.
    fn measure(&mut self, seconds: f64, counts: bool) -> Outcome<()> {
        let offered = self.load(0, seconds, Some(OFFERED))?;
        let part = self.load(1, seconds, Some(self.capacity * PART))?;
        let full = self.load(2, seconds, None)?;
        self.capacity = full.per_second;
        if counts {
            let millis = |time: Duration| time.as_secs_f64() * 1e3;
            self.offered_p99.push(millis(offered.p99));
            self.part_p95.push(millis(part.p95));
            self.part_p99.push(millis(part.p99));
            self.throughput.push(full.per_second);
        }
        Ok(())
    }

    /// Puts load on it, and waits until all of it is logged.
    fn load(&mut self, kind: usize, seconds: f64, rate: Option<f64>) -> Outcome<Measured> {
        let before = self.metric("mockbird_log_dropped_total")?;
        let measured = self.server.load(seconds, rate)?;
        while self.metric("mockbird_log_queue_events")? > 0.0 {
            sleep(Duration::from_millis(50));
        }
        self.dropped[kind] += self.metric("mockbird_log_dropped_total")? - before;
        Ok(measured)
    }

    /// The sum of a metric over its labels; 0 without a log.
    fn metric(&self, name: &str) -> Outcome<f64> {
        let Some(url) = &self.metrics else {
            return Ok(0.0);
        };
        let text = ureq::get(url).call()?.body_mut().read_to_string()?;
        let values = text
            .lines()
            .filter(|line| line.starts_with(name))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        Ok(values.sum())
    }
}

/// `mockbird run` with the mock file of the demo that a new service has, and the service.
fn cases(files: &Path) -> Outcome<Vec<Case>> {
    const DEMO: &str = include_str!("../../../mockbird-server/assets/demo.json");
    let mockbird = beside("mockbird")?;
    let file = files.join("demo.json");
    std::fs::write(&file, DEMO)?;
    let file = file.to_string_lossy();
    let run = ["run", "--port", "0", "--no-watch", "--quiet", &file];
    let serve = |name: &str, is_logged: bool| -> Outcome<Case> {
        let data = files.join(name);
        let data = data.to_string_lossy();
        // Free a moment ago.
        let admin = TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port()
            .to_string();
        let mut arguments = vec![
            "serve",
            "--port",
            "0",
            "--log-level",
            "error",
            "--data-dir",
            &data,
        ];
        if is_logged {
            arguments.extend(["--admin-port", &admin]);
        } else {
            arguments.extend(["--logs-enabled", "false"]);
        }
        let server = Server::start(name, &mockbird, &arguments, "/m/demo/birds")?;
        let metrics = is_logged.then(|| format!("http://127.0.0.1:{admin}/metrics"));
        Ok(Case::new(server, metrics))
    };
    let run = Server::start("mockbird run --quiet", &mockbird, &run, "/birds")?;
    Ok(vec![
        Case::new(run, None),
        serve("mockbird serve, no log", false)?,
        serve("mockbird serve", true)?,
    ])
}

/// A program that was built with this one.
fn beside(name: &str) -> Outcome<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.parent().ok_or("no folder")?.join(name))
}
