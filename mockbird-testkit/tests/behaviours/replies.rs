//! Behaviours 33 to 39: what stands on the wire.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use mockbird_testkit::prelude::*;

use crate::client::{ask, connect, send};

/// 33: headers keep their order and come as often as they were given; any status will do.
#[test]
fn headers_keep_their_order() {
    let server = MockServer::start();
    let mut mock = get("/").status(499);
    for n in 0..100 {
        mock = mock.reply_header(&format!("x-{n}"), &n.to_string());
    }
    server.mount(
        mock.reply_header("set-cookie", "a=1")
            .reply_header("set-cookie", "b=2"),
    );
    let reply = ask("GET /").of(&server);
    assert_eq!(reply.status, 499);
    let own = reply.head.lines().filter(|line| line.starts_with("x-"));
    let expected = (0..100).map(|n| format!("x-{n}: {n}"));
    assert!(own.map(str::to_owned).eq(expected), "{}", reply.head);
    assert_eq!(reply.values("set-cookie"), ["a=1", "b=2"]);
}

/// Where the others disagree: JSON says what it is, unless a header says otherwise.
#[test]
fn json_says_what_it_is() {
    let server = MockServer::start();
    server.mount(get("/plain").json("{}"));
    server.mount(
        get("/own")
            .json("{}")
            .reply_header("content-type", "application/hal+json"),
    );
    assert_eq!(
        ask("GET /plain").of(&server).values("content-type"),
        ["application/json"]
    );
    assert_eq!(
        ask("GET /own").of(&server).values("content-type"),
        ["application/hal+json"]
    );
}

/// 34: HEAD is answered with the head alone, and its connection goes on.
#[test]
fn head_has_no_body() {
    let server = MockServer::start();
    server.mount(get("/a").text("0123456789"));
    let mut stream = connect(server.address()).unwrap();
    stream
        .write_all(b"HEAD /a HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    stream.write_all(&ask("GET /a").bytes()).unwrap();
    let mut replies = String::new();
    stream.read_to_string(&mut replies).unwrap();
    let (head, rest) = replies.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-length: 10"), "{head}");
    assert!(
        rest.starts_with("HTTP/1.1 200") && rest.ends_with("0123456789"),
        "{rest}"
    );
}

/// 35: a reply may be made of the request.
#[test]
fn replies_see_the_request() {
    let server = MockServer::start();
    server.mount(post("/{*rest}").reply(respond_with(|request| {
        text(request.text())
            .status(201)
            .header("x-path", &request.path())
    })));
    let reply = ask("POST /a/b").body("sent").of(&server);
    assert_eq!((reply.status, &*reply.body), (201, "sent"));
    assert_eq!(reply.values("x-path"), ["/a/b"]);
}

/// 36: a body without an end comes as it is made, holds up nobody, and ends with its client.
#[test]
fn endless_bodies_come_as_they_are_made() {
    let server = MockServer::start();
    let every = Duration::from_millis(1);
    server.mount(get("/log").reply(chunks((1..).map(|n| format!("line {n}\n"))).every(every)));
    server.mount(get("/a").text("x"));
    let mut stream = connect(server.address()).unwrap();
    stream.write_all(&ask("GET /log").bytes()).unwrap();
    let mut seen = String::new();
    let mut some = [0; 256];
    while !seen.contains("line 3") {
        let count = stream.read(&mut some).unwrap();
        assert_ne!(count, 0, "{seen}");
        seen.push_str(&String::from_utf8_lossy(&some[..count]));
    }
    assert!(seen.starts_with("HTTP/1.1 200"), "{seen}");
    assert_eq!(ask("GET /a").of(&server).body, "x");
}

/// 37: a responder may end the connection instead of answering.
#[test]
fn a_responder_may_hang_up() {
    let server = MockServer::start();
    server.mount(get("/a").reply(respond_with(|_| status(200).broken(Fault::Close))));
    assert_eq!(send(server.address(), &ask("GET /a").bytes()).unwrap(), "");
}

/// 38: a delay that the client does not wait for is not waited for by the end of the test either, and a responder that
/// blocks holds up nobody.
#[test]
fn slow_replies_hold_up_nobody() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = MockServer::start();
        let slow = server.mount(get("/slow").delay(Duration::from_secs(3600)).text("late"));
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(&ask("GET /slow").bytes()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_millis(50)))
            .unwrap();
        let error = stream.read(&mut [0; 16]).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
            "{error}"
        );
        assert_eq!(slow.calls(), 1);
    });
}

/// 38: responders that block wait for each other's requests here, so that one at a time would never end.
#[test]
fn responders_run_side_by_side() {
    let server = MockServer::start();
    let together = std::sync::Barrier::new(4);
    server.mount(get("/a").reply(respond_with(move |_| {
        together.wait();
        text("x")
    })));
    let address = server.address();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(move || assert_eq!(ask("GET /a").at(address).body, "x"));
        }
    });
}
