//! Many entries of one shape and method: where they are told apart by one text of the request,
//! indexed by it.

use super::entry::{Entry, MethodClass};
use super::map::{Defined, Map, Seed, is_whole_text, text_tag};
use super::ordered::{Ordered, Runs};
use crate::limits::{INDEX_ENTRIES_MIN, INDEX_PROBES_MAX};

/// Entries of one shape and method that are many.
#[derive(Clone)]
pub(super) struct Indexed<T: Entry> {
    len: usize,
    /// The entries that no index holds.
    plain: Ordered<T>,
    probes: Vec<Probe<T>>,
}

/// A probe that entries of the group share.
#[derive(Clone)]
struct Probe<T: Entry> {
    wanted: T::Probe,
    /// How many share it, indexed or not.
    count: usize,
    /// Made once it is worth it.
    index: Option<Map<Keyed<T>>>,
}

/// The entries of one probe and key.
#[derive(Clone)]
struct Keyed<T> {
    key: Box<str>,
    entries: Ordered<T>,
}

impl<T: Entry> Defined for Keyed<T> {
    fn first(&self) -> i64 {
        self.entries
            .iter()
            .map(|entry| entry.rank().order)
            .min()
            .unwrap_or(i64::MAX)
    }
}

impl<T: Entry> Default for Indexed<T> {
    fn default() -> Self {
        Self {
            len: 0,
            plain: Ordered::default(),
            probes: Vec::new(),
        }
    }
}

impl<T: Entry> Indexed<T> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn insert(&mut self, entry: T, seed: &Seed) {
        self.len += 1;
        let Some(at) = self.probe_of(&entry) else {
            self.plain.insert(entry);
            return;
        };
        let probe = &mut self.probes[at];
        probe.count += 1;
        if let Some(index) = &mut probe.index {
            insert_keyed(index, entry, seed);
            return;
        }
        self.plain.insert(entry);
        if probe.count >= INDEX_ENTRIES_MIN {
            self.build_index(at, seed);
        }
    }

    /// Adds the runs of the entries that may answer.
    pub(super) fn runs<'r>(
        &'r self,
        class: MethodClass,
        seed: &Seed,
        resolve: &mut impl FnMut(&T::Probe, &mut dyn FnMut(&str)),
        runs: &mut Runs<'r, T>,
    ) {
        runs.extend(self.plain.run(class));
        for probe in &self.probes {
            probe.runs(class, seed, resolve, runs);
        }
    }

    /// Calls `each` with some entries: of those without index and of those of each index, the
    /// first `limit`.
    pub(super) fn sample<'r>(&'r self, limit: usize, each: &mut impl FnMut(&'r T)) {
        self.plain.iter().take(limit).for_each(&mut *each);
        for index in self.indexes() {
            for keyed in index.earliest(limit) {
                keyed.entries.iter().take(limit).for_each(&mut *each);
            }
        }
    }

    fn indexes(&self) -> impl Iterator<Item = &Map<Keyed<T>>> {
        self.probes.iter().filter_map(|probe| probe.index.as_ref())
    }

    /// The place of an entry's probe, which gets one if there is room.
    fn probe_of(&mut self, entry: &T) -> Option<usize> {
        let probe = entry.discriminator()?.probe;
        let known = self.probes.iter().position(|known| known.wanted == *probe);
        if known.is_none() && self.probes.len() < INDEX_PROBES_MAX {
            self.probes.push(Probe {
                wanted: probe.clone(),
                count: 0,
                index: None,
            });
            return Some(self.probes.len() - 1);
        }
        known
    }

    fn build_index(&mut self, at: usize, seed: &Seed) {
        let probe = &mut self.probes[at];
        let mut index = Map::default();
        let shares = |entry: &T| {
            entry
                .discriminator()
                .is_some_and(|other| *other.probe == probe.wanted)
        };
        let entries = self.plain.extract(shares);
        // Entries that came when all places were taken count from now on.
        probe.count = entries.len();
        for entry in entries {
            insert_keyed(&mut index, entry, seed);
        }
        probe.index = Some(index);
    }

    pub(super) fn remove(&mut self, entry: &T, seed: &Seed) {
        self.len -= 1;
        let discriminator = entry.discriminator();
        let at = discriminator.as_ref().and_then(|discriminator| {
            self.probes
                .iter()
                .position(|known| known.wanted == *discriminator.probe)
        });
        let (Some(discriminator), Some(at)) = (discriminator, at) else {
            self.plain.remove(entry);
            return;
        };
        let probe = &mut self.probes[at];
        match &mut probe.index {
            None => self.plain.remove(entry),
            Some(index) => {
                let tag = text_tag(discriminator.key.as_bytes(), seed);
                let same = |keyed: &Keyed<T>| *keyed.key == *discriminator.key;
                index.change(tag, same, |keyed| {
                    keyed.entries.remove(entry);
                    !keyed.entries.is_empty()
                });
            }
        }
        probe.count = probe.count.saturating_sub(1);
        if probe.count == 0 {
            self.probes.remove(at);
        }
    }

    pub(super) fn first(&self) -> i64 {
        let plain = self.plain.iter().map(|entry| entry.rank().order).min();
        let indexes = self.indexes();
        indexes
            .map(Map::first)
            .chain(plain)
            .min()
            .unwrap_or(i64::MAX)
    }

    pub(super) fn for_each<'r>(&'r self, each: &mut impl FnMut(&'r T)) {
        self.plain.iter().for_each(&mut *each);
        for index in self.indexes() {
            index.for_each(&mut |keyed: &'r Keyed<T>| keyed.entries.iter().for_each(&mut *each));
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let mut bytes = size_of::<Self>() + self.plain.memory_bytes();
        bytes += self.probes.capacity() * size_of::<Probe<T>>();
        for index in self.indexes() {
            bytes += index.memory_bytes();
            index.for_each(&mut |keyed| bytes += keyed.key.len() + keyed.entries.memory_bytes());
        }
        bytes
    }
}

fn insert_keyed<T: Entry>(index: &mut Map<Keyed<T>>, entry: T, seed: &Seed) {
    let Some(discriminator) = entry.discriminator() else {
        return;
    };
    let key: Box<str> = discriminator.key.into();
    let tag = text_tag(key.as_bytes(), seed);
    if let Some(keyed) = index.get_mut(tag, entry.rank().order, |keyed| keyed.key == key) {
        keyed.entries.insert(entry);
        return;
    }
    let mut entries = Ordered::default();
    entries.insert(entry);
    index.insert(tag, Keyed { key, entries });
}

impl<T: Entry> Probe<T> {
    fn runs<'r>(
        &'r self,
        class: MethodClass,
        seed: &Seed,
        resolve: &mut impl FnMut(&T::Probe, &mut dyn FnMut(&str)),
        runs: &mut Runs<'r, T>,
    ) {
        let Some(index) = &self.index else {
            return;
        };
        let start = runs.len();
        resolve(&self.wanted, &mut |text| {
            let tag = text_tag(text.as_bytes(), seed);
            let same = |keyed: &Keyed<T>| is_whole_text(tag) || *keyed.key == *text;
            runs.extend(
                index
                    .get(tag, same)
                    .and_then(|keyed| keyed.entries.run(class)),
            );
        });
        // A request may hold one text many times; its entries are to be tried once.
        if runs.len() - start > 1 {
            runs[start..].sort_unstable_by_key(|run| run.head.rank());
            runs.dedup_by_key(|run| run.head.rank().key);
        }
    }
}
