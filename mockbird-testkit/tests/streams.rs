//! Bodies in parts: timed chunks, events, trailers, back-pressure, and how they end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "not every test needs all of the client")]

mod client;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use client::{PATIENCE, get as ask, send, send_with};
use mockbird_testkit::{Event, Fault, MockServer, chunks, events, get, text};

/// A request that waits for its reply.
fn open(address: SocketAddr, path: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    BufReader::new(stream)
}

/// Reads lines up to the one that is this.
fn read_to(stream: &mut impl BufRead, wanted: &str) {
    let mut line = String::new();
    while line.trim_end() != wanted {
        line.clear();
        assert_ne!(stream.read_line(&mut line).unwrap(), 0, "before {wanted}");
    }
}

/// Waits until something is so.
fn until(what: impl Fn() -> bool) {
    let began = Instant::now();
    while !what() {
        assert!(began.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Parts without end; each reply has its own.
#[derive(Clone)]
struct Endless {
    part: &'static str,
    made: Arc<AtomicUsize>,
    dropped: Arc<AtomicBool>,
}

impl Endless {
    fn of(part: &'static str) -> Self {
        let (made, dropped) = (Arc::default(), Arc::default());
        Self {
            part,
            made,
            dropped,
        }
    }

    fn made(&self) -> usize {
        self.made.load(Ordering::SeqCst)
    }

    fn is_dropped(&self) -> bool {
        self.dropped.load(Ordering::SeqCst)
    }
}

impl IntoIterator for Endless {
    type Item = &'static str;
    type IntoIter = Parts;

    fn into_iter(self) -> Parts {
        Parts(self)
    }
}

/// The parts of one reply, which tell how many were made, and that they were dropped.
struct Parts(Endless);

impl Iterator for Parts {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        self.0.made.fetch_add(1, Ordering::SeqCst);
        Some(self.0.part)
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        self.0.dropped.store(true, Ordering::SeqCst);
    }
}

#[test]
fn each_part_is_a_chunk() {
    let server = MockServer::start();
    server.mount(get("/parts").reply(chunks(["one", "", "three"]).status(201).header("x-a", "b")));
    for _ in 0..2 {
        let reply = send(server.address(), "GET /parts").unwrap();
        assert!(reply.starts_with("HTTP/1.1 201"), "{reply}");
        assert!(
            reply.contains("x-a: b\r\n") && !reply.contains("content-length"),
            "{reply}"
        );
        assert!(
            reply.ends_with("\r\n\r\n3\r\none\r\n5\r\nthree\r\n0\r\n\r\n"),
            "{reply}"
        );
    }
    let head = send(server.address(), "HEAD /parts").unwrap();
    assert!(
        head.ends_with("\r\n\r\n") && !head.contains("content-length"),
        "{head}"
    );
}

#[test]
fn a_part_comes_before_the_next_is_due() {
    let server = MockServer::start();
    server.mount(
        get("/slow").reply(chunks(["now\n", "much later\n"]).every(Duration::from_secs(5_000))),
    );
    server.mount(get("/quick").text("quick"));
    let mut slow = open(server.address(), "/slow");
    read_to(&mut slow, "now");
    assert_eq!(ask(server.address(), "/quick").1, "quick");
    drop(server);
    assert!(matches!(slow.read_to_end(&mut Vec::new()), Ok(_) | Err(_)));
}

#[test]
fn a_stream_without_end_stops_when_the_client_leaves_or_the_server_ends() {
    for client_leaves in [true, false] {
        let ticks = Endless::of("tick\n");
        let server = MockServer::start();
        let every = Duration::from_millis(1);
        server.mount(get("/ticks").reply(chunks(ticks.clone()).every(every)));
        let mut client = open(server.address(), "/ticks");
        read_to(&mut client, "tick");
        until(|| ticks.made() > 3);
        assert!(!ticks.is_dropped());
        if client_leaves {
            drop(client);
            until(|| ticks.is_dropped());
        } else {
            drop(server);
            assert!(ticks.is_dropped(), "dropping is over when it returns");
        }
    }
}

#[test]
fn parts_are_made_only_as_the_client_takes_them() {
    const PART: &str = match str::from_utf8(&[b'x'; 64 << 10]) {
        Ok(part) => part,
        Err(_) => "",
    };
    let flood = Endless::of(PART);
    let server = MockServer::start();
    server.mount(get("/flood").reply(chunks(flood.clone())));
    server.mount(get("/quick").text("quick"));
    let client = open(server.address(), "/flood");
    // The system's buffers fill up, and then nothing more is made.
    until(|| {
        let before = flood.made();
        std::thread::sleep(Duration::from_millis(30));
        before > 0 && before == flood.made()
    });
    let made = flood.made();
    assert!(
        made < 1_000,
        "{made} parts of 64 KiB for a client that reads none"
    );
    assert_eq!(ask(server.address(), "/quick").1, "quick");
    drop(client);
}

#[test]
fn events_are_framed_as_browsers_read_them() {
    let server = MockServer::start();
    let news = [
        Event::data("two\nlines").id("7").event("news"),
        Event::comment("still here"),
        "plain".into(),
    ];
    server.mount(get("/news").reply(events(news)));
    let reply = send(server.address(), "GET /news").unwrap();
    assert!(
        reply.contains("content-type: text/event-stream\r\n"),
        "{reply}"
    );
    assert!(reply.contains("cache-control: no-cache\r\n"), "{reply}");
    for event in [
        "id: 7\nevent: news\ndata: two\ndata: lines\n\n",
        ": still here\n\n",
        "data: plain\n\n",
    ] {
        assert!(
            reply.contains(&format!("\r\n{event}\r\n")),
            "{event}: {reply}"
        );
    }
}

#[test]
fn a_stream_can_break_off_or_stay_open() {
    let server = MockServer::start();
    let numbers = || chunks((1..).map(|n| format!("{n} ")));
    server.mount(get("/cut").reply(numbers().broken(Fault::CloseAfter(4))));
    server.mount(get("/open").reply(chunks(["all\n"]).broken(Fault::StallAfter(usize::MAX))));
    let cut = send(server.address(), "GET /cut").unwrap();
    assert!(cut.ends_with("2\r\n1 \r\n2\r\n2 \r\n"), "{cut}");
    let mut open = open(server.address(), "/open");
    read_to(&mut open, "all");
    let stream = open.get_ref();
    stream
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    let end = open.read_to_end(&mut Vec::new()).unwrap_err().kind();
    assert!(
        matches!(
            end,
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
        ),
        "{end}"
    );
}

#[test]
fn trailers_follow_the_body() {
    let server = MockServer::start();
    server.mount(get("/sum").reply(text("1 2 3").trailer("x-sum", "6")));
    let reply = send_with(server.address(), "GET /sum", "te: trailers\r\n", "").unwrap();
    assert!(reply.contains("trailer: x-sum\r\n"), "{reply}");
    assert!(
        reply.ends_with("5\r\n1 2 3\r\n0\r\nx-sum: 6\r\n\r\n"),
        "{reply}"
    );
    // Who does not ask for trailers gets none (RFC 9110 section 6.5.1).
    let reply = send(server.address(), "GET /sum").unwrap();
    assert!(reply.ends_with("5\r\n1 2 3\r\n0\r\n\r\n"), "{reply}");
}

#[test]
fn parts_that_panic_break_off_and_fail_the_test() {
    let server = MockServer::start().lenient();
    server.mount(get("/bad").reply(chunks((0..3).map(|n| {
        assert!(n < 1, "no part {n}");
        "part\n"
    }))));
    let reply = send(server.address(), "GET /bad").unwrap_or_default();
    assert!(!reply.ends_with("0\r\n\r\n"), "{reply}");
    let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| server.verify()));
    let said = failed.unwrap_err();
    let said = said.downcast_ref::<String>().unwrap();
    assert!(
        said.contains("the parts of a body panicked: no part 1"),
        "{said}"
    );
}

#[test]
#[should_panic(expected = "`every` is for a body in parts: `chunks([..])` or `events([..])`")]
fn only_parts_have_a_time_between_them() {
    let _ = text("whole").every(Duration::from_millis(1));
}
