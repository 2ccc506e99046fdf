//! Servers end when they are dropped, wherever that is, and meet nobody else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "not every test needs all of the client")]

mod client;

use std::collections::HashSet;
use std::fs::File;
use std::future::Future;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::process::Command;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use client::{PATIENCE, get as ask};
use mockbird_testkit::{
    Fault, Gate, MockServer, chunks, get, respond_with, respond_with_async, text,
};

fn open(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    stream
}

fn assert_refused(address: SocketAddr) {
    let refused = TcpStream::connect(address).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

/// A server in the middle of every kind of exchange.
fn busy() -> (MockServer, Vec<TcpStream>) {
    let server = MockServer::start();
    let gate = Gate::new();
    let hour = Duration::from_secs(3_600);
    server.mount(get("/held").reply(text("x").behind(&gate)));
    server.mount(get("/late").reply(text("x").delay(hour)));
    server.mount(get("/stall").fault(Fault::Stall));
    server.mount(get("/endless").reply(chunks((0..).map(|n| format!("{n}\n")))));
    server.mount(get("/async").reply(respond_with_async(|_| std::future::pending())));
    server.mount(get("/kept").text("kept"));
    let paths = ["/held", "/late", "/stall", "/endless", "/async", "/kept"];
    let mut streams: Vec<_> = paths
        .iter()
        .map(|path| open(server.address(), path))
        .collect();
    assert!(gate.wait_for(1, PATIENCE));
    let mut some = [0; 256];
    for reads in [3, 5] {
        assert_ne!(streams[reads].read(&mut some).unwrap(), 0);
    }
    // Connected, and nothing sent.
    streams.push(TcpStream::connect(server.address()).unwrap());
    (server, streams)
}

/// Everything of the server is gone at this moment.
fn assert_gone(address: SocketAddr, streams: Vec<TcpStream>) {
    assert_refused(address);
    for mut stream in streams {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let end = stream.read_to_end(&mut Vec::new());
        assert!(end.is_ok() || end.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset));
    }
}

fn start_and_drop() {
    let (server, streams) = busy();
    let address = server.address();
    drop(server);
    assert_gone(address, streams);
}

/// An executor as small as they come, which is none of tokio's.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn on_a_plain_thread() {
    start_and_drop();
    thread::spawn(start_and_drop).join().unwrap();
}

#[test]
fn inside_any_runtime() {
    let current = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    current.block_on(async { start_and_drop() });
    let multi = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    multi.block_on(async { tokio::spawn(async { start_and_drop() }).await.unwrap() });
    block_on(async {
        let server = MockServer::start_async().await;
        let gate = Gate::new();
        assert!(!gate.wait_for_async(1, Duration::from_millis(2)).await);
        let address = server.address();
        drop(server);
        assert_refused(address);
        start_and_drop();
    });
}

#[test]
fn during_unwinding() {
    let (server, streams) = busy();
    let address = server.address();
    let unwound = catch_unwind(AssertUnwindSafe(move || {
        let _server = server;
        panic!("the test fails");
    }));
    assert!(unwound.is_err());
    assert_gone(address, streams);
}

#[test]
fn on_the_thread_of_the_server_itself() {
    // On its own thread a server is dropped by one of its own requests, on the others' by another server's.
    for (own, is_async) in [(true, true), (true, false), (false, true), (false, false)] {
        let (server, streams) = busy();
        let address = server.address();
        let outer = MockServer::start();
        let by = if own {
            server.address()
        } else {
            outer.address()
        };
        let held = Arc::new(Mutex::new(None));
        let (tell, told) = mpsc::channel();
        let end = {
            let held = Arc::clone(&held);
            move || {
                drop(held.lock().unwrap().take());
                tell.send(
                    TcpStream::connect(address)
                        .map_err(|error| error.kind())
                        .err(),
                )
                .unwrap();
                text("ended")
            }
        };
        let reply = if is_async {
            let end = Arc::new(end);
            respond_with_async(move |_| {
                let end = Arc::clone(&end);
                async move { end() }
            })
        } else {
            respond_with(move |_| end())
        };
        let mount = get("/end").reply(reply);
        if own {
            server.mount(mount)
        } else {
            outer.mount(mount)
        };
        *held.lock().unwrap() = Some(server);
        let mut last = open(by, "/end");
        assert_eq!(
            told.recv_timeout(PATIENCE).unwrap(),
            Some(ErrorKind::ConnectionRefused)
        );
        assert_gone(address, streams);
        if own {
            assert_gone(address, vec![last]);
        } else {
            assert_ne!(last.read(&mut [0; 64]).unwrap(), 0);
        }
    }
}

#[test]
fn a_straggler_reaches_nobody() {
    let first = MockServer::start();
    first.mount(get("/who").text("first"));
    let mut kept = open(first.address(), "/who");
    assert_ne!(kept.read(&mut [0; 512]).unwrap(), 0);
    let old = first.address();
    drop(first);
    let others: Vec<_> = (0..50).map(|_| MockServer::start()).collect();
    let sent = write!(kept, "GET /who HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(sent.is_err() || matches!(kept.read(&mut [0; 16]), Ok(0) | Err(_)));
    assert_refused(old);
    assert!(
        others
            .iter()
            .all(|other| other.received_requests().is_empty())
    );
}

#[test]
fn no_address_is_given_out_twice() {
    // By chance there would be a pair or two among them.
    let mut known = HashSet::new();
    for _ in 0..200 {
        let server = MockServer::start();
        assert!(known.insert(server.address()), "{}", server.address());
    }
}

#[test]
fn a_thousand_tests_with_two_servers_each() {
    let test = |number: usize| {
        let servers = [0, 1].map(|part| {
            let server = MockServer::start();
            let own = format!("{number}-{part}");
            let who = server.mount(get("/who").text(&own).expect(2));
            (server, who, own)
        });
        for (server, who, own) in &servers {
            assert_eq!(ask(server.address(), "/who").1, *own);
            assert_eq!(ask(server.address(), "/who").1, *own);
            assert_eq!(who.requests().len(), 2);
        }
    };
    thread::scope(|scope| {
        for thread in 0..16 {
            scope.spawn(move || (thread..1_000).step_by(16).for_each(test));
        }
    });
}

#[test]
fn many_rounds_of_servers_leave_no_file_open() {
    let round = || {
        let servers: Vec<_> = (0..50).map(|_| MockServer::start()).collect();
        for server in &servers {
            server.mount(get("/a").text("a"));
            assert_eq!(ask(server.address(), "/a").1, "a");
        }
    };
    round();
    let before = open_files();
    (0..20).for_each(|_| round());
    // Tests beside this one have some open too.
    assert!(
        open_files() < before + 500,
        "{before} files became {}",
        open_files()
    );
}

/// In a process of its own, which may have few files.
/// How many files this process has open.
fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

#[test]
fn no_file_left_is_no_end() {
    const CHILD: &str = "MOCKBIRD_TEST_FEW_FILES";
    if std::env::var_os(CHILD).is_none() {
        let this = std::env::current_exe().unwrap();
        let mut child = Command::new("sh");
        child.args([
            "-c",
            "ulimit -n 48; exec \"$0\" --exact no_file_left_is_no_end",
        ]);
        let status = child.arg(this).env(CHILD, "1").status().unwrap();
        assert!(status.success());
        return;
    }
    let server = MockServer::start();
    server.mount(get("/a").text("a"));
    let before = open_files();
    assert_eq!(ask(server.address(), "/a").1, "a");
    let end = Instant::now() + PATIENCE;
    while open_files() > before {
        assert!(Instant::now() < end, "the server keeps its side open");
        thread::yield_now();
    }
    // The last file is for the client, so that the server has none for its side.
    let mut files: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    files.pop();
    let mut waiting = open(server.address(), "/a");
    waiting
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let unanswered = waiting.read(&mut [0; 16]).unwrap_err().kind();
    assert!(
        matches!(unanswered, ErrorKind::WouldBlock | ErrorKind::TimedOut),
        "{unanswered}"
    );
    drop(files);
    waiting.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_ne!(waiting.read(&mut [0; 512]).unwrap(), 0);
    assert_eq!(ask(server.address(), "/a").1, "a");
}
