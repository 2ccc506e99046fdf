//! A thread for work that has time: where the processors have nothing to spare, it gets next to none of them.

use std::convert::Infallible;
use std::future::Future;
use std::{io, thread};

use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How far such a thread stands back on Linux (`man 7 sched`): its share is a thirtieth of that of others.
#[cfg(target_os = "linux")]
const NICE: i32 = 15;

/// Work on such a thread; it ends with this value.
pub(super) struct Background {
    task: JoinHandle<()>,
}

impl Background {
    /// Begins it.
    pub(super) fn start(
        name: &str,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let (end, ended) = oneshot::channel::<Infallible>();
        let task = runtime.spawn(async move {
            // Dropped with the task, however that ends: then the thread ends, too.
            let _end = end;
            work.await;
        });
        let thread = thread::Builder::new().name(name.to_owned());
        thread.spawn(move || {
            stand_back();
            let Err(_dropped) = runtime.block_on(ended);
        })?;
        Ok(Self { task })
    }

    /// Waits until it has ended by itself.
    pub(super) async fn ended(mut self) {
        // If it panicked, that was reported.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Lets the threads of the rest of the process go first.
#[cfg(target_os = "linux")]
fn stand_back() {
    // Of none but this thread (`man 2 setpriority`, notes).
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(%error, "the thread that makes records of requests has the priority of all others");
    }
}

/// Elsewhere priorities are not those of threads.
#[cfg(not(target_os = "linux"))]
fn stand_back() {}
