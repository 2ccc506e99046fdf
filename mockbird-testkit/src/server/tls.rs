//! Certificates made on the fly, and what a client needs to trust them.

use std::sync::{Arc, OnceLock};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio::net::TcpStream;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;
use tokio_rustls::{TlsAcceptor, rustls};

use super::wire::Socket;

/// What the certificates of all servers are for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// What a client and a server may speak, the best first.
fn protocols() -> Vec<Vec<u8>> {
    let all: &[&[u8]] = if cfg!(feature = "http2") {
        &[b"h2", b"http/1.1"]
    } else {
        &[b"http/1.1"]
    };
    all.iter().map(|name| name.to_vec()).collect()
}

/// The authority that signs the certificates of this process's servers: what a client must trust.
///
/// It is made when it is first needed, and no other process has it.
///
/// ```
/// # use mockbird_testkit::MockServer;
/// let server = MockServer::builder().tls().start();
/// let trusted = server.certificate_authority();
/// assert!(trusted.pem().starts_with("-----BEGIN CERTIFICATE-----"));
/// // For a client on rustls there is all it needs, ready-made:
/// let config = trusted.client_config();
/// # let _ = config;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CertificateAuthority(&'static Identity);

#[derive(Debug)]
struct Identity {
    pem: String,
    der: CertificateDer<'static>,
    server: Arc<ServerConfig>,
    client: Arc<ClientConfig>,
}

impl CertificateAuthority {
    /// That of this process.
    #[expect(
        clippy::expect_used,
        reason = "the names and keys are ours; what is made of them is not refused"
    )]
    pub(super) fn of_process() -> Self {
        static IDENTITY: OnceLock<Identity> = OnceLock::new();
        Self(IDENTITY.get_or_init(|| Identity::make().expect("a certificate can be made")))
    }

    /// Its certificate as PEM, as most clients take it.
    pub fn pem(self) -> &'static str {
        &self.0.pem
    }

    /// Its certificate as DER.
    pub fn der(self) -> &'static [u8] {
        &self.0.der
    }

    /// The set-up of a client on rustls that trusts these servers and nobody else.
    pub fn client_config(self) -> Arc<ClientConfig> {
        Arc::clone(&self.0.client)
    }

    pub(super) fn acceptor(self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.0.server))
    }
}

impl Identity {
    fn make() -> Result<Self, Box<dyn std::error::Error>> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let name = "MockBird's authority for one test";
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate()?;
        let authority = params.self_signed(&key)?;
        let issuer = Issuer::new(params, key);

        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(NAMES.map(str::to_owned))?;
        params.distinguished_name.push(DnType::CommonName, NAMES[0]);
        let certificate = params.signed_by(&key, &issuer)?;

        let der = authority.der().clone();
        let key = PrivateKeyDer::try_from(key.serialize_der())?;
        Ok(Self {
            pem: authority.pem(),
            server: Arc::new(server_config(certificate.der().clone(), key)?),
            client: Arc::new(client_config(&der)?),
            der,
        })
    }
}

/// Ours whatever the process uses otherwise.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn server_config(
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let config =
        ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let mut config = config
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?;
    config.alpn_protocols = protocols();
    Ok(config)
}

fn client_config(authority: &CertificateDer<'static>) -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.clone())?;
    let config =
        ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

impl Socket for TlsStream<TcpStream> {
    fn reset_at_end(&self) {
        self.get_ref().0.reset_at_end();
    }
}
