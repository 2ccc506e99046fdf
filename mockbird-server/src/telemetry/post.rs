//! The way to those who are told of traces and errors.

use std::time::Duration;

use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

/// How long a call may take: what is told meanwhile waits, and then is dropped.
const CALL_TIME: Duration = Duration::from_secs(10);

/// What posts. It blocks: for threads of their own.
pub(super) fn agent() -> Agent {
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier);
    let config = Agent::config_builder()
        .max_redirects(0)
        .timeout_global(Some(CALL_TIME))
        .tls_config(tls.build())
        .user_agent(concat!("mockbird/", env!("CARGO_PKG_VERSION")));
    config.build().into()
}
