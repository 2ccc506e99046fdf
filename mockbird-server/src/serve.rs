//! `mockbird serve` from its listeners to its end: one function for the command and for tests.

use std::future::{Future, IntoFuture};
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::TlsAcceptor;

use crate::api;
use crate::app::{App, SecretError, SigningSecret};
use crate::config::{Config, Listen, Tls};
use crate::domain::Clock;
use crate::edge::{self, Front, TlsError};
use crate::http::{self, Ended, Stop};
use crate::jobs::Jobs;
use crate::logs::{LedgerError, Logs};
use crate::mail::SenderError;
use crate::nodes::{Nodes, NodesError};
use crate::store::{OpenError, Store};
use crate::telemetry;

/// The sockets of a server, bound already: a test takes any free port.
#[derive(Debug)]
pub struct Listeners {
    /// For everybody.
    pub public: TcpListener,
    /// For the operator: `/metrics`.
    pub admin: Option<TcpListener>,
}

/// Why a server did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The database.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The signing secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The mail server.
    #[error(transparent)]
    Mail(#[from] SenderError),
    /// The file that counts what the request log may lose.
    #[error(transparent)]
    Log(#[from] LedgerError),
    /// The way to the other servers.
    #[error(transparent)]
    Nodes(#[from] NodesError),
    /// The demo project.
    #[error("the demo project cannot be made: {0}")]
    Demo(#[from] crate::store::StoreError),
    /// The certificate.
    #[error("the certificate {} or its key {} cannot be used: {error}", .tls.cert.display(), .tls.key.display())]
    Tls {
        /// Which files.
        tls: Tls,
        /// Why not.
        error: TlsError,
    },
    /// The socket.
    #[error("the server cannot listen: {0}")]
    Listen(#[from] io::Error),
}

/// Serves until `shutdown` ends, then lets requests under way finish. `ready` is told once requests are answered.
pub async fn run(
    mut config: Config,
    listeners: Listeners,
    clock: Clock,
    ready: impl FnOnce(&App),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    // Before anything counts.
    telemetry::metrics();
    // Links in mails name the port that was found, where any would do.
    config.listen.port = listeners.public.local_addr()?.port();
    let secret = SigningSecret::load(&config.listen.data_dir)?;
    let tls = config.listen.tls.as_ref().map(acceptor).transpose()?;
    let store = Store::open(&config.database).await?;
    let (nodes, exchange) = Nodes::start(&config, &secret)?;
    let (logs, log_writer) = Logs::start(&config, &store, &clock, &nodes)?;
    let app = App::new(config, store, clock, secret, logs, nodes);
    warn_of(&app.config().listen);
    app.demo_ensure().await?;
    let jobs = Jobs::start(&app)?;
    let _exchange = exchange.map(|exchange| exchange.attend(&app));
    ready(&app);
    let served = accept(&app, listeners, tls, jobs.told_of(shutdown)).await;
    jobs.stop(app.config().limits.grace).await;
    // Nothing more is counted now.
    if let Err(error) = app.mock_plane().write_usage().await {
        tracing::warn!(%error, "what was used in the last seconds is not counted");
    }
    if let Some(writer) = log_writer {
        writer.finish(app.config().limits.grace).await;
    }
    app.store().close().await;
    Ok(served?)
}

/// Says what an operator should know who lets others in.
fn warn_of(listen: &Listen) {
    if is_local(listen) {
        return;
    }
    let https = match &listen.public_url {
        Some(url) => url.is_https(),
        None => listen.tls.is_some(),
    };
    if !https {
        tracing::warn!(
            "passwords and cookies cross the network in plain text: set --public-url to an https address, or --tls-cert and --tls-key"
        );
    }
    if listen.mocks_domain.is_none() {
        tracing::warn!(
            "mocks answer on the host of the API, where browsers keep their pages in a sandbox: give them another registrable domain by --mocks-domain"
        );
    }
}

/// Whether only this machine comes in.
fn is_local(listen: &Listen) -> bool {
    let host = match &listen.public_url {
        Some(url) => url.authority(),
        None => &listen.host,
    };
    host.starts_with("localhost") || host.starts_with("127.") || host.contains("::1")
}

fn acceptor(tls: &Tls) -> Result<TlsAcceptor, ServeError> {
    edge::acceptor(tls).map_err(|error| ServeError::Tls {
        tls: tls.clone(),
        error,
    })
}

async fn accept(
    app: &App,
    listeners: Listeners,
    tls: Option<TlsAcceptor>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let routes = edge::stack(api::router(app.clone()), &app.config().limits);
    let front = Arc::new(Front::new(app.clone(), routes));
    let stop = Arc::new(Stop::default());
    let stopping = Arc::clone(&stop);
    let feed = app.log_feed().clone();
    tokio::spawn(async move {
        shutdown.await;
        // Who follows would do so for ever.
        feed.close();
        stopping.request();
    });
    if let Some(listener) = listeners.admin {
        let listener = into_tokio(listener)?;
        tokio::spawn(administer(app.clone(), listener, Arc::clone(&stop)));
    }
    let public = into_tokio(listeners.public)?;
    if http::serve(public, tls, front, stop).await == Ended::CutOff {
        tracing::warn!("some requests took too long and were cut off");
    }
    Ok(())
}

fn into_tokio(listener: TcpListener) -> io::Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}

/// How often old samples are put together.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Serves the operator's listener for as long as the other one goes on.
async fn administer(app: App, listener: tokio::net::TcpListener, stop: Arc<Stop>) {
    let routes = api::admin_router(app);
    let stopped = async move { stop.requested().await };
    let serve = axum::serve(listener, routes).with_graceful_shutdown(stopped);
    let upkeep = async {
        let mut times = tokio::time::interval(UPKEEP_EVERY);
        loop {
            times.tick().await;
            telemetry::metrics().run_upkeep();
        }
    };
    let served: io::Result<()> = tokio::select! {
        served = serve.into_future() => served,
        () = upkeep => Ok(()),
    };
    if let Err(error) = served {
        tracing::error!(%error, "the operator's listener ended");
    }
}
