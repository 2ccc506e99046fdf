//! Ids of requests, in the order in which they were answered.

use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderValue;
use uuid::Uuid;

use super::LogId;
use crate::domain::Millis;

/// The ids of one millisecond before those of the next are taken, as bits.
const COUNT_BITS: u32 = 16;

/// Makes the ids of one server: each sorts after those before it, whatever its clock does. No lock is held.
///
/// ```
/// use mockbird_server::domain::{LogIds, Millis};
///
/// let ids = LogIds::default();
/// let (first, second) = (ids.next(Millis(2_000)), ids.next(Millis(1_000)));
/// assert!(first < second && first.to_string() < second.to_string());
/// ```
#[derive(Debug, Default)]
pub struct LogIds {
    /// The milliseconds since 1970, and how many ids they had, of the next id.
    next: AtomicU64,
}

impl LogIds {
    /// The next one, `now`.
    pub fn next(&self, now: Millis) -> LogId {
        let least = u64::try_from(now.0).unwrap_or_default() << COUNT_BITS;
        if self.next.load(Ordering::Relaxed) < least {
            self.next.fetch_max(least, Ordering::Relaxed);
        }
        // Whoever adds has a number of its own; a full millisecond runs into the next.
        LogId::of(self.next.fetch_add(1, Ordering::Relaxed), fastrand::u64(..))
    }
}

impl LogId {
    /// The first that an id of this moment can be: what is logged since then has no smaller one.
    ///
    /// ```
    /// use mockbird_server::domain::{LogId, LogIds, Millis};
    ///
    /// let noon = LogIds::default().next(Millis(1_000));
    /// assert!(LogId::first_at(Millis(1_000)) <= noon && noon < LogId::first_at(Millis(1_001)));
    /// assert_eq!(noon.moment(), Millis(1_000));
    /// ```
    pub fn first_at(moment: Millis) -> Self {
        let ms = u64::try_from(moment.0).unwrap_or_default();
        Self::of(ms << COUNT_BITS, 0)
    }

    /// When the request was answered.
    pub fn moment(self) -> Millis {
        let (ms, _) = self.0.as_u64_pair();
        Millis(i64::try_from(ms >> 16).unwrap_or(i64::MAX))
    }

    /// As a number of 128 bits.
    pub fn as_u128(self) -> u128 {
        self.0.as_u128()
    }

    /// As the value of a header.
    pub(crate) fn to_header(self) -> HeaderValue {
        let mut text = Uuid::encode_buffer();
        let text = self.0.hyphenated().encode_lower(&mut text);
        HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("none"))
    }

    /// The count stands right behind the time, around the bits that say what kind of UUID it is.
    fn of(time_and_count: u64, random: u64) -> Self {
        const VERSION: u128 = 7 << 76;
        const VARIANT: u128 = 0b10 << 62;
        let (ms, count) = (time_and_count >> COUNT_BITS, time_and_count & 0xffff);
        let time = u128::from(ms) << 80 | u128::from(count >> 4) << 64;
        let rest = u128::from((count & 0xf) << 58 | random >> 6);
        Self(Uuid::from_u128(time | VERSION | VARIANT | rest))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::thread::ScopedJoinHandle;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn threads_get_ids_of_their_own_each_in_order() {
        let ids = LogIds::default();
        let of_one = || -> Vec<LogId> { (0..50_000).map(|_| ids.next(Millis(7))).collect() };
        let made: Vec<Vec<LogId>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(of_one)).collect();
            let joined = threads.into_iter().map(ScopedJoinHandle::join);
            joined.map(Result::unwrap).collect()
        });
        for one in &made {
            assert!(one.is_sorted() && one.iter().all(|id| id.0.get_version_num() == 7));
        }
        let all: BTreeSet<_> = made.iter().flatten().map(LogId::to_string).collect();
        assert_eq!(all.len(), 200_000);
        assert_eq!(
            made.iter().flatten().max().unwrap().moment(),
            Millis(10),
            "three were full"
        );
    }

    proptest! {
        #[test]
        fn ids_sort_by_time_and_count_as_text_too(
            one in 0..1_u64 << 60, more in 1..1_u64 << 20, (a, b) in any::<(u64, u64)>()
        ) {
            let (early, late) = (LogId::of(one, a), LogId::of(one + more, b));
            prop_assert!(early < late && early.to_string() < late.to_string());
            prop_assert_eq!(early.to_string().parse(), Ok(early));
            prop_assert!(LogId::first_at(early.moment()) <= early);
        }
    }
}
