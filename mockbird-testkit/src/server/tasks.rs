//! The tasks of one server, which end together and at once.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;

use super::workers::Worker;

/// How long a task is waited for that is at work while it should end: only a closure that blocks takes longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often it is looked whether it still is.
const PAUSE: Duration = Duration::from_micros(50);

/// The listener and the connections of one server.
///
/// A task of tokio ends when its thread gets round to it. These are taken apart by whoever ends them, on any thread: a
/// server that was dropped is gone, whatever its worker is doing for others.
#[derive(Clone)]
pub(crate) struct Tasks(Arc<Shared>);

struct Shared {
    worker: &'static Worker,
    is_over: AtomicBool,
    all: Mutex<All>,
}

#[derive(Default)]
struct All {
    next: u64,
    tasks: HashMap<u64, Task>,
}

/// A task from outside.
struct Task {
    work: Arc<Slot>,
    handle: AbortHandle,
}

/// The work of a task until it is done or taken away. Its own task locks it and nobody else, but at the end.
type Slot = Mutex<Option<Work>>;
type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Tasks {
    pub(crate) fn new(worker: &'static Worker) -> Self {
        Self(Arc::new(Shared {
            worker,
            is_over: AtomicBool::new(false),
            all: Mutex::default(),
        }))
    }

    /// Does this work on the server's thread, or drops it if the server has ended.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let work: Arc<Slot> = Arc::new(Mutex::new(Some(Box::pin(work))));
        let mut all = lock(&self.0.all);
        if self.is_over() {
            return;
        }
        let number = all.next;
        all.next += 1;
        let running = Running {
            number,
            work: Arc::clone(&work),
            tasks: self.clone(),
        };
        let handle = self.0.worker.handle.spawn(running).abort_handle();
        all.tasks.insert(number, Task { work, handle });
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_over.load(Ordering::Acquire)
    }

    /// Ends all of them. When it returns, what they held is dropped.
    ///
    /// On the server's own thread one of them may be calling us: that one ends as soon as it returns.
    pub(crate) fn end(&self) {
        self.0.is_over.store(true, Ordering::Release);
        let tasks = std::mem::take(&mut lock(&self.0.all).tasks);
        let until = Instant::now() + PATIENCE;
        for task in tasks.into_values() {
            while !take_apart(&task.work) {
                if self.0.worker.is_current() || Instant::now() > until {
                    break;
                }
                thread::sleep(PAUSE);
            }
            task.handle.abort();
        }
    }
}

/// The streams of an HTTP/2 connection are tasks like itself.
#[cfg(feature = "http2")]
impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Tasks {
    fn execute(&self, work: F) {
        self.spawn(work);
    }
}

/// Drops the work of a task, unless it is being done at this very moment.
fn take_apart(work: &Slot) -> bool {
    let work = match work.try_lock() {
        Ok(mut work) => work.take(),
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().take(),
        Err(TryLockError::WouldBlock) => return false,
    };
    drop(work);
    true
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A task from inside.
struct Running {
    number: u64,
    work: Arc<Slot>,
    tasks: Tasks,
}

impl Future for Running {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut slot = lock(&self.work);
        let Some(work) = &mut *slot else {
            return Poll::Ready(());
        };
        let polled = work.as_mut().poll(cx);
        if polled.is_ready() || self.tasks.is_over() {
            *slot = None;
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        lock(&self.tasks.0.all).tasks.remove(&self.number);
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tasks")
            .field("worker", self.0.worker)
            .field("is_over", &self.is_over())
            .finish_non_exhaustive()
    }
}
