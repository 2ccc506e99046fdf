//! Behaviours 43 and 45: servers, tests and runtimes side by side.

use std::collections::HashSet;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;

use mockbird_testkit::prelude::*;

use crate::client::{PATIENCE, ask, connect, panic_of};

/// 43: after the end of a server its address is nobody's, also if its test failed.
#[test]
fn nothing_is_left_of_a_server() {
    let mut address = None;
    let told = panic_of(|| {
        let server = MockServer::start();
        server.mount(get("/a").text("x"));
        address = Some(server.address());
        panic!("the test's own reason");
    });
    assert_eq!(told, "the test's own reason");
    let refused = TcpStream::connect(address.unwrap()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

/// 43: servers use up neither ports nor files.
#[test]
fn servers_may_come_and_go() {
    for _ in 0..20 {
        let servers: Vec<_> = (0..50).map(|_| MockServer::start()).collect();
        let addresses: HashSet<_> = servers.iter().map(MockServer::address).collect();
        assert_eq!(addresses.len(), servers.len());
        for server in &servers {
            server.mount(get("/a").text("x").expect(1));
            assert_eq!(ask("GET /a").of(server).status, 200);
        }
    }
}

/// A thousand tests with two servers each: every request reaches its own.
#[test]
fn a_thousand_tests_side_by_side_never_meet() {
    let test = |number: usize| {
        let servers = ["left", "right"].map(|side| {
            let server = MockServer::start();
            let own = format!("{number} {side}");
            server.mount(get(format!("/{number}")).text(own.clone()).expect(2));
            (server, own)
        });
        for _ in 0..2 {
            for (server, own) in &servers {
                assert_eq!(ask(&format!("GET /{number}")).of(server).body, *own);
            }
        }
    };
    thread::scope(|scope| {
        for worker in 0..50 {
            scope.spawn(move || (0..20).for_each(|n| test(worker * 20 + n)));
        }
    });
}

/// A request sent to a server that ended meanwhile never reaches the next one, whatever its port.
#[test]
fn stragglers_reach_nobody() {
    for _ in 0..20 {
        let server = MockServer::start();
        server.mount(get("/a").text("x"));
        let mut straggler = connect(server.address()).unwrap();
        straggler
            .write_all(b"GET /a HTTP/1.1\r\nhost: x\r\n")
            .unwrap();
        drop(server);
        let next = MockServer::start();
        let all = next.mount(any("/{*rest}").text("not for you"));
        // Written into a connection that is over, if the system still takes it at all.
        let _ = straggler.write_all(b"\r\n");
        straggler.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut reply = Vec::new();
        let _ = straggler.read_to_end(&mut reply);
        assert!(reply.is_empty(), "{}", String::from_utf8_lossy(&reply));
        assert_eq!(all.calls(), 0);
    }
}

/// 45: inside any runtime and without one.
#[test]
fn any_runtime_will_do() {
    let test = || {
        let server = MockServer::start();
        server.mount(get("/a").text("x").expect(1));
        assert_eq!(ask("GET /a").of(&server).body, "x");
    };
    test();
    thread::spawn(test).join().unwrap();
    let current = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    current.block_on(async { test() });
    let several = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    several.block_on(async {
        test();
        tokio::spawn(async move { test() }).await.unwrap();
    });
    // Nothing of a runtime: a future polled by hand.
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut future = std::pin::pin!(async { test() });
    assert!(future.as_mut().poll(&mut context).is_ready());
}

/// 45: a server may be made on one thread, used on another, and end on a third.
#[test]
fn servers_and_handles_move_between_threads() {
    let server = thread::spawn(MockServer::start).join().unwrap();
    let mock = server.mount(get("/a").text("x"));
    let (server, mock) = thread::spawn(move || {
        assert_eq!(ask("GET /a").of(&server).body, "x");
        (server, mock)
    })
    .join()
    .unwrap();
    let watcher = mock.clone();
    thread::spawn(move || watcher.wait_for(1, PATIENCE))
        .join()
        .unwrap();
    thread::spawn(move || drop(server)).join().unwrap();
    assert_eq!(mock.calls(), 1);
}
