//! What a mock file changes in a project.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use mockbird_core::fault::Place;
use mockbird_core::json::{Node, Value};
use mockbird_core::spec::{Mock, Response};

use super::super::mocks::shape;

/// The most places that are named of one mock: more are not read.
const PLACES_MAX: usize = 50;

/// By what mocks of two files are the same: the id in the file, or else method, path and name.
pub(super) fn pair_mocks(old: &[Mock], new: &[Mock]) -> Vec<Option<usize>> {
    let id = |mock: &Mock| mock.id.clone();
    let name = |mock: &Mock| Some((shape(mock)?, mock.name.clone()));
    let mut pairs = Pairs::new(old.len(), new.len());
    pairs.meet(old, new, id);
    pairs.meet(old, new, name);
    pairs.old_of_new
}

/// The same of the responses of a mock: by id, name, or else status.
pub(super) fn pair_responses(old: &[Response], new: &[Response]) -> Vec<Option<usize>> {
    let mut pairs = Pairs::new(old.len(), new.len());
    pairs.meet(old, new, |response| response.id.clone());
    pairs.meet(old, new, |response| response.name.clone());
    pairs.meet(old, new, |response| Some(response.status_code));
    pairs.old_of_new
}

/// Which of the old ones each of the new ones is, each once.
struct Pairs {
    old_of_new: Vec<Option<usize>>,
    is_taken: Vec<bool>,
}

impl Pairs {
    fn new(old: usize, new: usize) -> Self {
        Self {
            old_of_new: vec![None; new],
            is_taken: vec![false; old],
        }
    }

    /// Pairs those that are left and have the same key, in their order.
    fn meet<T, K: Hash + Eq>(&mut self, old: &[T], new: &[T], key: impl Fn(&T) -> Option<K>) {
        let mut left: HashMap<K, VecDeque<usize>> = HashMap::new();
        for (index, one) in old.iter().enumerate() {
            if !self.is_taken[index]
                && let Some(key) = key(one)
            {
                left.entry(key).or_default().push_back(index);
            }
        }
        for (one, pair) in new.iter().zip(&mut self.old_of_new) {
            if pair.is_some() {
                continue;
            }
            let same = key(one).and_then(|key| left.get_mut(&key)?.pop_front());
            if let Some(index) = same {
                self.is_taken[index] = true;
                *pair = Some(index);
            }
        }
    }
}

/// Where two trees differ, such as `responses[0].body.name`; empty for the whole.
pub(super) fn differences(old: &Node, new: &Node) -> Vec<String> {
    let mut found = Vec::new();
    compare(&Place::ROOT, old, new, &mut found);
    found
}

fn compare(at: &Place<'_>, old: &Node, new: &Node, found: &mut Vec<String>) {
    if found.len() >= PLACES_MAX {
        return;
    }
    let known = found.len();
    match (&old.value, &new.value) {
        (Value::Object(before), Value::Object(after)) => {
            for member in before {
                let at = at.key(&member.key);
                match new.get(&member.key) {
                    Some(value) => compare(&at, &member.value, value, found),
                    None => found.push(at.to_string()),
                }
            }
            let added = after.iter().filter(|member| old.get(&member.key).is_none());
            found.extend(added.map(|member| at.key(&member.key).to_string()));
            let is_moved = || before.iter().zip(after).any(|(a, b)| a.key != b.key);
            if found.len() == known && is_moved() {
                found.push(at.to_string());
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            for (index, pair) in before.iter().zip(after).enumerate() {
                compare(&at.index(index), pair.0, pair.1, found);
            }
            let common = before.len().min(after.len());
            let more = common..before.len().max(after.len());
            found.extend(more.map(|index| at.index(index).to_string()));
        }
        _ if old.to_string() != new.to_string() => found.push(at.to_string()),
        _ => {}
    }
    found.truncate(PLACES_MAX);
}

#[cfg(test)]
mod tests {
    use mockbird_core::json;
    use proptest::prelude::*;

    use super::*;

    fn mock(id: Option<&str>, path: &str, name: Option<&str>) -> Mock {
        Mock {
            id: id.map(str::to_owned),
            path: path.to_owned(),
            name: name.map(str::to_owned),
            ..Mock::default()
        }
    }

    #[test]
    fn mocks_are_the_same_by_id_or_else_by_path_and_name() {
        let (a, b) = (mock(Some("a"), "/x", None), mock(Some("b"), "/y", None));
        let plain = |path| mock(None, path, None);
        for (old, new, pairs) in [
            (
                vec![a.clone(), b.clone()],
                vec![b, a],
                vec![Some(1), Some(0)],
            ),
            (
                vec![plain("/{a}"), plain("/b")],
                vec![plain("/c"), plain("/{id}")],
                vec![None, Some(0)],
            ),
            (
                vec![plain("/a"), plain("/a")],
                vec![plain("/a"), plain("/a"), plain("/a")],
                vec![Some(0), Some(1), None],
            ),
            (
                vec![mock(None, "/a", Some("one")), mock(None, "/a", Some("two"))],
                vec![
                    mock(None, "/a", Some("two")),
                    mock(None, "/a", Some("three")),
                ],
                vec![Some(1), None],
            ),
            (
                vec![mock(Some("a"), "/a", None)],
                vec![plain("/a"), mock(Some("a"), "/b", None)],
                vec![None, Some(0)],
            ),
        ] {
            assert_eq!(pair_mocks(&old, &new), pairs, "{old:?} {new:?}");
        }
    }

    #[test]
    fn differences_have_their_places() {
        for (old, new, places) in [
            ("1", "1", vec![]),
            ("1", "1.0", vec![""]),
            (
                r#"{"a":{"b":[1,2]},"c":1}"#,
                r#"{"a":{"b":[1,3,4]},"d":1}"#,
                vec!["a.b[1]", "a.b[2]", "c", "d"],
            ),
            (r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#, vec![""]),
            (
                r#"{"a":{"x":1,"y":2}}"#,
                r#"{"a":{"y":2,"x":1}}"#,
                vec!["a"],
            ),
            ("[]", "{}", vec![""]),
        ] {
            let parse = |text: &str| json::parse(text.as_bytes()).unwrap();
            assert_eq!(differences(&parse(old), &parse(new)), places, "{old} {new}");
        }
    }

    fn trees() -> impl Strategy<Value = String> {
        let leaf = proptest::sample::select(vec!["1", "1.0", "\"a\"", "null"]);
        leaf.prop_map(str::to_owned)
            .prop_recursive(3, 12, 3, |inner| {
                let members = proptest::collection::vec(("[abc]", inner.clone()), 0..3);
                let elements = proptest::collection::vec(inner, 0..3);
                prop_oneof![
                    members.prop_filter_map("a key twice", |members| {
                        let twice = members.len() == 2 && members[0].0 == members[1].0;
                        let member = |(key, value)| format!("\"{key}\":{value}");
                        let members: Vec<_> = members.into_iter().map(member).collect();
                        (!twice).then(|| format!("{{{}}}", members.join(",")))
                    }),
                    elements.prop_map(|elements| format!("[{}]", elements.join(","))),
                ]
            })
    }

    proptest! {
        /// Two texts are the same if and only if no difference is told.
        #[test]
        fn what_differs_is_told(old in trees(), new in trees()) {
            let parse = |text: &str| json::parse(text.as_bytes()).unwrap();
            let is_same = differences(&parse(&old), &parse(&new)).is_empty();
            prop_assert_eq!(is_same, old == new);
            prop_assert!(differences(&parse(&old), &parse(&old)).is_empty());
        }
    }
}
