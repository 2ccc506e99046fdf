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
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a program that reports figures, which need not be exact to the last bit"
)]

use std::error::Error;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mockbird_benches::many;

type Outcome<T> = Result<T, Box<dyn Error>>;

const CONNECTIONS: u32 = 32;
/// Larger than any reply measured here.
const BUFFER_BYTES: usize = 16 << 10;
/// How much of a server's own saturated throughput the latency is measured at.
const LOAD: f64 = 0.7;

/// A server under load; it ends with this value.
struct Server {
    name: &'static str,
    target: &'static str,
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts a program on processor 0 and waits until it says where it listens.
    fn start(
        name: &'static str,
        program: &Path,
        arguments: &[&str],
        target: &'static str,
    ) -> Outcome<Self> {
        let mut child = Command::new("taskset")
            .args(["-c", "0"])
            .arg(program)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no stdout")?);
        let address = loop {
            let mut line = String::new();
            if lines.read_line(&mut line)? == 0 {
                return Err(format!("{name} ended before it listened").into());
            }
            if let Some((_, address)) = line.split_once("listening on http://") {
                break address.trim().parse()?;
            }
        };
        // What the server prints on must be read, or it waits: lines per request are part of one case.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Ok(Self {
            name,
            target,
            child,
            address,
        })
    }

    fn load(&self, seconds: f64, rate: Option<f64>) -> Outcome<Measured> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(Connection::open(self.address, self.target)?);
        }
        run(&mut connections, Duration::from_secs_f64(seconds), rate)
    }
}

impl Server {
    /// The processor time it has taken so far (`man 5 proc_pid_stat`: the 14th and 15th field).
    fn processor_time(&self) -> Outcome<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field, a name in parentheses, may hold anything.
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let ticks = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
        // Linux counts a hundred ticks a second for everybody.
        Ok(Duration::from_millis(ticks * 10))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection that waits for its reply, or for its next turn.
struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    /// Every reply to one request has the same length.
    reply_len: usize,
    received: usize,
    sent: Option<Instant>,
    due: Instant,
}

impl Connection {
    fn open(address: SocketAddr, target: &str) -> Outcome<Self> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let request = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes();
        stream.write_all(&request)?;
        let reply_len = first_reply(&mut stream)?;
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            request,
            reply_len,
            received: 0,
            sent: None,
            due: Instant::now(),
        })
    }
}

/// Reads one reply to its end and tells its length.
fn first_reply(stream: &mut TcpStream) -> Outcome<usize> {
    let mut reply = Vec::new();
    let mut buffer = [0; BUFFER_BYTES];
    loop {
        let count = stream.read(&mut buffer)?;
        reply.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&reply);
        if let Some(head) = text.find("\r\n\r\n") {
            let lower = text[..head].to_ascii_lowercase();
            let length = lower
                .split("content-length: ")
                .nth(1)
                .and_then(|rest| rest.lines().next());
            let total = head
                + 4
                + length
                    .ok_or("a reply without length")?
                    .trim()
                    .parse::<usize>()?;
            if reply.len() >= total {
                return Ok(total);
            }
        }
    }
}

struct Measured {
    per_second: f64,
    p99: Duration,
}

/// Sends for a while: as fast as replies come, or at a rate whose latencies count from when a request was due.
fn run(connections: &mut [Connection], time: Duration, rate: Option<f64>) -> Outcome<Measured> {
    let period = rate.map(|rate| Duration::from_secs_f64(f64::from(CONNECTIONS) / rate));
    let begin = Instant::now();
    for (i, connection) in (0u32..).zip(connections.iter_mut()) {
        connection.due = begin + period.map_or(Duration::ZERO, |p| p * i / CONNECTIONS);
    }
    let mut latencies = Vec::with_capacity(1 << 20);
    let mut buffer = [0; BUFFER_BYTES];
    while begin.elapsed() < time {
        for connection in connections.iter_mut() {
            match connection.sent {
                None if Instant::now() >= connection.due => {
                    connection.stream.write_all(&connection.request)?;
                    connection.sent = Some(if period.is_some() {
                        connection.due
                    } else {
                        Instant::now()
                    });
                }
                None => {}
                Some(since) => match connection.stream.read(&mut buffer) {
                    Ok(0) => return Err("the server closed a connection".into()),
                    Ok(count) => {
                        connection.received += count;
                        if connection.received >= connection.reply_len {
                            connection.received = 0;
                            connection.sent = None;
                            latencies.push(since.elapsed());
                            connection.due = period.map_or(connection.due, |p| connection.due + p);
                        }
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error.into()),
                },
            }
        }
    }
    latencies.sort_unstable();
    let p99 = latencies
        .get(latencies.len() * 99 / 100)
        .copied()
        .unwrap_or_default();
    Ok(Measured {
        per_second: latencies.len() as f64 / begin.elapsed().as_secs_f64(),
        p99,
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

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
        "{rounds} rounds of {seconds} s, {CONNECTIONS} connections; medians, ratios to bare hyper"
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

fn ratio(own: &[f64], base: &[f64]) -> f64 {
    median(own.iter().zip(base).map(|(own, base)| own / base).collect())
}

/// Bare hyper first, then the cases to compare with it.
fn servers(files: &Path) -> Outcome<Vec<Server>> {
    let folder = std::env::current_exe()?
        .parent()
        .ok_or("no folder")?
        .to_owned();
    let (hyper, mockbird) = (folder.join("bare_hyper"), folder.join("mockbird"));
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
