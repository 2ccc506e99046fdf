//! What every request of a server is answered with.

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri, Version, request};
use mockbird_core::{
    Answer, AnswerSource, Counters, Engine, Env, ErrorCode, RequestId, allow_any_origin,
    error_response, inflate,
};

use super::{Limits, Live};
use crate::console::{Asked, Clock, Console, Palette, RequestLine};

/// What is said of a request on which we panicked.
const PANICKED: &str = "mockbird failed on this request: please report it with the mock";

/// The engine of the moment, and what goes with it.
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

/// A request but for its body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head<'r> {
    pub(super) method: &'r Method,
    pub(super) uri: &'r Uri,
    pub(super) version: Version,
    pub(super) headers: &'r HeaderMap,
}

/// What was decided about a request, free of the engine that did.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) response: Response<Bytes>,
    pub(super) delay: Duration,
    pub(super) line: Option<RequestLine>,
}

impl<'r> Head<'r> {
    pub(super) fn of<B>(request: &'r Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            version: request.version(),
            headers: request.headers(),
        }
    }

    pub(super) fn of_parts(parts: &'r request::Parts) -> Self {
        Self {
            method: &parts.method,
            uri: &parts.uri,
            version: parts.version,
            headers: &parts.headers,
        }
    }

    /// Path and query, as they came.
    pub(super) fn target(self) -> &'r str {
        self.uri
            .path_and_query()
            .map_or("/", |target| target.as_str())
    }

    /// What a line says of it, with a target that may be shown.
    fn asked<'a>(self, target: &'a str) -> Asked<'a>
    where
        'r: 'a,
    {
        Asked {
            now_ms: now_ms(),
            method: self.method.as_str(),
            target,
        }
    }
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
    ///
    /// What they draw at this very moment is not counted: an answer is not held up for a reload.
    pub fn swap(&self, engine: Engine) {
        let live = Live::after(engine, &self.live.load());
        self.live.store(Arc::new(live));
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn has_cors(&self) -> bool {
        self.live.load().engine.cors()
    }

    /// The moment from which the duration of a request counts; nobody asks for it without lines.
    pub(super) fn begin(&self) -> Option<Instant> {
        self.lines.as_ref().map(|_| Instant::now())
    }

    /// What the engine answers. Pure work: nothing in here waits.
    pub(super) fn decide(&self, head: Head<'_>, body: &[u8], client: IpAddr) -> Reply {
        let live = self.live.load();
        let target = head.target();
        let asked = mockbird_core::Request::new(head.method, target, head.headers, body);
        let asked = asked.with_client(client);
        let env = if live.fixed {
            Env::default()
        } else {
            surroundings(Some(&live.counters))
        };
        let Answer {
            response,
            delay,
            source,
        } = live.engine.answer(&asked, &env);
        let line = self.lines.as_ref().map(|lines| {
            let mock = match source {
                AnswerSource::Mock(mock, _)
                | AnswerSource::Refused(mock, _)
                | AnswerSource::Failed(mock, ..) => Some(mock),
                AnswerSource::Preflight | AnswerSource::Documentation | AnswerSource::Nobody(_) => {
                    None
                }
            };
            let target = live.engine.masked_target(head.method, target, mock);
            RequestLine::new(
                lines.palette,
                lines.clock,
                head.asked(&target),
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

    /// What was decided, or that we failed: a panic of ours must not leave the client without a reply.
    pub(super) fn guarded(&self, head: Head<'_>, decide: impl FnOnce() -> Reply) -> Reply {
        // Nothing of an engine changes when it answers, so that it is whole afterwards.
        catch_unwind(AssertUnwindSafe(decide)).unwrap_or_else(|_| {
            let response = error_response(ErrorCode::InternalError, PANICKED);
            self.refuse(head, response, PANICKED)
        })
    }

    /// The same for a body that came compressed, or takes long to parse.
    pub(super) fn decide_aside(&self, head: Head<'_>, body: Bytes, client: IpAddr) -> Reply {
        match inflate(head.headers, body, self.limits.body_bytes) {
            Ok(body) => self.decide(head, &body, client),
            Err(error) => self.refuse(head, error.response(), &error.to_string()),
        }
    }

    /// The reply to a request that no mock is asked about.
    pub(super) fn refuse(&self, head: Head<'_>, mut response: Response<Bytes>, why: &str) -> Reply {
        if self.has_cors() {
            allow_any_origin(response.headers_mut());
        }
        let line = self.lines.as_ref().and_then(|_| {
            let live = self.live.load();
            let target = live.engine.masked_target(head.method, head.target(), None);
            self.line(head.asked(&target), response.status(), why)
        });
        Reply {
            response,
            delay: Duration::ZERO,
            line,
        }
    }

    /// Says that a request was refused before it could be read.
    pub(super) fn say_refused(&self, code: ErrorCode, why: &str) {
        let asked = Asked {
            now_ms: now_ms(),
            method: "-",
            target: "-",
        };
        self.say(self.line(asked, code.status(), why), self.begin());
    }

    /// Says how a request went, now that it is over.
    pub(super) fn say(&self, line: Option<RequestLine>, began: Option<Instant>) {
        if let (Some(lines), Some(line), Some(began)) = (&self.lines, line, began) {
            lines.console.offer(line.end(began.elapsed()).as_bytes());
        }
    }

    fn line(&self, asked: Asked<'_>, status: StatusCode, why: &str) -> Option<RequestLine> {
        let lines = self.lines.as_ref()?;
        Some(RequestLine::refused(
            lines.palette,
            lines.clock,
            asked,
            status,
            why,
        ))
    }
}

/// The time, an id that begins with it, and fresh random bits.
pub(crate) fn surroundings(counters: Option<&Counters>) -> Env<'_> {
    let now_ms = now_ms();
    Env {
        now_ms,
        request_id: RequestId::v7(now_ms, [fastrand::u64(..), fastrand::u64(..)]),
        random: fastrand::u64(..),
        counters,
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Mutex;

    use mockbird_core::spec::Spec;

    use super::*;
    use crate::console;

    #[derive(Clone, Default)]
    struct Printed(Arc<Mutex<Vec<u8>>>);

    impl Write for Printed {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_of_ours_is_told_as_ours() {
        let printed = Printed::default();
        let (console, output) = console::start(printed.clone()).unwrap();
        let lines = Lines {
            console,
            palette: Palette::PLAIN,
            clock: Clock::system(),
        };
        let engine = Engine::compile(&Spec::default()).unwrap().engine;
        let app = App::new(Live::new(engine), Some(lines), Limits::default());
        let request = Request::post("/orders").body(()).unwrap();
        let began = app.begin();
        let reply = app.guarded(Head::of(&request), || panic!("a defect"));
        app.say(reply.line, began);
        assert_eq!(reply.response.status(), 500);
        assert_eq!(reply.response.headers()["access-control-allow-origin"], "*");
        let body = String::from_utf8_lossy(reply.response.body()).into_owned();
        assert!(
            body.contains("INTERNAL_ERROR") && body.contains(PANICKED),
            "{body}"
        );
        drop(app);
        output.close();
        let printed = String::from_utf8(printed.0.lock().unwrap().clone()).unwrap();
        assert!(
            printed.contains("500 POST") && printed.contains(PANICKED),
            "{printed}"
        );
    }
}
