//! A door between a server and what it needs, which can be shut.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How much later a slow one answers.
const LATE: Duration = Duration::from_millis(50);

/// How something is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outage {
    /// It was stopped: connections are closed, and new ones refused.
    Stopped,
    /// Its machine is cut off: nothing comes back any more, not even a refusal.
    Silent,
    /// It has too much to do: what comes back comes late.
    Slow,
}

/// What stands between a server and something that may be away.
pub(crate) struct Door {
    address: SocketAddr,
    behind: SocketAddr,
    outage: watch::Sender<Option<Outage>>,
    open: JoinSet<()>,
}

impl Door {
    pub(crate) async fn to(behind: SocketAddr) -> Self {
        let mut door = Self {
            address: "127.0.0.1:0".parse().unwrap(),
            behind,
            outage: watch::Sender::new(None),
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
        self.outage.send_replace(None);
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.address = listener.local_addr().unwrap();
        let (behind, outage) = (self.behind, self.outage.clone());
        self.open.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (from, _) = listener.accept().await.unwrap();
                connections.spawn(pass(from, behind, outage.subscribe()));
            }
        });
    }

    pub(crate) async fn shut(&mut self, outage: Outage) {
        match outage {
            // With the task go the listener and all connections.
            Outage::Stopped => self.open.shutdown().await,
            Outage::Silent | Outage::Slow => drop(self.outage.send_replace(Some(outage))),
        }
    }

    pub(crate) async fn reopen(&mut self) {
        self.open.shutdown().await;
        self.open().await;
    }
}

/// Passes bytes both ways until all is silent; then holds the connection without a word.
async fn pass(
    mut from: TcpStream,
    behind: SocketAddr,
    mut outage: watch::Receiver<Option<Outage>>,
) {
    let mut to = TcpStream::connect(behind).await.unwrap();
    let (mut asked, answering) = from.split();
    let (answers, mut asking) = to.split();
    let back = pass_back(answers, answering, outage.clone());
    let silenced = outage.wait_for(|outage| *outage == Some(Outage::Silent));
    // Whoever ends, ends both.
    let held = tokio::select! {
        _ = copy(&mut asked, &mut asking) => false,
        _ = back => false,
        _ = silenced => true,
    };
    if held {
        std::future::pending::<()>().await;
    }
}

/// Passes what comes back, at once or late.
async fn pass_back(
    mut answers: ReadHalf<'_>,
    mut answering: WriteHalf<'_>,
    outage: watch::Receiver<Option<Outage>>,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = answers.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        let is_slow = *outage.borrow() == Some(Outage::Slow);
        if is_slow {
            sleep(LATE).await;
        }
        answering.write_all(&buffer[..count]).await?;
    }
}
