//! A breaker: whoever cannot reach the database says so at once, rather than after a wait each.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::{Result, StoreError};

/// Counts failures to connect; after so many in a row it is open for a while, and then lets one try.
#[derive(Debug)]
pub(super) struct Breaker {
    failures_max: u32,
    pause: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_until: Option<Instant>,
}

impl Breaker {
    pub(super) fn new(failures_max: u32, pause: Duration) -> Self {
        Self {
            failures_max,
            pause,
            state: Mutex::default(),
        }
    }

    /// May somebody try now? Whoever is let through after a pause tries for all: the others are told
    /// no for another pause, or until it has succeeded.
    pub(super) fn ask(&self) -> Result<()> {
        let Ok(mut state) = self.state.lock() else {
            return Ok(());
        };
        let Some(until) = state.open_until else {
            return Ok(());
        };
        let now = Instant::now();
        if now < until {
            return Err(StoreError::Unavailable {
                retry_after: until - now,
                source: None,
            });
        }
        state.open_until = Some(now + self.pause);
        Ok(())
    }

    pub(super) fn succeeded(&self) {
        if let Ok(mut state) = self.state.lock() {
            *state = State::default();
        }
    }

    pub(super) fn failed(&self) {
        if let Ok(mut state) = self.state.lock() {
            state.failures = state.failures.saturating_add(1);
            if state.failures >= self.failures_max {
                state.open_until = Some(Instant::now() + self.pause);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_closes_with_a_success() {
        let breaker = Breaker::new(2, Duration::from_hours(1));
        breaker.failed();
        breaker.succeeded();
        breaker.failed();
        assert!(breaker.ask().is_ok());
        breaker.failed();
        assert!(matches!(
            breaker.ask(),
            Err(StoreError::Unavailable { source: None, .. })
        ));
        breaker.succeeded();
        assert!(breaker.ask().is_ok());
    }

    #[test]
    fn one_tries_for_all_after_the_pause() {
        let breaker = Breaker::new(1, Duration::from_hours(1));
        breaker.failed();
        breaker.state.lock().unwrap().open_until = Some(Instant::now());
        assert!(breaker.ask().is_ok());
        assert!(breaker.ask().is_err());
    }
}
