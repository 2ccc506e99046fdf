//! The trie: a node for each prefix that several shapes share.
//!
//! Where only one shape goes on, there is no node but its [`Leaf`]: the rest of its pattern is
//! compared directly. So a shape costs a lookup and a comparison however long it is, and no memory
//! but its own. Nodes are shared between routers and copied when written.

use std::sync::Arc;

use super::entry::{Discriminate, Entry};
use super::leaf::Leaf;
use super::map::{Defined, Map, Seed, is_whole_text, text_tag};
use super::pattern::{Pattern, Segment};

/// A prefix of patterns: what may follow it.
#[derive(Clone)]
pub(super) struct Node<T: Discriminate> {
    /// The static segment that leads here; empty if another one does.
    text: Box<str>,
    first: i64,
    pub(super) statics: Map<Link<T>>,
    pub(super) mixed: Siblings<T>,
    pub(super) constrained: Siblings<T>,
    pub(super) param: Option<Link<T>>,
    pub(super) star: Option<Link<T>>,
    /// The shape that ends in `{*rest}` here.
    pub(super) rest: Option<Leaf<T>>,
    /// The shape that ends here.
    pub(super) end: Option<Leaf<T>>,
}

/// Segments of one class that differ.
pub(super) type Siblings<T> = Vec<Sibling<T>>;

#[derive(Clone)]
pub(super) struct Sibling<T: Discriminate> {
    /// Some pattern with the segment that leads to the link.
    pub(super) pattern: Pattern,
    pub(super) link: Link<T>,
}

/// What follows a segment.
#[derive(Clone)]
pub(super) enum Link<T: Discriminate> {
    /// One shape only, whose later segments are still to be compared.
    Leaf(Leaf<T>),
    Node(Arc<Node<T>>),
}

impl<T: Discriminate> Defined for Link<T> {
    fn first(&self) -> i64 {
        match self {
            Self::Leaf(leaf) => leaf.first(),
            Self::Node(node) => node.first,
        }
    }
}

impl<T: Discriminate> Link<T> {
    /// The static segment at `depth` that leads here.
    pub(super) fn text(&self, depth: usize) -> &str {
        match self {
            Self::Leaf(leaf) => static_text(leaf.pattern(), depth),
            Self::Node(node) => &node.text,
        }
    }

    /// Puts a leaf of this prefix in; `depth` counts the segments that led here.
    fn graft(&mut self, leaf: Leaf<T>, depth: usize, seed: &Seed) {
        match self {
            Self::Leaf(old) if old.pattern().same_from(leaf.pattern(), depth) => {
                absorb(old, leaf, seed);
            }
            Self::Leaf(old) => {
                let mut node = Node::new(static_text(old.pattern(), depth - 1));
                node.graft(old.clone(), depth, seed);
                node.graft(leaf, depth, seed);
                *self = Self::Node(Arc::new(node));
            }
            Self::Node(node) => Arc::make_mut(node).graft(leaf, depth, seed),
        }
    }

    /// Removes an entry; false if nothing is left.
    fn remove(&mut self, entry: &Entry<T>, depth: usize, seed: &Seed) -> bool {
        match self {
            Self::Leaf(leaf) => leaf.remove(entry, seed),
            Self::Node(node) => {
                let node = Arc::make_mut(node);
                node.remove(entry, depth, seed);
                match node.only_leaf() {
                    Only::Nothing => return false,
                    Only::Leaf(leaf) => *self = Self::Leaf(leaf),
                    Only::More => {}
                }
                true
            }
        }
    }
}

/// What is left in a node.
enum Only<T: Discriminate> {
    Nothing,
    Leaf(Leaf<T>),
    More,
}

/// The text of a static segment, empty for other ones.
fn static_text(pattern: &Pattern, at: usize) -> &str {
    match pattern.segments().get(at) {
        Some(&Segment::Static { start, len }) => pattern.text(start, len),
        _ => "",
    }
}

/// Adds the entries of a leaf to another one of its shape.
fn absorb<T: Discriminate>(leaf: &mut Leaf<T>, other: Leaf<T>, seed: &Seed) {
    other.for_each(&mut |entry| leaf.insert(Arc::clone(entry), seed));
}

impl<T: Discriminate> Node<T> {
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.into(),
            first: i64::MAX,
            statics: Map::default(),
            mixed: Vec::new(),
            constrained: Vec::new(),
            param: None,
            star: None,
            rest: None,
            end: None,
        }
    }

    /// Puts a leaf of this prefix in.
    pub(super) fn graft(&mut self, leaf: Leaf<T>, depth: usize, seed: &Seed) {
        self.first = self.first.min(leaf.first());
        // Cheap: the parts of a pattern are shared.
        let pattern = leaf.pattern().clone();
        match pattern.segments().get(depth) {
            None => graft_leaf(&mut self.end, leaf, seed),
            Some(Segment::Rest) => graft_leaf(&mut self.rest, leaf, seed),
            Some(Segment::Param) => graft_link(&mut self.param, leaf, depth + 1, seed),
            Some(Segment::Star) => graft_link(&mut self.star, leaf, depth + 1, seed),
            Some(Segment::Mixed(_)) => graft_sibling(&mut self.mixed, leaf, depth, seed),
            Some(Segment::Constrained(_)) => {
                graft_sibling(&mut self.constrained, leaf, depth, seed);
            }
            Some(&Segment::Static { start, len }) => {
                let text = pattern.text(start, len);
                let tag = text_tag(text, seed);
                let same = |link: &Link<T>| is_whole_text(tag) || link.text(depth) == text;
                match self.statics.get_mut(tag, leaf.first(), same) {
                    Some(link) => link.graft(leaf, depth + 1, seed),
                    None => self.statics.insert(tag, Link::Leaf(leaf)),
                }
            }
        }
    }

    /// Removes an entry of this prefix.
    pub(super) fn remove(&mut self, entry: &Entry<T>, depth: usize, seed: &Seed) {
        match entry.pattern.segments().get(depth) {
            None => remove_leaf(&mut self.end, entry, seed),
            Some(Segment::Rest) => remove_leaf(&mut self.rest, entry, seed),
            Some(Segment::Param) => remove_link(&mut self.param, entry, depth + 1, seed),
            Some(Segment::Star) => remove_link(&mut self.star, entry, depth + 1, seed),
            Some(Segment::Mixed(_)) => remove_sibling(&mut self.mixed, entry, depth, seed),
            Some(Segment::Constrained(_)) => {
                remove_sibling(&mut self.constrained, entry, depth, seed);
            }
            Some(&Segment::Static { start, len }) => {
                let text = entry.pattern.text(start, len);
                let tag = text_tag(text, seed);
                let same = |link: &Link<T>| is_whole_text(tag) || link.text(depth) == text;
                self.statics
                    .change(tag, same, |link| link.remove(entry, depth + 1, seed));
            }
        }
        if entry.order == self.first {
            self.first = self.first_below();
        }
    }

    fn first_below(&self) -> i64 {
        let siblings = self
            .mixed
            .iter()
            .chain(&self.constrained)
            .map(|sibling| &sibling.link);
        let links = siblings
            .chain(&self.param)
            .chain(&self.star)
            .map(Defined::first);
        let leaves = self.rest.iter().chain(&self.end).map(Defined::first);
        let below = links.chain(leaves).chain([self.statics.first()]);
        below.min().unwrap_or(i64::MAX)
    }

    /// The leaf of the only shape below, if there is but one.
    fn only_leaf(&self) -> Only<T> {
        let mut statics = Vec::new();
        if self.statics.len() <= 1 {
            self.statics.for_each(&mut |link| statics.push(link));
        } else {
            return Only::More;
        }
        let siblings = self
            .mixed
            .iter()
            .chain(&self.constrained)
            .map(|sibling| &sibling.link);
        let mut links = siblings.chain(&self.param).chain(&self.star).chain(statics);
        let mut leaves = self.rest.iter().chain(&self.end);
        match (links.next(), leaves.next()) {
            (None, None) => Only::Nothing,
            (Some(Link::Leaf(leaf)), None) if links.next().is_none() => Only::Leaf(leaf.clone()),
            (None, Some(leaf)) if leaves.next().is_none() => Only::Leaf(leaf.clone()),
            _ => Only::More,
        }
    }

    /// Calls `each` with every leaf below.
    pub(super) fn for_each_leaf<'r>(&'r self, each: &mut impl FnMut(&'r Leaf<T>)) {
        fn follow<'r, T: Discriminate>(link: &'r Link<T>, each: &mut impl FnMut(&'r Leaf<T>)) {
            match link {
                Link::Leaf(leaf) => each(leaf),
                Link::Node(node) => node.for_each_leaf(each),
            }
        }
        self.end.iter().chain(&self.rest).for_each(&mut *each);
        self.statics.for_each(&mut |link| follow(link, each));
        let siblings = self
            .mixed
            .iter()
            .chain(&self.constrained)
            .map(|sibling| &sibling.link);
        for link in siblings.chain(&self.param).chain(&self.star) {
            follow(link, each);
        }
    }

    /// The bytes of the node and what is below, without entries.
    pub(super) fn memory_bytes(&self) -> usize {
        fn follow<T: Discriminate>(link: &Link<T>) -> usize {
            match link {
                Link::Leaf(leaf) => leaf.memory_bytes(),
                Link::Node(node) => 16 + node.memory_bytes(),
            }
        }
        let mut bytes = size_of::<Self>() + self.text.len() + self.statics.memory_bytes();
        self.statics.for_each(&mut |link| bytes += follow(link));
        let siblings = self.mixed.iter().chain(&self.constrained);
        bytes += siblings
            .map(|sibling| size_of_val(sibling) + follow(&sibling.link))
            .sum::<usize>();
        bytes += self
            .param
            .iter()
            .chain(&self.star)
            .map(follow)
            .sum::<usize>();
        bytes += self
            .end
            .iter()
            .chain(&self.rest)
            .map(Leaf::memory_bytes)
            .sum::<usize>();
        bytes
    }
}

fn graft_leaf<T: Discriminate>(slot: &mut Option<Leaf<T>>, leaf: Leaf<T>, seed: &Seed) {
    match slot {
        Some(old) => absorb(old, leaf, seed),
        None => *slot = Some(leaf),
    }
}

fn graft_link<T: Discriminate>(
    slot: &mut Option<Link<T>>,
    leaf: Leaf<T>,
    depth: usize,
    seed: &Seed,
) {
    match slot {
        Some(link) => link.graft(leaf, depth, seed),
        None => *slot = Some(Link::Leaf(leaf)),
    }
}

fn graft_sibling<T: Discriminate>(
    siblings: &mut Siblings<T>,
    leaf: Leaf<T>,
    depth: usize,
    seed: &Seed,
) {
    let same = |sibling: &&mut Sibling<T>| sibling.pattern.same_segment(leaf.pattern(), depth);
    match siblings.iter_mut().find(same) {
        Some(sibling) => sibling.link.graft(leaf, depth + 1, seed),
        None => siblings.push(Sibling {
            pattern: leaf.pattern().clone(),
            link: Link::Leaf(leaf),
        }),
    }
}

fn remove_leaf<T: Discriminate>(slot: &mut Option<Leaf<T>>, entry: &Entry<T>, seed: &Seed) {
    if slot.as_mut().is_some_and(|leaf| !leaf.remove(entry, seed)) {
        *slot = None;
    }
}

fn remove_link<T: Discriminate>(
    slot: &mut Option<Link<T>>,
    entry: &Entry<T>,
    depth: usize,
    seed: &Seed,
) {
    if slot
        .as_mut()
        .is_some_and(|link| !link.remove(entry, depth, seed))
    {
        *slot = None;
    }
}

fn remove_sibling<T: Discriminate>(
    siblings: &mut Siblings<T>,
    entry: &Entry<T>,
    depth: usize,
    seed: &Seed,
) {
    let same = |sibling: &Sibling<T>| sibling.pattern.same_segment(&entry.pattern, depth);
    if let Some(at) = siblings.iter().position(same)
        && !siblings[at].link.remove(entry, depth + 1, seed)
    {
        siblings.remove(at);
    }
}
