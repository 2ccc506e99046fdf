//! Errors, as Sentry takes them: log lines of level `error`, and nothing of requests.

use std::sync::Arc;

use sentry::integrations::tracing::{EventFilter, layer as sentry_layer};
use sentry::transports::UreqHttpTransportOptions;
use sentry::types::Dsn;
use sentry::{ClientInitGuard, ClientOptions, Transport, TransportFactory, TransportOptions};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::registry::LookupSpan;

use super::post;

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

/// Its own thread and bounds, with the certificates and patience of ours.
struct Factory;

impl TransportFactory for Factory {
    fn create_transport_with_options(&self, options: TransportOptions) -> Arc<dyn Transport> {
        let options = UreqHttpTransportOptions::from(options).with_agent(post::agent());
        Arc::new(options.build())
    }
}
