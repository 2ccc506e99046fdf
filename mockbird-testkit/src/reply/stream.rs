//! Bodies that come in parts, each in its time.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{Reply, Source};

/// More than a test waits, and less than a clock can count.
const LONGEST: Duration = Duration::from_secs(1 << 30);

/// The parts of one body, made as they are sent.
pub(crate) type Parts = Box<dyn Iterator<Item = Bytes> + Send>;

/// A body in parts, made anew for each reply.
#[derive(Clone)]
pub(crate) struct Stream {
    begin: Arc<dyn Fn() -> Parts + Send + Sync>,
    /// How long to wait between two of them.
    pub(crate) every: Duration,
}

/// What the parts hold is the test's own, which fails if they panic.
impl UnwindSafe for Stream {}
impl RefUnwindSafe for Stream {}

impl Stream {
    pub(crate) fn parts(&self) -> Parts {
        (self.begin)()
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stream every {:?}", self.every)
    }
}

/// A reply whose body comes in these parts, each in a chunk of its own; [`Reply::every`] says how long to wait between
/// them.
///
/// The parts may be any iterator that can be cloned, also one without an end. It is asked for the next part only once
/// the client has taken what was sent, and dropped when the client leaves. It must not block.
///
/// ```
/// # use mockbird_testkit::{MockServer, chunks, get};
/// # use std::time::Duration;
/// let server = MockServer::start().lenient();
/// let tick = Duration::from_millis(20);
/// server.mount(get("/slow").reply(chunks(["one ", "two ", "three"]).every(tick)));
/// server.mount(get("/log").reply(chunks((1..).map(|n| format!("line {n}\n"))).every(tick)));
/// ```
pub fn chunks<I>(parts: I) -> Reply
where
    I: IntoIterator<Item: Into<Bytes>, IntoIter: Send + 'static> + Clone + Send + Sync + 'static,
{
    let begin = move || -> Parts { Box::new(parts.clone().into_iter().map(Into::into)) };
    Reply {
        source: Source::Stream(Stream {
            begin: Arc::new(begin),
            every: Duration::ZERO,
        }),
        ..Reply::default()
    }
}

impl Reply {
    /// With so much time between two parts of the body; see [`chunks`].
    ///
    /// # Panics
    /// If the body does not come in parts.
    #[track_caller]
    pub fn every(mut self, time: Duration) -> Self {
        let Source::Stream(stream) = &mut self.source else {
            panic!("`every` is for a body in parts: `chunks([..])` or `events([..])`");
        };
        stream.every = time.min(LONGEST);
        self
    }
}
