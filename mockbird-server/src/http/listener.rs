//! Connections as they come.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::connection::Protocols;
use super::host::Host;
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

/// Answers requests until `stop` is requested, then waits for those under way; with `tls`, over HTTPS.
pub(crate) async fn serve<H: Host>(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    host: Arc<H>,
    stop: Arc<Stop>,
) -> Ended {
    let protocols = Arc::new(Protocols::new(tls, &*host));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, client)) => {
                    // Replies are written whole; without it the last part could wait for an acknowledgement.
                    drop(socket.set_nodelay(true));
                    let (protocols, host, stop) = (Arc::clone(&protocols), Arc::clone(&host), Arc::clone(&stop));
                    let client = client.ip().to_canonical();
                    connections.spawn(async move { protocols.serve(socket, client, host, &stop).await });
                }
                Err(error) => recover(&error).await,
            },
            // What ended is let go.
            Some(_) = connections.join_next() => {}
            () = stop.requested() => break,
        }
    }
    drop(listener);
    let all_closed = async { while connections.join_next().await.is_some() {} };
    match tokio::time::timeout(host.grace(), all_closed).await {
        Ok(()) => Ended::Finished,
        // Whatever goes on is dropped with the set.
        Err(_) => Ended::CutOff,
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
