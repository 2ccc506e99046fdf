//! What every request passes before it reaches a handler or a mock.
//!
//! In this order, from outside in:
//!
//! 1. [`Front`]: the request id, so that whatever happens has one; the client behind trusted proxies;
//!    then mocks part from the rest, because nothing below is theirs: any path and method is a mock's.
//! 2. the log line, which must see what the layers below refuse
//! 3. a panic becomes a reply, and is logged
//! 4. the time limit, and the limit of the body
//! 5. of the API: no page of another site changes anything, and the whole body is there before rights are looked at
//! 6. the routes

mod client;
mod front;
mod request_id;
mod tls;

pub use client::ClientAddress;
pub(crate) use front::Front;
pub use request_id::RequestId;
pub use tls::TlsError;
pub(crate) use tls::acceptor;

use std::any::Any;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use http::Method;
use mockbird_core::ErrorCode;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::field::Empty;
use tracing::{Instrument, trace_span};

use crate::api::Problem;
use crate::config::Limits;
use crate::telemetry::{API_SECONDS, REQUESTS, TRACED};

/// Puts the layers around the routes.
pub fn stack(routes: Router, limits: &Limits) -> Router {
    let patience = limits.request_timeout;
    routes
        .layer(DefaultBodyLimit::max(limits.api_body))
        .layer(from_fn(move |request, next| {
            in_time(patience, request, next)
        }))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(log))
}

async fn in_time(patience: Duration, request: Request, next: Next) -> Response {
    let answered = tokio::time::timeout(patience, next.run(request)).await;
    answered.unwrap_or_else(|_| {
        let seconds = patience.as_secs();
        let why = format!("this took longer than {seconds} s and was given up");
        let problem = Problem::new(ErrorCode::ServiceUnavailable, why);
        problem.retry_after(Duration::from_secs(1)).into_response()
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(
        panic = text.unwrap_or("without words"),
        "a handler panicked"
    );
    let why = "mockbird failed on this request: please report it";
    Problem::new(ErrorCode::InternalError, why).into_response()
}

/// Paths alone: a query may hold what is not to be written down.
async fn log(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let id = request.extensions().get::<RequestId>().cloned();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| "none".to_owned(), |route| route.as_str().to_owned());
    let span = trace_span!(
        target: TRACED, "api", otel.name = %format_args!("{method} {route}"), otel.kind = "server",
        http.request.method = %method, http.route = route, http.response.status_code = Empty
    );
    let response = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());
    let status = response.status().as_str().to_owned();
    let seconds = metrics::histogram!(API_SECONDS, "method" => known(&method), "route" => route);
    seconds.record(began.elapsed());
    metrics::counter!(REQUESTS, "by" => "api", "status" => status).increment(1);
    tracing::info!(
        request_id = id.as_ref().map(RequestId::as_str),
        %method,
        path,
        status = response.status().as_u16(),
        ms = began.elapsed().as_millis(),
        "answered"
    );
    response
}

/// A method of our own choice, because anybody may invent more.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let found = KNOWN.into_iter().find(|known| method == known);
    found.unwrap_or("other")
}
