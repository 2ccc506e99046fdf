//! Gates: who waits, who goes, and how a test hears of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "not every test needs all of the client")]

mod client;

use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use client::{PATIENCE, get as ask};
use mockbird_testkit::{Gate, MockServer, get, text};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn ask_aside(server: &MockServer, path: &'static str) -> JoinHandle<String> {
    let address = server.address();
    spawn(move || ask(address, path).1)
}

#[test]
fn replies_go_one_by_one_in_the_order_they_came() {
    let gate = Gate::new();
    let server = MockServer::start();
    server.mount(get("/{n}").reply(text("{{ request.params.n }}").behind(&gate)));
    let mut waiting = Vec::new();
    for (path, arrived) in [("/1", 1), ("/2", 2), ("/3", 3), ("/4", 4)] {
        waiting.push(ask_aside(&server, path));
        assert!(gate.wait_for(arrived, PATIENCE));
    }
    for expected in ["1", "2"] {
        gate.release(1);
        assert_eq!(waiting.remove(0).join().unwrap(), expected);
        assert!(waiting.iter().all(|one| !one.is_finished()));
    }
    // Two who wait, and one who comes later.
    gate.release(3);
    assert!(waiting.into_iter().all(|one| one.join().is_ok()));
    assert_eq!(ask_aside(&server, "/5").join().unwrap(), "5");
    let last = ask_aside(&server, "/6");
    assert!(gate.wait_for(6, PATIENCE));
    assert!(!last.is_finished());
    gate.open();
    assert_eq!(last.join().unwrap(), "6");
    gate.close();
    let held = ask_aside(&server, "/7");
    assert!(gate.wait_for(7, PATIENCE));
    assert!(!held.is_finished());
    gate.open();
    assert_eq!(held.join().unwrap(), "7");
}

#[test]
fn a_client_that_left_takes_nobodys_place() {
    use std::io::Write;
    let gate = Gate::new();
    let server = MockServer::start();
    server.mount(get("/a").reply(text("a").behind(&gate)));
    server.mount(get("/left").text("left"));
    let mut leaver = std::net::TcpStream::connect(server.address()).unwrap();
    leaver
        .write_all(b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    assert!(gate.wait_for(1, PATIENCE));
    drop(leaver);
    // The same thread sees its end before it takes up this.
    assert_eq!(ask(server.address(), "/left").1, "left");
    let waiting = ask_aside(&server, "/a");
    assert!(gate.wait_for(2, PATIENCE));
    gate.release(1);
    assert_eq!(waiting.join().unwrap(), "a");
}

#[test]
fn waiting_in_vain_is_said() {
    let gate = Gate::new();
    assert!(!gate.wait_for(1, Duration::from_millis(5)));
    assert!(gate.wait_for(0, Duration::ZERO));
}

/// The client runs on the one thread that waits.
async fn client_and_gate_on_one_thread() {
    let gate = Gate::new();
    let server = MockServer::start_async().await;
    server.mount(get("/slow").reply(text("at last").behind(&gate)));
    assert!(!gate.wait_for_async(1, Duration::from_millis(5)).await);
    let address = server.address();
    let client = tokio::spawn(async move {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = b"GET /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.unwrap();
        reply
    });
    assert!(gate.wait_for_async(1, PATIENCE).await);
    assert!(!client.is_finished());
    gate.open();
    assert!(client.await.unwrap().ends_with("at last"));
}

#[test]
fn async_tests_wait_without_holding_up_their_thread() {
    let current = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .unwrap();
    current.block_on(client_and_gate_on_one_thread());
}
