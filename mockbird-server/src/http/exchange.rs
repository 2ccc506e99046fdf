//! One request and its reply.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_ENCODING, HOST};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::Full;
use hyper::body::{Body, Incoming};

use super::body::{self, Refusal};
use super::{Limits, Live};
use crate::console::{Asked, Clock, Console, Palette, RequestLine};
use mockbird_core::{Answer, Env, ErrorCode, RequestId, allow_any_origin, error_response, inflate};

/// Bodies above this are answered on a thread of their own: parsing them would hold up others.
const BODY_BYTES_INLINE_MAX: usize = 256 << 10;

/// What every request is answered with.
#[derive(Debug)]
pub struct App {
    live: ArcSwap<Live>,
    lines: Option<Lines>,
    limits: Limits,
}

/// Where the line of each request goes.
#[derive(Debug)]
pub struct Lines {
    /// The terminal.
    pub console: Console,
    /// Its colours.
    pub palette: Palette,
    /// Its time zone.
    pub clock: Clock,
}

/// What was decided about a request, free of the engine that did.
struct Reply {
    response: Response<Bytes>,
    delay: Duration,
    line: Option<RequestLine>,
}

impl App {
    /// Answers with `live` for now; without `lines`, nothing is said of requests.
    pub fn new(live: Live, lines: Option<Lines>, limits: Limits) -> Self {
        Self {
            live: ArcSwap::from_pointee(live),
            lines,
            limits,
        }
    }

    /// Answers with another engine from now on; requests under way keep theirs.
    pub fn swap(&self, live: Live) {
        self.live.store(Arc::new(live));
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn has_cors(&self) -> bool {
        self.live.load().engine.cors()
    }

    /// Says that a request was refused before it could be read.
    pub(super) fn say_refused(&self, code: ErrorCode, why: &str) {
        if let Some(lines) = &self.lines {
            let asked = Asked {
                now_ms: now_ms(),
                method: "-",
                target: "-",
            };
            let line = RequestLine::refused(lines.palette, lines.clock, asked, code.status(), why);
            lines.console.offer(line.end(Duration::ZERO).as_bytes());
        }
    }

    /// What the engine answers. Pure work: nothing in here waits.
    fn decide(&self, head: &Parts, body: &[u8], client: IpAddr) -> Reply {
        let live = self.live.load();
        let asked = mockbird_core::Request::new(&head.method, target(head), &head.headers, body)
            .with_client(client);
        let (now_ms, request_id) = now_and_id();
        let env = Env {
            now_ms,
            request_id,
            random: fastrand::u64(..),
            counters: live.counters.as_ref(),
        };
        let Answer {
            response,
            delay,
            source,
            ..
        } = live.engine.answer(&asked, &env);
        let line = self.lines.as_ref().map(|lines| {
            let asked = Asked {
                now_ms,
                method: head.method.as_str(),
                target: target(head),
            };
            RequestLine::new(
                lines.palette,
                lines.clock,
                asked,
                response.status(),
                &source,
            )
        });
        Reply {
            response,
            delay,
            line,
        }
    }

    /// The same for a body that came compressed, or takes long to parse.
    fn decide_aside(&self, head: &Parts, body: Bytes, client: IpAddr) -> Reply {
        match inflate(&head.headers, body, self.limits.body_bytes) {
            Ok(body) => self.decide(head, &body, client),
            Err(error) => self.refusal(head, error.response(), &error.to_string()),
        }
    }

    /// The reply to a request that no mock is asked about.
    fn refusal(&self, head: &Parts, mut response: Response<Bytes>, why: &str) -> Reply {
        if self.has_cors() {
            allow_any_origin(response.headers_mut());
        }
        let line = self.lines.as_ref().map(|lines| {
            let asked = Asked {
                now_ms: now_ms(),
                method: head.method.as_str(),
                target: target(head),
            };
            RequestLine::refused(lines.palette, lines.clock, asked, response.status(), why)
        });
        Reply {
            response,
            delay: Duration::ZERO,
            line,
        }
    }

    fn say(&self, line: Option<RequestLine>, began: Option<Instant>) {
        if let (Some(lines), Some(line), Some(began)) = (&self.lines, line, began) {
            lines.console.offer(line.end(began.elapsed()).as_bytes());
        }
    }
}

/// Answers one request of `client`; the flag says that its body was left unread.
pub(super) async fn answer(
    app: &Arc<App>,
    client: IpAddr,
    request: Request<Incoming>,
) -> Result<(Response<Full<Bytes>>, bool), hyper::Error> {
    let began = app.lines.as_ref().map(|_| Instant::now());
    let (mut head, body) = request.into_parts();
    let mut unread = false;
    let reply = if let Some(reply) = answer_of_host(app, &mut head) {
        reply
    } else if body.is_end_stream() {
        app.decide(&head, &[], client)
    } else {
        match body::read(body, &app.limits).await {
            Ok(body) => with_body(app, head, body, client).await,
            Err(Refusal::Gone(error)) => return Err(error),
            Err(Refusal::Told(code, why)) => {
                unread = true;
                let mut response = error_response(code, &why);
                if head.version < Version::HTTP_2 {
                    response
                        .headers_mut()
                        .insert(CONNECTION, HeaderValue::from_static("close"));
                }
                app.refusal(&head, response, &why)
            }
        }
    };
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    app.say(reply.line, began);
    Ok((reply.response.map(Full::new), unread))
}

async fn with_body(app: &Arc<App>, head: Parts, body: Bytes, client: IpAddr) -> Reply {
    if body.len() <= BODY_BYTES_INLINE_MAX && !head.headers.contains_key(CONTENT_ENCODING) {
        return app.decide(&head, &body, client);
    }
    let own = Arc::clone(app);
    let work = tokio::task::spawn_blocking(move || own.decide_aside(&head, body, client));
    match work.await {
        Ok(reply) => reply,
        // It panicked, which is a bug, or the runtime is ending.
        Err(_) => Reply {
            response: error_response(ErrorCode::BadRequest, "the request could not be answered"),
            delay: Duration::ZERO,
            line: None,
        },
    }
}

/// What concerns the host, not the mocks: other forms of target than a path (RFC 9112 section 3.2).
///
/// A target with an authority becomes a path and a `Host`, which is then the one that counts.
fn answer_of_host(app: &App, head: &mut Parts) -> Option<Reply> {
    if head.method == Method::CONNECT {
        let why = "this is no proxy: it answers requests for itself, without CONNECT";
        return Some(app.refusal(head, error_response(ErrorCode::BadRequest, why), why));
    }
    if let Some(authority) = head.uri.authority() {
        let host = authority.as_str().rsplit('@').next().unwrap_or("");
        if let Ok(host) = HeaderValue::from_str(host) {
            head.headers.insert(HOST, host);
        }
    }
    if head.method == Method::OPTIONS && target(head) == "*" {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::NO_CONTENT;
        return Some(app.refusal(head, response, "the server as a whole"));
    }
    None
}

/// Path and query, as they came.
fn target(head: &Parts) -> &str {
    head.uri
        .path_and_query()
        .map_or("/", |target| target.as_str())
}

/// The time in milliseconds since 1970, and an id that begins with it.
pub(crate) fn now_and_id() -> (i64, RequestId) {
    let now_ms = now_ms();
    (
        now_ms,
        RequestId::v7(now_ms, [fastrand::u64(..), fastrand::u64(..)]),
    )
}

fn now_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
