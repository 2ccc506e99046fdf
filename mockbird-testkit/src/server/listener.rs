//! The listener of one server and its connections, which end together.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::builder::MockServerBuilder;
#[cfg(feature = "tls")]
use super::builder::Scheme;
use super::connection::Connections;
use super::ports;
use super::tasks::Tasks;
#[cfg(all(unix, feature = "unix"))]
use super::unix::SocketFile;
use super::workers::Worker;
use crate::state::State;

/// How long to wait after a connection could not be taken: the process may be out of files.
const PAUSE: Duration = Duration::from_millis(20);

/// How long a server that was just started is ready to answer without being woken.
const AWAKE: Duration = Duration::from_micros(200);

/// A listener at work; dropped, nothing of it is left.
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    tasks: Tasks,
    #[cfg(all(unix, feature = "unix"))]
    pub(super) socket_file: Option<SocketFile>,
}

impl Listener {
    /// Listens on a free port of 127.0.0.1 and serves each connection until it ends or this is dropped.
    #[cfg_attr(
        not(any(feature = "tls", feature = "unix")),
        expect(unused_variables, reason = "they are about optional parts")
    )]
    pub(crate) fn start(options: &MockServerBuilder, state: Arc<State>) -> io::Result<Self> {
        let worker = Worker::next();
        let _inside = worker.handle.enter();
        let listener = ports::listen()?;
        let address = listener.local_addr()?;
        let tasks = Tasks::new(worker);
        let connections = Connections {
            state,
            tasks: tasks.clone(),
            #[cfg(feature = "tls")]
            tls: (options.scheme == Scheme::Https)
                .then(|| super::tls::CertificateAuthority::of_process().acceptor()),
        };
        #[cfg(all(unix, feature = "unix"))]
        let socket_file = if options.has_unix_socket {
            Some(listen_unix(connections.clone())?)
        } else {
            None
        };
        tasks.spawn(async move {
            tokio::spawn(stay_awake(connections.tasks.clone()));
            loop {
                match listener.accept().await {
                    Ok((socket, client)) => connections.serve_tcp(socket, client.ip()),
                    Err(_) => tokio::time::sleep(PAUSE).await,
                }
            }
        });
        Ok(Self {
            address,
            tasks,
            #[cfg(all(unix, feature = "unix"))]
            socket_file,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Keeps the worker from sleeping: whoever starts a server asks it at once, and to wake a thread costs as much as the answer.
/// Threads that have something to do go first.
async fn stay_awake(tasks: Tasks) {
    let began = Instant::now();
    while began.elapsed() < AWAKE && !tasks.is_over() {
        thread::yield_now();
        tokio::task::yield_now().await;
    }
}

#[cfg(all(unix, feature = "unix"))]
fn listen_unix(connections: Connections) -> io::Result<SocketFile> {
    let (file, listener) = SocketFile::listen()?;
    connections.tasks.clone().spawn(async move {
        loop {
            match listener.accept().await {
                Ok((socket, _)) => connections.tasks.spawn(connections.serve(socket, None)),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    });
    Ok(file)
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.tasks.end();
    }
}
