//! The entries of one shape, by method.

use std::sync::Arc;

use super::entry::{Entry, MethodClass, Wanted, method_class};
use super::indexed::Indexed;
use super::map::{Defined, Seed};
use super::ordered::{Run, Runs};
use super::pattern::Pattern;
use crate::limits::INDEX_ENTRIES_MIN;
use crate::spec::MethodPattern;

/// The entries of one shape; never empty. One entry is by far the most frequent case, and costs
/// nothing but itself.
#[derive(Clone)]
pub(super) enum Leaf<T: Entry> {
    One(Wanted, T),
    Many(Arc<Methods<T>>),
}

#[derive(Clone)]
pub(super) struct Methods<T: Entry> {
    pattern: Pattern,
    first: i64,
    groups: Vec<Group<T>>,
}

/// The entries of one shape and method; never empty.
#[derive(Clone)]
struct Group<T: Entry> {
    method: MethodPattern,
    entries: Entries<T>,
}

#[derive(Clone)]
enum Entries<T: Entry> {
    Few(Vec<T>),
    Indexed(Box<Indexed<T>>),
}

impl<T: Entry> Defined for Leaf<T> {
    fn first(&self) -> i64 {
        match self {
            Self::One(_, entry) => entry.rank().order,
            Self::Many(methods) => methods.first,
        }
    }
}

impl<T: Entry> Leaf<T> {
    pub(super) fn one(entry: T) -> Self {
        Self::One(Wanted::of(entry.method()), entry)
    }

    #[inline]
    pub(super) fn pattern(&self) -> &Pattern {
        match self {
            Self::One(_, entry) => entry.pattern(),
            Self::Many(methods) => &methods.pattern,
        }
    }

    /// Adds an entry of the same shape.
    pub(super) fn insert(&mut self, entry: T, seed: &Seed) {
        if let Self::One(_, old) = self {
            let mut methods = Methods {
                pattern: old.pattern().clone(),
                first: i64::MAX,
                groups: Vec::with_capacity(2),
            };
            methods.insert(old.clone(), seed);
            *self = Self::Many(Arc::new(methods));
        }
        if let Self::Many(methods) = self {
            Arc::make_mut(methods).insert(entry, seed);
        }
    }

    /// Removes an entry; false if none is left.
    pub(super) fn remove(&mut self, entry: &T, seed: &Seed) -> bool {
        let Self::Many(methods) = self else {
            return false;
        };
        let methods = Arc::make_mut(methods);
        methods.remove(entry, seed);
        if let [Group { method: _, entries }] = &*methods.groups
            && let Some(last) = entries.only()
        {
            *self = Self::one(last);
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
            Self::One(wanted, entry) => {
                let class = wanted.class(method, entry);
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
    pub(super) fn for_each<'r>(&'r self, each: &mut impl FnMut(&'r T)) {
        match self {
            Self::One(_, entry) => each(entry),
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
    pub(super) fn sample<'r>(&'r self, limit: usize, each: &mut impl FnMut(&'r T)) {
        match self {
            Self::One(_, entry) => each(entry),
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
            Self::One(..) => 0,
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

impl<T: Entry> Methods<T> {
    fn insert(&mut self, entry: T, seed: &Seed) {
        self.first = self.first.min(entry.rank().order);
        match self
            .groups
            .iter_mut()
            .find(|group| group.method == *entry.method())
        {
            Some(group) => group.entries.insert(entry, seed),
            None => self.groups.push(Group {
                method: entry.method().clone(),
                entries: Entries::Few(vec![entry]),
            }),
        }
    }

    fn remove(&mut self, entry: &T, seed: &Seed) {
        self.groups.retain_mut(|group| {
            group.method != *entry.method() || group.entries.remove(entry, seed)
        });
        if entry.rank().order == self.first {
            let firsts = self.groups.iter().map(|group| group.entries.first());
            self.first = firsts.min().unwrap_or(i64::MAX);
        }
    }
}

impl<T: Entry> Entries<T> {
    fn insert(&mut self, entry: T, seed: &Seed) {
        if let Self::Few(few) = self {
            if few.len() + 1 < INDEX_ENTRIES_MIN {
                let rank = entry.rank();
                let at = few.partition_point(|other| other.rank() < rank);
                few.insert(at, entry);
                return;
            }
            let mut indexed = Box::new(Indexed::default());
            few.drain(..).for_each(|entry| indexed.insert(entry, seed));
            *self = Self::Indexed(indexed);
        }
        if let Self::Indexed(indexed) = self {
            indexed.insert(entry, seed);
        }
    }

    /// Removes an entry; false if none is left.
    fn remove(&mut self, entry: &T, seed: &Seed) -> bool {
        match self {
            Self::Few(few) => {
                few.retain(|other| other.rank().key != entry.rank().key);
                !few.is_empty()
            }
            Self::Indexed(indexed) => {
                indexed.remove(entry, seed);
                if indexed.len() < INDEX_ENTRIES_MIN / 2 {
                    let mut few = Vec::with_capacity(indexed.len());
                    indexed.for_each(&mut |entry| few.push(entry.clone()));
                    few.sort_by_key(Entry::rank);
                    *self = Self::Few(few);
                }
                true
            }
        }
    }

    fn only(&self) -> Option<T> {
        match self {
            Self::Few(few) if few.len() == 1 => few.first().cloned(),
            Self::Few(_) | Self::Indexed(_) => None,
        }
    }

    fn first(&self) -> i64 {
        match self {
            Self::Few(few) => few.iter().map(Defined::first).min().unwrap_or(i64::MAX),
            Self::Indexed(indexed) => indexed.first(),
        }
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
                indexed.runs(class, seed, resolve, runs);
            }
        }
    }

    fn for_each<'r>(&'r self, each: &mut impl FnMut(&'r T)) {
        match self {
            Self::Few(few) => few.iter().for_each(each),
            Self::Indexed(indexed) => indexed.for_each(each),
        }
    }

    fn sample<'r>(&'r self, limit: usize, each: &mut impl FnMut(&'r T)) {
        match self {
            Self::Few(few) => few.iter().take(limit).for_each(each),
            Self::Indexed(indexed) => {
                indexed.sample(limit, each);
            }
        }
    }

    fn memory_bytes(&self) -> usize {
        match self {
            Self::Few(few) => few.capacity() * size_of::<T>(),
            Self::Indexed(indexed) => indexed.memory_bytes(),
        }
    }
}
