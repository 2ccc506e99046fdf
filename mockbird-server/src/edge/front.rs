//! The first that meets a request: mocks part from the rest here.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::header::HOST;
use http::{Request, Response};
use tower::{Service, ServiceExt};

use super::{ClientAddress, RequestId};
use crate::app::App;
use crate::mock_plane::Address;

/// Answers the requests of one connection.
#[derive(Clone, Debug)]
pub struct Front {
    app: App,
    routes: Router,
    peer: SocketAddr,
}

impl Front {
    /// Answers with the mocks of `app`, and with `routes` whatever is not theirs.
    pub fn new(app: App, routes: Router, peer: SocketAddr) -> Self {
        Self { app, routes, peer }
    }

    async fn answer<B>(self, mut request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        let listen = &self.app.config().listen;
        let id = RequestId::of(request.headers());
        let https = listen.tls.is_some();
        let client = ClientAddress::find(
            self.peer.ip(),
            https,
            request.headers(),
            &listen.trusted_proxies,
        );
        let domain = listen.mocks_domain.as_deref();
        let address = Address::find(request.uri(), host(&request), domain);
        let mut response = if let Some(address) = address {
            let mock_plane = self.app.mock_plane();
            mock_plane.answer(&address, request, client.ip).await
        } else {
            request.extensions_mut().insert(id.clone());
            request.extensions_mut().insert(client);
            let answered = self.routes.oneshot(request.map(Body::new)).await;
            answered.unwrap_or_else(|never: Infallible| match never {})
        };
        id.tell(response.headers_mut());
        response
    }
}

/// The host that was asked for: of the target, where HTTP/2 has it, or of the header.
fn host<B>(request: &Request<B>) -> &str {
    if let Some(authority) = request.uri().authority() {
        return authority.as_str();
    }
    let header = request.headers().get(HOST);
    header.and_then(|host| host.to_str().ok()).unwrap_or("")
}

impl<B> Service<Request<B>> for Front
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let front = self.clone();
        Box::pin(async move { Ok(front.answer(request).await) })
    }
}
