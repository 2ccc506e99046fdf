//! What replies tell of limits.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue};
use mockbird_core::tell_rate_limit;

use super::window::{Standing, TooOften};

impl Standing {
    /// The one of two that leaves less.
    pub fn tighter(self, other: Option<Self>) -> Self {
        match other {
            Some(other) if other.remaining < self.remaining => other,
            _ => self,
        }
    }

    /// Says it in the headers of a reply, beside what it says itself.
    pub fn tell(self, headers: &mut HeaderMap) {
        let (limit, remaining) = (self.limit.into(), self.remaining.into());
        tell_rate_limit(headers, limit, remaining, seconds(self.reset));
    }
}

impl TooOften {
    /// Says it in the headers of a refusal.
    pub fn tell(self, headers: &mut HeaderMap) {
        tell_used_up(headers, self.limit.into(), self.retry_after);
    }
}

/// Says that what there is for a long time is used up.
pub fn tell_used_up(headers: &mut HeaderMap, limit: u64, wait: Duration) {
    let wait = seconds(wait);
    tell_rate_limit(headers, limit, 0, wait);
    headers.insert(RETRY_AFTER, HeaderValue::from(wait));
}

/// Whole seconds, and at least one: whoever waits for them does not come too early.
pub fn seconds(wait: Duration) -> u64 {
    let seconds = wait.as_millis().div_ceil(1_000);
    u64::try_from(seconds).unwrap_or(u64::MAX).max(1)
}
