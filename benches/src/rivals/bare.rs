//! The limit: hyper on a thread of its own, with a runtime of its own.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::thread::JoinHandle;

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use mockbird_benches::BODY;
use mockbird_benches::load::Outcome;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A server that answers everything with one body, until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start() -> Outcome<Self> {
        let listener = StdListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let thread = std::thread::spawn(move || {
            let runtime = runtime.enable_all().build();
            let runtime = runtime.unwrap_or_else(|error| panic!("{error}"));
            runtime.block_on(serve(listener, stopped));
        });
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // If it panicked, it has said so.
            let _ = thread.join();
        }
    }
}

async fn serve(listener: StdListener, mut stopped: oneshot::Receiver<()>) {
    let listener = TcpListener::from_std(listener).unwrap_or_else(|error| panic!("{error}"));
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((socket, _)) = accepted {
                tokio::spawn(async move {
                    // The end of the client is the end of it.
                    let _ = http1::Builder::new()
                        .serve_connection(TokioIo::new(socket), service_fn(reply))
                        .await;
                });
            },
            _ = &mut stopped => break,
        }
    }
}

async fn reply(
    _: http::Request<hyper::body::Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::new(Bytes::from_static(
        BODY.as_bytes(),
    ))))
}
