//! Keys that an object holds more than once.

use std::hash::BuildHasher;

use hashbrown::HashTable;

use super::Member;

/// Up to this many members, comparing each with each is cheaper than hashing.
const FEW: usize = 12;

/// The positions of members whose key repeats an earlier one, in order; linear time.
pub(crate) fn repeated_keys(members: &[Member]) -> Vec<usize> {
    if members.len() <= FEW {
        return (1..members.len())
            .filter(|&at| members[..at].iter().any(|m| m.key == members[at].key))
            .collect();
    }
    let hasher = foldhash::fast::RandomState::default();
    let hash = |at: usize| hasher.hash_one(&members[at].key);
    let mut seen: HashTable<usize> = HashTable::with_capacity(members.len());
    let mut repeated = Vec::new();
    for at in 0..members.len() {
        let same = |&other: &usize| members[other].key == members[at].key;
        if seen.find(hash(at), same).is_some() {
            repeated.push(at);
        } else {
            seen.insert_unique(hash(at), at, |&other| hash(other));
        }
    }
    repeated
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn few_and_many() {
        for fillers in [0, 100] {
            let mut text = String::from(r#"{"a":1,"b":2,"a":3,"a":4"#);
            text.extend((0..fillers).map(|i| format!(r#","f{i}":0"#)));
            text.push_str(r#","b":5}"#);
            let node = parse(text.as_bytes()).unwrap();
            assert_eq!(repeated_keys(node.members().unwrap()), [2, 3, 4 + fillers]);
        }
        assert!(repeated_keys(&[]).is_empty());
    }
}
