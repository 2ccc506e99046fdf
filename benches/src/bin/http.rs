//! MockBird over HTTP beside bare hyper: throughput at saturation and p99 at 70 % of it, interleaved.
//!
//! ```sh
//! cargo build --release -p mockbird-server -p mockbird-benches
//! taskset -c 1 target/release/http [ROUNDS] [SECONDS]
//! ```
//!
//! Linux with two processors and `taskset`: every server runs on processor 0, this load on processor 1.
//! Each round measures every server once, in a rotating order; ratios are medians of the rounds' ratios
//! to bare hyper, so that what drifts with the machine cancels out.
#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::path::{Path, PathBuf};

use mockbird_benches::load::{CONNECTIONS, Outcome, Server, median, ratio};
use mockbird_benches::many;

/// How much of a server's own saturated throughput the latency is measured at.
const LOAD: f64 = 0.7;

/// What every round measures, by server: requests per second and processor time at saturation, p99 at part load, the
/// latter two in microseconds.
#[derive(Default)]
struct Series {
    throughput: Vec<f64>,
    processor: Vec<f64>,
    p99: Vec<f64>,
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let rounds: usize = arguments.next().map_or(Ok(15), |text| text.parse())?;
    let seconds: f64 = arguments.next().map_or(Ok(2.0), |text| text.parse())?;
    let files = std::env::temp_dir().join(format!("mockbird-bench-{}", std::process::id()));
    std::fs::create_dir_all(&files)?;
    let servers = servers(&files)?;
    let mut series: Vec<Series> = servers.iter().map(|_| Series::default()).collect();
    for round in 0..=rounds {
        for turn in 0..servers.len() {
            let at = (turn + round) % servers.len();
            let before = servers[at].processor_time()?;
            let full = servers[at].load(seconds, None)?;
            let processor = servers[at].processor_time()?.saturating_sub(before);
            let part = servers[at].load(seconds, Some(full.per_second * LOAD))?;
            // The first round warms up.
            if round > 0 {
                series[at].throughput.push(full.per_second);
                let requests = full.per_second * seconds;
                series[at]
                    .processor
                    .push(processor.as_secs_f64() * 1e6 / requests);
                series[at].p99.push(part.p99.as_secs_f64() * 1e6);
            }
        }
    }
    println!(
        "{rounds} rounds of {seconds} s, {CONNECTIONS} connections; medians, ratios to {}",
        servers[0].name
    );
    for (server, own) in servers.iter().zip(&series) {
        println!(
            "{:28} {:8.0} req/s ({:.3})   {:6.2} us of processor time each ({:.3})   p99 at 70 % load {:6.0} us ({:.2})",
            server.name,
            median(own.throughput.clone()),
            ratio(&own.throughput, &series[0].throughput),
            median(own.processor.clone()),
            ratio(&own.processor, &series[0].processor),
            median(own.p99.clone()),
            ratio(&own.p99, &series[0].p99),
        );
    }
    std::fs::remove_dir_all(files)?;
    Ok(())
}

/// A program that was built with this one.
fn beside(name: &str) -> Outcome<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.parent().ok_or("no folder")?.join(name))
}

/// Bare hyper first, then the cases to compare with it.
fn servers(files: &Path) -> Outcome<Vec<Server>> {
    let (hyper, mockbird) = (beside("bare_hyper")?, beside("mockbird")?);
    let (one, all) = (files.join("1.json"), files.join("100000.json"));
    std::fs::write(&one, many(1))?;
    std::fs::write(&all, many(100_000))?;
    let (one, all) = (one.to_string_lossy(), all.to_string_lossy());
    let run = ["run", "--port", "0", "--no-watch"];
    let quiet = |file| [&run[..], &["--quiet", file]].concat();
    let (first, middle) = ("/api/r0/users/42", "/api/r50000/users/42");
    Ok(vec![
        Server::start("bare hyper", &hyper, &[], first)?,
        Server::start("1 mock", &mockbird, &quiet(&one), first)?,
        Server::start("100,000 mocks", &mockbird, &quiet(&all), middle)?,
        Server::start(
            "1 mock, a line per request",
            &mockbird,
            &[&run[..], &[&one]].concat(),
            first,
        )?,
        Server::start(
            "404 among 100,000",
            &mockbird,
            &quiet(&all),
            "/api/r50000/user/42",
        )?,
    ])
}
