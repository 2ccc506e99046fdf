//! The server: a thread, a runtime on it, an engine that is swapped whole.

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use mockbird_core::spec::Spec;
use mockbird_core::{
    ByteSize, Edit, Engine, Env, ErrorCode, Invalid, MockKey, Request, RequestId, error_response,
    inflate,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::Mount;

/// The largest request body that is read.
const BODY_BYTES_MAX: usize = 10 << 20;

/// A mock server on a free port of 127.0.0.1, running until it is dropped.
#[derive(Debug)]
pub struct MockServer {
    address: SocketAddr,
    engine: Arc<ArcSwap<Engine>>,
    /// How many mocks were mounted: newer ones go before older ones.
    mounted: Mutex<u32>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// Why a mock could not be mounted: every fault of it, with its place.
pub type MountError = Invalid;

impl MockServer {
    /// Starts a server without mocks: every request is a 404 that says so.
    ///
    /// # Panics
    /// If the system gives no port on 127.0.0.1 or no thread: no test can go on without.
    #[must_use = "the server stops when it is dropped"]
    #[expect(
        clippy::expect_used,
        reason = "documented: a test cannot go on without its server"
    )]
    pub fn start() -> Self {
        let listener =
            StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on 127.0.0.1");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        listener
            .set_nonblocking(true)
            .expect("a socket can be non-blocking");
        let spec = Spec {
            name: "test".to_owned(),
            cors: Some(false),
            ..Spec::default()
        };
        let engine = Engine::compile(&spec)
            .expect("a spec without mocks has no faults")
            .engine;
        let engine = Arc::new(ArcSwap::from_pointee(engine));
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::clone(&engine);
        let thread = std::thread::Builder::new()
            .name("mockbird".to_owned())
            .spawn(move || run(listener, shared, stopped))
            .expect("a thread can be started");
        Self {
            address,
            engine,
            mounted: Mutex::new(0),
            stop,
            thread: Some(thread),
        }
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a path on this server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Mounts a mock; it answers from now on, and before older ones where all else is equal.
    ///
    /// # Panics
    /// If the mock has faults, naming them all; [`MockServer::try_mount`] gives them as a value.
    #[track_caller]
    pub fn mount(&self, mock: impl Into<Mount>) {
        if let Err(faults) = self.try_mount(mock) {
            panic!("the mock cannot be mounted:\n{faults}");
        }
    }

    /// Mounts a mock, or says what is wrong with it.
    pub fn try_mount(&self, mock: impl Into<Mount>) -> Result<(), MountError> {
        // Holding the count makes mounts from several threads follow each other.
        let mut mounted = self.mounted.lock().unwrap_or_else(PoisonError::into_inner);
        let mock = mock.into().into_mock();
        let edit = Edit::Put {
            key: MockKey(u64::from(*mounted)),
            order: -i64::from(*mounted),
            mock,
        };
        let edited = self.engine.load().with(&[edit])?;
        self.engine.store(Arc::new(edited.engine));
        *mounted += 1;
        Ok(())
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        // The other end lives as long as the thread, which is joined below: failing means it is gone already.
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(listener: StdListener, engine: Arc<ArcSwap<Engine>>, mut stopped: watch::Receiver<bool>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    else {
        return;
    };
    runtime.block_on(async move {
        let Ok(listener) = TcpListener::from_std(listener) else {
            return;
        };
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        tokio::spawn(serve(stream, Arc::clone(&engine)));
                    }
                }
                _ = stopped.changed() => return,
            }
        }
    });
}

async fn serve(stream: TcpStream, engine: Arc<ArcSwap<Engine>>) {
    let _ = stream.set_nodelay(true);
    let client = stream.peer_addr().map(|peer| peer.ip());
    let service = service_fn(|request| {
        let engine = engine.load_full();
        let client = client.as_ref().ok().copied();
        async move { answer(request, &engine, client).await }
    });
    // A client that breaks off is no fault of the server, and a test sees it on its own side.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    request: hyper::Request<Incoming>,
    engine: &Engine,
    client: Option<std::net::IpAddr>,
) -> Result<hyper::Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
        return Ok(too_large());
    }
    let body = match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return refusal(error),
    };
    let body = match inflate(&head.headers, body, BODY_BYTES_MAX) {
        Ok(body) => body,
        Err(error) => return Ok(error.response().map(Full::new)),
    };
    let now_ms = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
    let env = Env {
        now_ms,
        request_id: RequestId::v7(now_ms, [fastrand::u64(..), fastrand::u64(..)]),
        random: fastrand::u64(..),
        counters: None,
    };
    let target = head
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    // The answer borrows the request, so both end here, before the wait.
    let (response, delay) = {
        let mut request = Request::new(&head.method, target, &head.headers, &body);
        if let Some(address) = client {
            request = request.with_client(address);
        }
        let answer = engine.answer(&request, &env);
        (answer.response, answer.delay)
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    Ok(response.map(Full::new))
}

/// What a client is told whose body cannot be read; if it is gone, that ends the connection.
fn refusal(
    error: Box<dyn Error + Send + Sync>,
) -> Result<hyper::Response<Full<Bytes>>, hyper::Error> {
    match error.downcast::<hyper::Error>() {
        Ok(error) if is_malformed(&error) => {
            let text = "the request's body is not in the form that its headers say";
            Ok(error_response(ErrorCode::BadRequest, text).map(Full::new))
        }
        Ok(error) => Err(*error),
        Err(_beyond_the_limit) => Ok(too_large()),
    }
}

fn too_large() -> hyper::Response<Full<Bytes>> {
    let most = ByteSize(BODY_BYTES_MAX);
    let text = format!("the request's body is larger than {most}");
    error_response(ErrorCode::PayloadTooLarge, &text).map(Full::new)
}

/// True if what came is no body in HTTP/1.1: hyper passes on what its decoder said, in the kinds of `std::io`.
fn is_malformed(error: &hyper::Error) -> bool {
    let source = error.source().and_then(<dyn Error>::downcast_ref);
    source.is_some_and(|error: &io::Error| {
        matches!(
            error.kind(),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
        )
    })
}
