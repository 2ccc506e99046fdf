//! The lookup: candidates for a method and a path, best first, each found only when it is wanted.
//!
//! Depth first, the more specific class first, gives the order of specificity by itself, as long
//! as at most one segment of each class matches. Where several of one class do (`/{a}z` and
//! `/x{b}`), later segments decide between them; where priorities differ, any leaf may go first.
//! Then, and only then, the runs of all leaves in question are gathered and merged.

use std::ops::ControlFlow::{self, Continue};

use smallvec::SmallVec;

use super::entry::Entry;
use super::leaf::Leaf;
use super::map::{Seed, is_whole_text, text_tag};
use super::node::{Link, Node, Rare};
use super::ordered::{Run, Runs};
use super::path::{Captures, Path};

/// An entry that a request may get, with its captures.
#[derive(Debug)]
pub struct Candidate<'r, 'w, 'p, T> {
    /// The entry.
    pub entry: &'r T,
    path: &'w Path<'p>,
}

impl<T> Clone for Candidate<'_, '_, '_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Candidate<'_, '_, '_, T> {}

impl<'p, T: Entry> Candidate<'_, '_, 'p, T> {
    /// The raw texts of the pattern's parameters, found now.
    #[inline]
    pub fn captures(&self) -> Captures<'p> {
        let mut captures = Captures::default();
        if !self.entry.pattern().names().is_empty() {
            self.path.capture(self.entry.pattern(), &mut captures);
        }
        captures
    }
}

/// A walk through the trie for one request.
pub(super) struct Walk<'r, 'w, 'p, T: Entry, R, V> {
    pub(super) method: &'w http::Method,
    pub(super) path: &'w Path<'p>,
    pub(super) seed: &'r Seed,
    pub(super) resolve: R,
    pub(super) visit: V,
    /// Whether the path of any entry matched.
    pub(super) path_matched: bool,
    /// Whether runs are only gathered for now.
    gathering: bool,
    runs: Runs<'r, T>,
}

impl<'r, 'w, 'p, T, R, V, B> Walk<'r, 'w, 'p, T, R, V>
where
    T: Entry,
    R: FnMut(&T::Probe, &mut dyn FnMut(&str)),
    V: FnMut(Candidate<'r, '_, 'p, T>) -> ControlFlow<B>,
{
    #[inline]
    pub(super) fn new(
        method: &'w http::Method,
        path: &'w Path<'p>,
        seed: &'r Seed,
        resolve: R,
        visit: V,
    ) -> Self {
        Self {
            method,
            path,
            seed,
            resolve,
            visit,
            path_matched: false,
            gathering: false,
            runs: SmallVec::new(),
        }
    }

    /// Visits the candidates in order. `uniform`: all priorities are equal.
    pub(super) fn run(&mut self, root: &'r Node<T>, uniform: bool) -> ControlFlow<B> {
        if uniform {
            return self.node(root, 0);
        }
        self.gather(|walk| walk.node(root, 0))
    }

    /// Goes down as long as there is one way only, and calls itself where there are several.
    fn node(&mut self, mut node: &'r Node<T>, mut depth: usize) -> ControlFlow<B> {
        loop {
            if depth == self.path.len() {
                return match &node.end {
                    Some(leaf) => self.leaf(leaf),
                    None => Continue(()),
                };
            }
            let equal = self.equal_child(node, depth);
            let param = node.param.as_ref().filter(|_| !self.path.is_empty(depth));
            let last = match (&node.rare, equal, param) {
                (None, None, None) => return Continue(()),
                (None, Some(only), None) | (None, None, Some(only)) => only,
                (None, Some(equal), Some(param)) => {
                    self.link(equal, depth + 1)?;
                    param
                }
                (Some(rare), _, _) => return self.every_class(rare, equal, param, depth),
            };
            depth += 1;
            match last {
                Link::Node(next) => node = next,
                Link::Leaf(..) => return self.link(last, depth),
            }
        }
    }

    /// The static child of this segment's text.
    #[inline]
    fn equal_child(&self, node: &'r Node<T>, depth: usize) -> Option<&'r Link<T>> {
        if node.statics.len() == 0 {
            return None;
        }
        let text = self.path.text(depth)?;
        let tag = text_tag(text, self.seed);
        let same = |link: &Link<T>| is_whole_text(tag) || link.text(depth + 1) == text;
        node.statics.get(tag, same)
    }

    /// Follows all that matches, the more specific class first.
    fn every_class(
        &mut self,
        rare: &'r Rare<T>,
        equal: Option<&'r Link<T>>,
        param: Option<&'r Link<T>>,
        depth: usize,
    ) -> ControlFlow<B> {
        if let Some(link) = equal {
            self.link(link, depth + 1)?;
        }
        let (path, seed) = (self.path, self.seed);
        if !rare.mixed.is_empty() {
            self.siblings(rare.mixed.matching(path, depth, seed), depth)?;
        }
        if !rare.constrained.is_empty() {
            self.siblings(rare.constrained.matching(path, depth), depth)?;
        }
        if self.path.is_empty(depth) {
            return Continue(());
        }
        for link in param.into_iter().chain(&rare.star) {
            self.link(link, depth + 1)?;
        }
        match &rare.rest {
            Some(leaf) => self.leaf(leaf),
            None => Continue(()),
        }
    }

    /// Follows a link; `depth` counts the segments that led there.
    fn link(&mut self, link: &'r Link<T>, depth: usize) -> ControlFlow<B> {
        match link {
            Link::Node(node) => self.node(node, depth),
            Link::Leaf(tail, leaf) => {
                let mut segments = tail.segments(leaf.pattern(), depth - 1);
                segments.next();
                if self.path.matches_from(segments, depth) {
                    return self.leaf(leaf);
                }
                Continue(())
            }
        }
    }

    /// Siblings are of one class: if several match, what follows decides between them.
    fn siblings(
        &mut self,
        mut matching: impl Iterator<Item = &'r Link<T>>,
        depth: usize,
    ) -> ControlFlow<B> {
        let Some(first) = matching.next() else {
            return Continue(());
        };
        let Some(second) = matching.next() else {
            return self.link(first, depth + 1);
        };
        self.gather(|walk| {
            walk.link(first, depth + 1)?;
            walk.link(second, depth + 1)?;
            for link in matching {
                walk.link(link, depth + 1)?;
            }
            Continue(())
        })
    }

    /// Offers the entries of a shape that matches.
    fn leaf(&mut self, leaf: &'r Leaf<T>) -> ControlFlow<B> {
        self.path_matched = true;
        if !self.gathering
            && let Leaf::One(wanted, entry) = leaf
        {
            return match wanted.class(self.method, entry) {
                Some(_) => self.offer(entry),
                None => Continue(()),
            };
        }
        leaf.runs(self.method, self.seed, &mut self.resolve, &mut self.runs);
        if self.gathering {
            return Continue(());
        }
        self.merge()
    }

    /// Does all of `walk` before it offers anything.
    fn gather(&mut self, walk: impl FnOnce(&mut Self) -> ControlFlow<B>) -> ControlFlow<B> {
        if self.gathering {
            return walk(self);
        }
        self.gathering = true;
        walk(self)?;
        self.gathering = false;
        self.merge()
    }

    /// Offers the entries of all runs, best first.
    fn merge(&mut self) -> ControlFlow<B> {
        heapify(&mut self.runs);
        while let Some(best) = self.runs.first() {
            self.offer(best.head)?;
            if !self.runs[0].advance() {
                self.runs.swap_remove(0);
            }
            sift_down(&mut self.runs, 0);
        }
        Continue(())
    }

    fn offer(&mut self, entry: &'r T) -> ControlFlow<B> {
        let path = self.path;
        (self.visit)(Candidate { entry, path })
    }
}

/// Makes a heap of which the first is the best.
fn heapify<T: Entry>(runs: &mut [Run<'_, T>]) {
    for at in (0..runs.len() / 2).rev() {
        sift_down(runs, at);
    }
}

/// Moves the run at `at` down to where no run below it is better.
fn sift_down<T: Entry>(runs: &mut [Run<'_, T>], mut at: usize) {
    loop {
        let (left, right) = (2 * at + 1, 2 * at + 2);
        let mut best = at;
        for child in [left, right] {
            if child < runs.len() && runs[child].goes_before(&runs[best]) {
                best = child;
            }
        }
        if best == at {
            return;
        }
        runs.swap(at, best);
        at = best;
    }
}
