//! `mockbird run`: serves mock files, and follows their changes.

mod reload;

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use mockbird_core::Engine;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use self::reload::Reloader;
use super::signals::Signals;
use super::{Failure, Outcome, complain, value};
use crate::console::{self, Clock, Console, Palette, paint};
use crate::files::{self, Fingerprint, Loading};
use crate::http::{App, Ended, Limits, Lines, Live, Stop, serve};

const EXAMPLES: &str = "\
Examples:
  mockbird run api.yaml                    on http://127.0.0.1:4000, reloaded when the file changes
  mockbird run api.yaml --port 0           on a free port, which `listening on` tells
  mockbird run api.yaml --host 0.0.0.0     for other machines too
  mockbird run api.yaml --seed 1           the same random answers in every run
  mockbird run users.yaml orders.yaml      several files as one server, the first ones first

Limits of a request, beside --max-body: a path and query of 64 KiB (414), headers of 256 KiB and,
with HTTP/1.1, 100 of them (431). HTTP/2 itself ends a stream with a longer path, or with more than
1 MiB of headers, before a reply can be given.

Stop it with Ctrl-C: requests under way are finished; a second Ctrl-C cuts them off.";

/// How long the last lines may take to be written: a terminal may stand still.
const OUTPUT_PATIENCE: Duration = Duration::from_secs(1);

/// Serve mock files
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Mock files, YAML or JSON; several are served as one; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// The address to listen on; 0.0.0.0 or :: lets other machines in
    #[arg(long, default_value = "127.0.0.1")]
    host: String,

    /// The port to listen on; 0 takes a free one
    #[arg(short, long, default_value_t = 4000)]
    port: u16,

    /// Make random choices repeatable; wins over the `seed` of the files
    #[arg(long, value_name = "NUMBER", value_parser = value::seed)]
    seed: Option<u64>,

    /// Do not reload files when they change
    #[arg(long)]
    no_watch: bool,

    /// Print no line per request
    #[arg(short, long)]
    quiet: bool,

    /// The largest request body, such as 500KB or 10MiB; larger ones are answered 413
    #[arg(long, value_name = "SIZE", default_value = "10MiB", value_parser = value::size)]
    max_body: usize,

    /// How long headers, and then each part of a body, may take to arrive
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    read_timeout: u64,

    /// How long requests may go on after Ctrl-C
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=3600))]
    grace: u64,

    /// Threads that answer requests; one for each processor if absent
    #[arg(long, value_name = "NUMBER")]
    threads: Option<NonZeroUsize>,
}

pub(super) fn run(args: &Args, palette: Palette) -> Outcome {
    let loading = files::load(&args.files, None, args.seed);
    let Some(engine) = loading.engine else {
        return Err(refuse(&loading, palette));
    };
    let runtime =
        runtime(args.threads).map_err(|error| Failure::Work(format!("cannot start: {error}")))?;
    let listener = runtime.block_on(bind(&args.host, args.port))?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::Work(error.to_string()))?;
    let (console, output) = console::start(std::io::stdout())
        .map_err(|error| Failure::Work(format!("cannot start: {error}")))?;

    let routes = console::routes(palette, &engine, &loading.hidden, &base(address));
    console.say(&greeting(palette, &engine, &loading.files, &routes));
    console.say(&console::report(palette, &loading.findings));
    let lines = (!args.quiet).then(|| Lines {
        console: console.clone(),
        palette,
        clock: Clock::system(),
    });
    let limits = Limits {
        body_bytes: args.max_body,
        read_timeout: Duration::from_secs(args.read_timeout),
        grace: Duration::from_secs(args.grace),
    };
    let app = Arc::new(App::new(Live::new(engine), lines, limits));
    let stop = Arc::new(Stop::default());
    // Standard input can be read only once.
    let once = args.files.iter().any(|file| file.as_os_str() == "-");
    if !args.no_watch && !once {
        let reloader = Reloader {
            paths: args.files.clone(),
            seed: args.seed,
            app: Arc::clone(&app),
            console: console.clone(),
            palette,
            stop: Arc::clone(&stop),
            fingerprint: Fingerprint::of(&loading.spec),
        };
        reloader.start(loading.seen);
    }
    console.say(&format!(
        "listening on {}\n",
        palette.paint(paint::BOLD, format_args!("http://{address}"))
    ));
    let code = runtime.block_on(until_signal(listener, app, stop, &console));
    // Threads that still parse a body, or a request that was cut off, must not hold up the end.
    runtime.shutdown_background();
    output.close_within(OUTPUT_PATIENCE);
    Ok(code)
}

/// Reports why there is nothing to serve.
fn refuse(loading: &Loading, palette: Palette) -> Failure {
    for error in &loading.unreadable {
        complain(palette, error);
    }
    if loading.findings.is_empty() {
        return Failure::Usage("nothing is served: name mock files that can be read".into());
    }
    let report = console::report(palette, &loading.findings);
    // If even that cannot be written there is nobody to tell.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), report.as_bytes());
    Failure::Work(format!(
        "nothing is served: {}",
        console::summary(&loading.findings, loading.unlisted)
    ))
}

/// One thread on one processor: without others to steal work, a plain loop is faster.
fn runtime(threads: Option<NonZeroUsize>) -> std::io::Result<Runtime> {
    let threads = threads.map_or_else(std::thread::available_parallelism, Ok);
    match threads.map_or(1, NonZeroUsize::get) {
        1 => Builder::new_current_thread().enable_all().build(),
        many => Builder::new_multi_thread()
            .worker_threads(many)
            .enable_all()
            .build(),
    }
}

async fn bind(host: &str, port: u16) -> Result<TcpListener, Failure> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    TcpListener::bind((host, port)).await.map_err(|error| {
        Failure::Work(match error.kind() {
            std::io::ErrorKind::AddrInUse => format!(
                "port {port} of {host} is taken: choose another one with --port, or let the system choose with --port 0"
            ),
            std::io::ErrorKind::PermissionDenied => {
                format!("port {port} needs more rights: choose one above 1023 with --port")
            }
            std::io::ErrorKind::AddrNotAvailable => {
                format!("{host} is no address of this machine: use 127.0.0.1, or 0.0.0.0 for all of them")
            }
            _ => format!("cannot listen on {host}, port {port}: {error}"),
        })
    })
}

/// What is served, and where: the files, and the `routes`.
fn greeting(palette: Palette, engine: &Engine, files: &[files::File], routes: &str) -> String {
    let mut text = String::new();
    for file in files {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}  {}, {}",
            palette.paint(paint::BOLD, console::Harmless(&file.label)),
            console::Harmless(&file.name),
            console::count(file.mocks.unwrap_or_default(), "mock"),
        );
    }
    if engine.is_empty() {
        text.push_str("  no active mocks: every request is answered 404\n");
    }
    text.push_str(routes);
    text.push('\n');
    text
}

/// What addresses of mocks begin with.
fn base(address: SocketAddr) -> String {
    format!("http://{}", reachable(address))
}

/// An address that a browser on this machine can ask: "all addresses" is none.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::from(std::net::Ipv6Addr::LOCALHOST),
        other => other,
    };
    SocketAddr::new(ip, address.port())
}

/// Serves until Ctrl-C or SIGTERM, then finishes what is under way; a second one cuts it off.
async fn until_signal(
    listener: TcpListener,
    app: Arc<App>,
    stop: Arc<Stop>,
    console: &Console,
) -> ExitCode {
    let mut serving = std::pin::pin!(serve(listener, None, app, Arc::clone(&stop)));
    let mut signals = match Signals::new() {
        Ok(signals) => signals,
        Err(error) => {
            console.say(&format!("Ctrl-C will not finish requests: {error}\n"));
            serving.await;
            return ExitCode::SUCCESS;
        }
    };
    tokio::select! {
        _ = &mut serving => return ExitCode::SUCCESS,
        () = signals.next() => {}
    }
    console.say("stopping: requests under way are finished (Ctrl-C again cuts them off)\n");
    stop.request();
    tokio::select! {
        ended = serving => {
            console.say(match ended {
                Ended::Finished => "stopped\n",
                Ended::CutOff => "stopped; some requests took too long and were cut off\n",
            });
            ExitCode::SUCCESS
        }
        () = signals.next() => {
            console.say("stopped at once\n");
            ExitCode::from(130)
        }
    }
}
