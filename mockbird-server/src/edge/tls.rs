//! HTTPS, from the files of a certificate.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use crate::config::Tls;

/// What is offered: whoever speaks both takes the first.
const PROTOCOLS: [&str; 2] = ["h2", "http/1.1"];

/// Why a certificate and its key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is missing, or holds nothing of the kind.
    #[error("{0}")]
    File(#[from] pem::Error),
    /// They do not belong together, or say nothing that is known here.
    #[error("{0}")]
    Pair(#[from] rustls::Error),
}

/// What makes HTTPS of a connection.
pub(crate) fn acceptor(tls: &Tls) -> Result<TlsAcceptor, TlsError> {
    let chain = CertificateDer::pem_file_iter(&tls.cert)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(&tls.key)?;
    let provider = Arc::new(ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = PROTOCOLS.map(|name| name.as_bytes().to_vec()).into();
    Ok(TlsAcceptor::from(Arc::new(config)))
}
