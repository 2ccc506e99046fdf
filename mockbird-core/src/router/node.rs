//! The trie: a node for each prefix that several shapes share.
//!
//! Where only one shape goes on, there is no node but its [`Leaf`]: the rest of its pattern is
//! compared directly. So a shape costs a lookup and a comparison however long it is, and no memory
//! but its own. Nodes are shared between routers and copied when written.

use std::sync::Arc;

use super::entry::Entry;
use super::leaf::Leaf;
use super::map::{Defined, Map, Seed, is_whole_text, text_tag};
use super::pattern::Segment;
use super::siblings::{MixedSiblings, Siblings};
use super::tail::Tail;

/// A prefix of patterns: what may follow it.
#[derive(Clone)]
pub(super) struct Node<T: Entry> {
    /// The static segment that leads here; empty if another one does.
    text: Box<[u8]>,
    first: i64,
    pub(super) statics: Map<Link<T>>,
    pub(super) param: Option<Link<T>>,
    /// The shape that ends here.
    pub(super) end: Option<Leaf<T>>,
    /// What is rare stands apart, so that a node is small.
    pub(super) rare: Option<Box<Rare<T>>>,
}

/// The rarer kinds of segments that may follow a prefix.
#[derive(Clone)]
pub(super) struct Rare<T: Entry> {
    pub(super) mixed: MixedSiblings<T>,
    pub(super) constrained: Siblings<T>,
    pub(super) star: Option<Link<T>>,
    /// The shape that ends in `{*rest}` here.
    pub(super) rest: Option<Leaf<T>>,
}

impl<T: Entry> Default for Rare<T> {
    fn default() -> Self {
        Self {
            mixed: MixedSiblings::default(),
            constrained: Siblings::default(),
            star: None,
            rest: None,
        }
    }
}

impl<T: Entry> Rare<T> {
    fn is_empty(&self) -> bool {
        let Self {
            mixed,
            constrained,
            star,
            rest,
        } = self;
        mixed.is_empty() && constrained.is_empty() && star.is_none() && rest.is_none()
    }

    fn first(&self) -> i64 {
        let links = self
            .constrained
            .links()
            .chain(&self.star)
            .map(Defined::first);
        links.min().unwrap_or(i64::MAX).min(self.mixed.first())
    }
}

/// What follows a segment.
#[derive(Clone)]
pub(super) enum Link<T: Entry> {
    /// One shape only, and its segments from the one that led here on: the later ones are still to be compared.
    Leaf(Tail, Leaf<T>),
    Node(Arc<Node<T>>),
}

impl<T: Entry> Defined for Link<T> {
    fn first(&self) -> i64 {
        match self {
            Self::Leaf(_, leaf) => leaf.first(),
            Self::Node(node) => node.first,
        }
    }
}

impl<T: Entry> Link<T> {
    /// The link to a leaf; `depth` counts the segments that lead there.
    pub(super) fn leaf(leaf: Leaf<T>, depth: usize) -> Self {
        Self::Leaf(Tail::new(leaf.pattern(), depth - 1), leaf)
    }

    /// The static segment that leads here, the last of `depth`.
    #[inline]
    pub(super) fn text(&self, depth: usize) -> &[u8] {
        match self {
            Self::Leaf(tail, leaf) => match tail.segments(leaf.pattern(), depth - 1).next() {
                Some(Segment::Static(text)) => text,
                _ => &[],
            },
            Self::Node(node) => &node.text,
        }
    }

    /// Puts a leaf of this prefix in; `depth` counts the segments that led here.
    pub(super) fn graft(&mut self, leaf: Leaf<T>, depth: usize, seed: &Seed) {
        match self {
            Self::Leaf(_, old) if old.pattern().same_from(leaf.pattern(), depth) => {
                absorb(old, &leaf, seed);
            }
            Self::Leaf(_, old) => {
                let mut node = Node::new(old.pattern().text(depth - 1));
                node.graft(old.clone(), depth, seed);
                node.graft(leaf, depth, seed);
                *self = Self::Node(Arc::new(node));
            }
            Self::Node(node) => Arc::make_mut(node).graft(leaf, depth, seed),
        }
    }

    /// Removes an entry; false if nothing is left.
    pub(super) fn remove(&mut self, entry: &T, depth: usize, seed: &Seed) -> bool {
        match self {
            Self::Leaf(_, leaf) => leaf.remove(entry, seed),
            Self::Node(node) => {
                let node = Arc::make_mut(node);
                node.remove(entry, depth, seed);
                match node.only_leaf() {
                    Only::Nothing => return false,
                    Only::Leaf(leaf) => *self = Self::leaf(leaf, depth),
                    Only::More => {}
                }
                true
            }
        }
    }
}

/// What is left in a node.
enum Only<T: Entry> {
    Nothing,
    Leaf(Leaf<T>),
    More,
}

/// Adds the entries of a leaf to another one of its shape.
fn absorb<T: Entry>(leaf: &mut Leaf<T>, other: &Leaf<T>, seed: &Seed) {
    other.for_each(&mut |entry| leaf.insert(entry.clone(), seed));
}

impl<T: Entry> Node<T> {
    pub(super) fn new(text: &[u8]) -> Self {
        Self {
            text: text.into(),
            first: i64::MAX,
            statics: Map::default(),
            param: None,
            end: None,
            rare: None,
        }
    }

    /// Puts a leaf of this prefix in.
    pub(super) fn graft(&mut self, leaf: Leaf<T>, depth: usize, seed: &Seed) {
        self.first = self.first.min(leaf.first());
        match leaf.pattern().segment(depth) {
            None => graft_leaf(&mut self.end, leaf, seed),
            Some(Segment::Rest) => graft_leaf(&mut self.rare().rest, leaf, seed),
            Some(Segment::Param) => graft_link(&mut self.param, leaf, depth + 1, seed),
            Some(Segment::Star) => graft_link(&mut self.rare().star, leaf, depth + 1, seed),
            Some(Segment::Mixed(_)) => self.rare().mixed.graft(leaf, depth, seed),
            Some(Segment::Constrained(_)) => self.rare().constrained.graft(leaf, depth, seed),
            Some(Segment::Static(text)) => {
                let tag = text_tag(text, seed);
                let same = |link: &Link<T>| is_whole_text(tag) || link.text(depth + 1) == text;
                match self.statics.get_mut(tag, leaf.first(), same) {
                    Some(link) => link.graft(leaf, depth + 1, seed),
                    None => self.statics.insert(tag, Link::leaf(leaf, depth + 1)),
                }
            }
        }
    }

    /// Removes an entry of this prefix.
    pub(super) fn remove(&mut self, entry: &T, depth: usize, seed: &Seed) {
        match entry.pattern().segment(depth) {
            None => remove_leaf(&mut self.end, entry, seed),
            Some(Segment::Rest) => remove_leaf(&mut self.rare().rest, entry, seed),
            Some(Segment::Param) => remove_link(&mut self.param, entry, depth + 1, seed),
            Some(Segment::Star) => remove_link(&mut self.rare().star, entry, depth + 1, seed),
            Some(Segment::Mixed(_)) => self.rare().mixed.remove(entry, depth, seed),
            Some(Segment::Constrained(_)) => self.rare().constrained.remove(entry, depth, seed),
            Some(Segment::Static(text)) => {
                let tag = text_tag(text, seed);
                let same = |link: &Link<T>| is_whole_text(tag) || link.text(depth + 1) == text;
                self.statics
                    .change(tag, same, |link| link.remove(entry, depth + 1, seed));
            }
        }
        if self.rare.as_ref().is_some_and(|rare| rare.is_empty()) {
            self.rare = None;
        }
        if entry.rank().order == self.first {
            self.first = self.first_below();
        }
    }

    fn rare(&mut self) -> &mut Rare<T> {
        self.rare.get_or_insert_default()
    }

    /// Calls `each` with all that follows.
    fn for_each_link<'r>(&'r self, each: &mut impl FnMut(&'r Link<T>)) {
        self.statics.for_each(each);
        self.param.iter().for_each(&mut *each);
        if let Some(rare) = &self.rare {
            rare.mixed.for_each(each);
            rare.constrained.links().chain(&rare.star).for_each(each);
        }
    }

    /// The shapes that end here.
    fn leaves(&self) -> impl Iterator<Item = &Leaf<T>> {
        let rest = self.rare.as_ref().and_then(|rare| rare.rest.as_ref());
        self.end.iter().chain(rest)
    }

    fn first_below(&self) -> i64 {
        let below = self.leaves().map(Defined::first);
        let below = below.chain(self.param.iter().map(Defined::first));
        let below = below.chain(self.rare.iter().map(|rare| rare.first()));
        below.min().unwrap_or(i64::MAX).min(self.statics.first())
    }

    /// The leaf of the only shape below, if there is but one.
    fn only_leaf(&self) -> Only<T> {
        if self.statics.len() > 1 {
            return Only::More;
        }
        let mut links = Vec::new();
        self.for_each_link(&mut |link| links.push(link));
        let mut leaves = self.leaves();
        match (&*links, leaves.next()) {
            ([], None) => Only::Nothing,
            ([Link::Leaf(_, leaf)], None) => Only::Leaf(leaf.clone()),
            ([], Some(leaf)) if leaves.next().is_none() => Only::Leaf(leaf.clone()),
            _ => Only::More,
        }
    }

    /// Calls `each` with every leaf below. An object, for the closures within are of one type.
    pub(super) fn for_each_leaf<'r>(&'r self, each: &mut dyn FnMut(&'r Leaf<T>)) {
        self.leaves().for_each(&mut *each);
        self.for_each_link(&mut |link| match link {
            Link::Leaf(_, leaf) => each(leaf),
            Link::Node(node) => node.for_each_leaf(each),
        });
    }

    /// The bytes of the node and what is below, without entries.
    pub(super) fn memory_bytes(&self) -> usize {
        let mut bytes = size_of::<Self>() + self.text.len() + self.statics.memory_bytes();
        bytes += self.leaves().map(Leaf::memory_bytes).sum::<usize>();
        if let Some(rare) = &self.rare {
            bytes += size_of::<Rare<T>>() + rare.mixed.memory_bytes();
            bytes += rare.constrained.memory_bytes();
        }
        self.for_each_link(&mut |link| {
            bytes += match link {
                Link::Leaf(_, leaf) => leaf.memory_bytes(),
                // The counts of an `Arc` go with the node.
                Link::Node(node) => 16 + node.memory_bytes(),
            };
        });
        bytes
    }
}

fn graft_leaf<T: Entry>(slot: &mut Option<Leaf<T>>, leaf: Leaf<T>, seed: &Seed) {
    match slot {
        Some(old) => absorb(old, &leaf, seed),
        None => *slot = Some(leaf),
    }
}

fn graft_link<T: Entry>(slot: &mut Option<Link<T>>, leaf: Leaf<T>, depth: usize, seed: &Seed) {
    match slot {
        Some(link) => link.graft(leaf, depth, seed),
        None => *slot = Some(Link::leaf(leaf, depth)),
    }
}

fn remove_leaf<T: Entry>(slot: &mut Option<Leaf<T>>, entry: &T, seed: &Seed) {
    if slot.as_mut().is_some_and(|leaf| !leaf.remove(entry, seed)) {
        *slot = None;
    }
}

fn remove_link<T: Entry>(slot: &mut Option<Link<T>>, entry: &T, depth: usize, seed: &Seed) {
    if slot
        .as_mut()
        .is_some_and(|link| !link.remove(entry, depth, seed))
    {
        *slot = None;
    }
}
