//! Closures of a test may block: they hold up nobody, and may ask servers themselves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "not every test needs all of the client")]

mod client;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread;

use client::{PATIENCE, get as ask};
use mockbird_testkit::prelude::*;

/// More than there are workers, so that some of them share one.
const SERVERS: usize = 9;

/// Blocks whoever passes until it is opened.
#[derive(Clone, Default)]
struct Barrier(Arc<(Mutex<bool>, Condvar)>);

impl Barrier {
    fn pass(&self) {
        let (open, opened) = &*self.0;
        let passed = opened.wait_timeout_while(open.lock().unwrap(), PATIENCE, |open| !*open);
        assert!(!passed.unwrap().1.timed_out(), "nobody opened it");
    }

    fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }
}

/// A closure that says when it is asked, and then blocks.
fn blocking(barrier: &Barrier) -> (Matcher, mpsc::Receiver<()>) {
    let (tell, told) = mpsc::channel();
    let barrier = barrier.clone();
    let closure = matching(move |_| {
        let _ = tell.send(());
        barrier.pass();
        true
    });
    (closure, told)
}

fn ask_aside(address: SocketAddr) -> thread::JoinHandle<(u16, String)> {
    thread::spawn(move || ask(address, "/a"))
}

#[test]
fn a_closure_that_blocks_holds_up_nobody() {
    for is_check in [false, true] {
        let barrier = Barrier::default();
        let (closure, asked) = blocking(&barrier);
        let server = MockServer::start();
        server.mount(if is_check {
            get("/a").check(closure)
        } else {
            get("/a").when(any_of([closure, header("x", "1")]))
        });
        server.mount(get("/b").text("b"));
        let others: [_; SERVERS] = std::array::from_fn(|_| MockServer::start());
        let waiting = ask_aside(server.address());
        asked.recv_timeout(PATIENCE).unwrap();
        assert_eq!(ask(server.address(), "/b").1, "b");
        for other in others {
            other.mount(get("/c").text("c"));
            assert_eq!(ask(other.address(), "/c").1, "c");
        }
        barrier.open();
        assert_eq!(waiting.join().unwrap().0, 200);
    }
}

#[test]
fn a_closure_that_blocks_does_not_hold_up_the_end() {
    let barrier = Barrier::default();
    let (closure, asked) = blocking(&barrier);
    let server = MockServer::start();
    server.mount(get("/a").when(closure));
    let address = server.address();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET /a HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    asked.recv_timeout(PATIENCE).unwrap();
    drop(server);
    // It blocks still, and nothing of the server is left.
    let refused = TcpStream::connect(address).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    let end = stream.read(&mut [0; 16]).map_err(|error| error.kind());
    assert!(
        matches!(end, Ok(0) | Err(ErrorKind::ConnectionReset)),
        "{end:?}"
    );
    barrier.open();
}

#[test]
fn a_closure_may_ask_other_servers_and_its_own() {
    let others: [_; SERVERS] = std::array::from_fn(|_| MockServer::start());
    for other in &others {
        other.mount(get("/b").text("b"));
    }
    let server = MockServer::start();
    server.mount(get("/b").text("b"));
    let mut addresses: Vec<_> = others.iter().map(MockServer::address).collect();
    addresses.push(server.address());
    let asks_all = matching(move |_| addresses.iter().all(|one| ask(*one, "/b").1 == "b"));
    server.mount(get("/a").when(asks_all));
    assert_eq!(ask(server.address(), "/a").0, 200);
}
