//! The testkit beside the libraries people use today, in one run.
//!
//! ```sh
//! cargo build --profile bench -p mockbird-benches --features rivals
//! taskset -c 1 target/release/rivals load 1000 template [ROUNDS] [SECONDS]
//! taskset -c 1 target/release/rivals memory
//! target/release/rivals start [ROUNDS]
//! target/release/rivals mount [ROUNDS]
//! ```
//!
//! Each round measures every library once, in a rotating order. Of `load` and `memory`, servers are programs of their
//! own on processor 0, started anew for every measurement, and the load comes from processor 1. Of `start` and `mount`,
//! all run in this process, and a plain socket asks.
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a program that reports figures, which need not be exact to the last bit"
)]

mod bare;
mod mounted;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::park;
use std::time::{Duration, Instant};

use mockbird_benches::load::{Outcome, Server, median, ratio};
use mounted::{Kind, Library, path};

/// What is mounted in one go.
const MOUNTS: usize = 1_000;

/// After how many requests memory is looked at.
const REQUESTS: usize = 200_000;

fn main() -> Outcome<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["start", ref rest @ ..] => start(number(rest.first(), 200)?),
        ["mount", ref rest @ ..] => mount(number(rest.first(), 15)?),
        ["load", count, kind, ref rest @ ..] => {
            let kind = Kind::parse(kind).ok_or("template or exact")?;
            let seconds = rest.get(1).map_or(Ok(1.0), |text| text.parse())?;
            load(count.parse()?, kind, number(rest.first(), 10)?, seconds)
        }
        ["memory"] => memory(),
        ["serve", name, count, kind] => {
            let library = Library::parse(name).ok_or("no such library")?;
            let kind = Kind::parse(kind).ok_or("template or exact")?;
            serve(library, count.parse()?, kind)
        }
        _ => Err("usage: rivals start|mount|load COUNT KIND|memory [ROUNDS] [SECONDS]".into()),
    }
}

fn number(text: Option<&&str>, otherwise: usize) -> Outcome<usize> {
    Ok(text.map_or(Ok(otherwise), |text| text.parse())?)
}

/// Asks once, as a client without a pool does.
fn ask(address: SocketAddr) -> Outcome<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let request = format!(
        "GET {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        path(0)
    );
    stream.write_all(request.as_bytes())?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    if reply.starts_with("HTTP/1.1 200") {
        return Ok(());
    }
    Err(reply.into())
}

/// From nothing to the first reply, and from there to the end of the server.
fn start(rounds: usize) -> Outcome<()> {
    let libraries = [
        ("mockbird", Library::Mockbird),
        ("httptest", Library::Httptest),
        ("wiremock, builder", Library::WiremockUnpooled),
        ("mockito, unpooled", Library::MockitoUnpooled),
        ("wiremock, pooled", Library::Wiremock),
        ("mockito, pooled", Library::Mockito),
        ("httpmock, pooled", Library::Httpmock),
    ];
    let mut replies = vec![Vec::new(); libraries.len() + 1];
    let mut ends = replies.clone();
    for round in 0..=rounds {
        for turn in 0..=libraries.len() {
            let at = (turn + round) % (libraries.len() + 1);
            let begin = Instant::now();
            let replied = if at == 0 {
                let server = bare::Server::start()?;
                ask(server.address())?;
                begin.elapsed()
            } else {
                let server = libraries[at - 1].1.start();
                server.mount(1, Kind::Template);
                ask(server.address())?;
                begin.elapsed()
            };
            // The first round warms up: pools are filled, and the testkit's runtime is made.
            if round > 0 {
                replies[at].push(micros(replied));
                ends[at].push(micros(begin.elapsed()));
            }
        }
    }
    println!(
        "{rounds} rounds; medians in us and ratios to bare hyper: to the first reply, to the end of the server"
    );
    let names = ["bare hyper, own thread"]
        .into_iter()
        .chain(libraries.map(|(name, _)| name));
    for ((name, replies_of), ends_of) in names.zip(&replies).zip(&ends) {
        println!(
            "{name:24} {:8.1} ({:.2})   {:8.1} ({:.2})",
            median(replies_of.clone()),
            ratio(replies_of, &replies[0]),
            median(ends_of.clone()),
            ratio(ends_of, &ends[0]),
        );
    }
    Ok(())
}

/// Mounting many mocks on a server that listens, and until the first of them has answered.
fn mount(rounds: usize) -> Outcome<()> {
    let libraries = everybody();
    for kind in [Kind::Template, Kind::Exact] {
        let mut mounts = vec![Vec::new(); libraries.len()];
        let mut replies = mounts.clone();
        for round in 0..=rounds {
            for turn in 0..libraries.len() {
                let at = (turn + round) % libraries.len();
                let server = libraries[at].1.start();
                let begin = Instant::now();
                server.mount(MOUNTS, kind);
                let mounted = begin.elapsed();
                ask(server.address())?;
                let replied = begin.elapsed();
                if round > 0 {
                    mounts[at].push(micros(mounted) / 1e3);
                    replies[at].push(micros(replied) / 1e3);
                }
            }
        }
        println!(
            "{MOUNTS} mocks, {kind:?}, {rounds} rounds; medians in ms, and ratios to mockbird: mounted, and the first reply"
        );
        for (((name, _), mounts_of), replies_of) in libraries.iter().zip(&mounts).zip(&replies) {
            println!(
                "{name:24} {:8.2} ({:.2})   {:8.2} ({:.2})",
                median(mounts_of.clone()),
                ratio(mounts_of, &mounts[0]),
                median(replies_of.clone()),
                ratio(replies_of, &replies[0]),
            );
        }
    }
    Ok(())
}

fn everybody() -> [(&'static str, Library); 5] {
    [
        ("mockbird", Library::Mockbird),
        ("httptest", Library::Httptest),
        ("wiremock", Library::Wiremock),
        ("httpmock", Library::Httpmock),
        ("mockito", Library::Mockito),
    ]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// What [`program`] runs: a server until the process is killed.
fn serve(library: Library, count: usize, kind: Kind) -> Outcome<()> {
    let server = library.start();
    server.mount(count, kind);
    println!("listening on http://{}", server.address());
    loop {
        park();
    }
}

/// A server of its own, on processor 0: bare hyper if there is no library of this name.
fn program(name: &str, count: usize, kind: Kind) -> Outcome<Server> {
    let own = std::env::current_exe()?;
    let target = path(count / 2);
    if name == "hyper" {
        return Server::start(name, &own.with_file_name("bare_hyper"), &[], &target);
    }
    let kind = match kind {
        Kind::Template => "template",
        Kind::Exact => "exact",
    };
    let arguments = ["serve", name, &count.to_string(), kind];
    Server::start(name, &own, &arguments, &target)
}

/// Requests per second over connections that stay, the mock in the middle asked for.
fn load(count: usize, kind: Kind, rounds: usize, seconds: f64) -> Outcome<()> {
    let names = [
        "hyper", "mockbird", "httptest", "wiremock", "httpmock", "mockito",
    ];
    let mut rates = vec![Vec::new(); names.len()];
    for round in 0..rounds {
        for turn in 0..names.len() {
            let at = (turn + round) % names.len();
            let server = program(names[at], count, kind)?;
            // Caches, and the journal, fill before it counts.
            server.load(seconds / 4.0, None)?;
            rates[at].push(server.load(seconds, None)?.per_second);
        }
    }
    println!(
        "{count} mocks, {kind:?}, {rounds} rounds of {seconds} s; medians, ratios to bare hyper"
    );
    for (name, own) in names.iter().zip(&rates) {
        println!(
            "{name:12} {:9.0} req/s ({:.4})",
            median(own.clone()),
            ratio(own, &rates[0])
        );
    }
    Ok(())
}

/// What a server holds on to after many requests, beyond what it held after a few.
fn memory() -> Outcome<()> {
    println!("MB held after the first requests, and after {REQUESTS}");
    for name in [
        "hyper", "mockbird", "httptest", "wiremock", "httpmock", "mockito",
    ] {
        let server = program(name, 1, Kind::Template)?;
        let mut requests = server.load(0.01, None)?.requests;
        let first = server.memory()?;
        while requests < REQUESTS {
            requests += server.load(0.25, None)?.requests;
        }
        let mega = |bytes: u64| bytes as f64 / 1e6;
        println!(
            "{name:12} {:8.1} {:8.1}",
            mega(first),
            mega(server.memory()?)
        );
    }
    Ok(())
}
