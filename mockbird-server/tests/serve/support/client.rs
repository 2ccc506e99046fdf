//! A client that asks on a connection of its own each time.

use std::error::Error;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    /// The cookies that are set, each with its attributes.
    pub(crate) fn cookies(&self) -> Vec<&str> {
        let lines = self.headers.get_all("set-cookie").iter();
        lines.map(|line| line.to_str().unwrap()).collect()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Status, and the code of its error.
    pub(crate) fn problem(&self) -> (u16, String) {
        let body = self.json();
        let code = body["error"].as_str().unwrap().to_owned();
        assert_eq!(body["documentation_url"], format!("/docs/errors#{code}"));
        assert!(!body["message"].as_str().unwrap().is_empty(), "{body}");
        (self.status.as_u16(), code)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// Any request: `GET /x`, its headers, and a body of JSON unless it is null.
pub(crate) fn request(route: &str, headers: &[(&str, &str)], body: &Value) -> Request<Bytes> {
    let (method, target) = route.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if body.is_null() {
        return request.body(Bytes::new()).unwrap();
    }
    request = request.header("content-type", "application/json");
    request.body(body.to_string().into()).unwrap()
}

/// Sends a request, and waits for the whole reply.
pub(crate) async fn send(
    address: SocketAddr,
    request: Request<Bytes>,
) -> Result<Reply, Box<dyn Error>> {
    let (parts, body) = open(address, request).await?.into_parts();
    Ok(Reply {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await?.to_bytes(),
    })
}

/// Sends a request, and waits for the head of the reply.
pub(crate) async fn open(
    address: SocketAddr,
    mut request: Request<Bytes>,
) -> Result<Response<Incoming>, Box<dyn Error>> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let host = address.to_string().parse()?;
    request.headers_mut().entry("host").or_insert(host);
    Ok(sender.send_request(request.map(Full::new)).await?)
}
