//! `Idempotency-Key`: what a client asks for again, because it got no answer, is not made twice.

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, ETAG};
use http::{HeaderName, HeaderValue, Method};
use http_body_util::BodyExt;
use mockbird_core::ErrorCode;
use utoipa::IntoParams;

use super::Problem;
use super::caller::Caller;
use super::extract::body_bytes;
use super::problem::Unsettled;
use crate::app::{Answer, App, Begun, OnceRequest, Rights};
use crate::domain::IdempotencyKey;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The headers of an answer that are kept with it.
const KEPT: [HeaderName; 2] = [CONTENT_TYPE, ETAG];

/// The header of creates.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(super) struct IdempotencyHeader {
    /// Names this wish, for example by a UUID. If it comes again within 24 hours, nothing is made again: the answer is the
    /// first one, with `Idempotency-Replayed: true`. With another wish it is refused (422), and so it is while the
    /// first one is under way (409).
    #[param(
        rename = "Idempotency-Key",
        example = "8e03978e-40d5-43dd-bc93-6894a57f9324",
        value_type = String,
        required = false,
        max_length = 255,
        pattern = "^[!-~]+$"
    )]
    #[expect(dead_code, reason = "it is there to be described; `once` reads it")]
    idempotency_key: Option<String>,
}

/// Around a route that makes something: what comes with a key that was used is answered as before.
pub(super) async fn once(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(IDEMPOTENCY_KEY) {
        return next.run(request).await;
    }
    // Whoever asks may be gone before the answer is there, and ask again: what is begun comes to its end.
    let done = tokio::spawn(async move {
        let (caller, request, once) = match read(&app, request).await {
            Ok(read) => read,
            Err(problem) => return problem.into_response(),
        };
        match app.once_begin(&once).await {
            Ok(Begun::First) => {
                let response = next.run(request).await;
                keep(&app, &once, response, &caller.rights).await
            }
            // What was allowed then may be no more.
            Ok(Begun::Done(answer)) => {
                match app.rights_hold(&caller.identity, &answer.rights).await {
                    Ok(()) => replay(answer),
                    Err(error) => Problem::from(error).into_response(),
                }
            }
            Err(error) => Problem::from(error).into_response(),
        }
    });
    done.await.unwrap_or_else(|error| {
        if let Ok(panic) = error.try_into_panic() {
            std::panic::resume_unwind(panic);
        }
        Problem::new(ErrorCode::ServiceUnavailable, "the server is stopping").into_response()
    })
}

async fn read(app: &App, request: Request) -> Result<(Caller, Request, OnceRequest), Problem> {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, app).await?;
    let key = parts.headers.get(IDEMPOTENCY_KEY);
    let key = key.and_then(|key| key.to_str().ok()).unwrap_or_default();
    let key: IdempotencyKey = key
        .parse()
        .map_err(|refusal| Problem::new(ErrorCode::BadRequest, format!("{refusal}")))?;
    let who = caller.identity.who();
    // Looked up once: whoever asks counts once.
    parts.extensions.insert(caller.clone());
    let target = parts
        .uri
        .path_and_query()
        .map_or("", |target| target.as_str())
        .to_owned();
    let request = Request::from_parts(parts.clone(), body);
    let body = body_bytes(request, app).await?;
    let once = OnceRequest::new(who, key, &[target.as_bytes(), &body]);
    let request = Request::from_parts(parts, Body::from(body));
    Ok((caller, request, once))
}

/// Keeps the answer if something was made. What was refused made nothing, and may come again; where that is not sure,
/// the request stays as one that broke off.
async fn keep(app: &App, once: &OnceRequest, response: Response, rights: &Rights) -> Response {
    let (parts, body) = response.into_parts();
    // The body of an answer is at hand as a whole.
    let body = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let body = body.unwrap_or_default();
    let kept = if parts.status.is_success() {
        let headers = KEPT.iter().filter_map(|name| {
            let value = parts.headers.get(name)?.to_str().ok()?;
            Some((name.to_string(), value.to_owned()))
        });
        let answer = Answer {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body: String::from_utf8_lossy(&body).into_owned(),
            rights: rights.all(),
        };
        app.once_finish(once, &answer).await
    } else if parts.extensions.get::<Unsettled>().is_some() {
        Ok(())
    } else {
        app.once_forget(once).await
    };
    if let Err(error) = kept {
        tracing::warn!(%error, "what became of a request with an idempotency key was not written down");
    }
    Response::from_parts(parts, Body::from(body))
}

fn replay(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = http::StatusCode::from_u16(answer.status).unwrap_or_default();
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
