//! The threads that drive all servers of the process.

use std::cell::Cell;
use std::future::pending;
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, available_parallelism};
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::time::Sleep;

/// More threads than this answer no test faster.
const WORKERS_MAX: usize = 4;

thread_local! {
    /// The number of the worker whose thread this is.
    static CURRENT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// A thread with a runtime of its own, kept as long as the process.
///
/// A server lives on one of them with all its connections, so that none of its requests wakes another thread. A thread
/// for each server would cost more than to start it, and a test's own runtime may stand still: while the test blocks,
/// or because it has ended.
#[derive(Debug)]
pub(crate) struct Worker {
    number: usize,
    pub(crate) handle: Handle,
}

impl Worker {
    /// The one whose turn it is; each is started when it is first needed.
    #[expect(
        clippy::expect_used,
        reason = "documented on `MockServer::start`: a test cannot go on without its server"
    )]
    pub(crate) fn next() -> &'static Self {
        static WORKERS: [OnceLock<Worker>; WORKERS_MAX] = [const { OnceLock::new() }; WORKERS_MAX];
        static COUNT: OnceLock<usize> = OnceLock::new();
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let processors = || available_parallelism().map_or(1, usize::from);
        let count = *COUNT.get_or_init(|| processors().min(WORKERS_MAX));
        let number = NEXT.fetch_add(1, Ordering::Relaxed) % count;
        WORKERS[number].get_or_init(|| Self::start(number).expect("a thread can be started"))
    }

    fn start(number: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        thread::Builder::new()
            .name(format!("mockbird-{number}"))
            .spawn(move || {
                CURRENT.set(Some(number));
                runtime.block_on(pending::<()>());
            })?;
        Ok(Self { number, handle })
    }

    /// True on its own thread: waiting there for what it does would wait forever.
    pub(crate) fn is_current(&self) -> bool {
        CURRENT.get() == Some(self.number)
    }
}

/// A timer that any executor may wait for.
pub(crate) fn sleep(time: Duration) -> Sleep {
    let _inside = Worker::next().handle.enter();
    tokio::time::sleep(time)
}
