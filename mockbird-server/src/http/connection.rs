//! One connection, from its first byte to its end.

use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response, Version};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::Service;
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::HEAD_BYTES_MAX;
use super::body;
use super::host::{Exchange, Fatal, Host, Peer};
use super::paced::Paced;
use super::patience::Patience;
use super::stop::Stop;
use super::wire::Wire;

/// What an HTTP/2 client sends first (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The name of HTTP/2 in a TLS handshake (RFC 9113 section 3.2).
const ALPN_HTTP2: &[u8] = b"h2";

/// How long to wait for the rest of a preface of which a part has come.
const PREFACE_PAUSE: Duration = Duration::from_millis(5);

/// What HTTP/2 itself lets pass: a stream with more is answered 431 without a body, so that
/// [`Answering`] has to see what is somewhat too much.
///
/// A longer target than a [`Uri`](http::Uri) holds (64 KiB) cannot be answered 414: h2 makes the `Uri` before it tells
/// anybody of the stream, and resets the stream where that fails. The connection goes on.
const HTTP2_HEAD_BYTES_MAX: u32 = 4 * HEAD_BYTES_MAX;

/// What is said of a request with too many headers over HTTP/2.
const HEAD_TOO_LARGE: &str = "the request has more than 256 KiB of headers";

/// Both kinds of connection, set up once.
pub(super) struct Protocols {
    tls: Option<TlsAcceptor>,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Protocols {
    pub(super) fn new(tls: Option<TlsAcceptor>, host: &impl Host) -> Self {
        let mut http1 = http1::Builder::new();
        // Without a timer: `Patience` is ours.
        http1
            .half_close(host.half_close())
            .max_header_size(HEAD_BYTES_MAX as usize);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2.max_header_list_size(HTTP2_HEAD_BYTES_MAX);
        Self { tls, http1, http2 }
    }

    /// Serves a connection until either side ends it.
    ///
    /// What ends it early concerns that client alone, and it knows: nothing is reported.
    pub(super) async fn serve<H: Host>(
        &self,
        socket: TcpStream,
        client: IpAddr,
        host: Arc<H>,
        stop: &Stop,
    ) {
        let patience = host.read_timeout();
        let peer = Peer {
            ip: client,
            marks: Arc::default(),
        };
        let answering = Answering { host, peer };
        if let Some(tls) = &self.tls {
            let shaken = tokio::time::timeout(patience, handshake(tls, socket, stop));
            if let Ok(Some(socket)) = shaken.await {
                let http2 = socket.get_ref().1.alpn_protocol() == Some(ALPN_HTTP2);
                // Seldom beside plain sockets, and large.
                Box::pin(self.serve_as(http2, socket, answering, stop)).await;
            }
            return;
        }
        let speaks = tokio::time::timeout(patience, speaks_http2(&socket, stop));
        if let Ok(Some(http2)) = speaks.await {
            self.serve_as(http2, socket, answering, stop).await;
        }
    }

    async fn serve_as<S, H>(&self, http2: bool, socket: S, answering: Answering<H>, stop: &Stop)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        H: Host,
    {
        if http2 {
            self.serve_http2(socket, answering, stop).await;
        } else {
            self.serve_http1(socket, answering, stop).await;
        }
    }

    async fn serve_http1<S, H>(&self, socket: S, answering: Answering<H>, stop: &Stop)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        H: Host,
    {
        let host = Arc::clone(&answering.host);
        let marks = Arc::clone(&answering.peer.marks);
        let mut patience = Patience::new(host.read_timeout());
        let wire = Wire::new(socket, host, Arc::clone(&marks));
        let connection = self.http1.serve_connection(wire, answering);
        let is_over = |cx: &mut Context<'_>, stops: bool| {
            // Half a head is nothing to wait for.
            (stops && marks.is_idle()) || patience.is_over(cx, &marks)
        };
        let finish = http1::Connection::graceful_shutdown;
        until_stopped(connection, stop, finish, is_over).await;
    }

    async fn serve_http2<S, H>(&self, socket: S, answering: Answering<H>, stop: &Stop)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        H: Host,
    {
        let marks = Arc::clone(&answering.peer.marks);
        let mut patience = Patience::new(answering.host.read_timeout());
        let socket = Paced::new(socket, Arc::clone(&marks));
        let connection = self.http2.serve_connection(socket, answering);
        let is_over = |cx: &mut Context<'_>, _| patience.is_over(cx, &marks);
        let finish = http2::Connection::graceful_shutdown;
        until_stopped(connection, stop, finish, is_over).await;
    }
}

/// Answers the requests of one connection.
struct Answering<H> {
    host: Arc<H>,
    peer: Peer,
}

impl<H: Host> Service<Request<Incoming>> for Answering<H> {
    type Response = Response<H::Body>;
    type Error = Fatal;
    type Future = Exchange<H::Body>;

    fn call(&self, request: Request<Incoming>) -> Exchange<H::Body> {
        self.peer.marks.step();
        if request.version() == Version::HTTP_2 && head_bytes(&request) > HEAD_BYTES_MAX as usize {
            let (head, body) = request.into_parts();
            tokio::spawn(body::let_pass(body));
            let response = self.host.refuse_head(&head, HEAD_TOO_LARGE);
            return Exchange::now(response, &self.peer);
        }
        self.host.answer(request, &self.peer)
    }
}

fn head_bytes<B>(request: &Request<B>) -> usize {
    let target = request.uri().path_and_query();
    let target = target.map_or(0, |target| target.as_str().len());
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| name.as_str().len() + value.len());
    target + headers.sum::<usize>()
}

async fn handshake(
    tls: &TlsAcceptor,
    socket: TcpStream,
    stop: &Stop,
) -> Option<TlsStream<TcpStream>> {
    tokio::select! {
        socket = tls.accept(socket) => socket.ok(),
        () = stop.requested() => None,
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
