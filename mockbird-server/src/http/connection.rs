//! One connection, from its first byte to its end.

use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpStream;

use super::HEAD_BYTES_MAX;
use super::app::App;
use super::exchange::Answering;
use super::paced::Paced;
use super::patience::Patience;
use super::stop::Stop;
use super::wire::Wire;

/// What an HTTP/2 client sends first (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long to wait for the rest of a preface of which a part has come.
const PREFACE_PAUSE: Duration = Duration::from_millis(5);

/// What HTTP/2 itself lets pass: a stream with more is answered 431 without a body, so that
/// [`Answering`] has to see what is somewhat too much.
///
/// A longer target than a [`Uri`](http::Uri) holds (64 KiB) cannot be answered 414: h2 makes the `Uri` before it tells
/// anybody of the stream, and resets the stream where that fails. The connection goes on.
const HTTP2_HEAD_BYTES_MAX: u32 = 4 * HEAD_BYTES_MAX;

/// Both kinds of connection, set up once.
#[derive(Debug)]
pub(super) struct Protocols {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Protocols {
    pub(super) fn new() -> Self {
        let mut http1 = http1::Builder::new();
        // Without a timer: `Patience` is ours. A client that has sent all it will may still be reading.
        http1
            .half_close(true)
            .max_header_size(HEAD_BYTES_MAX as usize);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2.max_header_list_size(HTTP2_HEAD_BYTES_MAX);
        Self { http1, http2 }
    }

    /// Serves a connection until either side ends it.
    ///
    /// What ends it early concerns that client alone, and it knows: nothing is reported.
    pub(super) async fn serve(
        &self,
        socket: TcpStream,
        client: IpAddr,
        app: Arc<App>,
        stop: &Stop,
    ) {
        let speaks = tokio::time::timeout(app.limits().read_timeout, speaks_http2(&socket, stop));
        let speaks = speaks.await;
        let answering = Answering {
            app,
            client,
            marks: Arc::default(),
        };
        match speaks {
            Ok(Some(true)) => self.serve_http2(socket, answering, stop).await,
            Ok(Some(false)) => self.serve_http1(socket, answering, stop).await,
            Ok(None) | Err(_) => {}
        }
    }

    async fn serve_http1(&self, socket: TcpStream, answering: Answering, stop: &Stop) {
        let (app, marks) = (Arc::clone(&answering.app), Arc::clone(&answering.marks));
        let mut patience = Patience::new(app.limits().read_timeout);
        let wire = Wire::new(socket, app, Arc::clone(&marks));
        let connection = self.http1.serve_connection(wire, answering);
        let is_over = |cx: &mut Context<'_>, stops: bool| {
            // Half a head is nothing to wait for.
            (stops && marks.is_idle()) || patience.is_over(cx, &marks)
        };
        let finish = http1::Connection::graceful_shutdown;
        until_stopped(connection, stop, finish, is_over).await;
    }

    async fn serve_http2(&self, socket: TcpStream, answering: Answering, stop: &Stop) {
        let marks = Arc::clone(&answering.marks);
        let mut patience = Patience::new(answering.app.limits().read_timeout);
        let socket = Paced::new(socket, Arc::clone(&marks));
        let connection = self.http2.serve_connection(socket, answering);
        let is_over = |cx: &mut Context<'_>, _| patience.is_over(cx, &marks);
        let finish = http2::Connection::graceful_shutdown;
        until_stopped(connection, stop, finish, is_over).await;
    }
}

/// Looks at the first bytes without taking them, so that HTTP/1.1 costs nothing more afterwards.
async fn speaks_http2(socket: &TcpStream, stop: &Stop) -> Option<bool> {
    let mut first = [0; PREFACE.len()];
    loop {
        let seen = tokio::select! {
            seen = socket.peek(&mut first) => seen.ok()?,
            () = stop.requested() => return None,
        };
        match &first[..seen] {
            [] => return None,
            bytes if *bytes == *PREFACE => return Some(true),
            bytes if !PREFACE.starts_with(bytes) => return Some(false),
            // What is there stays readable, so waiting for readiness would not wait.
            _ => tokio::time::sleep(PREFACE_PAUSE).await,
        }
    }
}

/// Runs a connection to its end, or until `is_over` says so, which knows whether we stop; once asked to, it finishes
/// what it is doing.
///
/// The signal is polled once, which registers the task: it wakes it like everything else does, and
/// a request costs one look at a flag.
async fn until_stopped<C: Future>(
    connection: C,
    stop: &Stop,
    finish: fn(Pin<&mut C>),
    mut is_over: impl FnMut(&mut Context<'_>, bool) -> bool,
) {
    let mut connection = pin!(connection);
    let mut signal = pin!(stop.signal());
    let (mut registered, mut finishing) = (false, false);
    poll_fn(|cx| {
        if !registered {
            registered = true;
            // Ready or not, the flag below tells.
            let _: Poll<()> = signal.as_mut().poll(cx);
        }
        if !finishing && stop.is_requested() {
            finishing = true;
            finish(connection.as_mut());
        }
        if connection.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        if !is_over(cx, finishing) {
            return Poll::Pending;
        }
        // What can be said at once is said: that of HTTP/2 tells a client that none of its requests is lost.
        finish(connection.as_mut());
        let _ = connection.as_mut().poll(cx);
        Poll::Ready(())
    })
    .await;
}
