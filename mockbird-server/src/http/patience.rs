//! How long a client may keep a connection waiting.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

use super::marks::Marks;

/// How often it is looked whether the connection got on; what is over is noticed a tick late at most.
const TICKS: u32 = 4;

/// A limit on the time in which a connection does not get on: no head of a request arrives, and no
/// byte of a reply is taken.
///
/// A timer of its own for each request would cost more than to answer it. This one goes on from
/// request to request, and a request costs it one look at a flag.
pub(super) struct Patience {
    sleep: Pin<Box<Sleep>>,
    tick: Duration,
    /// Whether the sleep knows whom to wake.
    is_set: bool,
    /// How often the connection had got on when it was last looked at.
    steps: usize,
    /// For how many ticks it has not.
    idle: u32,
}

impl Patience {
    pub(super) fn new(limit: Duration) -> Self {
        let tick = limit / TICKS;
        Self {
            sleep: Box::pin(sleep(tick)),
            tick,
            is_set: false,
            steps: 0,
            idle: 0,
        }
    }

    /// Whether it is over; otherwise the task of `cx` is woken when that is to be asked again.
    pub(super) fn is_over(&mut self, cx: &mut Context<'_>, marks: &Marks) -> bool {
        while !self.is_set || self.sleep.is_elapsed() {
            if self.is_set && self.tick(marks) {
                return true;
            }
            self.is_set = true;
            // Registers the task, which lasts until the sleep is over.
            let _ = self.sleep.as_mut().poll(cx);
        }
        false
    }

    /// Counts a tick that has passed; true if there were enough of them.
    fn tick(&mut self, marks: &Marks) -> bool {
        let steps = marks.steps();
        self.idle = if steps == self.steps && !marks.is_working() {
            self.idle + 1
        } else {
            0
        };
        self.steps = steps;
        self.sleep.as_mut().reset(Instant::now() + self.tick);
        self.idle >= TICKS
    }
}
