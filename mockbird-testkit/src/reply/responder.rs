//! Replies that a closure of the test makes.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::{Reply, Source};
use crate::ReceivedRequest;

/// A closure that makes a reply of a request.
#[derive(Clone)]
pub(crate) enum Responder {
    /// One that may block.
    Blocking(Arc<Blocking>),
    /// One that waits as futures do.
    Async(Arc<Async>),
}

/// What a closure holds may be in any state after a panic: it is the test's own, and the test fails then.
impl UnwindSafe for Responder {}
impl RefUnwindSafe for Responder {}

type Blocking = dyn Fn(&ReceivedRequest) -> Reply + Send + Sync;
type Async = dyn Fn(Arc<ReceivedRequest>) -> Making + Send + Sync;
type Making = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// What a panic carries.
type Panic = Box<dyn Any + Send>;

/// A reply that this closure makes of the request.
///
/// It runs on a thread where it may block. If it panics, the client gets a 500 that says so, and the test fails when the
/// server is dropped. What is said of the reply besides (status, headers, delay, fault) holds for what the closure makes,
/// unless that says otherwise.
///
/// ```
/// # use mockbird_testkit::{MockServer, post, respond_with, text};
/// let server = MockServer::start().lenient();
/// server.mount(post("/echo").reply(respond_with(|request| text(request.text()))));
/// ```
pub fn respond_with<F>(closure: F) -> Reply
where
    F: Fn(&ReceivedRequest) -> Reply + Send + Sync + 'static,
{
    made_by(Responder::Blocking(Arc::new(closure)))
}

/// A reply that the future of this closure makes of the request.
///
/// It runs on a thread that serves other requests meanwhile, inside a tokio runtime: it may wait, and must not block.
/// A panic is as one of [`respond_with`].
///
/// ```
/// # use mockbird_testkit::{MockServer, get, respond_with_async, text};
/// # use std::sync::Arc;
/// let ready = Arc::new(tokio::sync::Notify::new());
/// let server = MockServer::start().lenient();
/// server.mount(get("/when-ready").reply(respond_with_async(move |request| {
///     let ready = Arc::clone(&ready);
///     async move {
///         ready.notified().await;
///         text(format!("{} it is", request.path()))
///     }
/// })));
/// ```
pub fn respond_with_async<F, R>(closure: F) -> Reply
where
    F: Fn(Arc<ReceivedRequest>) -> R + Send + Sync + 'static,
    R: Future<Output = Reply> + Send + 'static,
{
    let closure = move |request| -> Making { Box::pin(closure(request)) };
    made_by(Responder::Async(Arc::new(closure)))
}

fn made_by(responder: Responder) -> Reply {
    Reply {
        source: Source::Closure(responder),
        ..Reply::default()
    }
}

impl Responder {
    /// The reply, or the panic in its place.
    pub(crate) async fn call(&self, request: &Arc<ReceivedRequest>) -> Result<Reply, Panic> {
        let request = Arc::clone(request);
        match self {
            Self::Blocking(closure) => {
                let closure = Arc::clone(closure);
                let work = move || closure(&request);
                // It fails by a panic; a runtime that ends drops whoever waits here.
                let made = tokio::task::spawn_blocking(work).await;
                made.map_err(|error| {
                    error
                        .try_into_panic()
                        .unwrap_or_else(|error| Box::new(error))
                })
            }
            Self::Async(closure) => {
                let made = catch_unwind(AssertUnwindSafe(|| closure(request)))?;
                CatchUnwind(made).await
            }
        }
    }
}

/// A future of the test, whose panic is a value.
struct CatchUnwind(Making);

impl Future for CatchUnwind {
    type Output = Result<Reply, Panic>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx))) {
            Ok(made) => made.map(Ok),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blocking(_) => "Blocking",
            Self::Async(_) => "Async",
        })
    }
}

impl Reply {
    /// This reply, made by a closure, with what `said` says of all replies of that closure.
    pub(crate) fn over(mut self, said: &Self) -> Self {
        self.response.status_code = self.response.status_code.or(said.response.status_code);
        let delay = said.response.response_delay;
        self.response.response_delay = self.response.response_delay.or(delay);
        let mut headers = said.response.headers.clone();
        headers.append(&mut self.response.headers);
        self.response.headers = headers;
        self.fault = self.fault.or_else(|| said.fault.clone());
        if self.trailers.is_empty() {
            self.trailers.clone_from(&said.trailers);
        }
        self
    }
}
