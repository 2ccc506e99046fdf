//! HTTPS that the server speaks itself, with HTTP/1.1 and HTTP/2.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::support::app::{PASSWORD, TestApp};
use crate::support::database::TestDatabase;
use crate::support::process::serve;

/// A certificate for `localhost`, and its files in the folder.
fn certify(folder: &Path) -> CertificateDer<'static> {
    let names = ["localhost".to_owned()];
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    std::fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

async fn start(folder: &Path) -> TestApp {
    let path = |name: &str| folder.join(name).display().to_string();
    let flags = [("tls-cert", path("cert.pem")), ("tls-key", path("key.pem"))];
    let flags = flags
        .each_ref()
        .map(|(flag, value)| (*flag, value.as_str()));
    TestApp::with(TestDatabase::sqlite(), &flags).await
}

/// A client that speaks the first of these protocols that the server does.
async fn connect(
    address: SocketAddr,
    certificate: CertificateDer<'static>,
    protocols: &[&str],
) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots);
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = protocols
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap()
}

fn hello(number: u32) -> Request<Full<Bytes>> {
    let uri = format!("https://localhost/m/demo/hello/{number}");
    Request::get(uri).body(Full::default()).unwrap()
}

#[tokio::test]
async fn http_2_is_offered_and_carries_many_requests_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = certify(folder.path());
    let app = start(folder.path()).await;
    let stream = connect(app.address, certificate, &["h2", "http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let asked: Vec<_> = (0..50)
        .map(|number| {
            let mut sender = sender.clone();
            tokio::spawn(async move {
                let reply = sender.send_request(hello(number)).await.unwrap();
                assert_eq!(
                    (reply.version(), reply.status().as_u16()),
                    (Version::HTTP_2, 200)
                );
                let body = reply.into_body().collect().await.unwrap().to_bytes();
                assert!(String::from_utf8_lossy(&body).contains(&format!("Hello {number}\"")));
            })
        })
        .collect();
    for asked in asked {
        asked.await.unwrap();
    }
    drop(sender);
    app.stop().await;
}

#[tokio::test]
async fn cookies_are_for_https_alone_where_the_server_speaks_it() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = certify(folder.path());
    let app = start(folder.path()).await;
    let stream = connect(app.address, certificate, &["http/1.1"]).await;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let body = json!({"email": "ada@example.com", "password": PASSWORD}).to_string();
    let request = Request::post("/api/auth/register")
        .header("host", "localhost")
        .header("content-type", "application/json");
    let reply = sender
        .send_request(request.body(Full::<Bytes>::from(body)).unwrap())
        .await
        .unwrap();
    assert_eq!(reply.status(), 201);
    let cookies = reply.headers().get_all("set-cookie");
    assert!(cookies.iter().all(|cookie| {
        let cookie = cookie.to_str().unwrap();
        cookie.starts_with("__Host-mockbird-") && cookie.contains("; Secure")
    }));
    drop(sender);
    app.stop().await;
}

#[tokio::test]
async fn who_speaks_no_tls_is_not_answered() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path());
    let app = start(folder.path()).await;
    let request = Request::get("/healthz").body(Bytes::new()).unwrap();
    assert!(
        crate::support::client::send(app.address, request)
            .await
            .is_err()
    );
    app.stop().await;
}

#[tokio::test]
async fn http_2_is_spoken_without_tls_to_who_begins_with_it() {
    let app = TestApp::start().await;
    let stream = TcpStream::connect(app.address).await.unwrap();
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = Request::get(format!("http://{}/m/demo/hello/you", app.address));
    let reply = sender
        .send_request(request.body(Full::<Bytes>::default()).unwrap())
        .await
        .unwrap();
    assert_eq!(
        (reply.version(), reply.status().as_u16()),
        (Version::HTTP_2, 200)
    );
    drop(sender);
    app.stop().await;
}

#[test]
fn certificates_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path());
    std::fs::write(folder.path().join("empty.pem"), "").unwrap();
    for (cert, key) in [
        ("absent.pem", "key.pem"),
        ("empty.pem", "key.pem"),
        ("cert.pem", "empty.pem"),
        ("key.pem", "cert.pem"),
    ] {
        let refused = serve(
            folder.path(),
            &["--port", "0", "--tls-cert", cert, "--tls-key", key],
        )
        .output()
        .unwrap();
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        let told = String::from_utf8_lossy(&refused.stderr);
        let expected = format!("the certificate {cert} or its key {key} cannot be used: ");
        assert!(told.contains(&expected), "{told}");
    }
}
