//! The listener of one server and its connections, which end together.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use super::ports;
use super::tasks::Tasks;
use super::workers::Worker;

/// How long to wait after a connection could not be taken: the process may be out of files.
const PAUSE: Duration = Duration::from_millis(20);

/// A listener at work; dropped, nothing of it is left.
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    tasks: Tasks,
}

impl Listener {
    /// Listens on a free port of 127.0.0.1 and serves each connection until it ends or this is dropped.
    pub(crate) fn start<C, F>(serve: C) -> io::Result<Self>
    where
        C: Fn(TcpStream, SocketAddr) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = ports::listen()?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let worker = Worker::next();
        let listener = {
            let _inside = worker.handle.enter();
            TcpListener::from_std(listener)?
        };
        let tasks = Tasks::new(worker);
        let connections = tasks.clone();
        tasks.spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((socket, client)) => connections.spawn(serve(socket, client)),
                    Err(_) => tokio::time::sleep(PAUSE).await,
                }
            }
        });
        Ok(Self { address, tasks })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.tasks.end();
    }
}
