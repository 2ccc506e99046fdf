//! Limits of calls, and what replies tell of them.

use std::sync::{Arc, OnceLock};

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;

use super::Problem;
use super::caller::presented;
use crate::app::{App, AppError, Visitor};
use crate::limits::Standing;

/// What the limit of whoever calls leaves, once that is known: the reply tells it.
#[derive(Clone, Debug, Default)]
pub(super) struct Left(Arc<OnceLock<Standing>>);

impl Left {
    /// Notes it for the reply to this request.
    pub(super) fn note(parts: &Parts, standing: Option<Standing>) {
        if let (Some(left), Some(standing)) = (parts.extensions.get::<Self>(), standing) {
            // Whoever calls is counted once.
            let _ = left.0.set(standing);
        }
    }
}

/// Counts whoever shows neither login nor key by its address, and tells in the reply what is left, whoever was counted.
pub(super) async fn counted(State(app): State<App>, request: Request, next: Next) -> Response {
    let left = Left::default();
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(left.clone());
    if presented(&parts, &app).is_none()
        && let Err(often) = stranger(&mut parts, &app).await
    {
        return Problem::from(often).into_response();
    }
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(standing) = left.0.get() {
        standing.tell(response.headers_mut());
    }
    response
}

/// Counts a call of nobody in particular.
pub(super) async fn stranger(parts: &mut Parts, app: &App) -> Result<(), AppError> {
    let Ok(visitor) = Visitor::from_request_parts(parts, app).await;
    let throttle = &app.throttles().api_address;
    let standing = throttle.ask(visitor.ip, app.clock().now()).await?;
    Left::note(parts, standing);
    Ok(())
}
