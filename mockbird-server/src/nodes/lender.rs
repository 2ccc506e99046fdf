//! The windows that servers share: in Redis, by its clock.
//!
//! A server takes about 2 % of a limit at a time, so that it asks for every fiftieth request of a busy project. What it took is good until
//! the period ends in which Redis counted it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use redis::Script;

use super::link::Link;
use super::message::Group;
use crate::limits::{Lender, Limit, Loan};

/// One in so many of a limit is taken at a time, and one at least.
const SHARE: u16 = 50;

const WINDOW: &str = include_str!("window.lua");

/// Shares out windows that are in Redis.
pub(super) struct Windows {
    link: Arc<Link>,
    group: Group,
    script: Script,
}

impl Windows {
    pub(super) fn new(link: Arc<Link>, group: Group) -> Self {
        Self {
            link,
            group,
            script: Script::new(WINDOW),
        }
    }

    async fn take(&self, key: String, limit: Limit) -> Option<Loan> {
        let mut call = self.script.key(key);
        let period = u64::try_from(limit.period().as_millis()).unwrap_or(u64::MAX);
        call.arg(limit.count()).arg(period).arg(share(limit));
        self.link.ask(&call).await.ok().map(loan)
    }
}

impl Lender for Windows {
    fn is_there(&self) -> bool {
        self.link.is_up()
    }

    fn lend<'a>(
        &'a self,
        name: &'static str,
        key: &'a (dyn fmt::Display + Sync),
        limit: Limit,
    ) -> Pin<Box<dyn Future<Output = Option<Loan>> + Send + 'a>> {
        let key = self.group.window_of(name, key);
        Box::pin(self.take(key, limit))
    }
}

impl fmt::Debug for Windows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Windows")
            .field("link", &self.link)
            .field("group", &self.group)
            .finish_non_exhaustive()
    }
}

/// How many permits are taken at a time.
fn share(limit: Limit) -> u16 {
    (limit.count() / SHARE).max(1)
}

/// What the script says.
fn loan((permits, rest, ms): (u16, u16, u64)) -> Loan {
    let time = Duration::from_millis(ms);
    if permits == 0 {
        return Loan::Full { retry_after: time };
    }
    Loan::Permits {
        permits,
        rest,
        good_for: time,
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::config::Rate;
    use crate::domain::Millis;
    use crate::limits::Window;

    /// What names the Redis server of the tests.
    const SERVER: &str = "MOCKBIRD_TEST_REDIS";

    /// Somewhere in 2027.
    const BEGIN: i64 = 1_800_000_000_000;

    /// The script by a clock of ours.
    struct Shared {
        redis: redis::Connection,
        script: Script,
        key: String,
    }

    impl Shared {
        /// A window that nobody asked for yet.
        fn new() -> Self {
            let url = std::env::var(SERVER).unwrap_or_else(|_| {
                panic!("{SERVER} names no Redis server: run `bash .ci/redis cargo test -p mockbird-server --lib`")
            });
            let text = WINDOW.replace("redis.call('TIME')", "{0, ARGV[4] * 1000}");
            Self {
                redis: redis::Client::open(url).unwrap().get_connection().unwrap(),
                script: Script::new(&text),
                key: format!("mockbird:test:{:016x}", fastrand::u64(..)),
            }
        }

        fn take(&mut self, limit: Limit, most: u16, now: i64) -> Loan {
            let mut call = self.script.key(&self.key);
            let period = u64::try_from(limit.period().as_millis()).unwrap();
            call.arg(limit.count()).arg(period).arg(most).arg(now);
            loan(call.invoke(&mut self.redis).unwrap())
        }
    }

    /// The same of a window in memory, one permit after the other.
    fn take(
        window: &Window,
        limit: Limit,
        most: u16,
        now: i64,
    ) -> (u16, Option<u16>, Option<Duration>) {
        let (mut taken, mut rest) = (0, None);
        while taken < most {
            match window.ask(limit, Millis(now)) {
                Ok(standing) => {
                    taken += 1;
                    rest = Some(standing.remaining);
                }
                Err(often) if taken == 0 => return (0, None, Some(often.retry_after)),
                Err(_) => break,
            }
        }
        (taken, rest, None)
    }

    /// Counts, periods, and the times between those who ask, each with how many permits it takes.
    fn traffic() -> impl Strategy<Value = (u16, u64, Vec<(u64, u16)>)> {
        (1..60_u16, 1..1_000_u64).prop_flat_map(|(count, period)| {
            let gap = prop_oneof![4 => Just(0), 8 => 0..=period / 8, 1 => 0..=3 * period];
            (Just(count), Just(period), vec((gap, 1..5_u16), 1..100))
        })
    }

    proptest! {
        #[test]
        fn a_window_in_redis_is_one_in_memory((count, period, asked) in traffic()) {
            let period = Duration::from_millis(period);
            let limit = Limit::from(Rate { count, period });
            let (mut shared, window, mut now) = (Shared::new(), Window::default(), BEGIN);
            for (gap, most) in asked {
                now += gap.cast_signed();
                let (permits, rest, retry_after) = take(&window, limit, most, now);
                match shared.take(limit, most, now) {
                    Loan::Permits { permits: lent, rest: left, good_for } => {
                        prop_assert_eq!((lent, Some(left)), (permits, rest));
                        prop_assert!(!good_for.is_zero() && good_for <= period);
                    }
                    Loan::Full { retry_after: wait } => prop_assert_eq!(Some(wait), retry_after),
                }
            }
        }
    }

    #[test]
    fn a_fiftieth_is_taken_at_a_time() {
        let limit = |count| {
            let period = Duration::from_secs(1);
            Limit::from(Rate { count, period })
        };
        let shares = [1, 49, 100, 1_000, u16::MAX].map(|count| share(limit(count)));
        assert_eq!(shares, [1, 1, 2, 20, 1_310]);
    }
}
