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
use http::{Method, Request, Response};
use tower::{Service, ServiceExt};
use tracing::{Instrument, Span, trace_span};

use super::{ClientAddress, RequestId};
use crate::app::App;
use crate::mock_plane::{Address, Settled};
use crate::telemetry::TRACED;

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

    /// Answers what is no mock's.
    async fn route<B>(
        self,
        mut request: Request<B>,
        id: RequestId,
        client: ClientAddress,
    ) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        request.extensions_mut().insert(id.clone());
        request.extensions_mut().insert(client);
        let answered = self.routes.oneshot(request.map(Body::new)).await;
        id.told(answered.unwrap_or_else(|never: Infallible| match never {}))
    }
}

impl Front {
    /// That of a request to a mock, of which some have one.
    fn mock_span(&self, method: &Method) -> Span {
        let traces = self.app.config().reports.traces.as_ref();
        let percent = traces.map_or(0, |traces| traces.mock_percent);
        if percent == 0 || fastrand::u32(..100) >= percent {
            return Span::none();
        }
        trace_span!(target: TRACED, "mock", otel.kind = "server", http.request.method = %method)
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
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Answering {
        let listen = &self.app.config().listen;
        let (https, trusted) = (listen.tls.is_some(), &listen.trusted_proxies);
        let client = ClientAddress::find(self.peer.ip(), https, request.headers(), trusted);
        let domain = listen.mocks_domain.as_deref();
        let Some(address) = Address::find(request.uri(), host(&request), domain) else {
            let id = RequestId::of(request.headers());
            return Answering::Later(Box::pin(self.clone().route(request, id, client)));
        };
        let mocks = self.app.mock_plane();
        let span = self.mock_span(request.method());
        match span.in_scope(|| mocks.answer_at_once(&address, request, client.ip)) {
            Ok(Settled::Now(response)) => Answering::Now(Some(response)),
            Ok(Settled::Later(delayed)) => {
                Answering::Later(Box::pin(delayed.wait().instrument(span)))
            }
            Err(request) => {
                let app = self.app.clone();
                let answer = async move {
                    let mocks = app.mock_plane();
                    mocks.answer(&address, request, client.ip).await
                };
                Answering::Later(Box::pin(answer.instrument(span)))
            }
        }
    }
}

/// A reply on its way: most of those of mocks are there at once, and cost no future of their own.
pub enum Answering {
    /// Taken when it is first asked for.
    Now(Option<Response<Body>>),
    /// After whatever there is to wait for.
    Later(Pin<Box<dyn Future<Output = Response<Body>> + Send>>),
}

impl Future for Answering {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            // A future is not asked again after it was ready.
            Self::Now(response) => response
                .take()
                .map_or(Poll::Pending, |response| Poll::Ready(Ok(response))),
            Self::Later(answer) => answer.as_mut().poll(cx).map(Ok),
        }
    }
}

impl std::fmt::Debug for Answering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Now(_) => "Answering::Now",
            Self::Later(_) => "Answering::Later",
        })
    }
}
