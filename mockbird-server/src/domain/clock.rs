//! Time as a value.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970 in UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// The moment that much later.
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(milliseconds(duration)))
    }

    /// The moment that much earlier.
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(milliseconds(duration)))
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Where the time comes from: the system, or a test that turns the hands itself.
///
/// ```
/// use std::time::Duration;
/// use mockbird_server::domain::{Clock, Millis};
///
/// let clock = Clock::fixed(Millis(1_000));
/// clock.advance(Duration::from_secs(1));
/// assert_eq!(clock.now(), Millis(2_000));
/// ```
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's.
    #[default]
    System,
    /// One that stands until it is advanced; clones show the same time.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `moment`.
    pub fn fixed(moment: Millis) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(moment.0)))
    }

    /// The time.
    pub fn now(&self) -> Millis {
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                Millis(milliseconds(since.unwrap_or_default()))
            }
            Self::Fixed(moment) => Millis(moment.load(Ordering::Relaxed)),
        }
    }

    /// Turns the hands of a fixed clock; the system's goes by itself.
    pub fn advance(&self, duration: Duration) {
        if let Self::Fixed(moment) = self {
            moment.fetch_add(milliseconds(duration), Ordering::Relaxed);
        }
    }
}
