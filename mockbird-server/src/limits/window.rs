//! A window that slides: pure arithmetic, in milliseconds that are given from outside.
//!
//! A window is two periods that follow each other. The first begins with the first request, the next where that one
//! ends, and so on; after two periods without requests, the next request begins anew. A request is admitted if
//!
//! ```text
//! current + floor(previous * (period - 1 - elapsed) / period) < count
//! ```
//!
//! where `current` and `previous` are the requests that were admitted in this period and the one before, and `elapsed`
//! is how far this period has come, in milliseconds: as if those of the period before had come evenly. What is refused does not count.
//!
//! Measured by a log of every request, which would take memory for each, that is exact for whoever comes evenly and for whoever
//! asks all the time: no stretch of one period holds more than `count`. In general:
//!
//! - whoever asks for no more than `count` in any two periods is never refused;
//! - no stretch of one period holds more than twice the `count`, and none of `n` periods more than `n + 1` times;
//! - whoever waits for `retry_after` is admitted, if nobody else asks for the same meanwhile.
//!
//! Rejected: a bucket that refills (GCRA) lets whoever asks all the time have nearly twice the `count` in the first period,
//! and admits one more right after a refusal, which nobody expects of a window.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::packed::{last_bits, pack, unpack};
use crate::config::Rate;
use crate::domain::Millis;

/// How many requests in which time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    count: u16,
    /// In milliseconds: from one to a day.
    period: u32,
}

/// What somebody still has of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How many requests in one period.
    pub limit: u16,
    /// How many more now.
    pub remaining: u16,
    /// After which time it is all again at the latest, if nothing more is asked.
    pub reset: Duration,
}

/// Whoever asked too often: when it may ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("asked more often than {limit} times")]
pub struct TooOften {
    /// How many requests in one period.
    pub limit: u16,
    /// After this time.
    pub retry_after: Duration,
}

/// Whether a request is admitted.
pub type Verdict = Result<Standing, TooOften>;

/// What is counted of one key: eight bytes, which change without a lock.
///
/// Two threads may read the clock and then come here in the other order: a moment that is less than a period before the
/// window's own counts as its beginning. A clock that was set back by more begins the window anew. Moments are kept by their
/// last 32 bits: a window that was not asked for 49 days, to within two periods, may still remember what it counted.
#[derive(Debug, Default)]
pub struct Window(AtomicU64);

/// The same, taken apart. Without requests it has no beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Periods {
    start: u32,
    current: u16,
    previous: u16,
}

impl From<Rate> for Limit {
    fn from(rate: Rate) -> Self {
        const DAY: u32 = 86_400_000;
        let ms = u32::try_from(rate.period.as_millis()).unwrap_or(DAY);
        Self {
            // The configuration knows no other rates.
            count: rate.count.max(1),
            period: ms.clamp(1, DAY),
        }
    }
}

impl Limit {
    /// How many requests in one period.
    pub fn count(self) -> u16 {
        self.count
    }

    /// In which time.
    pub fn period(self) -> Duration {
        Duration::from_millis(self.period.into())
    }
}

impl Window {
    /// Counts one request if there is room for it.
    pub fn ask(&self, limit: Limit, now: Millis) -> Verdict {
        let now = last_bits(now);
        let mut verdict = Err(Periods::default().too_often(limit, 0));
        // Nothing else is published by it.
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |word| {
                let (periods, answer) = Periods::unpack(word).ask(limit, now);
                verdict = answer;
                answer.is_ok().then(|| periods.pack())
            });
        verdict
    }

    /// How many requests count at the moment.
    pub fn used(&self, limit: Limit, now: Millis) -> u32 {
        let periods = Periods::unpack(self.0.load(Ordering::Relaxed));
        let (periods, elapsed) = periods.at(limit, last_bits(now));
        periods.used(limit, elapsed)
    }

    /// Forgets what it counted.
    pub fn clear(&self) {
        self.0.store(Periods::default().pack(), Ordering::Relaxed);
    }
}

impl Periods {
    fn unpack(word: u64) -> Self {
        let (start, current, previous) = unpack(word);
        Self {
            start,
            current,
            previous,
        }
    }

    fn pack(self) -> u64 {
        pack(self.start, self.current, self.previous)
    }

    /// Those that begin now.
    fn new(now: u32) -> Self {
        Self {
            start: now,
            ..Self::default()
        }
    }

    fn is_empty(self) -> bool {
        (self.current, self.previous) == (0, 0)
    }

    /// The periods as they are now, and how far the current one has come.
    fn at(self, limit: Limit, now: u32) -> (Self, u32) {
        let period = limit.period.cast_signed();
        let elapsed = now.wrapping_sub(self.start).cast_signed();
        let next = Self {
            start: self.start.wrapping_add(limit.period),
            current: 0,
            previous: self.current,
        };
        let (periods, elapsed) = if elapsed < -period || elapsed >= 2 * period {
            (Self::default(), 0)
        } else if elapsed < period {
            (self, elapsed.max(0))
        } else {
            (next, elapsed - period)
        };
        if periods.is_empty() {
            return (Self::new(now), 0);
        }
        (periods, elapsed.cast_unsigned())
    }

    fn ask(self, limit: Limit, now: u32) -> (Self, Verdict) {
        let (mut periods, elapsed) = self.at(limit, now);
        let used = periods.used(limit, elapsed);
        let Some(remaining) = u32::from(limit.count).checked_sub(used + 1) else {
            return (periods, Err(periods.too_often(limit, elapsed)));
        };
        periods.current += 1;
        let standing = Standing {
            limit: limit.count,
            // No more than the count.
            remaining: u16::try_from(remaining).unwrap_or(limit.count),
            reset: ms(2 * limit.period - elapsed),
        };
        (periods, Ok(standing))
    }

    fn used(self, limit: Limit, elapsed: u32) -> u32 {
        let rest = u64::from(limit.period - 1 - elapsed);
        let weighted = u64::from(self.previous) * rest / u64::from(limit.period);
        // It is no more than `previous`.
        u32::from(self.current) + u32::try_from(weighted).unwrap_or(u32::from(self.previous))
    }

    /// When the next request would be admitted: in this period, if enough of the previous one passes; otherwise in the next.
    fn too_often(self, limit: Limit, elapsed: u32) -> TooOften {
        // How far a period has come when at most `room` of those `before` it count.
        let passed = |room: u16, before: u16| {
            let above = (u64::from(room) + 1) * u64::from(limit.period);
            let rest = above.div_ceil(before.max(1).into());
            limit
                .period
                .saturating_sub(u32::try_from(rest).unwrap_or(u32::MAX))
        };
        let wait = match (limit.count - 1).checked_sub(self.current) {
            Some(room) => passed(room, self.previous).saturating_sub(elapsed),
            None => limit.period - elapsed + passed(limit.count - 1, self.current),
        };
        TooOften {
            limit: limit.count,
            retry_after: ms(wait),
        }
    }
}

fn ms(ms: u32) -> Duration {
    Duration::from_millis(ms.into())
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn limit(count: u16, period: u64) -> Limit {
        Limit::from(Rate {
            count,
            period: Duration::from_millis(period),
        })
    }

    /// The definition, word for word: every admitted request with its moment, and where the current period began.
    #[derive(Default)]
    struct Model {
        admitted: Vec<i64>,
        start: Option<i64>,
    }

    impl Model {
        fn ask(&mut self, count: i64, period: i64, now: i64) -> bool {
            let mut start = self.start.unwrap_or(now);
            if now >= start + 2 * period {
                start = now;
            } else if now >= start + period {
                start += period;
            }
            let within = |from: i64, admitted: &[i64]| {
                let until = from + period;
                let found = admitted.iter().filter(|at| (from..until).contains(*at));
                i64::try_from(found.count()).unwrap()
            };
            let current = within(start, &self.admitted);
            let previous = within(start - period, &self.admitted);
            if (current, previous) == (0, 0) {
                start = now;
            }
            self.start = Some(start);
            let room = current + previous * (start + period - 1 - now) / period < count;
            if room {
                self.admitted.push(now);
            }
            room
        }

        /// The most that one stretch of so many milliseconds holds.
        fn most_within(&self, stretch: i64) -> usize {
            let ends = self.admitted.iter().map(|end| {
                let begin = end - stretch;
                let within = self.admitted.iter().filter(|at| **at > begin && *at <= end);
                within.count()
            });
            ends.max().unwrap_or_default()
        }
    }

    /// Counts, periods, and the times between requests.
    fn traffic() -> impl Strategy<Value = (u16, u32, Vec<u32>)> {
        (1..40_u16, 1..200_u32).prop_flat_map(|(count, period)| {
            let gap = prop_oneof![4 => Just(0), 8 => 0..=period / 8, 1 => 0..=3 * period];
            (Just(count), Just(period), vec(gap, 1..300))
        })
    }

    /// Somewhere the last bits begin anew.
    const BEGIN: i64 = (1 << 40) - 500;

    proptest! {
        #[test]
        fn it_does_what_it_is_defined_to_do((count, period, gaps) in traffic()) {
            let (limit, window) = (limit(count, period.into()), Window::default());
            let (mut model, mut now) = (Model::default(), BEGIN);
            for gap in gaps {
                now += i64::from(gap);
                let expected = model.ask(count.into(), period.into(), now);
                prop_assert_eq!(window.ask(limit, Millis(now)).is_ok(), expected);
            }
            let (most, period) = (usize::from(count), i64::from(period));
            prop_assert!(model.most_within(period) <= 2 * most);
            prop_assert!(model.most_within(5 * period) <= 6 * most);
        }

        #[test]
        fn who_keeps_to_the_count_in_two_periods_is_never_refused((count, period, gaps) in traffic()) {
            let (limit, window) = (limit(count, period.into()), Window::default());
            let (mut asked, mut now) = (Vec::new(), BEGIN);
            for gap in gaps {
                now += i64::from(gap);
                let begin = now - 2 * i64::from(period);
                let recent = asked.iter().filter(|at| **at > begin).count();
                if recent < usize::from(count) {
                    asked.push(now);
                    prop_assert!(window.ask(limit, Millis(now)).is_ok());
                }
            }
        }

        #[test]
        fn who_asks_all_the_time_has_the_count_in_each_period(count in 1..40_u16, period in 40..200_u32) {
            let (limit, window, mut log) = (limit(count, period.into()), Window::default(), Model::default());
            for now in BEGIN..BEGIN + 8 * i64::from(period) {
                for _ in 0..=count {
                    if window.ask(limit, Millis(now)).is_ok() {
                        log.admitted.push(now);
                    }
                }
            }
            prop_assert_eq!(log.most_within(period.into()), usize::from(count));
            prop_assert!(log.admitted.len() > 7 * usize::from(count));
        }

        #[test]
        fn what_it_says_is_so((count, period, gaps) in traffic()) {
            let (limit, window, mut now) = (limit(count, period.into()), Window::default(), BEGIN);
            let copy = |window: &Window| Window(AtomicU64::new(window.0.load(Ordering::Relaxed)));
            let later = |now: i64, wait: Duration| Millis(now).after(wait);
            for gap in gaps {
                now += i64::from(gap);
                match window.ask(limit, Millis(now)) {
                    Ok(Standing { remaining, reset, .. }) => {
                        let rest = copy(&window);
                        for _ in 0..remaining {
                            prop_assert!(rest.ask(limit, Millis(now)).is_ok());
                        }
                        prop_assert!(rest.ask(limit, Millis(now)).is_err());
                        prop_assert_eq!(window.used(limit, later(now, reset)), 0);
                    }
                    Err(TooOften { retry_after, .. }) => {
                        let just_before = later(now, retry_after).before(Duration::from_millis(1));
                        prop_assert!(copy(&window).ask(limit, just_before).is_err());
                        prop_assert!(copy(&window).ask(limit, later(now, retry_after)).is_ok());
                    }
                }
            }
        }
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_stop_it() {
        let (limit, window) = (limit(1, 1_000), Window::default());
        for (now, admitted) in [
            (1_000_000, true),
            (999_999, false),
            (999_000, false),
            (998_999, true),
        ] {
            assert_eq!(window.ask(limit, Millis(now)).is_ok(), admitted, "{now}");
        }
    }

    #[test]
    fn a_limit_may_change() {
        let window = Window::default();
        for _ in 0..100 {
            window.ask(limit(100, 1_000), Millis(0)).unwrap();
        }
        let often = window.ask(limit(10, 1_000), Millis(0)).unwrap_err();
        assert_eq!((often.limit, often.retry_after.as_millis()), (10, 1_900));
        assert!(window.ask(limit(200, 1_000), Millis(0)).is_ok());
    }

    #[test]
    fn threads_count_together() {
        let (limit, window) = (limit(1_000, 60_000), Window::default());
        let admitted: usize = std::thread::scope(|scope| {
            let threads = [(); 4].map(|()| {
                scope.spawn(|| {
                    (0..500)
                        .filter(|_| window.ask(limit, Millis(7)).is_ok())
                        .count()
                })
            });
            threads
                .map(|thread| thread.join().unwrap())
                .into_iter()
                .sum()
        });
        assert_eq!(admitted, 1_000);
    }
}
