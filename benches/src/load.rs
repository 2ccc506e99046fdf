//! A server as a program of its own on processor 0, and the load that is put on it from processor 1.

use std::error::Error;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What a harness gets, or why it cannot go on.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// How many connections ask at the same time.
pub const CONNECTIONS: u32 = 32;
/// Larger than any reply measured here.
const BUFFER_BYTES: usize = 16 << 10;

/// A server under load; it ends with this value.
#[derive(Debug)]
pub struct Server {
    /// What the table calls it.
    pub name: String,
    target: String,
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts a program on processor 0 and waits until it says where it listens.
    pub fn start(name: &str, program: &Path, arguments: &[&str], target: &str) -> Outcome<Self> {
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
            name: name.to_owned(),
            target: target.to_owned(),
            child,
            address,
        })
    }

    /// Sends for a while, as fast as replies come or at a rate.
    pub fn load(&self, seconds: f64, rate: Option<f64>) -> Outcome<Measured> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(Connection::open(self.address, &self.target)?);
        }
        run(&mut connections, Duration::from_secs_f64(seconds), rate)
    }

    /// The processor time it has taken so far (`man 5 proc_pid_stat`: the 14th and 15th field).
    pub fn processor_time(&self) -> Outcome<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field, a name in parentheses, may hold anything.
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let ticks = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
        // Linux counts a hundred ticks a second for everybody.
        Ok(Duration::from_millis(ticks * 10))
    }

    /// The memory it holds (`VmRSS` of `man 5 proc_pid_status`), in bytes.
    pub fn memory(&self) -> Outcome<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next());
        Ok(kib.ok_or("no VmRSS")?.parse::<u64>()? << 10)
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
    address: SocketAddr,
    /// Every reply to one request has the same length.
    reply_len: usize,
    /// The server closes after each reply, so that the next needs a connection of its own.
    is_closing: bool,
    received: usize,
    sent: Option<Instant>,
    due: Instant,
}

impl Connection {
    fn open(address: SocketAddr, target: &str) -> Outcome<Self> {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes();
        let mut stream = connect(address)?;
        stream.set_nonblocking(false)?;
        stream.write_all(&request)?;
        let (reply_len, is_closing) = first_reply(&mut stream)?;
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream: if is_closing {
                connect(address)?
            } else {
                stream
            },
            address,
            request,
            reply_len,
            is_closing,
            received: 0,
            sent: None,
            due: Instant::now(),
        })
    }
}

fn connect(address: SocketAddr) -> Outcome<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    Ok(stream)
}

/// Reads one reply to its end and tells its length, and whether it is the last of its connection.
fn first_reply(stream: &mut TcpStream) -> Outcome<(usize, bool)> {
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
                return Ok((total, lower.contains("connection: close")));
            }
        }
    }
}

/// What a while of load has shown.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// How many replies came.
    pub requests: usize,
    /// How many came in a second.
    pub per_second: f64,
    /// How long the slowest twentieth took at least.
    pub p95: Duration,
    /// How long the slowest hundredth took at least.
    pub p99: Duration,
}

/// Sends for a while: as fast as replies come, or at a rate whose latencies count from when a request was due.
#[expect(
    clippy::cast_precision_loss,
    reason = "a figure need not be exact to the last bit"
)]
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
                            if connection.is_closing {
                                connection.stream = connect(connection.address)?;
                            }
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
    let at = |percent| {
        let place = latencies.len() * percent / 100;
        latencies.get(place).copied().unwrap_or_default()
    };
    Ok(Measured {
        requests: latencies.len(),
        per_second: latencies.len() as f64 / begin.elapsed().as_secs_f64(),
        p95: at(95),
        p99: at(99),
    })
}

/// The value in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The median of the rounds' ratios.
pub fn ratio(own: &[f64], base: &[f64]) -> f64 {
    median(own.iter().zip(base).map(|(own, base)| own / base).collect())
}

/// What there is to say of times.
pub fn summary(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |percent: usize| {
        let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times
            .get(place)
            .map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    format!(
        "median {:7.2} ms   p95 {:7.2} ms   p99 {:7.2} ms   most {:7.2} ms",
        at(50),
        at(95),
        at(99),
        at(100),
    )
}
