//! A door between a server and what it needs, which can be shut.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How something is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outage {
    /// It was stopped: connections are closed, and new ones refused.
    Stopped,
    /// Its machine is cut off: nothing comes back any more, not even a refusal.
    Silent,
}

/// What stands between a server and something that may be away.
pub(crate) struct Door {
    address: SocketAddr,
    behind: SocketAddr,
    silent: watch::Sender<bool>,
    open: JoinSet<()>,
}

impl Door {
    pub(crate) async fn to(behind: SocketAddr) -> Self {
        let mut door = Self {
            address: "127.0.0.1:0".parse().unwrap(),
            behind,
            silent: watch::Sender::new(false),
            open: JoinSet::new(),
        };
        door.open().await;
        door
    }

    /// Where it is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    async fn open(&mut self) {
        self.silent.send_replace(false);
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.address = listener.local_addr().unwrap();
        let (behind, silent) = (self.behind, self.silent.clone());
        self.open.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (from, _) = listener.accept().await.unwrap();
                connections.spawn(pass(from, behind, silent.subscribe()));
            }
        });
    }

    pub(crate) async fn shut(&mut self, outage: Outage) {
        match outage {
            // With the task go the listener and all connections.
            Outage::Stopped => self.open.shutdown().await,
            Outage::Silent => drop(self.silent.send_replace(true)),
        }
    }

    pub(crate) async fn reopen(&mut self) {
        self.open.shutdown().await;
        self.open().await;
    }
}

/// Passes bytes both ways until all is silent; then holds the connection without a word.
async fn pass(mut from: TcpStream, behind: SocketAddr, mut silent: watch::Receiver<bool>) {
    let mut to = TcpStream::connect(behind).await.unwrap();
    let silenced = async { drop(silent.wait_for(|silent| *silent).await) };
    let held = tokio::select! {
        _ = copy_bidirectional(&mut from, &mut to) => false,
        () = silenced => true,
    };
    if held {
        std::future::pending::<()>().await;
    }
}
