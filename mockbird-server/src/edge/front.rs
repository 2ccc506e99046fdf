//! The first that meets a request: mocks part from the rest here.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::header::HOST;
use http::request::Parts;
use http::{Method, Request, Response};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use mockbird_core::{ErrorCode, allow_any_origin, error_response};
use tower::ServiceExt;
use tracing::{Instrument, Span, trace_span};

use super::{ClientAddress, RequestId};
use crate::app::App;
use crate::http::{Arriving, Exchange, Host, Peer, Streamed};
use crate::limits::Denied;
use crate::mock_plane::{Address, Settled};
use crate::telemetry::{DENIED, REQUESTS, TRACED};

/// How long a client may let us wait, for the head of a request or with taking a reply.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers the requests of a listener: with mocks, and with routes whatever is not theirs.
#[derive(Debug)]
pub(crate) struct Front {
    app: App,
    routes: Router,
}

/// The body of a reply: of a mock it is there at once.
type ReplyBody = Either<Full<Bytes>, Streamed<Body>>;

impl Front {
    pub(crate) fn new(app: App, routes: Router) -> Self {
        Self { app, routes }
    }

    /// Answers what is no mock's.
    async fn route(
        self: Arc<Self>,
        mut request: Request<Arriving>,
        id: RequestId,
        client: ClientAddress,
        peer: Peer,
    ) -> Response<ReplyBody> {
        request.extensions_mut().insert(id.clone());
        request.extensions_mut().insert(client);
        let answered = self.routes.clone().oneshot(request.map(Body::new)).await;
        let response = answered.unwrap_or_else(|never: Infallible| match never {});
        id.told(response.map(|body| Either::Right(Streamed::new(body, &peer))))
    }

    /// The reply to somebody whom the operator keeps out.
    fn turn_away(&self, denied: Denied) -> Response<ReplyBody> {
        metrics::counter!(DENIED, "why" => denied.name()).increment(1);
        self.told_refused(ErrorCode::AccessDenied, denied.why());
        let mut response = error_response(ErrorCode::AccessDenied, denied.why());
        allow_any_origin(response.headers_mut());
        at_hand(response)
    }

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

fn at_hand(response: Response<Bytes>) -> Response<ReplyBody> {
    response.map(|body| Either::Left(Full::new(body)))
}

/// The host that was asked for: of the target, where HTTP/2 has it, or of the header.
fn host<B>(request: &Request<B>) -> &str {
    if let Some(authority) = request.uri().authority() {
        return authority.as_str();
    }
    let header = request.headers().get(HOST);
    header.and_then(|host| host.to_str().ok()).unwrap_or("")
}

impl Host for Front {
    type Body = ReplyBody;

    fn read_timeout(&self) -> Duration {
        PATIENCE
    }

    fn grace(&self) -> Duration {
        self.app.config().limits.grace
    }

    fn half_close(&self) -> bool {
        // Delayed replies have a bound in number: who is gone makes room.
        false
    }

    fn has_cors(&self) -> bool {
        // Whether it was for a mock, nobody knows.
        true
    }

    fn told_refused(&self, code: ErrorCode, why: &str) {
        let status = code.status().as_str().to_owned();
        metrics::counter!(REQUESTS, "by" => "host", "status" => status).increment(1);
        tracing::debug!(why, "a request could not be read");
    }

    fn refuse_head(&self, _: &Parts, why: &str) -> Response<ReplyBody> {
        self.told_refused(ErrorCode::HeadersTooLarge, why);
        let mut response = error_response(ErrorCode::HeadersTooLarge, why);
        allow_any_origin(response.headers_mut());
        at_hand(response)
    }

    fn answer(self: &Arc<Self>, request: Request<Incoming>, peer: &Peer) -> Exchange<ReplyBody> {
        let request = Arriving::of(request);
        let config = self.app.config();
        let client = ClientAddress::find(peer.ip, request.headers(), config);
        if let Err(denied) = Denied::check(&config.access, client.ip, client.country) {
            let id = RequestId::of(request.headers());
            return Exchange::now(id.told(self.turn_away(denied)), peer);
        }
        let domain = config.listen.mocks_domain.as_deref();
        let Some(address) = Address::find(request.uri(), host(&request), domain) else {
            let id = RequestId::of(request.headers());
            let routed = Arc::clone(self).route(request, id, client, peer.clone());
            return Exchange::later(async move { Ok(routed.await) }, peer);
        };
        let mocks = self.app.mock_plane();
        let span = self.mock_span(request.method());
        let inside = span.enter();
        let answered = mocks.answer_at_once(&address, request, client.ip);
        drop(inside);
        match answered {
            Ok(Settled::Now(response)) => Exchange::now(at_hand(response), peer),
            Ok(Settled::Later(delayed)) => {
                let answer = async move { Ok(at_hand(delayed.wait().await)) };
                Exchange::later(answer.instrument(span), peer)
            }
            Err(request) => {
                let app = self.app.clone();
                let answer = async move {
                    let mocks = app.mock_plane();
                    Ok(at_hand(mocks.answer(&address, request, client.ip).await))
                };
                Exchange::later(answer.instrument(span), peer)
            }
        }
    }
}
