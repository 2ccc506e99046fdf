//! Replies that wait until the test lets them go.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot};

use crate::server::sleep;

/// Holds replies back until the test opens it: the way to test what happens meanwhile.
///
/// ```
/// # use mockbird_testkit::{Gate, MockServer, get, text};
/// # use std::{io::{Read, Write}, net::TcpStream, time::Duration};
/// let gate = Gate::new();
/// let server = MockServer::start();
/// server.mount(get("/slow").reply(text("at last").behind(&gate)));
///
/// let mut client = TcpStream::connect(server.address()).unwrap();
/// client.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
/// assert!(gate.wait_for(1, Duration::from_secs(5)), "the request has come, and waits");
/// // ... look at what the code under test does in the meantime ...
/// gate.open();
/// let mut reply = String::new();
/// client.read_to_string(&mut reply).unwrap();
/// assert!(reply.ends_with("at last"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    inside: Mutex<Inside>,
    /// Somebody has arrived, for threads and for tasks that wait for it.
    threads: Condvar,
    tasks: Notify,
}

#[derive(Debug, Default)]
struct Inside {
    is_open: bool,
    arrived: usize,
    /// How many may still pass while it is closed.
    passes: usize,
    /// Those held back, who came first in front. One that has left hears nothing any more.
    waiting: VecDeque<oneshot::Sender<()>>,
}

impl Gate {
    /// A gate that is closed.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// assert_eq!(Gate::new().arrived(), 0);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets all replies go, those to come too.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// let gate = Gate::new();
    /// server.mount(get("/slow").reply(text("at last").behind(&gate)));
    /// gate.open();
    /// ```
    pub fn open(&self) {
        let mut inside = self.lock();
        inside.is_open = true;
        for one in inside.waiting.drain(..) {
            // Nobody hears it whose client has left.
            let _ = one.send(());
        }
    }

    /// Holds back the replies from now on.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// let gate = Gate::new();
    /// gate.open();
    /// // ... the code under test warms up ...
    /// gate.close();
    /// ```
    pub fn close(&self) {
        let mut inside = self.lock();
        (inside.is_open, inside.passes) = (false, 0);
    }

    /// Lets so many replies go, those first that came first; if fewer wait, the next to come. The gate stays closed.
    ///
    /// ```
    /// # use mockbird_testkit::{Gate, MockServer, get, text};
    /// let gate = Gate::new();
    /// let server = MockServer::start().lenient();
    /// server.mount(get("/one-by-one").reply(text("next, please").behind(&gate)));
    /// gate.release(1);
    /// ```
    pub fn release(&self, replies: usize) {
        let mut inside = self.lock();
        let mut left = replies;
        while left > 0
            && let Some(one) = inside.waiting.pop_front()
        {
            // One whose client has left takes nobody's place.
            left -= usize::from(one.send(()).is_ok());
        }
        inside.passes += left;
    }

    /// How many requests have come to it.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// let gate = Gate::new();
    /// server.mount(get("/slow").reply(text("at last").behind(&gate)));
    /// assert_eq!(gate.arrived(), 0);
    /// ```
    pub fn arrived(&self) -> usize {
        self.lock().arrived
    }

    /// Waits until so many requests have come to it; false if they have not in this time.
    ///
    /// It blocks the thread. Where the client of the test runs on the same thread, as in `#[tokio::test]`, nothing could
    /// come: there, [`wait_for_async`](Self::wait_for_async).
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// # use std::time::Duration;
    /// let gate = Gate::new();
    /// server.mount(get("/slow").reply(text("at last").behind(&gate)));
    /// // Nobody asks here.
    /// assert!(!gate.wait_for(1, Duration::from_millis(1)));
    /// ```
    #[must_use = "false says that the requests have not come"]
    pub fn wait_for(&self, requests: usize, time: Duration) -> bool {
        let end = Instant::now() + time;
        let mut inside = self.lock();
        while inside.arrived < requests {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.0.threads.wait_timeout(inside, left);
            inside = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// The same for async tests, under any runtime: other tasks go on meanwhile.
    ///
    /// ```
    /// # use mockbird_testkit::{Gate, MockServer, get, text};
    /// # use std::time::Duration;
    /// # async fn test() {
    /// let gate = Gate::new();
    /// let server = MockServer::start().lenient();
    /// server.mount(get("/slow").reply(text("at last").behind(&gate)));
    /// // ... spawn the code under test ...
    /// assert!(gate.wait_for_async(1, Duration::from_secs(5)).await);
    /// gate.open();
    /// # }
    /// ```
    #[must_use = "false says that the requests have not come"]
    pub async fn wait_for_async(&self, requests: usize, time: Duration) -> bool {
        let mut end = pin!(sleep(time));
        loop {
            // It hears of all who come from here on.
            let mut news = pin!(self.0.tasks.notified());
            news.as_mut().enable();
            if self.arrived() >= requests {
                return true;
            }
            let is_over = poll_fn(|cx| {
                if news.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(false);
                }
                end.as_mut().poll(cx).map(|()| true)
            });
            if is_over.await {
                return false;
            }
        }
    }

    /// A request comes, and waits until it may go on.
    pub(crate) async fn pass(&self) {
        let go = self.arrive();
        if let Some(go) = go {
            // A sender goes away only with the gate, which we hold.
            let _ = go.await;
        }
    }

    /// `None` if it may go on at once.
    fn arrive(&self) -> Option<oneshot::Receiver<()>> {
        let mut inside = self.lock();
        inside.arrived += 1;
        self.0.threads.notify_all();
        self.0.tasks.notify_waiters();
        if inside.is_open {
            return None;
        }
        if inside.passes > 0 {
            inside.passes -= 1;
            return None;
        }
        let (tell, told) = oneshot::channel();
        inside.waiting.push_back(tell);
        Some(told)
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        let inside = &self.0.inside;
        inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
