//! Replies that wait until the test lets them go.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

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
#[derive(Clone, Debug)]
pub struct Gate(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    open: watch::Sender<bool>,
    arrived: Mutex<usize>,
    more: Condvar,
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

impl Gate {
    /// A gate that is closed.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Shared {
            open: watch::Sender::new(false),
            arrived: Mutex::new(0),
            more: Condvar::new(),
        }))
    }

    /// Lets all replies go, those to come too.
    pub fn open(&self) {
        self.0.open.send_replace(true);
    }

    /// Holds back the replies from now on.
    pub fn close(&self) {
        self.0.open.send_replace(false);
    }

    /// How many requests have come to it.
    pub fn arrived(&self) -> usize {
        *self.lock()
    }

    /// Waits until so many requests have come to it; false if they have not in this time.
    pub fn wait_for(&self, requests: usize, time: Duration) -> bool {
        let end = Instant::now() + time;
        let mut arrived = self.lock();
        while *arrived < requests {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.0.more.wait_timeout(arrived, left);
            arrived = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// A request comes, and waits until the gate is open.
    pub(crate) async fn pass(&self) {
        *self.lock() += 1;
        self.0.more.notify_all();
        let mut open = self.0.open.subscribe();
        // The sender is part of the gate we hold.
        let _ = open.wait_for(|open| *open).await;
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.0
            .arrived
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
