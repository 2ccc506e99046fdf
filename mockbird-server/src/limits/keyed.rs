//! Meters of many keys, in memory that does not grow.

use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

use super::meter::{Limiter, Meter};
use super::window::{Limit, Verdict};
use crate::domain::Millis;

/// How many keys share a place: so many are compared for each request.
const WAYS: usize = 8;

/// Ends the search for a place that others take at the same time.
const TRIES: usize = 4;

/// One limit, counted for each key by itself.
///
/// A table of fixed size: asking takes no lock and no memory, whoever asks. Of a key, 64 bits of a hash are kept that nobody can
/// foresee; two keys of the same bits, which do not occur, would count together. Each key has eight places where it
/// may be. A new one takes a free place, which is one whose window is empty; if there is none, the place of the key that has used
/// least: whoever is near the limit, or over it, stays known, whatever a million other addresses do. A key that lost its place
/// begins anew, so that a table which is too small is too lenient, never too strict.
///
/// Threads that want the same place at the same moment may lose the count of a request or two.
pub struct Keyed<K: ?Sized> {
    limiter: Limiter,
    limit: Limit,
    places: Box<[Place]>,
    hasher: RandomState,
    keys: PhantomData<fn(&K)>,
}

#[derive(Debug, Default)]
struct Place {
    /// The hash of each key; 0 is none.
    hashes: [AtomicU64; WAYS],
    meters: [Meter; WAYS],
}

impl<K: Hash + fmt::Display + Sync + ?Sized> Keyed<K> {
    /// Room for so many keys.
    pub fn new(limiter: Limiter, limit: Limit, keys: usize) -> Self {
        let places = keys.div_ceil(WAYS).max(1);
        Self {
            limiter,
            limit,
            places: std::iter::repeat_with(Place::default)
                .take(places)
                .collect(),
            hasher: RandomState::new(),
            keys: PhantomData,
        }
    }

    /// Whether [`ask`](Self::ask) has an answer at once.
    pub fn knows(&self, key: &K, now: Millis) -> bool {
        !self.limiter.is_shared() || self.limiter.knows(self.meter(key, now), self.limit, now)
    }

    /// Counts one request of this key.
    pub async fn ask(&self, key: &K, now: Millis) -> Verdict {
        let meter = self.meter(key, now);
        self.limiter.ask(meter, &key, self.limit, now).await
    }

    fn meter(&self, key: &K, now: Millis) -> &Meter {
        let hash = self.hasher.hash_one(key) | 1;
        // By the upper half: the last bit is always the same.
        let at = usize::try_from(hash >> 32).unwrap_or_default() % self.places.len();
        self.places[at].meter(hash, self.limit, now)
    }
}

impl Place {
    fn meter(&self, hash: u64, limit: Limit, now: Millis) -> &Meter {
        let mut way = 0;
        for _ in 0..TRIES {
            if let Some(found) = self
                .hashes
                .iter()
                .position(|kept| kept.load(Ordering::Relaxed) == hash)
            {
                return &self.meters[found];
            }
            way = self.least_used(limit, now);
            let kept = self.hashes[way].load(Ordering::Relaxed);
            let taken =
                self.hashes[way].compare_exchange(kept, hash, Ordering::Relaxed, Ordering::Relaxed);
            if taken.is_ok() {
                self.meters[way].clear();
                break;
            }
        }
        &self.meters[way]
    }

    fn least_used(&self, limit: Limit, now: Millis) -> usize {
        let used = self.meters.iter().map(|meter| meter.used(limit, now));
        let least = used.enumerate().min_by_key(|(_, used)| *used);
        least.map_or(0, |(way, _)| way)
    }
}

impl<K: ?Sized> fmt::Debug for Keyed<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed")
            .field("limiter", &self.limiter)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::Rate;
    use crate::limits::at_once;

    fn table(count: u16, keys: usize) -> Keyed<u32> {
        let period = Duration::from_secs(1);
        let limiter = Limiter::new("test", None);
        Keyed::new(limiter, Limit::from(Rate { count, period }), keys)
    }

    fn is_admitted(table: &Keyed<u32>, key: u32, now: i64) -> bool {
        at_once(table.ask(&key, Millis(now))).is_ok()
    }

    #[test]
    fn each_key_has_its_own_count() {
        let table = table(2, 1_000);
        for key in 0..100 {
            let answers = [0, 0, 1].map(|now| is_admitted(&table, key, now));
            assert_eq!(answers, [true, true, false], "{key}");
        }
        assert!((0..100).all(|key| is_admitted(&table, key, 1_000)));
    }

    #[test]
    fn who_was_refused_is_known_among_a_million_others() {
        let table = table(3, 1_024);
        for _ in 0..3 {
            assert!(is_admitted(&table, 0, 0));
        }
        let admitted = (1..1_000_000).filter(|key| is_admitted(&table, *key, 500));
        assert_eq!(
            admitted.count(),
            999_999,
            "they are too many, and not refused"
        );
        assert!(!is_admitted(&table, 0, 999));
    }

    #[test]
    fn a_place_is_free_once_its_window_is_empty() {
        let table = table(1, WAYS);
        let keys = 0..u32::try_from(WAYS).unwrap();
        assert!(keys.clone().all(|key| is_admitted(&table, key, 0)));
        assert!(
            keys.clone()
                .all(|key| is_admitted(&table, key + 100, 2_000))
        );
        assert!(
            keys.clone()
                .all(|key| !is_admitted(&table, key + 100, 2_000))
        );
        assert!(keys.clone().all(|key| is_admitted(&table, key, 4_000)));
    }
}
