//! Where the events of requests wait for somebody who has time.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::load::Load;
use crate::config;
use crate::domain::LogRecord;

/// What becomes a record, once somebody has time for it.
pub trait Event: Send + 'static {
    /// What it takes in memory, more or less; the same each time it is asked.
    fn weight(&self) -> usize;

    /// Makes the record, without the secrets, and with at most so many bytes of a body.
    fn into_record(self, body_max: usize) -> LogRecord;
}

/// The way in: never waits, and holds no lock.
#[derive(Debug)]
pub struct Queue<E> {
    sender: UnboundedSender<E>,
    load: Arc<Load>,
    events_max: u64,
    bytes_max: usize,
}

pub(super) fn queue<E: Event>(config: &config::Logs) -> (Queue<E>, UnboundedReceiver<E>) {
    // Its bounds are those of the load, which count what has left it as well.
    let (sender, receiver) = unbounded_channel();
    let queue = Queue {
        sender,
        load: Arc::new(Load::new()),
        events_max: config.queue_events.into(),
        bytes_max: config.queue_memory,
    };
    (queue, receiver)
}

impl<E: Event> Queue<E> {
    /// Takes an event, or drops and counts it.
    pub fn push(&self, event: E) {
        let bytes = event.weight();
        if self.load.accept(bytes, self.events_max, self.bytes_max)
            && self.sender.send(event).is_err()
        {
            self.load.take_back(bytes);
        }
    }

    pub(super) fn load(&self) -> Arc<Load> {
        Arc::clone(&self.load)
    }
}
