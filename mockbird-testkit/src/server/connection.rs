//! One connection, from its first byte to its end.

use std::net::IpAddr;
use std::sync::Arc;

#[cfg(not(feature = "http2"))]
use hyper::server::conn::http1;
#[cfg(feature = "http2")]
use hyper_util::server::conn::auto;
use tokio::net::TcpStream;

use super::exchange::Answering;
use super::tasks::Tasks;
use super::wire::{Orders, Socket, Wire};
use crate::state::State;

/// What the connections of a server share.
#[derive(Clone)]
pub(super) struct Connections {
    pub(super) state: Arc<State>,
    pub(super) tasks: Tasks,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<tokio_rustls::TlsAcceptor>,
}

impl Connections {
    /// Serves a TCP connection in a task of its own.
    pub(super) fn serve_tcp(&self, socket: TcpStream, client: IpAddr) {
        // Without it the end of a reply may wait for an acknowledgement.
        let _ = socket.set_nodelay(true);
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            let (shared, accepted) = (self.clone(), tls.accept(socket));
            self.tasks.spawn(async move {
                // A client that does not trust us says so itself.
                if let Ok(socket) = accepted.await {
                    shared.serve(socket, Some(client)).await;
                }
            });
            return;
        }
        self.tasks.spawn(self.serve(socket, Some(client)));
    }

    /// Serves a connection until either side ends it.
    pub(super) fn serve<S: Socket>(
        &self,
        socket: S,
        client: Option<IpAddr>,
    ) -> impl Future<Output = ()> + Send + use<S> {
        let orders = Orders::default();
        let wire = Wire::new(socket, orders.clone());
        let state = Arc::clone(&self.state);
        let answering = Answering {
            state,
            orders,
            client,
        };
        #[cfg(not(feature = "http2"))]
        let connection = http1::Builder::new().serve_connection(wire, answering);
        #[cfg(feature = "http2")]
        let connection = {
            let protocols = auto::Builder::new(self.tasks.clone());
            async move { protocols.serve_connection(wire, answering).await }
        };
        async {
            // A client that breaks off is no fault of the server, and a test sees it on its own side.
            let _ = connection.await;
        }
    }
}
