//! The listener of one server and its connections, which end together.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::mpsc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::runtime;

/// How long to wait after a connection could not be taken: the process may be out of files.
const PAUSE: Duration = Duration::from_millis(20);

/// How long the end of a server is waited for: only a closure that blocks a thread of ours takes longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A listener at work; dropped, nothing of it is left.
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    /// Dropped to stop.
    stop: Option<oneshot::Sender<()>>,
    /// Disconnected when the listener and all connections are closed.
    closed: mpsc::Receiver<()>,
}

impl Listener {
    /// Listens on a free port of 127.0.0.1 and serves each connection until it ends or this is dropped.
    pub(crate) fn start<C, F>(serve: C) -> io::Result<Self>
    where
        C: Fn(TcpStream) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = runtime::handle();
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let (open, closed) = mpsc::channel();
        runtime.spawn(async move {
            accept(listener, serve, stopped).await;
            // Only now may the drop of the server go on.
            drop(open);
        });
        Ok(Self {
            address,
            stop: Some(stop),
            closed,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        drop(self.stop.take());
        if !runtime::is_current() {
            // Either it is closed, or a thread of ours is held up and it will be once that is over.
            let _ = self.closed.recv_timeout(PATIENCE);
        }
    }
}

async fn accept<C, F>(listener: TcpListener, serve: C, mut stopped: oneshot::Receiver<()>)
where
    C: Fn(TcpStream) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => {
                    connections.spawn(serve(socket));
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            // Those that ended are forgotten as they do.
            Some(_) = connections.join_next() => {}
            _ = &mut stopped => break,
        }
    }
    drop(listener);
    connections.shutdown().await;
}
