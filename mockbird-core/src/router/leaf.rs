//! The entries of one shape, by method; where many are told apart by one text, indexed by it.

use std::sync::Arc;

use super::entry::{Discriminate, Entry, MethodClass, method_class};
use super::map::{Defined, Map, Seed, is_whole_text, text_tag};
use super::ordered::{Ordered, Run, Runs};
use super::pattern::Pattern;
use crate::limits::{INDEX_ENTRIES_MIN, INDEX_PROBES_MAX};
use crate::spec::MethodPattern;

/// The entries of one shape; never empty. One entry is by far the most frequent case, and costs
/// nothing but itself.
#[derive(Clone)]
pub(super) enum Leaf<T: Discriminate> {
    One(Arc<Entry<T>>),
    Many(Arc<Methods<T>>),
}

#[derive(Clone)]
pub(super) struct Methods<T: Discriminate> {
    pattern: Pattern,
    first: i64,
    groups: Vec<Group<T>>,
}

/// The entries of one shape and method; never empty.
#[derive(Clone)]
struct Group<T: Discriminate> {
    method: MethodPattern,
    entries: Entries<T>,
}

#[derive(Clone)]
enum Entries<T: Discriminate> {
    Few(Vec<Arc<Entry<T>>>),
    Indexed(Box<Indexed<T>>),
}

#[derive(Clone)]
struct Indexed<T: Discriminate> {
    len: usize,
    /// The entries that no index holds.
    plain: Ordered<T>,
    probes: Vec<Probe<T>>,
}

/// A probe that entries of the group share.
#[derive(Clone)]
struct Probe<T: Discriminate> {
    probe: T::Probe,
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

impl<T> Defined for Keyed<T> {
    fn first(&self) -> i64 {
        self.entries
            .iter()
            .map(|entry| entry.order)
            .min()
            .unwrap_or(i64::MAX)
    }
}

impl<T: Discriminate> Defined for Leaf<T> {
    fn first(&self) -> i64 {
        match self {
            Self::One(entry) => entry.order,
            Self::Many(methods) => methods.first,
        }
    }
}

impl<T: Discriminate> Leaf<T> {
    #[inline]
    pub(super) fn pattern(&self) -> &Pattern {
        match self {
            Self::One(entry) => &entry.pattern,
            Self::Many(methods) => &methods.pattern,
        }
    }

    /// Adds an entry of the same shape.
    pub(super) fn insert(&mut self, entry: Arc<Entry<T>>, seed: &Seed) {
        if let Self::One(old) = self {
            let mut methods = Methods {
                pattern: old.pattern.clone(),
                first: i64::MAX,
                groups: Vec::with_capacity(2),
            };
            methods.insert(Arc::clone(old), seed);
            *self = Self::Many(Arc::new(methods));
        }
        if let Self::Many(methods) = self {
            Arc::make_mut(methods).insert(entry, seed);
        }
    }

    /// Removes an entry; false if none is left.
    pub(super) fn remove(&mut self, entry: &Entry<T>, seed: &Seed) -> bool {
        let Self::Many(methods) = self else {
            return false;
        };
        let methods = Arc::make_mut(methods);
        methods.remove(entry, seed);
        if let [Group { method: _, entries }] = &*methods.groups
            && let Some(last) = entries.only()
        {
            *self = Self::One(last);
        }
        true
    }

    /// Adds the runs of entries that a request of this method may get.
    pub(super) fn runs<'r>(
        &'r self,
        method: &http::Method,
        seed: &Seed,
        resolve: &mut impl FnMut(&T::Probe, &mut dyn FnMut(&str)),
        runs: &mut Runs<'r, T>,
    ) {
        match self {
            Self::One(entry) => {
                let class = method_class(&entry.method, method);
                let entry = std::slice::from_ref(entry);
                runs.extend(class.and_then(|class| Run::new(entry, class)));
            }
            Self::Many(methods) => {
                for group in &methods.groups {
                    if let Some(class) = method_class(&group.method, method) {
                        group.entries.runs(class, seed, resolve, runs);
                    }
                }
            }
        }
    }

    /// Calls `each` with every entry.
    pub(super) fn for_each<'r>(&'r self, each: &mut impl FnMut(&'r Arc<Entry<T>>)) {
        match self {
            Self::One(entry) => each(entry),
            Self::Many(methods) => {
                methods
                    .groups
                    .iter()
                    .for_each(|group| group.entries.for_each(each));
            }
        }
    }

    /// Calls `each` with some entries of each method, in order: `limit` at least of each way of
    /// finding them, if there are so many.
    pub(super) fn sample<'r>(&'r self, limit: usize, each: &mut impl FnMut(&'r Arc<Entry<T>>)) {
        match self {
            Self::One(entry) => each(entry),
            Self::Many(methods) => {
                for group in &methods.groups {
                    group.entries.sample(limit, each);
                }
            }
        }
    }

    /// The bytes it holds on the heap, without its entries.
    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            Self::One(_) => 0,
            Self::Many(methods) => {
                let groups = methods
                    .groups
                    .iter()
                    .map(|group| group.entries.memory_bytes());
                let own = methods.groups.capacity() * size_of::<Group<T>>();
                size_of::<Methods<T>>() + 16 + own + groups.sum::<usize>()
            }
        }
    }
}

impl<T: Discriminate> Methods<T> {
    fn insert(&mut self, entry: Arc<Entry<T>>, seed: &Seed) {
        self.first = self.first.min(entry.order);
        match self
            .groups
            .iter_mut()
            .find(|group| group.method == entry.method)
        {
            Some(group) => group.entries.insert(entry, seed),
            None => self.groups.push(Group {
                method: entry.method.clone(),
                entries: Entries::Few(vec![entry]),
            }),
        }
    }

    fn remove(&mut self, entry: &Entry<T>, seed: &Seed) {
        self.groups
            .retain_mut(|group| group.method != entry.method || group.entries.remove(entry, seed));
        if entry.order == self.first {
            let firsts = self.groups.iter().map(|group| group.entries.first());
            self.first = firsts.min().unwrap_or(i64::MAX);
        }
    }
}

impl<T: Discriminate> Entries<T> {
    fn insert(&mut self, entry: Arc<Entry<T>>, seed: &Seed) {
        if let Self::Few(few) = self {
            if few.len() + 1 < INDEX_ENTRIES_MIN {
                let rank = entry.rank();
                let at = few.partition_point(|other| other.rank() < rank);
                few.insert(at, entry);
                return;
            }
            let mut indexed = Box::new(Indexed {
                len: 0,
                plain: Ordered::default(),
                probes: Vec::new(),
            });
            few.drain(..).for_each(|entry| indexed.insert(entry, seed));
            *self = Self::Indexed(indexed);
        }
        if let Self::Indexed(indexed) = self {
            indexed.insert(entry, seed);
        }
    }

    /// Removes an entry; false if none is left.
    fn remove(&mut self, entry: &Entry<T>, seed: &Seed) -> bool {
        match self {
            Self::Few(few) => {
                few.retain(|other| other.key != entry.key);
                !few.is_empty()
            }
            Self::Indexed(indexed) => {
                indexed.remove(entry, seed);
                if indexed.len < INDEX_ENTRIES_MIN / 2 {
                    let mut few = Vec::with_capacity(indexed.len);
                    indexed.for_each(&mut |entry| few.push(Arc::clone(entry)));
                    few.sort_by_key(|entry| entry.rank());
                    *self = Self::Few(few);
                }
                true
            }
        }
    }

    fn only(&self) -> Option<Arc<Entry<T>>> {
        match self {
            Self::Few(few) if few.len() == 1 => few.first().cloned(),
            Self::Few(_) | Self::Indexed(_) => None,
        }
    }

    fn first(&self) -> i64 {
        let mut first = i64::MAX;
        match self {
            Self::Few(few) => few.iter().for_each(|entry| first = first.min(entry.order)),
            Self::Indexed(indexed) => first = indexed.first(),
        }
        first
    }

    fn runs<'r>(
        &'r self,
        class: MethodClass,
        seed: &Seed,
        resolve: &mut impl FnMut(&T::Probe, &mut dyn FnMut(&str)),
        runs: &mut Runs<'r, T>,
    ) {
        match self {
            Self::Few(few) => runs.extend(Run::new(few, class)),
            Self::Indexed(indexed) => {
                runs.extend(indexed.plain.run(class));
                for probe in &indexed.probes {
                    probe.runs(class, seed, resolve, runs);
                }
            }
        }
    }

    fn for_each<'r>(&'r self, each: &mut impl FnMut(&'r Arc<Entry<T>>)) {
        match self {
            Self::Few(few) => few.iter().for_each(each),
            Self::Indexed(indexed) => indexed.for_each(each),
        }
    }

    fn sample<'r>(&'r self, limit: usize, each: &mut impl FnMut(&'r Arc<Entry<T>>)) {
        match self {
            Self::Few(few) => few.iter().take(limit).for_each(each),
            Self::Indexed(indexed) => {
                indexed.plain.iter().take(limit).for_each(&mut *each);
                for index in indexed
                    .probes
                    .iter()
                    .filter_map(|probe| probe.index.as_ref())
                {
                    for keyed in index.earliest(limit) {
                        keyed.entries.iter().take(limit).for_each(&mut *each);
                    }
                }
            }
        }
    }

    fn memory_bytes(&self) -> usize {
        match self {
            Self::Few(few) => few.capacity() * size_of::<Arc<Entry<T>>>(),
            Self::Indexed(indexed) => indexed.memory_bytes(),
        }
    }
}

impl<T: Discriminate> Indexed<T> {
    fn insert(&mut self, entry: Arc<Entry<T>>, seed: &Seed) {
        self.len += 1;
        let Some(at) = self.probe_of(&entry) else {
            self.plain.insert(entry);
            return;
        };
        let probe = &mut self.probes[at];
        probe.count += 1;
        match &mut probe.index {
            Some(index) => insert_keyed(index, entry, seed),
            None => {
                self.plain.insert(entry);
                if probe.count >= INDEX_ENTRIES_MIN {
                    self.build_index(at, seed);
                }
            }
        }
    }

    /// The place of an entry's probe, which gets one if there is room.
    fn probe_of(&mut self, entry: &Entry<T>) -> Option<usize> {
        let probe = entry.value.discriminator()?.probe;
        let known = self.probes.iter().position(|known| known.probe == *probe);
        if known.is_none() && self.probes.len() < INDEX_PROBES_MAX {
            self.probes.push(Probe {
                probe: probe.clone(),
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
        let shares = |entry: &Entry<T>| {
            entry
                .value
                .discriminator()
                .is_some_and(|other| *other.probe == probe.probe)
        };
        let entries = self.plain.extract(shares);
        // Entries that came when all places were taken count from now on.
        probe.count = entries.len();
        for entry in entries {
            insert_keyed(&mut index, entry, seed);
        }
        probe.index = Some(index);
    }

    fn remove(&mut self, entry: &Entry<T>, seed: &Seed) {
        self.len -= 1;
        let discriminator = entry.value.discriminator();
        let at = discriminator.as_ref().and_then(|discriminator| {
            self.probes
                .iter()
                .position(|known| known.probe == *discriminator.probe)
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

    fn first(&self) -> i64 {
        let plain = self.plain.iter().map(|entry| entry.order).min();
        let indexes = self.probes.iter().filter_map(|probe| probe.index.as_ref());
        indexes
            .map(Map::first)
            .chain(plain)
            .min()
            .unwrap_or(i64::MAX)
    }

    fn for_each<'r>(&'r self, each: &mut impl FnMut(&'r Arc<Entry<T>>)) {
        self.plain.iter().for_each(&mut *each);
        for index in self.probes.iter().filter_map(|probe| probe.index.as_ref()) {
            index.for_each(&mut |keyed: &'r Keyed<T>| keyed.entries.iter().for_each(&mut *each));
        }
    }

    fn memory_bytes(&self) -> usize {
        let mut bytes = size_of::<Self>() + self.plain.memory_bytes();
        bytes += self.probes.capacity() * size_of::<Probe<T>>();
        for index in self.probes.iter().filter_map(|probe| probe.index.as_ref()) {
            bytes += index.memory_bytes();
            index.for_each(&mut |keyed| bytes += keyed.key.len() + keyed.entries.memory_bytes());
        }
        bytes
    }
}

fn insert_keyed<T: Discriminate>(index: &mut Map<Keyed<T>>, entry: Arc<Entry<T>>, seed: &Seed) {
    let Some(discriminator) = entry.value.discriminator() else {
        return;
    };
    let key: Box<str> = discriminator.key.into();
    let tag = text_tag(key.as_bytes(), seed);
    match index.get_mut(tag, entry.order, |keyed| keyed.key == key) {
        Some(keyed) => keyed.entries.insert(entry),
        None => {
            let mut entries = Ordered::default();
            entries.insert(entry);
            index.insert(tag, Keyed { key, entries });
        }
    }
}

impl<T: Discriminate> Probe<T> {
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
        resolve(&self.probe, &mut |text| {
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
            runs.dedup_by_key(|run| run.head.key);
        }
    }
}
