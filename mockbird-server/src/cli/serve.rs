//! `mockbird serve`: the service, with its store and its API.

use std::future::Future;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, FromArgMatches};

use super::signals::Signals;
use super::{Failure, Outcome, print};
use crate::api::DOCS_PATH;
use crate::app::{App, DEMO_SLUG};
use crate::config::{self, Config, Sources};
use crate::domain::Clock;
use crate::serve::{Listeners, run};
use crate::telemetry;

const EXAMPLES: &str = "\
Examples:
  mockbird serve                                  on http://127.0.0.1:4000, data in ./mockbird-data
  mockbird serve --port 0 --data-dir /tmp/birds   on a free port, which `listening on` tells
  DATABASE_URL=postgres://u:p@db/mockbird mockbird serve
  mockbird serve --config /etc/mockbird.toml

Every flag has an environment variable and a key in the file: docs/CONFIGURATION.md lists them all.
Stop it with Ctrl-C or SIGTERM: requests under way are finished.";

/// The flags: those of the table of settings, and the file.
#[derive(Debug)]
pub(super) struct Args {
    file: Option<PathBuf>,
    flags: Vec<(String, String)>,
}

impl clap::Args for Args {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .help("The file of settings; `mockbird.toml` if it is there");
        let command = command
            .about("Serve the service: accounts, projects, mocks and their API")
            .after_help(EXAMPLES)
            .arg(file);
        config::SETTINGS.iter().fold(command, |command, section| {
            let command = command.next_help_heading(section.title);
            section.settings.iter().fold(command, |command, setting| {
                let flag = Arg::new(setting.name).long(setting.flag());
                command.arg(flag.value_name(setting.form).help(help(setting)))
            })
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Args {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let flags = config::settings().filter_map(|setting| {
            let value = matches.get_one::<String>(setting.name)?;
            Some((setting.flag(), value.clone()))
        });
        Ok(Self {
            file: matches.get_one("config").cloned(),
            flags: flags.collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn help(setting: &config::Setting) -> String {
    let meaning = setting.meaning.trim_end_matches('.');
    match setting.default {
        None | Some("") => meaning.to_owned(),
        Some(default) => format!("{meaning} [default: {default}]"),
    }
}

pub(super) fn serve(args: &Args) -> Outcome {
    let sources = Sources::of_process(args.file.as_deref(), &args.flags);
    let config = Config::read(&sources)
        .map_err(|faults| Failure::Usage(format!("the configuration is wrong\n{faults}")))?;
    // To the end: what waits is told then.
    let _telling = telemetry::tell(&config.log, &config.reports);
    let public = bind(&config.listen.host, config.listen.port)?;
    let address = public.local_addr().map_err(work)?;
    let admin = config.listen.admin.as_ref();
    let admin = admin.map(|(host, port)| bind(host, *port)).transpose()?;
    let admin_address = admin
        .as_ref()
        .and_then(|listener| listener.local_addr().ok());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(work)?;
    let ready = |app: &App| {
        // A reader that is gone is no reason to stop.
        let _ = print(&greeting(app.config(), address, admin_address));
    };
    let served = runtime.block_on(async {
        let shutdown = signalled()?;
        let served = run(
            config,
            Listeners { public, admin },
            Clock::System,
            ready,
            shutdown,
        );
        served.await.map_err(work)
    });
    // Threads that still parse a body must not hold up the end.
    runtime.shutdown_background();
    served.map(|()| ExitCode::SUCCESS)
}

fn work(error: impl std::fmt::Display) -> Failure {
    Failure::Work(error.to_string())
}

/// Ends with the first Ctrl-C or SIGTERM; a second one ends the process.
fn signalled() -> Result<impl Future<Output = ()> + Send + 'static, Failure> {
    let mut signals = Signals::new().map_err(work)?;
    Ok(async move {
        signals.next().await;
        tracing::info!("stopping: requests under way are finished (again to cut them off)");
        tokio::spawn(async move {
            signals.next().await;
            #[expect(clippy::exit, reason = "whoever asks twice does not want to wait")]
            std::process::exit(130);
        });
    })
}

fn bind(host: &str, port: u16) -> Result<TcpListener, Failure> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    TcpListener::bind((host, port)).map_err(|error| {
        Failure::Work(match error.kind() {
            std::io::ErrorKind::AddrInUse => format!(
                "port {port} of {host} is taken: choose another one with --port, or let the system choose with --port 0"
            ),
            _ => format!("cannot listen on {host}, port {port}: {error}"),
        })
    })
}

fn greeting(config: &Config, address: SocketAddr, admin: Option<SocketAddr>) -> String {
    let scheme = if config.listen.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let base = match &config.listen.public_url {
        Some(url) => url.to_string(),
        None => format!("{scheme}://{}", reachable(address)),
    };
    let demo = if config.mocks.demo {
        format!("try            {base}/m/{DEMO_SLUG}/hello/you\n")
    } else {
        String::new()
    };
    let admin = admin.map_or_else(String::new, |admin| {
        format!("metrics        http://{admin}/metrics\n")
    });
    format!("API docs       {base}{DOCS_PATH}\n{demo}{admin}listening on {scheme}://{address}\n")
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
