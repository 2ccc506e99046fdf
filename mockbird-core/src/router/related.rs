//! Which entries a pattern has to do with: those of its shape, those that take all it does, and those below it.

use super::entry::Entry;
use super::leaf::Leaf;
use super::map::{is_whole_text, text_tag};
use super::node::{Link, Node};
use super::pattern::{Pattern, Segment};
use super::{Router, in_turn};

impl<T: Entry> Router<T> {
    /// The entries of a pattern's shape, in the order in which they answer; none if they are more than `most`.
    pub(crate) fn of_shape(&self, pattern: &Pattern, most: usize) -> Vec<&T> {
        let mut entries = Vec::new();
        if let Some(leaf) = self.leaf(&self.root, pattern, 0) {
            let mut count = 0_usize;
            leaf.for_each(&mut |_| count += 1);
            if count <= most {
                leaf.for_each(&mut |entry| entries.push(entry));
                in_turn(&mut entries);
            }
        }
        entries
    }

    fn leaf<'r>(&self, node: &'r Node<T>, pattern: &Pattern, depth: usize) -> Option<&'r Leaf<T>> {
        let rare = node.rare.as_deref();
        let below = |link: &'r Link<T>| match link {
            Link::Leaf(_, leaf) => of_shape(leaf, pattern),
            Link::Node(node) => self.leaf(node, pattern, depth + 1),
        };
        match pattern.segment(depth) {
            None => of_shape(node.end.as_ref()?, pattern),
            Some(Segment::Rest) => of_shape(rare?.rest.as_ref()?, pattern),
            Some(Segment::Param) => below(node.param.as_ref()?),
            Some(Segment::Star) => below(rare?.star.as_ref()?),
            Some(Segment::Static(text)) => below(self.statics_of(node, text, depth)?),
            Some(Segment::Constrained(_)) => rare?.constrained.links().find_map(below),
            Some(Segment::Mixed(_)) => {
                let mut found = None;
                rare?
                    .mixed
                    .for_each(&mut |link| found = found.or_else(|| below(link)));
                found
            }
        }
    }

    fn statics_of<'r>(&self, node: &'r Node<T>, text: &[u8], depth: usize) -> Option<&'r Link<T>> {
        let tag = text_tag(text, &self.seed);
        node.statics.get(tag, |link| {
            is_whole_text(tag) || link.text(depth + 1) == text
        })
    }

    /// Calls `each` with the entries of every pattern that is static text and then `{*rest}`, and has all
    /// its text in common with this one; there are as many as it has segments, at most.
    pub(crate) fn for_each_catch_all<'r>(
        &'r self,
        pattern: &Pattern,
        each: &mut impl FnMut(&'r T),
    ) {
        let prefix = pattern.static_prefix();
        let mut node = &*self.root;
        for depth in 0..=prefix.len() {
            if let Some(leaf) = node.rare.as_ref().and_then(|rare| rare.rest.as_ref()) {
                leaf.for_each(each);
            }
            let text = prefix.get(depth);
            match text.and_then(|text| self.statics_of(node, text, depth)) {
                Some(Link::Node(below)) => node = below,
                Some(Link::Leaf(_, leaf)) => {
                    let is_above = prefix.starts_with(&leaf.pattern().static_prefix());
                    if is_above && leaf.pattern().is_catch_all() {
                        leaf.for_each(each);
                    }
                    return;
                }
                None => return,
            }
        }
    }

    /// Calls `each` with every entry whose pattern begins with the static text of this one.
    pub(crate) fn for_each_below<'r>(&'r self, pattern: &Pattern, each: &mut impl FnMut(&'r T)) {
        let mut node = &*self.root;
        for (depth, text) in pattern.static_prefix().into_iter().enumerate() {
            match self.statics_of(node, text, depth) {
                Some(Link::Node(below)) => node = below,
                Some(Link::Leaf(_, leaf)) => return leaf.for_each(each),
                None => return,
            }
        }
        node.for_each_leaf(&mut |leaf| leaf.for_each(each));
    }

    /// True if some entry has a lower priority than this.
    pub(crate) fn has_below(&self, priority: i32) -> bool {
        self.priorities.range(..priority).next().is_some()
    }
}

/// The leaf, if it is of the pattern's shape.
fn of_shape<'r, T: Entry>(leaf: &'r Leaf<T>, pattern: &Pattern) -> Option<&'r Leaf<T>> {
    leaf.pattern().same_from(pattern, 0).then_some(leaf)
}
