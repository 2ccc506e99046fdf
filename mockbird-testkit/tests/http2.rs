//! HTTP/2 by prior knowledge, on the port of HTTP/1.1: behaviour 39 of `docs/behaviours.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "not every test needs all of the client")]

mod client;

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use mockbird_testkit::{Fault, Gate, MockServer, chunks, get, respond_with_async, text};

async fn connect(server: &MockServer) -> SendRequest<Empty<Bytes>> {
    let socket = tokio::net::TcpStream::connect(server.address())
        .await
        .unwrap();
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(socket))
        .await
        .unwrap();
    tokio::spawn(connection);
    sender
}

async fn ask(sender: &SendRequest<Empty<Bytes>>, url: String) -> hyper::Result<Response<Incoming>> {
    let request = Request::get(url)
        .header("te", "trailers")
        .body(Empty::new())
        .unwrap();
    sender.clone().send_request(request).await
}

/// Why a stream ended early.
fn reason(error: &hyper::Error) -> Option<h2::Reason> {
    error.source()?.downcast_ref::<h2::Error>()?.reason()
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test);
}

#[test]
fn the_same_port_speaks_both() {
    run(async {
        let server = MockServer::start();
        server.mount(get("/a").reply(text("a {{ request.query.n }}").trailer("x-sum", "1")));
        let sender = connect(&server).await;
        let reply = ask(&sender, server.url("/a?n=2")).await.unwrap();
        assert_eq!(
            (reply.version(), reply.status().as_u16()),
            (Version::HTTP_2, 200)
        );
        let body = reply.into_body().collect().await.unwrap();
        assert_eq!(body.trailers().unwrap()["x-sum"], "1");
        assert_eq!(body.to_bytes(), "a 2");
        assert_eq!(client::get(server.address(), "/a?n=1").0, 200);
        let versions: Vec<_> = server
            .received_requests()
            .iter()
            .map(|one| one.version())
            .collect();
        assert_eq!(versions, [Version::HTTP_2, Version::HTTP_11]);
    });
}

#[test]
fn streams_do_not_wait_for_each_other() {
    run(async {
        let server = MockServer::start();
        let gate = Gate::new();
        server.mount(get("/held").reply(text("held").behind(&gate)));
        server.mount(get("/parts").reply(chunks(["one", "two"]).every(Duration::from_millis(1))));
        let sender = connect(&server).await;
        let held = tokio::spawn({
            let (sender, url) = (sender.clone(), server.url("/held"));
            async move { ask(&sender, url).await }
        });
        assert!(gate.wait_for_async(1, client::PATIENCE).await);
        let parts = ask(&sender, server.url("/parts")).await.unwrap();
        assert_eq!(
            parts.into_body().collect().await.unwrap().to_bytes(),
            "onetwo"
        );
        gate.open();
        assert_eq!(
            held.await
                .unwrap()
                .unwrap()
                .into_body()
                .collect()
                .await
                .unwrap()
                .to_bytes(),
            "held"
        );
    });
}

#[test]
fn a_fault_resets_its_stream_alone() {
    run(async {
        let server = MockServer::start();
        for (path, fault) in [
            ("/close", Fault::Close),
            ("/cut", Fault::CloseAfter(4)),
            ("/long", Fault::ContentLength(99)),
        ] {
            server.mount(get(path).reply(text("0123456789").broken(fault)));
        }
        server.mount(get("/ok").text("ok"));
        let sender = connect(&server).await;
        let closed = ask(&sender, server.url("/close")).await.unwrap_err();
        assert_eq!(reason(&closed), Some(h2::Reason::INTERNAL_ERROR));
        let mut cut = ask(&sender, server.url("/cut")).await.unwrap().into_body();
        let first = cut.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(first, "0123");
        assert!(cut.frame().await.unwrap().is_err());
        let long = ask(&sender, server.url("/long")).await.unwrap();
        assert_eq!(long.headers()["content-length"], "99");
        assert!(long.into_body().collect().await.is_err());
        let ok = ask(&sender, server.url("/ok")).await.unwrap();
        assert_eq!(ok.into_body().collect().await.unwrap().to_bytes(), "ok");
    });
}

#[test]
fn reset_and_garbage_break_the_connection() {
    run(async {
        let server = MockServer::start();
        server.mount(get("/reset").fault(Fault::Reset));
        server.mount(get("/garbage").fault(Fault::Garbage(vec![b'?'; 4096].into())));
        for path in ["/reset", "/garbage"] {
            let sender = connect(&server).await;
            assert!(ask(&sender, server.url(path)).await.is_err(), "{path}");
        }
    });
}

#[test]
fn streams_end_with_the_server() {
    run(async {
        let server = MockServer::start();
        let gate = Gate::new();
        server.mount(get("/held").reply(text("x").behind(&gate)));
        let dropped = std::sync::Arc::new(());
        let held = std::sync::Arc::clone(&dropped);
        server.mount(
            get("/async").reply(
                respond_with_async(move |_| {
                    let held = std::sync::Arc::clone(&held);
                    async move {
                        std::future::pending::<()>().await;
                        drop(held);
                        text("never")
                    }
                })
                .behind(&gate),
            ),
        );
        let sender = connect(&server).await;
        let waiting = tokio::spawn({
            let (sender, url) = (sender.clone(), server.url("/async"));
            async move { ask(&sender, url).await }
        });
        gate.release(1);
        assert!(gate.wait_for_async(1, client::PATIENCE).await);
        while std::sync::Arc::strong_count(&dropped) < 3 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drop(server);
        assert_eq!(
            std::sync::Arc::strong_count(&dropped),
            1,
            "nothing of it is left"
        );
        assert!(waiting.await.unwrap().is_err());
    });
}

/// HTTP/2 has the authority where HTTP/1.1 has a header; mocks and tests find both alike.
#[test]
fn the_authority_is_the_host() {
    run(async {
        let server = MockServer::start();
        let birds = server.mount(
            get("/birds")
                .header("host", server.address().to_string())
                .text("of {{ request.headers.host }}"),
        );
        let sender = connect(&server).await;
        let reply = ask(&sender, server.url("/birds")).await.unwrap();
        let body = reply.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, format!("of {}", server.address()));
        let host = server.address().to_string();
        assert_eq!(birds.requests()[0].header("host"), Some(&*host));
    });
}
