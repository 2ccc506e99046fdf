//! From a method and a path to the entries that may answer, best first.
//!
//! A [`Router`] holds [`Entry`]s: anything that says its [`Pattern`], its method and its
//! [`Rank`]. It is immutable; [`Router::with`] gives another one that shares all
//! that did not change, so an edit costs what it changes and readers need no lock.
//!
//! Which entry goes first, of those whose pattern and method match:
//!
//! 1. the higher priority;
//! 2. the more specific pattern: segment by segment from the left, static text, text with a
//!    parameter inside, a constrained parameter, a parameter, `*`, `{*rest}`;
//! 3. the method: exactly this one, then GET for a HEAD request, then any;
//! 4. the smaller order, then the smaller key.
//!
//! If no pattern matches, whatever its method, the path is tried once more with its trailing
//! slash removed or added; `/` has no other form.
//!
//! ```text
//! pattern (parse, mixed, constraint)   what a segment demands
//! path, ends                           what a request offers: split once, decoded if need be
//! entry, ordered, indexed, leaf, tail, siblings, node, map
//!                                      the trie, from the entry to the root's hash map
//! walk                                 the lookup
//! related                              what an edit has to do with
//! near, similar                        what almost matched
//! ```

mod constraint;
mod ends;
mod entry;
mod indexed;
mod leaf;
mod map;
mod mixed;
mod near;
mod node;
mod ordered;
mod parse;
mod path;
mod pattern;
mod precedence;
mod related;
mod siblings;
mod similar;
mod tail;
mod walk;

pub use entry::{Discriminator, Edit, Entry, Rank};
pub use near::{Near, Nearness};
pub use path::Captures;
pub use pattern::{Pattern, PatternError, Shape};
pub use precedence::Precedence;
pub(crate) use precedence::precedence;
pub use similar::Similar;
pub use walk::Candidate;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use leaf::Leaf;
use map::{Map, Seed};
use node::{Link, Node};
use path::Path;
use walk::Walk;

use crate::spec::MethodPattern;

/// An immutable index of entries by method and path; cheap to clone and to edit.
///
/// ```
/// use mockbird_core::router::{Discriminator, Entry, Pattern, Rank, Router};
/// use mockbird_core::spec::MethodPattern;
///
/// #[derive(Clone)]
/// struct Route(u64, Pattern);
///
/// impl Entry for Route {
///     type Probe = ();
///     fn pattern(&self) -> &Pattern {
///         &self.1
///     }
///     fn method(&self) -> &MethodPattern {
///         &MethodPattern::Any
///     }
///     fn rank(&self) -> Rank {
///         Rank { priority: 0, order: 0, key: self.0 }
///     }
///     fn discriminator(&self) -> Option<Discriminator<'_, ()>> {
///         None
///     }
/// }
///
/// let paths = ["/users/{id}", "/users/me"];
/// let router = Router::new((0..).zip(paths).map(|(key, path)| Route(key, Pattern::parse(path).unwrap())));
/// let mut found = Vec::new();
/// router.find(&http::Method::GET, "/users/me", |_, _| {}, |candidate| {
///     found.push((candidate.entry.1.as_str(), candidate.captures()));
///     None::<()>
/// });
/// assert_eq!(found[0].0, "/users/me");
/// assert_eq!((found[1].0, found[1].1.as_slice()), ("/users/{id}", &["me"][..]));
/// ```
#[derive(Clone)]
pub struct Router<T: Entry> {
    root: Arc<Node<T>>,
    by_key: Arc<Map<T>>,
    /// How many entries have each priority: if there is one only, a lookup need not compare them.
    priorities: Arc<BTreeMap<i32, usize>>,
    seed: Seed,
}

impl<T: Entry> Default for Router<T> {
    fn default() -> Self {
        Self {
            root: Arc::new(Node::new(&[])),
            by_key: Arc::default(),
            priorities: Arc::default(),
            seed: Seed::default(),
        }
    }
}

impl<T: Entry> Router<T> {
    /// What a lookup reads to find an entry among many, if its pattern is no longer than most.
    pub(crate) const SLOT_BYTES: usize = Map::<Link<T>>::SLOT_BYTES;

    /// A router of these entries; of two of one key, the later counts.
    pub fn new(entries: impl IntoIterator<Item = T>) -> Self {
        let mut router = Self::default();
        entries.into_iter().for_each(|entry| router.put(entry));
        router
    }

    /// This router with some changes, made in their order.
    #[must_use]
    pub fn with(&self, edits: impl IntoIterator<Item = Edit<T>>) -> Self {
        let mut router = self.clone();
        router.apply(edits);
        router
    }

    /// Makes some changes in their order; what other routers share with this one stays as it is.
    pub fn apply(&mut self, edits: impl IntoIterator<Item = Edit<T>>) {
        for edit in edits {
            match edit {
                Edit::Put(entry) => self.put(entry),
                Edit::Remove(key) => self.remove(key),
            }
        }
    }

    fn put(&mut self, entry: T) {
        let Rank { priority, key, .. } = entry.rank();
        self.remove(key);
        *Arc::make_mut(&mut self.priorities)
            .entry(priority)
            .or_default() += 1;
        Arc::make_mut(&mut self.by_key).insert(key, entry.clone());
        Arc::make_mut(&mut self.root).graft(Leaf::one(entry), 0, &self.seed);
    }

    fn remove(&mut self, key: u64) {
        let Some(entry) = self.get(key).cloned() else {
            return;
        };
        let priorities = Arc::make_mut(&mut self.priorities);
        if let Some(count) = priorities.get_mut(&entry.rank().priority) {
            *count -= 1;
            if *count == 0 {
                priorities.remove(&entry.rank().priority);
            }
        }
        Arc::make_mut(&mut self.by_key).change(key, |_| true, |_| false);
        Arc::make_mut(&mut self.root).remove(&entry, 0, &self.seed);
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entry of this key.
    pub fn get(&self, key: u64) -> Option<&T> {
        self.by_key.get(key, |_| true)
    }

    /// All entries in order of definition.
    pub fn entries(&self) -> Vec<&T> {
        let mut entries = Vec::with_capacity(self.len());
        self.by_key.for_each(&mut |entry| entries.push(entry));
        entries.sort_unstable_by_key(|entry| (entry.rank().order, entry.rank().key));
        entries
    }

    /// Calls `visit` with each candidate, best first, until it gives something.
    ///
    /// `resolve` yields the texts that a probe finds in the request; it is called at most once for
    /// each probe of a shape and method, and only where enough entries share the probe.
    pub fn find<'r, 'p, B>(
        &'r self,
        method: &http::Method,
        raw_path: &'p str,
        mut resolve: impl FnMut(&T::Probe, &mut dyn FnMut(&str)),
        mut visit: impl FnMut(Candidate<'r, '_, 'p, T>) -> Option<B>,
    ) -> Option<B> {
        if !Path::is_path(raw_path) {
            return None;
        }
        let mut path = Path::split(raw_path);
        let uniform = self.priorities.len() <= 1;
        let mut visit = |candidate: Candidate<'r, '_, 'p, T>| match visit(candidate) {
            Some(found) => ControlFlow::Break(found),
            None => ControlFlow::Continue(()),
        };
        let mut walk = Walk::new(method, &path, &self.seed, &mut resolve, &mut visit);
        let found = walk.run(&self.root, uniform).break_value();
        if found.is_some() || walk.path_matched {
            return found;
        }
        if !path.take_other_form() {
            return None;
        }
        let mut walk = Walk::new(method, &path, &self.seed, &mut resolve, &mut visit);
        walk.run(&self.root, uniform).break_value()
    }

    /// Calls `each` once for each shape, with its entries in the order in which they answer: by
    /// priority, an exact method before any, by order. What goes before an entry and takes all
    /// its requests makes it unreachable.
    pub fn for_each_shape<'r>(&'r self, mut each: impl FnMut(&[&'r T])) {
        let mut entries = Vec::new();
        self.root.for_each_leaf(&mut |leaf| {
            entries.clear();
            leaf.for_each(&mut |entry| entries.push(entry));
            in_turn(&mut entries);
            each(&entries);
        });
    }

    /// What it weighs, without what its entries hold on the heap beside their patterns; an estimate.
    pub fn memory_bytes(&self) -> usize {
        let mut bytes = size_of::<Self>() + self.root.memory_bytes() + self.by_key.memory_bytes();
        self.by_key.for_each(&mut |entry| {
            bytes += entry.pattern().memory_bytes();
        });
        bytes
    }
}

/// Puts entries of one shape into the order in which they answer.
fn in_turn<T: Entry>(entries: &mut [&T]) {
    entries.sort_by_key(|entry| {
        let Rank {
            priority,
            order,
            key,
        } = entry.rank();
        let any = *entry.method() == MethodPattern::Any;
        (Reverse(priority), any, order, key)
    });
}

impl<T: Entry> fmt::Debug for Router<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
