//! Where this process tells what happens: log lines, and if somebody wants them, traces and errors.

use std::io::IsTerminal;

use opentelemetry_sdk::trace::SdkTracerProvider;
use sentry::ClientInitGuard;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

use super::{errors, otlp};
use crate::config::{Log, LogFormat, Reports};

/// What tells others of what happens: dropping it sends what still waits.
#[must_use = "dropping it ends all traces and reports"]
pub struct Telling {
    traces: Option<SdkTracerProvider>,
    _errors: Option<ClientInitGuard>,
}

impl std::fmt::Debug for Telling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Telling").finish_non_exhaustive()
    }
}

/// Begins to tell. Log lines go to the error stream: what is printed stays readable for programs.
pub fn tell(log: &Log, reports: &Reports) -> Telling {
    // Checked when the configuration was read.
    let filter = EnvFilter::builder().parse_lossy(&log.level);
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let lines = match log.format {
        LogFormat::Text => lines.compact().boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let traces = reports.traces.as_ref();
    let traces = traces.map(|traces| otlp::provider(&traces.url));
    let errors = reports.sentry.as_ref().map(errors::start);
    // It fails only where somebody who embeds us has a log already.
    let _ = registry()
        .with(lines.with_filter(filter))
        .with(traces.as_ref().map(otlp::layer))
        .with(errors.as_ref().map(|_| errors::layer()))
        .try_init();
    Telling {
        traces,
        _errors: errors,
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.traces.as_ref().map(SdkTracerProvider::shutdown) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}
