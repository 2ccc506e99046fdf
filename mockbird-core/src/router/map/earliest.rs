//! The values of a map that were defined first, for the search of near misses.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Defined, Map, Slot};
use crate::limits::SIMILAR_ENTRIES_MAX;

/// As many as a branch remembers: no search asks for more.
const KEPT: usize = SIMILAR_ENTRIES_MAX;

impl<V: Clone + Defined> Map<V> {
    /// The values defined first, at most `limit`, in order of definition.
    pub(in crate::router) fn earliest(&self, limit: usize) -> Vec<&V> {
        match self {
            Self::Branch(branch) if limit <= KEPT => {
                let search = || {
                    let slots = self.search_earliest(KEPT).into_iter();
                    slots.map(|(first, slot)| (first, slot.tag)).collect()
                };
                let kept = branch.earliest.get_or_init(search).iter().take(limit);
                let values = kept.map(|&(first, tag)| self.get(tag, |one| one.first() == first));
                values.flatten().collect()
            }
            _ => {
                let slots = self.search_earliest(limit).into_iter();
                slots.map(|(_, slot)| &slot.value).collect()
            }
        }
    }

    /// Branches know the first of each child, so only tables that hold one of those sought are read.
    fn search_earliest(&self, limit: usize) -> Vec<(i64, &Slot<V>)> {
        let mut found = Vec::new();
        let mut maps: Vec<&Self> = vec![self];
        let mut queue = BinaryHeap::from([(Reverse(i64::MIN), 0_usize)]);
        while let Some((Reverse(first), at)) = queue.pop() {
            if is_full(&found, limit, first) {
                break;
            }
            match maps[at] {
                Self::Table(table) => {
                    for slot in table {
                        keep_earliest(&mut found, slot.value.first(), slot, limit);
                    }
                }
                Self::Branch(branch) => {
                    for (child, &first) in branch.children.iter().zip(&branch.first) {
                        if child.len() > 0 {
                            queue.push((Reverse(first), maps.len()));
                            maps.push(child);
                        }
                    }
                }
            }
        }
        found
    }
}

/// Whether a sorted list has as many as it may, none of them defined after `first`.
fn is_full<V>(found: &[(i64, V)], limit: usize, first: i64) -> bool {
    found.len() == limit && found.last().is_none_or(|&(last, _)| last <= first)
}

/// Puts one into a sorted list of at most `limit`.
fn keep_earliest<V>(found: &mut Vec<(i64, V)>, first: i64, one: V, limit: usize) {
    if is_full(found, limit, first) {
        return;
    }
    if found.len() == limit {
        found.pop();
    }
    let at = found.partition_point(|&(other, _)| other <= first);
    found.insert(at, (first, one));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// A value that is nothing but when it was defined.
    impl Defined for i64 {
        fn first(&self) -> i64 {
            *self
        }
    }

    fn by_order(values: &BTreeMap<u64, i64>) -> Vec<i64> {
        let mut orders: Vec<_> = values.values().copied().collect();
        orders.sort_unstable();
        orders
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        /// Asked between edits, so that what a branch remembers must follow them; enough tags for branches.
        #[test]
        fn the_earliest_are_those_of_a_sorted_list(
            edits in prop::collection::vec((0..1_500_u64, any::<bool>(), 0..200_usize), 1..3_000),
        ) {
            let (mut map, mut model) = (Map::default(), BTreeMap::new());
            for (order, (tag, keep, limit)) in edits.into_iter().enumerate() {
                let order = -1_000 + i64::try_from(order).unwrap();
                if model.contains_key(&tag) {
                    map.change(tag, |_| true, |value| {
                        *value = order;
                        keep
                    });
                    model.remove(&tag);
                    if keep {
                        model.insert(tag, order);
                    }
                } else {
                    map.insert(tag, order);
                    model.insert(tag, order);
                }
                if limit % 50 == 1 {
                    let found: Vec<_> = map.earliest(limit).into_iter().copied().collect();
                    let mut wanted = by_order(&model);
                    wanted.truncate(limit);
                    prop_assert_eq!(found, wanted);
                }
            }
        }
    }
}
