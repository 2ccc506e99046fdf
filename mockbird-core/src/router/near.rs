//! Near misses: the entries that almost answered, for the report of a miss.
//!
//! Entries whose path matches come first, then those with as many segments and some static text in
//! common, more in common first. The search follows the text that matches before what does not,
//! leaves out what cannot be better than what it has, and is bounded in nodes and in siblings; what
//! it tries follows the order of definition, so it always finds the same.

use std::cmp::Reverse;
use std::ops::ControlFlow;

use super::Router;
use super::entry::{Entry, method_class};
use super::leaf::Leaf;
use super::map::{Defined, Seed, is_whole_text, text_tag};
use super::node::{Link, Node};
use super::path::{Captures, Path};
use super::pattern::{Pattern, Segment};
use super::walk::{Candidate, Walk};
use crate::limits::{NEAR_SIBLINGS_MAX, NEAR_SIBLINGS_OF_MANY, NEAR_VISITS_MAX};

/// How an entry missed; the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// Path and method are right: its conditions failed.
    Conditions,
    /// The path is right.
    Method,
    /// The path has as many segments, and some static ones in common.
    Path,
}

/// An entry that almost answered.
#[derive(Debug)]
pub struct Near<'r, T> {
    /// The entry.
    pub entry: &'r T,
    /// How it missed.
    pub nearness: Nearness,
    /// How many static segments the paths have in common.
    pub common: usize,
}

impl<T> Clone for Near<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Near<'_, T> {}

impl<T: Entry> Near<'_, T> {
    /// The raw texts of the parameters of an entry whose path matches.
    pub fn captures<'p>(&self, raw_path: &'p str) -> Captures<'p> {
        let mut captures = Captures::default();
        if let Some(path) = form_of(self.entry.pattern(), raw_path) {
            path.capture(self.entry.pattern(), &mut captures);
        }
        captures
    }

    /// Whether the path matches as a whole.
    pub fn matches_path(&self, raw_path: &str) -> bool {
        let has_its_form = form_of(self.entry.pattern(), raw_path).is_some();
        has_its_form && self.mismatches(raw_path).is_empty()
    }

    /// The segments, counted from 0, that keep the path from matching.
    pub fn mismatches(&self, raw_path: &str) -> Vec<usize> {
        let pattern = self.entry.pattern();
        let Some(path) = form_of(pattern, raw_path) else {
            return Vec::new();
        };
        let segments = pattern.segments().enumerate();
        segments
            .filter(|(at, segment)| !path.matches_segment(*segment, *at))
            .map(|(at, _)| at)
            .collect()
    }

    fn rank(&self) -> (Nearness, Reverse<usize>, i64, u64) {
        let Self {
            entry,
            nearness,
            common,
        } = self;
        (
            *nearness,
            Reverse(*common),
            entry.rank().order,
            entry.rank().key,
        )
    }
}

/// The form of a path that has as many segments as the pattern.
fn form_of<'p>(pattern: &Pattern, raw_path: &'p str) -> Option<Path<'p>> {
    if !Path::is_path(raw_path) {
        return None;
    }
    let mut path = Path::split(raw_path);
    let fits = |path: &Path<'_>| pattern.fits(path.len());
    (fits(&path) || (path.take_other_form() && fits(&path))).then_some(path)
}

impl<T: Entry> Router<T> {
    /// The entries that are nearest to answering a request that nothing answered, nearest first.
    pub fn near(&self, method: &http::Method, raw_path: &str, limit: usize) -> Vec<Near<'_, T>> {
        if !Path::is_path(raw_path) {
            return Vec::new();
        }
        let path = self.form_that_matches(raw_path);
        let mut search = Search {
            method,
            path: &path,
            seed: &self.seed,
            limit,
            visits: 0,
            found: Vec::with_capacity(limit.min(16)),
        };
        if limit > 0 {
            let nothing = Prefix {
                depth: 0,
                common: 0,
                matched: true,
            };
            search.node(&self.root, nothing);
        }
        search.found
    }

    /// The path, in its other form if only that one matches.
    fn form_that_matches<'p>(&self, raw_path: &'p str) -> Path<'p> {
        let matches = |path: &Path<'_>| {
            let visit = |_: Candidate<'_, '_, '_, T>| ControlFlow::Break(());
            let mut walk = Walk::new(&http::Method::GET, path, &self.seed, |_, _| {}, visit);
            let _ = walk.run(&self.root, true);
            walk.path_matched
        };
        let mut path = Path::split(raw_path);
        if !matches(&path) && (!path.take_other_form() || !matches(&path)) {
            path = Path::split(raw_path);
        }
        path
    }
}

/// How many of so many siblings are tried.
fn share_of(siblings: usize) -> usize {
    if siblings <= NEAR_SIBLINGS_MAX {
        siblings
    } else {
        NEAR_SIBLINGS_OF_MANY
    }
}

/// What is common to a request and the prefix of a pattern.
#[derive(Clone, Copy)]
struct Prefix {
    /// How many segments it has.
    depth: usize,
    /// How many static ones the path has in common.
    common: usize,
    /// Whether all of them match.
    matched: bool,
}

impl Prefix {
    fn step(self, common: bool, matched: bool) -> Self {
        Self {
            depth: self.depth + 1,
            common: self.common + usize::from(common),
            matched: self.matched && matched,
        }
    }
}

struct Search<'r, 'w, 'p, T: Entry> {
    method: &'w http::Method,
    path: &'w Path<'p>,
    seed: &'w Seed,
    limit: usize,
    visits: usize,
    /// The nearest so far, nearest first.
    found: Vec<Near<'r, T>>,
}

impl<'r, T: Entry> Search<'r, '_, '_, T> {
    fn link(&mut self, link: &'r Link<T>, prefix: Prefix) {
        self.visits += 1;
        if self.visits > NEAR_VISITS_MAX || self.is_hopeless(prefix, link.first()) {
            return;
        }
        match link {
            Link::Node(node) => self.node(node, prefix),
            Link::Leaf(_, leaf) => self.tail(leaf, prefix),
        }
    }

    /// Whether nothing that begins so and was not defined before `first` can be near enough.
    fn is_hopeless(&self, prefix: Prefix, first: i64) -> bool {
        let common = prefix.common + (self.path.len() - prefix.depth.min(self.path.len()));
        let nearness = if prefix.matched {
            Nearness::Conditions
        } else {
            Nearness::Path
        };
        let full = self.found.get(self.limit - 1);
        full.is_some_and(|last| last.rank() <= (nearness, Reverse(common), first, 0))
    }

    fn node(&mut self, node: &'r Node<T>, prefix: Prefix) {
        let depth = prefix.depth;
        if depth == self.path.len() {
            if let Some(leaf) = &node.end {
                self.offer(leaf, prefix);
            }
            return;
        }
        let equal = self.equal_child(node, depth);
        if let Some(link) = equal {
            self.link(link, prefix.step(true, true));
        }
        let step = prefix.step(false, !self.path.is_empty(depth));
        if let Some(link) = &node.param {
            self.link(link, step);
        }
        if let Some(rare) = &node.rare {
            let mixed = &rare.mixed;
            let matching: Vec<_> = mixed.matching(self.path, depth, self.seed).collect();
            self.siblings(&matching, mixed.earliest(share_of(mixed.len())), prefix);
            let constrained = &rare.constrained;
            let matching: Vec<_> = constrained.matching(self.path, depth).collect();
            self.siblings(
                &matching,
                constrained.links().take(share_of(constrained.len())),
                prefix,
            );
            rare.star.iter().for_each(|link| self.link(link, step));
            rare.rest.iter().for_each(|leaf| self.offer(leaf, step));
        }
        if self.is_hopeless(prefix.step(false, false), node.statics.first()) {
            return;
        }
        for link in node.statics.earliest(share_of(node.statics.len())) {
            if !equal.is_some_and(|equal| std::ptr::eq(equal, link)) {
                self.link(link, prefix.step(false, false));
            }
        }
    }

    fn equal_child(&self, node: &'r Node<T>, depth: usize) -> Option<&'r Link<T>> {
        let text = self.path.text(depth)?;
        let tag = text_tag(text, self.seed);
        let same = |link: &Link<T>| is_whole_text(tag) || link.text(depth + 1) == text;
        node.statics.get(tag, same)
    }

    fn siblings(
        &mut self,
        matching: &[&'r Link<T>],
        others: impl Iterator<Item = &'r Link<T>>,
        prefix: Prefix,
    ) {
        for link in matching {
            self.link(link, prefix.step(false, true));
        }
        for link in others {
            if !matching
                .iter()
                .any(|matching| std::ptr::eq(*matching, link))
            {
                self.link(link, prefix.step(false, false));
            }
        }
    }

    /// The only shape that begins so: compares its rest.
    fn tail(&mut self, leaf: &'r Leaf<T>, mut prefix: Prefix) {
        let pattern = leaf.pattern();
        if !pattern.fits(self.path.len()) {
            return;
        }
        for segment in pattern.segments().skip(prefix.depth) {
            let matches = self.path.matches_segment(segment, prefix.depth);
            let is_static = matches!(segment, Segment::Static(_));
            prefix = prefix.step(is_static && matches, matches);
        }
        self.offer(leaf, prefix);
    }

    /// Takes in the entries of a leaf if they are near.
    fn offer(&mut self, leaf: &'r Leaf<T>, prefix: Prefix) {
        if !prefix.matched && prefix.common == 0 {
            return;
        }
        let Self {
            method,
            limit,
            found,
            ..
        } = self;
        leaf.sample(*limit, &mut |entry| {
            let nearness = match (prefix.matched, method_class(entry.method(), method)) {
                (true, Some(_)) => Nearness::Conditions,
                (true, None) => Nearness::Method,
                (false, _) => Nearness::Path,
            };
            let near = Near {
                entry,
                nearness,
                common: prefix.common,
            };
            let at = found.partition_point(|other| other.rank() < near.rank());
            if at < *limit {
                found.insert(at, near);
                found.truncate(*limit);
            }
        });
    }
}
