//! Calls within a sliding window, counted without a lock.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::spec::RateLimit;

/// What a rate limit says of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// False if the call is refused.
    pub is_admitted: bool,
    /// How many calls are admitted within the window.
    pub limit: u32,
    /// How many more would be admitted at this moment.
    pub remaining: u32,
    /// How long until the oldest call that counts leaves the window, in milliseconds: then one more is admitted.
    pub reset_ms: u64,
}

impl Allowance {
    /// How long until one more is admitted, in seconds, of which a part counts as a whole one.
    pub fn reset_seconds(&self) -> u64 {
        self.reset_ms.div_ceil(1_000)
    }

    /// What is said of the first call of all.
    pub(crate) fn first(limit: &RateLimit) -> Self {
        Self {
            is_admitted: true,
            limit: limit.requests,
            remaining: limit.requests.saturating_sub(1),
            reset_ms: limit.per.ms(),
        }
    }
}

/// The last calls that a rate limit admitted.
///
/// A call *counts* while its time and the present are less than `per` apart. One is refused if, and only if, the last `requests`
/// that were admitted all count, of which the oldest is looked at. So, exactly and however many threads ask: of the calls in
/// the order in which they were admitted, each lies `per` or more from the one `requests` before it. For times that do not go
/// back this is to say that no stretch of time shorter than `per` holds more than `requests` admitted calls, and that none is
/// refused that could be admitted. Where threads come by their times a little out of order, by `d` at most, it holds for
/// stretches shorter than `per - d`; and a clock that is set back by `per` or more lets calls through as if the window were new.
///
/// Their times stand in a ring, in the order of their numbers. Who wants to be admitted takes the next number by
/// putting its time in the place of the oldest one, if that does not count any more: one compare-and-swap. With a time goes
/// the lap of the ring, by which it is seen that a place was taken whose number was not counted yet; then whoever sees
/// it counts it. Refused calls change nothing.
#[derive(Debug)]
pub(crate) struct Window {
    requests: u32,
    per_ms: u64,
    /// How many calls were admitted.
    admitted: AtomicU64,
    /// Made for the first call: most mocks of a large spec are never called.
    ring: OnceLock<Box<[AtomicU64]>>,
}

/// The bits of a place in the ring that are the time; the others are the lap.
const TIME_BITS: u32 = 48;
const TIME_MAX: u64 = (1 << TIME_BITS) - 1;
const LAP_MAX: u64 = u64::MAX >> TIME_BITS;

/// When a call was admitted, and in which lap of the ring.
#[derive(Clone, Copy)]
struct Stamp(u64);

impl Stamp {
    fn new(lap: u64, time: u64) -> Self {
        Self(lap << TIME_BITS | time)
    }

    fn time(self) -> u64 {
        self.0 & TIME_MAX
    }

    /// True if it was made in this lap, or one that is a multiple of 65,536 away.
    fn is_of(self, lap: u64) -> bool {
        self.0 >> TIME_BITS == lap & LAP_MAX
    }
}

impl Window {
    /// The window of a limit that has admitted nothing.
    pub(crate) fn new(limit: &RateLimit) -> Self {
        Self {
            requests: limit.requests.max(1),
            per_ms: limit.per.ms(),
            admitted: AtomicU64::new(0),
            ring: OnceLock::new(),
        }
    }

    /// True if it is one of the same limit.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (self.requests, self.per_ms) == (other.requests, other.per_ms)
    }

    /// Counts a call that came at this time, in milliseconds, if it is admitted.
    pub(crate) fn admit(&self, now_ms: i64) -> Allowance {
        let now = time(now_ms);
        loop {
            let number = self.admitted.load(Ordering::Acquire);
            let (place, lap) = (self.place(number), self.lap(number));
            let oldest = Stamp(place.load(Ordering::Acquire));
            if oldest.is_of(lap) {
                self.count(number);
            } else if !oldest.is_of(lap - 1) {
                // Others have filled the ring since the number was read.
            } else if self.is_full(number, oldest, now) {
                return self.refused(oldest, now);
            } else {
                let this = Stamp::new(lap, now);
                let taken =
                    place.compare_exchange(oldest.0, this.0, Ordering::AcqRel, Ordering::Relaxed);
                if taken.is_ok() {
                    self.count(number);
                    return self.allowed(number + 1, now);
                }
            }
        }
    }

    /// What would be said of a call at this time; nothing is counted.
    pub(crate) fn foretell(&self, now_ms: i64) -> Allowance {
        let now = time(now_ms);
        let number = self.admitted.load(Ordering::Acquire);
        let oldest = self.stamp(number);
        if self.is_full(number, oldest, now) {
            return self.refused(oldest, now);
        }
        let after = self.allowed(number, now);
        Allowance {
            remaining: after.remaining.saturating_sub(1),
            ..after
        }
    }

    /// True if as many calls as may be are within the window. `oldest` is where the call of this number would stand.
    fn is_full(&self, number: u64, oldest: Stamp, now: u64) -> bool {
        number >= u64::from(self.requests) && self.counts(oldest, now)
    }

    fn counts(&self, stamp: Stamp, now: u64) -> bool {
        stamp.time().abs_diff(now) < self.per_ms
    }

    /// Says that a number is taken, if nobody did.
    fn count(&self, number: u64) {
        // Who fails comes after another one who did it.
        let _ =
            self.admitted
                .compare_exchange(number, number + 1, Ordering::AcqRel, Ordering::Relaxed);
    }

    fn refused(&self, oldest: Stamp, now: u64) -> Allowance {
        Allowance {
            is_admitted: false,
            limit: self.requests,
            remaining: 0,
            reset_ms: self.left(oldest, now),
        }
    }

    /// What is left once so many calls were admitted, of which the last ones may count.
    fn allowed(&self, admitted: u64, now: u64) -> Allowance {
        let first = admitted.saturating_sub(self.requests.into());
        // The earliest that counts; their times rise with their numbers.
        let (mut low, mut high) = (first, admitted);
        while low < high {
            let middle = low.midpoint(high);
            if self.counts(self.stamp(middle), now) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        let counted = u32::try_from(admitted - low).unwrap_or(u32::MAX);
        let reset_ms = if counted == 0 {
            self.per_ms
        } else {
            self.left(self.stamp(low), now)
        };
        Allowance {
            is_admitted: true,
            limit: self.requests,
            remaining: self.requests.saturating_sub(counted),
            reset_ms,
        }
    }

    /// How long a call goes on counting.
    fn left(&self, stamp: Stamp, now: u64) -> u64 {
        (stamp.time() + self.per_ms).saturating_sub(now)
    }

    fn stamp(&self, number: u64) -> Stamp {
        Stamp(self.place(number).load(Ordering::Acquire))
    }

    /// Where the time of the call of this number stands.
    fn place(&self, number: u64) -> &AtomicU64 {
        let ring = self
            .ring
            .get_or_init(|| (0..self.requests).map(|_| AtomicU64::new(0)).collect());
        // The remainder is below the length of the ring, which is that of a slice.
        #[expect(clippy::cast_possible_truncation)]
        let at = (number % u64::from(self.requests)) as usize;
        &ring[at]
    }

    /// The lap of the ring in which the call of this number is put in, from 1: what is empty is of lap 0.
    fn lap(&self, number: u64) -> u64 {
        number / u64::from(self.requests) + 1
    }
}

/// A time that fits into a stamp: 8,900 years from 1970.
fn time(now_ms: i64) -> u64 {
    u64::try_from(now_ms).unwrap_or(0).min(TIME_MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::AtomicU32;
    use std::time::Duration;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn window(requests: u32, per_ms: u64) -> Window {
        Window::new(&RateLimit {
            requests,
            per: Duration::from_millis(per_ms).into(),
            status_code: None,
        })
    }

    /// The calls that count, of all that were admitted.
    fn counting(admitted: &[i64], now: i64, per_ms: u64) -> Vec<i64> {
        let all = admitted.iter().copied();
        all.filter(|time| time.abs_diff(now) < per_ms).collect()
    }

    fn said(requests: u32, per_ms: u64, admitted: &[i64], now: i64) -> Allowance {
        let counting = counting(admitted, now, per_ms);
        let counted = u32::try_from(counting.len()).unwrap();
        let is_admitted = counted < requests;
        let oldest = counting.first().copied().unwrap_or(now);
        Allowance {
            is_admitted,
            limit: requests,
            remaining: requests - counted - u32::from(is_admitted),
            reset_ms: u64::try_from(oldest - now).unwrap_or_default() + per_ms
                - u64::try_from(now - oldest).unwrap_or_default(),
        }
    }

    proptest! {
        /// The exact model remembers all calls, and counts them.
        #[test]
        fn it_is_the_exact_window(requests in 1..6_u32, per_ms in 1..20_u64, waits in vec(0..9_i64, 1..80)) {
            let window = window(requests, per_ms);
            let (mut now, mut admitted) = (1_000, Vec::new());
            for wait in waits {
                now += wait;
                let want = said(requests, per_ms, &admitted, now);
                prop_assert_eq!(window.foretell(now), want);
                prop_assert_eq!(window.admit(now), want);
                if want.is_admitted {
                    admitted.push(now);
                }
            }
            for (first, last) in admitted.iter().zip(admitted.iter().skip(requests as usize)) {
                prop_assert!(last - first >= i64::try_from(per_ms).unwrap());
            }
        }

        /// However the clock goes, each admitted call lies apart from the one so many before it, and only if it would not is a call refused.
        #[test]
        fn a_clock_that_jumps_opens_no_more_than_its_window(requests in 1..5_u32, per_ms in 1..20_u64, times in vec(0..60_i64, 1..80)) {
            let window = window(requests, per_ms);
            let mut admitted: Vec<i64> = Vec::new();
            for now in times {
                let before = admitted.len().checked_sub(requests as usize);
                let is_near = before.is_some_and(|at| admitted[at].abs_diff(now) < per_ms);
                let said = window.admit(now);
                prop_assert_eq!(said.is_admitted, !is_near);
                prop_assert!(said.remaining < requests && said.reset_ms <= 2 * per_ms);
                if said.is_admitted {
                    admitted.push(now);
                }
            }
        }
    }

    /// Threads that ask at the same time, tick by tick, get together what one would get that asks as often.
    #[test]
    fn many_threads_are_admitted_as_one_would_be() {
        const THREADS: u32 = 4;
        const EACH: u32 = 5;
        for (requests, per_ms) in [(1, 1), (1, 3), (2, 1), (7, 3), (19, 2), (64, 5)] {
            let (shared, alone) = (window(requests, per_ms), window(requests, per_ms));
            let barrier = Barrier::new(THREADS as usize);
            let admitted: Vec<_> = (0..200).map(|_| AtomicU32::new(0)).collect();
            std::thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| {
                        for (now, admitted) in (0..).zip(&admitted) {
                            barrier.wait();
                            let count = (0..EACH).filter(|_| shared.admit(now).is_admitted).count();
                            admitted.fetch_add(u32::try_from(count).unwrap(), Ordering::Relaxed);
                        }
                    });
                }
            });
            for (now, admitted) in (0..).zip(admitted) {
                let want = (0..THREADS * EACH).filter(|_| alone.admit(now).is_admitted);
                let want = u32::try_from(want.count()).unwrap();
                assert_eq!(
                    admitted.into_inner(),
                    want,
                    "{requests} in {per_ms}, at {now}"
                );
            }
        }
    }

    #[test]
    fn odd_times_are_times() {
        let window = window(2, 1_000);
        for (now, is_admitted) in [
            (i64::MIN, true),
            (-5, true),
            (0, false),
            (i64::MAX, true),
            (i64::MAX, true),
            (i64::MAX, false),
        ] {
            assert_eq!(window.admit(now).is_admitted, is_admitted, "{now}");
        }
    }
}
