//! One runtime for all servers of the process.

use std::sync::OnceLock;
use std::thread::available_parallelism;

use tokio::runtime::{Builder, Handle, Runtime};

/// More threads than this answer no test faster.
const THREADS_MAX: usize = 4;

/// The runtime all servers share, made when the first one starts and kept as long as the process.
///
/// A thread for each server would cost more than to start it, and a test's own runtime may stand
/// still: while the test blocks, or because it has ended.
#[expect(
    clippy::expect_used,
    reason = "documented on `MockServer::start`: a test cannot go on without its server"
)]
pub(crate) fn handle() -> &'static Handle {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        let threads = available_parallelism().map_or(1, usize::from);
        Builder::new_multi_thread()
            .worker_threads(threads.min(THREADS_MAX))
            .thread_name("mockbird")
            .enable_all()
            .build()
            .expect("threads can be started")
    });
    runtime.handle()
}

/// True on a thread that drives the servers: waiting there for one of them might wait forever.
pub(crate) fn is_current() -> bool {
    Handle::try_current().is_ok_and(|current| current.id() == handle().id())
}
