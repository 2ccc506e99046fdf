//! HTTPS with real clients.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::ErrorKind;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use mockbird_testkit::rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use mockbird_testkit::{Fault, MockServer, get, text};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject};

async fn connect(
    server: &MockServer,
    name: &str,
    config: Arc<ClientConfig>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let socket = TcpStream::connect(server.address()).await.unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(config).connect(name, socket).await
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test);
}

fn request(server: &MockServer, path: &str) -> Request<Empty<Bytes>> {
    Request::get(server.url(path))
        .header("host", "x")
        .body(Empty::new())
        .unwrap()
}

#[test]
fn clients_that_trust_the_authority_are_answered() {
    run(async {
        let server = MockServer::builder().tls().start();
        server.mount(get("/a").text("secret"));
        assert!(server.url("/a").starts_with("https://127.0.0.1:"));
        for name in ["127.0.0.1", "localhost"] {
            let config = server.certificate_authority().client_config();
            let socket = connect(&server, name, config).await.unwrap();
            let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.unwrap();
            tokio::spawn(connection);
            let reply = sender.send_request(request(&server, "/a")).await.unwrap();
            assert_eq!(
                reply.into_body().collect().await.unwrap().to_bytes(),
                "secret"
            );
        }
    });
}

#[test]
fn the_authority_comes_in_either_form() {
    run(async {
        let server = MockServer::builder().tls().start();
        let authority = server.certificate_authority();
        let from_pem = CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap();
        assert_eq!(&*from_pem, authority.der());
        let mut roots = RootCertStore::empty();
        roots.add(from_pem).unwrap();
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        assert!(
            connect(&server, "localhost", Arc::new(config))
                .await
                .is_ok()
        );
    });
}

#[test]
fn who_does_not_trust_is_not_served() {
    run(async {
        let server = MockServer::builder().tls().start();
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = Arc::new(
            config
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth(),
        );
        let error = connect(&server, "localhost", config).await.unwrap_err();
        assert!(error.to_string().contains("UnknownIssuer"), "{error}");
        // One that speaks no TLS at all is no matter either.
        let mut plain = TcpStream::connect(server.address()).await.unwrap();
        plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let mut end = Vec::new();
        let _ = plain.read_to_end(&mut end).await;
        assert!(!end.starts_with(b"HTTP"));
        assert!(server.received_requests().is_empty());
    });
}

#[test]
fn http2_is_agreed_on() {
    run(async {
        let server = MockServer::builder().tls().start();
        server.mount(get("/a").text("secret"));
        let mut config = ClientConfig::clone(&server.certificate_authority().client_config());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let socket = connect(&server, "localhost", Arc::new(config))
            .await
            .unwrap();
        assert_eq!(socket.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(socket))
            .await
            .unwrap();
        tokio::spawn(connection);
        let reply = sender.send_request(request(&server, "/a")).await.unwrap();
        assert_eq!(reply.version(), Version::HTTP_2);
    });
}

#[test]
fn faults_reach_through_tls() {
    run(async {
        let server = MockServer::builder().tls().start();
        server.mount(get("/reset").fault(Fault::Reset));
        server.mount(get("/cut").reply(text("0123456789").broken(Fault::CloseAfter(4))));
        let mut ends = Vec::new();
        for path in ["/reset", "/cut"] {
            let config = server.certificate_authority().client_config();
            let mut socket = connect(&server, "localhost", config).await.unwrap();
            let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
            socket.write_all(request.as_bytes()).await.unwrap();
            let mut reply = Vec::new();
            let end = socket.read_to_end(&mut reply).await;
            ends.push((String::from_utf8(reply).unwrap(), end.unwrap_err().kind()));
        }
        assert_eq!(ends[0], (String::new(), ErrorKind::ConnectionReset));
        assert!(ends[1].0.ends_with("\r\n\r\n0123"), "{}", ends[1].0);
        assert_eq!(ends[1].1, ErrorKind::UnexpectedEof);
    });
}
