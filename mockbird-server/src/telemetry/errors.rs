//! Errors, as Sentry takes them: log lines of level `error`, and nothing of requests.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use sentry::integrations::tracing::{EventFilter, layer as sentry_layer};
use sentry::types::Dsn;
use sentry::{
    ClientInitGuard, ClientOptions, Envelope, Transport, TransportFactory, TransportOptions,
};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::registry::LookupSpan;

use super::post;

/// So many errors wait to be sent; more are dropped.
const WAITING_MAX: usize = 100;

/// Begins to report errors, for as long as the guard is kept.
pub(super) fn start(dsn: &Dsn) -> ClientInitGuard {
    let mut options = ClientOptions::new();
    options.dsn = Some(dsn.clone());
    options.release = Some(concat!("mockbird@", env!("CARGO_PKG_VERSION")).into());
    options.send_default_pii = false;
    // Lines before the error may tell of what others did.
    options.max_breadcrumbs = 0;
    options.transport = Some(Arc::new(Factory));
    sentry::init(options)
}

/// The layer that hands lines of level `error` to it.
pub(super) fn layer<S>() -> impl Layer<S>
where
    S: tracing::Subscriber + for<'s> LookupSpan<'s>,
{
    sentry_layer()
        .event_filter(|_| EventFilter::Event)
        .span_filter(|_| false)
        .with_filter(LevelFilter::ERROR)
}

struct Factory;

impl TransportFactory for Factory {
    fn create_transport_with_options(&self, options: TransportOptions) -> Arc<dyn Transport> {
        let (told, waiting) = sync_channel(WAITING_MAX);
        let dsn = options.dsn;
        // Without the thread nobody takes what is told, and it is dropped.
        let _ = std::thread::Builder::new()
            .name("errors".to_owned())
            .spawn(move || post_all(&dsn, &waiting));
        Arc::new(Poster(told))
    }
}

/// What the thread is told.
enum Told {
    Envelope(Box<Envelope>),
    /// Everything before it was sent, or given up.
    Flush(SyncSender<()>),
}

struct Poster(SyncSender<Told>);

impl Transport for Poster {
    fn send_envelope(&self, envelope: Envelope) {
        let _ = self.0.try_send(Told::Envelope(Box::new(envelope)));
    }

    fn flush(&self, timeout: Duration) -> bool {
        let (done, wait) = sync_channel(1);
        self.0.try_send(Told::Flush(done)).is_ok() && wait.recv_timeout(timeout).is_ok()
    }
}

/// Until nobody tells anything any more.
fn post_all(dsn: &Dsn, waiting: &Receiver<Told>) {
    const AGENT: &str = concat!("mockbird/", env!("CARGO_PKG_VERSION"));
    let (agent, url) = (post::agent(), dsn.envelope_api_url().to_string());
    let auth = dsn.to_auth(Some(AGENT)).to_string();
    for told in waiting {
        match told {
            Told::Flush(done) => drop(done.send(())),
            Told::Envelope(envelope) => {
                let mut body = Vec::new();
                // Nothing of it can be told in the log, which would be reported again.
                if envelope.to_writer(&mut body).is_ok() {
                    let post = agent
                        .post(&url)
                        .header("x-sentry-auth", &auth)
                        .content_type("application/x-sentry-envelope");
                    drop(post.send(&body[..]));
                }
            }
        }
    }
}
