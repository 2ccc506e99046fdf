//! The management API of `mockbird serve` under a steady load, and how long the service takes to start.
//!
//! ```sh
//! cargo build --release -p mockbird-server -p mockbird-benches
//! target/release/api load [RATE] [SECONDS]     # on SQLite, or on PostgreSQL if DATABASE_URL names one
//! target/release/api start [ROUNDS]            # on SQLite, in a new folder each time
//! target/release/api edits [MOCKS] [ROUNDS]    # on SQLite, or on PostgreSQL if DATABASE_URL names one
//! ```
//!
//! The load is open: a call is due at its time, whatever became of the one before, and its latency counts from then. Seven of
//! ten calls read (who am I, the organization, its members, its keys), three write (make a key, or revoke one).
#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use mockbird_benches::load::{Outcome, summary};
use serde_json::{Value, json};
use ureq::Agent;

/// How many accounts call, each on a connection of its own.
const CALLERS: u32 = 16;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    match task.as_str() {
        "load" => {
            let rate = arguments.next().map_or(Ok(200), |text| text.parse())?;
            let seconds = arguments.next().map_or(Ok(30), |text| text.parse())?;
            load(rate, seconds)
        }
        "start" => start(arguments.next().map_or(Ok(20), |text| text.parse())?),
        "edits" => {
            let mocks = arguments.next().map_or(Ok(10_000), |text| text.parse())?;
            let rounds = arguments.next().map_or(Ok(200), |text| text.parse())?;
            edits(mocks, rounds)
        }
        _ => Err("say `load`, `start` or `edits`".into()),
    }
}

/// A server with a folder of its own; both end with this value.
struct Service {
    child: Child,
    base: String,
    folder: PathBuf,
}

impl Service {
    fn start(name: &str) -> Outcome<Self> {
        let own = std::env::current_exe()?;
        let program = own.parent().ok_or("no folder")?.join("mockbird");
        let id = std::process::id();
        let folder = std::env::temp_dir().join(format!("mockbird-api-{id}-{name}"));
        let mut child = Command::new(program)
            .args(["serve", "--port", "0", "--log-level", "warn", "--data-dir"])
            .arg(&folder)
            // What is measured is the work, not the brakes.
            .args(["--rates-api", "60000/second"])
            .args(["--rates-api-address", "60000/second"])
            .args(["--rates-register", "60000/second"])
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("no output")?;
        let mut lines = BufReader::new(output).lines();
        let base = loop {
            let line = lines.next().ok_or("the server ended")??;
            if let Some(base) = line.strip_prefix("listening on ") {
                break base.to_owned();
            }
        };
        Ok(Self {
            child,
            base,
            folder,
        })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself, and the folder with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Somebody with an account.
struct Caller {
    agent: Agent,
    base: String,
    bearer: String,
    organization: String,
    keys: Vec<String>,
}

impl Caller {
    fn register(base: &str) -> Outcome<Self> {
        let agent = Agent::new_with_defaults();
        let email = format!("{:x}@example.com", fastrand::u64(..));
        let account = json!({"email": email, "password": "correct horse"});
        let mut reply = agent
            .post(format!("{base}/api/auth/register"))
            .send_json(account)?;
        let login: Value = reply.body_mut().read_json()?;
        Ok(Self {
            agent,
            base: base.to_owned(),
            bearer: format!("Bearer {}", text(&login["accessToken"])?),
            organization: text(&login["organization"]["id"])?,
            keys: Vec::new(),
        })
    }

    /// The call of this number; says whether it wrote.
    fn call(&mut self, number: u32) -> Outcome<bool> {
        let organization = format!("/api/orgs/{}", self.organization);
        let keys = format!("{organization}/api-keys");
        match number % 10 {
            0 | 5 => self.read("/api/auth/me")?,
            1 | 6 => self.read(&organization)?,
            2 | 7 => self.read(&format!("{organization}/members"))?,
            3 => self.read(&keys)?,
            9 => {
                let key = self.keys.pop().ok_or("no key to revoke")?;
                let call = self.agent.delete(format!("{}{keys}/{key}", self.base));
                call.header("authorization", &self.bearer).call()?;
            }
            _ => {
                let call = self.agent.post(format!("{}{keys}", self.base));
                let call = call.header("authorization", &self.bearer);
                let mut reply = call.send_json(json!({"name": "CI", "permissions": ["read"]}))?;
                let made: Value = reply.body_mut().read_json()?;
                self.keys.push(text(&made["id"])?);
            }
        }
        Ok(matches!(number % 10, 4 | 8 | 9))
    }

    /// Sends a body, and gives what is answered.
    fn send(&self, method: &str, target: &str, body: &Value) -> Outcome<Value> {
        let target = format!("{}{target}", self.base);
        let call = match method {
            "PATCH" => self.agent.patch(target),
            _ => self.agent.post(target),
        };
        let call = call.header("authorization", &self.bearer);
        Ok(call.send_json(body)?.body_mut().read_json()?)
    }

    fn read(&self, target: &str) -> Outcome<()> {
        let call = self.agent.get(format!("{}{target}", self.base));
        let mut reply = call.header("authorization", &self.bearer).call()?;
        reply.body_mut().read_to_vec()?;
        Ok(())
    }
}

fn text(value: &Value) -> Outcome<String> {
    Ok(value.as_str().ok_or("a text is missing")?.to_owned())
}

/// How long calls took.
#[derive(Default)]
struct Latencies {
    reads: Vec<Duration>,
    writes: Vec<Duration>,
}

fn load(rate: u32, seconds: u32) -> Outcome<()> {
    let service = Service::start("load")?;
    let period = Duration::from_secs(1) * CALLERS / rate;
    let calls = rate * seconds / CALLERS;
    let callers = (0..CALLERS).map(|_| Caller::register(&service.base));
    let callers = callers.collect::<Outcome<Vec<_>>>()?;
    let begin = Instant::now();
    let tasks = (0..).zip(callers).map(|(turn, caller)| {
        let first = begin + period * turn / CALLERS;
        thread::spawn(move || {
            steady(caller, first, period, calls).map_err(|error| error.to_string())
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut all = Latencies::default();
    for task in tasks {
        let done = task.join().map_err(|_| "a caller panicked")??;
        all.reads.extend(done.reads);
        all.writes.extend(done.writes);
    }
    let took = begin.elapsed().as_secs_f64();
    let count = u32::try_from(all.reads.len() + all.writes.len())?;
    println!(
        "{count} calls in {took:.1} s ({:.0} a second), none failed",
        f64::from(count) / took
    );
    let both = [all.reads.as_slice(), &all.writes].concat();
    for (name, latencies) in [("reads", all.reads), ("writes", all.writes), ("all", both)] {
        report(name, latencies);
    }
    Ok(())
}

/// Calls at its times.
fn steady(mut caller: Caller, first: Instant, period: Duration, calls: u32) -> Outcome<Latencies> {
    let mut latencies = Latencies::default();
    for number in 0..calls {
        let due = first + period * number;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let wrote = caller.call(number)?;
        let kind = if wrote {
            &mut latencies.writes
        } else {
            &mut latencies.reads
        };
        kind.push(due.elapsed());
    }
    Ok(latencies)
}

/// From the start of the process to the whole first reply of a mock.
fn start(rounds: u32) -> Outcome<()> {
    let mut fresh = Vec::new();
    let mut again = Vec::new();
    for round in 0..rounds {
        let name = format!("start-{round}");
        let began = Instant::now();
        let mut service = Service::start(&name)?;
        first_reply(&service)?;
        fresh.push(began.elapsed());
        service.child.kill()?;
        service.child.wait()?;
        let began = Instant::now();
        let service = Service::start(&name)?;
        first_reply(&service)?;
        again.push(began.elapsed());
    }
    report("in a new folder", fresh);
    report("in one that is there", again);
    Ok(())
}

/// One edit after the other in a project of many mocks, and after each the call that must see it.
fn edits(mocks: usize, rounds: usize) -> Outcome<()> {
    /// The most mocks of one request.
    const BULK: usize = 1_000;
    let service = Service::start("edits")?;
    let caller = Caller::register(&service.base)?;
    let wish = json!({"name": "Many", "isPublic": true});
    let project = caller.send("POST", "/api/projects", &wish)?;
    let bulk = format!("/api/projects/{}/mocks/bulk", text(&project["id"])?);
    let url = text(&project["url"])?;
    let mock =
        |n: usize| json!({"path": format!("/items-{n}/{{id}}"), "responses": [{"body": "start"}]});
    let all: Vec<_> = (0..mocks).map(mock).collect();
    let mut ids = Vec::with_capacity(mocks);
    for part in all.chunks(BULK) {
        let made = caller.send("POST", &bulk, &json!({"action": "create", "mocks": part}))?;
        for id in made["mocks"].as_array().ok_or("no list")? {
            ids.push(text(id)?);
        }
    }
    let (mut edits, mut calls) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let (n, body) = (fastrand::usize(..mocks), format!("edit {round}"));
        let began = Instant::now();
        let patch = json!({"responses": [{ "body": body }]});
        caller.send("PATCH", &format!("/api/mocks/{}", ids[n]), &patch)?;
        edits.push(began.elapsed());
        let began = Instant::now();
        let mut reply = caller.agent.get(format!("{url}/items-{n}/7")).call()?;
        let seen = reply.body_mut().read_to_string()?;
        calls.push(began.elapsed());
        if seen != body {
            return Err(format!("after `{body}` the mock answered `{seen}`").into());
        }
    }
    println!("{rounds} edits among {mocks} mocks, each seen by the next request");
    report("edit", edits);
    report("the next request", calls);
    Ok(())
}

fn first_reply(service: &Service) -> Outcome<()> {
    let mut reply = ureq::get(format!("{}/m/demo/birds", service.base)).call()?;
    reply.body_mut().read_to_vec()?;
    Ok(())
}

fn report(name: &str, times: Vec<Duration>) {
    println!("{name:21} {}", summary(times));
}
