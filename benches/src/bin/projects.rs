//! Projects of `mockbird serve`: how soon a cold one answers, and how many there may be.
//!
//! ```sh
//! cargo build --release -p mockbird-server
//! cargo build --release -p mockbird-benches --features service
//! target/release/projects cold [PROJECTS]                  # of 50 mocks each
//! target/release/projects many [PROJECTS] [RATE] [SECONDS] # of 10 mocks each
//! ```
//!
//! On SQLite in a new folder, or on PostgreSQL if `DATABASE_URL` names an empty database. The projects are made by the store of the
//! service, before it starts. Requests of `many` are due at their times, whatever became of the one before, and their latency counts
//! from then: most are for any of the projects by chance, and one caller asks ten of them alone, before the others begin and
//! beside them.
#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use mockbird_benches::load::{Outcome, summary};
use mockbird_benches::many;
use mockbird_core::spec::{self, Format, Spec};
use mockbird_server::config::{Config, Sources};
use mockbird_server::domain::{Clock, OrganizationId, Plan, ProjectId, UserId};
use mockbird_server::store::{NewOrganization, NewProject, NewUser, Store};
use ureq::Agent;

/// How many projects are made in one transaction.
const AT_ONCE: u32 = 500;

/// How many ask at any time.
const CALLERS: u32 = 8;

/// How many projects are asked for all the time.
const HOT: u32 = 10;

/// How often one of them is, in a second.
const HOT_RATE: u32 = 100;

/// How much memory projects may take in `many`.
const MEMORY: &str = "64MiB";

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let mut number = |default: u32| arguments.next().map_or(Ok(default), |text| text.parse());
    match task.as_str() {
        "cold" => cold(number(200)?),
        "many" => many_projects(number(100_000)?, number(200)?, number(30)?),
        _ => Err("say `cold` or `many`".into()),
    }
}

/// A database with projects, and a server on it; both end with this value.
struct Service {
    child: Child,
    base: String,
    folder: PathBuf,
}

impl Service {
    fn start(projects: u32, mocks: usize) -> Outcome<Self> {
        let folder = std::env::temp_dir().join(format!("mockbird-projects-{}", std::process::id()));
        let folder_text = folder.to_string_lossy().into_owned();
        let began = Instant::now();
        tokio::runtime::Runtime::new()?.block_on(make(&folder_text, projects, mocks))?;
        let took = began.elapsed().as_secs();
        println!("{projects} projects of {mocks} mocks each were made in {took} s");
        let own = std::env::current_exe()?;
        let beside = own.parent().ok_or("no folder")?.join("mockbird");
        let program = std::env::var_os("MOCKBIRD").map_or(beside, PathBuf::from);
        let mut child = Command::new(program)
            .args([
                "serve",
                "--port",
                "0",
                "--log-level",
                "error",
                "--mocks-memory",
                MEMORY,
            ])
            .args(["--data-dir", &folder_text])
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

    /// Asks a project, and gives how long it took since this moment.
    fn ask(&self, agent: &Agent, project: u32, since: Instant) -> Outcome<Duration> {
        let mut reply = agent
            .get(format!("{}/m/bench-{project}/api/r1/users/42", self.base))
            .call()?;
        reply.body_mut().read_to_vec()?;
        Ok(since.elapsed())
    }

    /// The memory it holds (`VmRSS` of `man 5 proc_pid_status`), in MiB.
    fn memory(&self) -> Outcome<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next());
        Ok(kib.ok_or("no VmRSS")?.parse::<u64>()? >> 10)
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

/// Makes `bench-0` and those after it.
async fn make(folder: &str, projects: u32, mocks: usize) -> Outcome<()> {
    let mut sources = Sources::default().with_flag("data-dir", folder);
    if let Ok(url) = std::env::var("DATABASE_URL") {
        sources = sources.with_variable("DATABASE_URL", &url);
    }
    let config = Config::read(&sources)?;
    let store = Store::open(&config.database).await?;
    let organization = organization(&store).await?;
    let text = many(mocks);
    let mut document = spec::read(&text, Format::Json)?;
    let mut spec = document.decode().0.ok_or("no spec")?;
    spec.is_public = Some(true);
    for first in (0..projects).step_by(AT_ONCE as usize) {
        let numbers = first..projects.min(first + AT_ONCE);
        insert(&store, organization, numbers, &spec).await?;
    }
    store.close().await;
    Ok(())
}

async fn organization(store: &Store) -> Outcome<OrganizationId> {
    let now = Clock::System.now();
    let user = NewUser {
        id: UserId::new(now),
        email: "bench@example.com".parse()?,
        name: None,
        first_name: None,
        last_name: None,
    };
    let organization = NewOrganization {
        id: OrganizationId::new(now),
        name: "Bench".to_owned(),
        slug: "bench".parse()?,
        plan: Plan::Unlimited,
        is_personal: false,
        created_by: user.id,
    };
    let mut tx = store.begin().await?;
    tx.user_insert(&user, now).await?;
    tx.organization_insert(&organization, now).await?;
    tx.commit().await?;
    Ok(organization.id)
}

async fn insert(
    store: &Store,
    organization: OrganizationId,
    numbers: std::ops::Range<u32>,
    spec: &Spec,
) -> Outcome<()> {
    let now = Clock::System.now();
    let mut tx = store.begin().await?;
    for number in numbers {
        let project = NewProject {
            id: ProjectId::new(now),
            organization,
            name: "Bench".to_owned(),
            slug: format!("bench-{number}").parse()?,
            created_by: None,
        };
        tx.project_insert(&project, now).await?;
        tx.project_spec_save(organization, project.id, spec, None, now)
            .await?;
    }
    Ok(tx.commit().await?)
}

/// Each project is asked twice, on a connection that stays: the first time it has to be loaded.
fn cold(projects: u32) -> Outcome<()> {
    let service = Service::start(projects, 50)?;
    let agent = Agent::new_with_defaults();
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for project in 0..projects {
        first.push(service.ask(&agent, project, Instant::now())?);
        second.push(service.ask(&agent, project, Instant::now())?);
    }
    println!("the first reply {}", summary(first));
    println!("the second      {}", summary(second));
    Ok(())
}

fn many_projects(projects: u32, rate: u32, seconds: u32) -> Outcome<()> {
    let service = Service::start(projects, 10)?;
    println!("{} MiB after the start", service.memory()?);
    let time = Duration::from_secs(seconds.into());
    let hot = || steady(&service, HOT.min(projects), HOT_RATE, time / 3);
    println!("hot ones alone         {}", summary(hot()?));
    let (beside, any) = thread::scope(|scope| {
        let callers = (0..CALLERS).map(|_| {
            scope.spawn(|| {
                let asked = steady(&service, projects, rate / CALLERS, time);
                asked.map_err(|error| error.to_string())
            })
        });
        let callers: Vec<_> = callers.collect();
        // Once memory has had to be given back for a while.
        thread::sleep(time / 3);
        let beside = hot().map_err(|error| error.to_string());
        let mut any = Vec::new();
        for caller in callers {
            any.extend(
                caller
                    .join()
                    .map_err(|_| "a caller panicked".to_owned())??,
            );
        }
        Ok::<_, String>((beside?, any))
    })?;
    println!("hot ones beside others {}", summary(beside));
    println!("any of all             {}", summary(any));
    let memory = service.memory()?;
    println!("{memory} MiB at the end; {MEMORY} were for projects");
    Ok(())
}

/// Asks the first so many projects by chance, at its times.
fn steady(service: &Service, projects: u32, rate: u32, time: Duration) -> Outcome<Vec<Duration>> {
    let agent = Agent::new_with_defaults();
    let period = Duration::from_secs(1) / rate.max(1);
    let begin = Instant::now();
    let mut latencies = Vec::new();
    for number in 0.. {
        let due = begin + period * number;
        if due >= begin + time {
            break;
        }
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let project = fastrand::u32(0..projects);
        latencies.push(service.ask(&agent, project, due)?);
    }
    Ok(latencies)
}
