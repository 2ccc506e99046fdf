//! Segments of one class that may stand at one place and differ: mixed ones and constrained ones.

use super::entry::Entry;
use super::leaf::Leaf;
use super::map::{Defined, Map, Seed, text_tag};
use super::mixed::Mixed;
use super::node::Link;
use super::path::Path;
use super::pattern::{Pattern, Segment};
use crate::limits::NEAR_SIBLINGS_MAX;

/// Siblings that are tried one after the other.
#[derive(Clone)]
pub(super) struct Siblings<T: Entry>(Vec<Sibling<T>>);

#[derive(Clone)]
struct Sibling<T: Entry> {
    /// Some pattern with the segment that leads to the link.
    pattern: Pattern,
    link: Link<T>,
}

impl<T: Entry> Default for Siblings<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Entry> Siblings<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn links(&self) -> impl Iterator<Item = &Link<T>> {
        self.0.iter().map(|sibling| &sibling.link)
    }

    /// The links whose segment matches segment `at` of the path.
    pub(super) fn matching<'r>(
        &'r self,
        path: &Path<'_>,
        at: usize,
    ) -> impl Iterator<Item = &'r Link<T>> {
        let matches = move |sibling: &&Sibling<T>| path.matches(&sibling.pattern, at);
        self.0.iter().filter(matches).map(|sibling| &sibling.link)
    }

    pub(super) fn graft(&mut self, leaf: Leaf<T>, depth: usize, seed: &Seed) {
        let same = |sibling: &&mut Sibling<T>| sibling.pattern.same_segment(leaf.pattern(), depth);
        match self.0.iter_mut().find(same) {
            Some(sibling) => sibling.link.graft(leaf, depth + 1, seed),
            None => self.0.push(Sibling {
                pattern: leaf.pattern().clone(),
                link: Link::leaf(leaf, depth + 1),
            }),
        }
    }

    pub(super) fn remove(&mut self, entry: &T, depth: usize, seed: &Seed) {
        let same = |sibling: &Sibling<T>| sibling.pattern.same_segment(entry.pattern(), depth);
        if let Some(at) = self.0.iter().position(same)
            && !self.0[at].link.remove(entry, depth + 1, seed)
        {
            self.0.remove(at);
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.0.capacity() * size_of::<Sibling<T>>()
    }
}

/// Mixed siblings, found by the text they begin and end with.
///
/// An API may have a thousand of `/v1/{name}:verb`; only those whose two ends fit are tried. Ends
/// are looked up for each pair of lengths there is, of which there are few.
#[derive(Clone)]
pub(super) struct MixedSiblings<T: Entry> {
    /// The lengths of prefix and suffix, and how many buckets have them.
    lengths: Vec<(usize, usize, usize)>,
    buckets: Map<Bucket<T>>,
}

/// Siblings of one prefix and suffix.
#[derive(Clone)]
struct Bucket<T: Entry> {
    prefix: Box<str>,
    suffix: Box<str>,
    siblings: Siblings<T>,
}

impl<T: Entry> Bucket<T> {
    fn has_ends(&self, prefix: &str, suffix: &str) -> bool {
        *self.prefix == *prefix && *self.suffix == *suffix
    }
}

impl<T: Entry> Defined for Bucket<T> {
    fn first(&self) -> i64 {
        self.siblings
            .links()
            .map(Defined::first)
            .min()
            .unwrap_or(i64::MAX)
    }
}

impl<T: Entry> Default for MixedSiblings<T> {
    fn default() -> Self {
        Self {
            lengths: Vec::new(),
            buckets: Map::default(),
        }
    }
}

fn ends_tag(prefix: &str, suffix: &str, seed: &Seed) -> u64 {
    text_tag(prefix.as_bytes(), seed).rotate_left(29) ^ text_tag(suffix.as_bytes(), seed)
}

fn mixed(pattern: &Pattern, at: usize) -> Option<&Mixed> {
    match pattern.segment(at) {
        Some(Segment::Mixed(mixed)) => Some(mixed),
        _ => None,
    }
}

impl<T: Entry> MixedSiblings<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// How many pairs of ends there are.
    pub(super) fn len(&self) -> usize {
        self.buckets.len()
    }

    pub(super) fn for_each<'r>(&'r self, each: &mut impl FnMut(&'r Link<T>)) {
        self.buckets
            .for_each(&mut |bucket: &'r Bucket<T>| bucket.siblings.links().for_each(&mut *each));
    }

    /// Links of the `limit` pairs of ends defined first; some of each, if there are many.
    pub(super) fn earliest(&self, limit: usize) -> impl Iterator<Item = &Link<T>> {
        let buckets = self.buckets.earliest(limit).into_iter();
        buckets.flat_map(|bucket| bucket.siblings.links().take(NEAR_SIBLINGS_MAX))
    }

    /// The links whose segment matches segment `at` of the path.
    pub(super) fn matching<'r>(
        &'r self,
        path: &Path<'_>,
        at: usize,
        seed: &Seed,
    ) -> impl Iterator<Item = &'r Link<T>> {
        let text = path.lossy(at);
        let buckets = self.lengths.iter().filter_map(move |&(prefix, suffix, _)| {
            let suffix_at = text.len().checked_sub(suffix).filter(|at| prefix < *at)?;
            let (prefix, suffix) = (text.get(..prefix)?, text.get(suffix_at..)?);
            let has_ends = |bucket: &Bucket<T>| bucket.has_ends(prefix, suffix);
            self.buckets.get(ends_tag(prefix, suffix, seed), has_ends)
        });
        buckets.flat_map(move |bucket| bucket.siblings.matching(path, at))
    }

    pub(super) fn graft(&mut self, leaf: Leaf<T>, depth: usize, seed: &Seed) {
        let Some(mixed) = mixed(leaf.pattern(), depth) else {
            return;
        };
        let (prefix, suffix): (Box<str>, Box<str>) = (mixed.prefix().into(), mixed.suffix().into());
        let tag = ends_tag(&prefix, &suffix, seed);
        let has_ends = |bucket: &Bucket<T>| bucket.has_ends(&prefix, &suffix);
        if let Some(bucket) = self.buckets.get_mut(tag, leaf.first(), has_ends) {
            bucket.siblings.graft(leaf, depth, seed);
            return;
        }
        match self.length_at(&prefix, &suffix) {
            Some(at) => self.lengths[at].2 += 1,
            None => self.lengths.push((prefix.len(), suffix.len(), 1)),
        }
        let mut siblings = Siblings::default();
        siblings.graft(leaf, depth, seed);
        self.buckets.insert(
            tag,
            Bucket {
                prefix,
                suffix,
                siblings,
            },
        );
    }

    pub(super) fn remove(&mut self, entry: &T, depth: usize, seed: &Seed) {
        let Some(mixed) = mixed(entry.pattern(), depth) else {
            return;
        };
        let (prefix, suffix) = (mixed.prefix(), mixed.suffix());
        let has_ends = |bucket: &Bucket<T>| bucket.has_ends(prefix, suffix);
        let before = self.buckets.len();
        self.buckets
            .change(ends_tag(prefix, suffix, seed), has_ends, |bucket| {
                bucket.siblings.remove(entry, depth, seed);
                !bucket.siblings.is_empty()
            });
        if self.buckets.len() < before
            && let Some(at) = self.length_at(prefix, suffix)
        {
            self.lengths[at].2 -= 1;
            if self.lengths[at].2 == 0 {
                self.lengths.swap_remove(at);
            }
        }
    }

    fn length_at(&self, prefix: &str, suffix: &str) -> Option<usize> {
        let same =
            |length: &(usize, usize, usize)| (length.0, length.1) == (prefix.len(), suffix.len());
        self.lengths.iter().position(same)
    }

    pub(super) fn first(&self) -> i64 {
        self.buckets.first()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let mut bytes = self.buckets.memory_bytes();
        self.buckets.for_each(&mut |bucket| {
            bytes += bucket.prefix.len() + bucket.suffix.len() + bucket.siblings.memory_bytes();
        });
        bytes
    }
}
