//! Verification beside its words: what counts, who waits, and that nothing is said twice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod client;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use client::{PATIENCE, get as ask, send_with, split};
use mockbird_testkit::prelude::*;

fn panic_of(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("a panic");
    panic.downcast_ref::<String>().expect("its text").clone()
}

/// An executor of nobody we know.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// Many who wait, and many who ask: each that waits is woken.
#[test]
fn no_wake_up_is_lost() {
    const CALLS: usize = 64;
    let server = MockServer::start();
    let told = server.mount(get("/told").expect(CALLS));
    let address = server.address();
    std::thread::scope(|scope| {
        for calls in 1..=CALLS {
            let told = &told;
            match calls % 2 {
                0 => scope.spawn(move || told.wait_for(calls, PATIENCE)),
                _ => scope.spawn(move || block_on(told.wait_for_async(calls, PATIENCE))),
            };
        }
        for _ in 0..8 {
            scope.spawn(move || {
                (0..CALLS / 8).for_each(|_| assert_eq!(ask(address, "/told").0, 200));
            });
        }
    });
    assert_eq!(told.requests().len(), CALLS);
}

#[test]
fn waiting_works_on_any_runtime() {
    let server = MockServer::start();
    let told = server.mount(get("/told"));
    let address = server.address();
    let caller = std::thread::spawn(move || ask(address, "/told"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        told.wait_for_async(1, PATIENCE).await;
        server
            .wait_until_async(PATIENCE, |requests| requests.len() == 1)
            .await;
    });
    caller.join().unwrap();
    // What is so already is not waited for.
    told.wait_for(0, Duration::ZERO);
    told.wait_for(1, Duration::ZERO);
    server.wait_until(Duration::ZERO, |requests| requests[0].path() == "/told");
}

/// A mock that should not be called may be waited for, and the wait ends.
#[test]
fn waiting_for_what_never_comes_ends() {
    let server = MockServer::start().lenient();
    let never = server.mount(get("/never").never());
    never.wait_for(0, PATIENCE);
    let began = Instant::now();
    let said = panic_of(|| block_on(never.wait_for_async(1, Duration::from_millis(5))));
    assert!(said.contains("waited 5ms for 1 call"), "{said}");
    assert!(began.elapsed() < PATIENCE);
}

#[test]
fn requests_know_how_they_were_answered() {
    let server = MockServer::start().lenient();
    server.mount(
        post("/echo")
            .named("echo")
            .reply(respond_with(|_| status(201))),
    );
    server.mount(get("/broken").fault(Fault::Close));
    let form = "content-type: application/x-www-form-urlencoded\r\ncookie: a=1; b=2\r\n";
    send_with(
        server.address(),
        "POST /echo?x=1&x=2",
        form,
        "town=Quahog&zip=1",
    )
    .unwrap();
    ask(server.address(), "/nobody");
    let _ = client::send(server.address(), "GET /broken");
    let requests = server.received_requests();
    let [echo, nobody, broken] = &requests[..] else {
        panic!("{requests:?}")
    };
    assert_eq!(
        (echo.answered_by(), echo.status()),
        (Some("echo"), Some(201))
    );
    assert_eq!((nobody.answered_by(), nobody.status()), (None, Some(404)));
    assert_eq!(
        (broken.answered_by(), broken.status()),
        (Some("GET /broken"), None)
    );
    assert_eq!(echo.form_value("town").as_deref(), Some("Quahog"));
    assert_eq!(echo.query_value("x").as_deref(), Some("1"));
    assert_eq!(echo.cookie("b").as_deref(), Some("2"));
    assert_eq!(echo.client(), Some([127, 0, 0, 1].into()));
    assert!(echo.received_at() <= nobody.received_at());
    assert_eq!(server.unmatched_requests().len(), 1);
    server.clear_received_requests();
    assert!(server.received_requests().is_empty() && server.unmatched_requests().is_empty());
    server.verify();
}

/// What a panic of ours has said, the end of the test does not say again; and it never panics twice.
#[test]
fn a_test_that_fails_already_fails_once() {
    let said = panic_of(|| {
        let server = MockServer::start();
        server.mount(get("/birds").expect(1));
        server.verify();
    });
    assert!(said.starts_with("mockbird: 1 problem\n"), "{said}");
    let panic = catch_unwind(|| {
        let server = MockServer::start();
        server.mount(get("/birds").expect(1));
        panic!("of the test's own")
    });
    assert_eq!(
        *panic.unwrap_err().downcast_ref::<&str>().unwrap(),
        "of the test's own"
    );
}

#[test]
fn retries_and_other_mocks_do_not_disturb_an_order() {
    let server = MockServer::start();
    let [a, b] = ["/a", "/b"].map(|path| server.mount(get(path)));
    server.mount(get("/other"));
    server.expect_order([&a, &b, &a]);
    for path in ["/a", "/other", "/a", "/b", "/a", "/a"] {
        ask(server.address(), path);
    }
    server.verify();
    let other = MockServer::start();
    let said = catch_unwind(AssertUnwindSafe(|| other.expect_order([&a])));
    assert!(said.is_err());
}

/// One wrong number in a megabyte is found by its pointer, in the reply and in the report.
#[test]
fn one_wrong_pointer_in_a_large_body() {
    let body = |wrong: usize| {
        let items = (0..15_000).map(|n| {
            let qty = if n == wrong { 2 } else { 1 };
            format!(r#"{{"sku": "sku-{n:06}", "qty": {qty}, "tags": ["a", "b", {{"deep": [{n}, null, true]}}]}}"#)
        });
        format!(r#"{{"items": [{}]}}"#, items.collect::<Vec<_>>().join(","))
    };
    let wanted = body(7_777);
    assert!(wanted.len() > 1_000_000);
    for mock in [
        post("/orders").body(json_equals(&wanted)),
        post("/orders").body(json_contains(&wanted)),
    ] {
        let server = MockServer::start();
        server.mount(mock);
        let headers = "content-type: application/json\r\n";
        let reply =
            send_with(server.address(), "POST /orders", headers, &body(usize::MAX)).unwrap();
        let (code, reply) = split(&reply);
        let report = panic_of(|| drop(server));
        for said in [&reply, &report] {
            assert!(
                said.contains("body /items/7777/qty: 1, expected 2"),
                "{said}"
            );
            assert_eq!(said.matches("expected").count(), 1, "{said}");
        }
        assert_eq!(code, 404);
        assert!(reply.len() < 1_000 && report.len() < 1_000);
    }
}

/// What is kept of requests does not grow without end, and what is forgotten is counted.
#[test]
fn the_journal_is_bounded() {
    let server = MockServer::builder()
        .journal_limit(100, 50_000)
        .lenient()
        .start();
    server.mount(post("/large"));
    for _ in 0..20 {
        send_with(server.address(), "POST /large", "", &"x".repeat(10_000)).unwrap();
    }
    let kept = server.received_requests();
    assert!((1..=5).contains(&kept.len()), "{}", kept.len());
    assert_eq!(kept.last().unwrap().number(), 20);
}

/// A call is counted with its request, not before: who waited for the one may look at the other.
#[test]
fn who_hears_of_a_call_finds_its_request() {
    let (come, came) = std::sync::mpsc::channel();
    let (go, going) = std::sync::mpsc::channel::<()>();
    let (come, going) = (Mutex::new(come), Mutex::new(going));
    let slow = matching(move |_| {
        come.lock().unwrap().send(()).unwrap();
        going.lock().unwrap().recv().is_ok()
    });
    let server = MockServer::start();
    let told = server.mount(get("/told").check(slow));
    let address = server.address();
    let client = std::thread::spawn(move || ask(address, "/told").0);
    came.recv_timeout(PATIENCE).unwrap();
    assert_eq!((told.calls(), told.requests().len()), (0, 0));
    go.send(()).unwrap();
    told.wait_for(1, PATIENCE);
    assert_eq!(told.requests().len(), 1);
    assert_eq!(client.join().unwrap(), 200);
}

#[test]
fn a_refused_request_was_received_and_fails_the_test() {
    let server = MockServer::builder().body_limit(4).start();
    server.mount(post("/birds").expect(1));
    let reply = send_with(server.address(), "POST /birds", "", "wrens").unwrap();
    assert_eq!(split(&reply).0, 413);
    let received = server.received_requests();
    assert_eq!(received[0].to_string(), "#1 POST /birds");
    assert_eq!(received[0].status(), Some(413));
    assert_eq!(received[0].answered_by(), None);
    let told = panic_of(|| drop(server));
    let (_, told) = told.split_once("expected 1 call, got 0\n").unwrap();
    insta::assert_snapshot!(told.trim(), @r"
    #1 POST /birds was refused with 413: the request's body is larger than 4 bytes
      help: `MockServer::builder().body_limit(bytes)` sets the limit
    ");
}
