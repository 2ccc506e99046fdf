//! How often the project of each slug was forgotten, so that no load that began before is taken for what is there after.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use equivalent::Equivalent;

/// How many counts there are. Two slugs may share one: then one of them is loaded once more than it need be.
const COUNTS: usize = 1 << 14;

/// The counts; they only grow.
#[derive(Debug)]
pub(super) struct Generations {
    hasher: RandomState,
    counts: Box<[AtomicU64]>,
}

/// One of the generations of a slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Generation(u64);

/// A slug in one generation: what is kept under it is not found in the next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    slug: String,
    generation: u64,
}

/// The same, to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Wanted<'a> {
    pub(super) slug: &'a str,
    generation: u64,
}

impl Generations {
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            counts: (0..COUNTS).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// The slug in its generation of now. Ask before the store: what is read later is at least as new.
    pub(super) fn now<'a>(&self, slug: &'a str) -> Wanted<'a> {
        let generation = self.count(slug).load(Ordering::Acquire);
        Wanted { slug, generation }
    }

    /// Begins a generation, and gives the one that ended.
    pub(super) fn next<'a>(&self, slug: &'a str) -> Wanted<'a> {
        let generation = self.count(slug).fetch_add(1, Ordering::AcqRel);
        Wanted { slug, generation }
    }

    fn count(&self, slug: &str) -> &AtomicU64 {
        let hash = self.hasher.hash_one(slug) % COUNTS as u64;
        // Below the number of counts, which a `usize` holds.
        &self.counts[usize::try_from(hash).unwrap_or_default()]
    }
}

impl Wanted<'_> {
    pub(super) fn generation(self) -> Generation {
        Generation(self.generation)
    }

    /// The key of what is found in the next generation.
    pub(super) fn next_key(self) -> Key {
        Key {
            slug: self.slug.to_owned(),
            generation: self.generation + 1,
        }
    }

    pub(super) fn to_key(self) -> Key {
        Key {
            slug: self.slug.to_owned(),
            generation: self.generation,
        }
    }
}

impl Equivalent<Key> for Wanted<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        (self.slug, self.generation) == (&key.slug, key.generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_until_the_next_generation() {
        let (generations, hasher) = (Generations::new(), RandomState::new());
        let wanted = generations.now("shop");
        let key = wanted.to_key();
        assert_eq!(hasher.hash_one(wanted), hasher.hash_one(&key));
        assert!(wanted.equivalent(&key) && !generations.now("shed").equivalent(&key));
        let (generation, next) = (wanted.generation(), wanted.next_key());
        assert_eq!(generations.next("shop"), wanted);
        assert!(generations.now("shop").equivalent(&next));
        assert_ne!(generations.now("shop").generation(), generation);
        assert!(!generations.now("shop").equivalent(&key));
    }
}
