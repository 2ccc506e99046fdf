//! Connections as they come.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{Sender, channel};

use super::app::App;
use super::connection::Protocols;
use super::stop::Stop;

/// How long to wait after a connection could not be taken: the system may be out of files.
const PAUSE: Duration = Duration::from_millis(100);

/// How serving came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every request that was under way has its reply.
    Finished,
    /// Some took longer than the grace period and were cut off.
    CutOff,
}

/// Answers requests until `stop` is requested, then waits for those under way.
pub async fn serve(listener: TcpListener, app: Arc<App>, stop: Arc<Stop>) -> Ended {
    let protocols = Arc::new(Protocols::new());
    // Nothing is ever sent: the channel closes when the last connection drops its end.
    let (open, mut all_closed) = channel::<()>(1);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, client)) => {
                    let task = Connection { protocols: Arc::clone(&protocols), app: Arc::clone(&app), stop: Arc::clone(&stop), _open: open.clone() };
                    tokio::spawn(task.run(socket, client.ip().to_canonical()));
                }
                Err(error) => recover(&error).await,
            },
            () = stop.requested() => break,
        }
    }
    drop((listener, open));
    match tokio::time::timeout(app.limits().grace, all_closed.recv()).await {
        Ok(_) => Ended::Finished,
        Err(_) => Ended::CutOff,
    }
}

/// What a connection's task owns.
struct Connection {
    protocols: Arc<Protocols>,
    app: Arc<App>,
    stop: Arc<Stop>,
    _open: Sender<()>,
}

impl Connection {
    async fn run(self, socket: TcpStream, client: std::net::IpAddr) {
        // Replies are written whole; without it the last part could wait for an acknowledgement.
        drop(socket.set_nodelay(true));
        self.protocols
            .serve(socket, client, self.app, &self.stop)
            .await;
    }
}

/// A client that left before it was taken is no matter; anything else may need a moment.
async fn recover(error: &std::io::Error) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    if !matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    ) {
        tokio::time::sleep(PAUSE).await;
    }
}
