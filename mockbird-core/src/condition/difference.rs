//! Where two JSON values differ, by pointer: `/items/0/qty: 1, expected 2`.

use std::fmt;

use super::finding::Shown;
use super::shown;
use crate::json::{Member, Node, Value, sorted};
use crate::limits::{DIFFERENCE_STEPS_MAX, DIFFERENCES_MAX};
use crate::secret::is_secret;

/// One place where the JSON that came is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where, as a JSON pointer (RFC 6901): empty for the whole.
    pub pointer: String,
    /// What came; nothing if it is missing.
    pub came: Option<Shown>,
    /// What was expected; nothing if it should not be there.
    pub expected: Option<Shown>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pointer,
            came,
            expected,
        } = self;
        if pointer.is_empty() {
            f.write_str("the whole")?;
        } else {
            f.write_str(pointer)?;
        }
        match (came, expected) {
            (Some(came), Some(expected)) => write!(f, ": {came}, expected {expected}"),
            (Some(came), None) => write!(f, ": {came}, expected nothing"),
            (None, Some(expected)) => write!(f, ": missing, expected {expected}"),
            (None, None) => f.write_str(": missing"),
        }
    }
}

/// The first differences between two JSON values, and how many more there are.
///
/// ```
/// use mockbird_core::condition::{Difference, Differences};
///
/// let missing = Difference {
///     pointer: "/items/0/sku".to_owned(),
///     came: None,
///     expected: None,
/// };
/// let found = Differences { first: vec![missing], more: 2, ended: false };
/// let lines: Vec<_> = found.lines().collect();
/// assert_eq!(lines[0], "/items/0/sku: missing");
/// assert_eq!(lines.len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// The first ones, in the order of what was expected.
    pub first: Vec<Difference>,
    /// How many others were found.
    pub more: usize,
    /// True if the search was ended by its bound: there may be others.
    pub ended: bool,
}

impl Differences {
    /// One line each; the last one tells how many there are besides.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.first
            .iter()
            .map(Difference::to_string)
            .chain(self.rest())
    }

    /// How many there are besides, if there are.
    pub(super) fn rest(&self) -> Option<String> {
        match (self.more, self.ended) {
            (0, false) => None,
            (1, false) => Some("and 1 more difference".to_owned()),
            (more, false) => Some(format!("and {more} more differences")),
            (_, true) => {
                Some("and perhaps more differences: the lists are too long to say".to_owned())
            }
        }
    }
}

/// Which values are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The same value.
    Equal,
    /// A value that contains the wanted one.
    Part,
    /// A list of which one element is equal.
    Element,
}

/// Where `came` differs from what is wanted; empty if it does not, or only as a whole.
pub(super) fn differences(came: &Node, wanted: &Node, how: Wanted) -> Differences {
    let mut search = Search::new();
    match (how, came.elements()) {
        (Wanted::Element, Some(elements)) => {
            search.nearest_element(elements, wanted, Wanted::Equal);
        }
        (Wanted::Element, None) => search.node(came, wanted, Wanted::Part),
        _ => search.node(came, wanted, how),
    }
    // Of the whole, more is known than that it differs.
    search.found.first.retain(|one| !one.pointer.is_empty());
    search.found.ended = search.steps == 0;
    search.found
}

struct Search {
    found: Differences,
    /// Where the search is.
    pointer: String,
    steps: usize,
}

impl Search {
    fn new() -> Self {
        Self {
            found: Differences::default(),
            pointer: String::new(),
            steps: DIFFERENCE_STEPS_MAX,
        }
    }

    fn node(&mut self, came: &Node, wanted: &Node, how: Wanted) {
        let (came_whole, wanted_whole) = (came, wanted);
        match (&came.value, &wanted.value) {
            (Value::Object(came), Value::Object(wanted)) => self.object(came, wanted, how),
            (Value::Array(came), Value::Array(wanted))
                if came.iter().chain(wanted).any(shown::names_secret) =>
            {
                if !self.holds(came_whole, wanted_whole, how) {
                    self.push(Some(Shown::Hidden), Some(Shown::Hidden));
                }
            }
            (Value::Array(came), Value::Array(wanted)) => match how {
                Wanted::Equal => self.list(came, wanted),
                Wanted::Part | Wanted::Element => {
                    for (at, wanted) in wanted.iter().enumerate() {
                        self.element(came, at, wanted);
                    }
                }
            },
            _ if came.equals(wanted) => {}
            _ => self.found(Some(came), Some(wanted)),
        }
    }

    fn object<'n>(&mut self, came: &'n [Member], wanted: &'n [Member], how: Wanted) {
        let hides = came.iter().chain(wanted).any(shown::names_other);
        let (came, wanted) = (sorted(came), sorted(wanted));
        let find = |all: &[&'n Member], key: &str| {
            let at = all.binary_search_by(|member| (*member.key).cmp(key));
            at.ok().map(|at| &all[at].value)
        };
        for member in &wanted {
            let hidden = hides || is_secret(&member.key);
            self.at(&member.key, |search| match find(&came, &member.key) {
                Some(came) if hidden => search.hidden(came, &member.value, how),
                Some(came) => search.node(came, &member.value, how),
                None if hidden => search.push(None, Some(Shown::Hidden)),
                None => search.found(None, Some(&member.value)),
            });
        }
        if how == Wanted::Part {
            return;
        }
        for member in &came {
            if find(&wanted, &member.key).is_none() {
                let hidden = hides || is_secret(&member.key);
                self.at(&member.key, |search| {
                    if hidden {
                        search.push(Some(Shown::Hidden), None);
                    } else {
                        search.found(Some(&member.value), None);
                    }
                });
            }
        }
    }

    /// Element by element; what both lists end with is left out, as one may be longer in the middle.
    fn list(&mut self, came: &[Node], wanted: &[Node]) {
        let mut ends = (came.len(), wanted.len());
        if came.len() != wanted.len() {
            let pairs = came.iter().rev().zip(wanted.iter().rev());
            let same = pairs
                .take_while(|(came, wanted)| came.equals(wanted))
                .count();
            // What both begin with is found anyway, and stays in place.
            let pairs = came.iter().zip(wanted);
            let begin = pairs
                .take_while(|(came, wanted)| came.equals(wanted))
                .count();
            let same = same.min(came.len().min(wanted.len()) - begin);
            ends = (came.len() - same, wanted.len() - same);
        }
        for at in 0..ends.0.max(ends.1) {
            let came = came[..ends.0].get(at);
            let wanted = wanted[..ends.1].get(at);
            self.at(&at.to_string(), |search| match (came, wanted) {
                (Some(came), Some(wanted)) => search.node(came, wanted, Wanted::Equal),
                (came, wanted) => search.found(came, wanted),
            });
        }
    }

    /// An element that must be contained in one of those that came, wherever that stands.
    fn element(&mut self, came: &[Node], at: usize, wanted: &Node) {
        let mut nearby = came.get(at).into_iter().chain(came);
        let contained = nearby.any(|came| came.contains_within(wanted, &mut self.steps));
        if !contained && self.steps > 0 {
            self.nearest_element(came, wanted, Wanted::Part);
        }
    }

    /// The differences of the element that has most in common with the wanted one.
    fn nearest_element(&mut self, came: &[Node], wanted: &Node, how: Wanted) {
        let mut nearest = (0, None);
        for (at, came) in came.iter().enumerate() {
            let common = self.common(came, wanted);
            if common > nearest.0 {
                nearest = (common, Some((at, came)));
            }
        }
        match nearest.1 {
            Some((at, came)) => self.at(&at.to_string(), |search| search.node(came, wanted, how)),
            None => self.at("-", |search| search.found(None, Some(wanted))),
        }
    }

    /// How much of two is the same; a text counts twice, as names and ids are texts.
    fn common(&mut self, came: &Node, wanted: &Node) -> usize {
        self.steps = self.steps.saturating_sub(1);
        if self.steps == 0 {
            return 0;
        }
        match (&came.value, &wanted.value) {
            (Value::Object(_), Value::Object(members)) => members
                .iter()
                .filter_map(|member| Some(self.common(came.get(&member.key)?, &member.value)))
                .sum(),
            (Value::Array(came), Value::Array(wanted)) => {
                let pairs = came.iter().zip(wanted);
                pairs.map(|(came, wanted)| self.common(came, wanted)).sum()
            }
            (Value::String(came), Value::String(wanted)) => 2 * usize::from(came == wanted),
            _ => usize::from(came.equals(wanted)),
        }
    }

    fn at(&mut self, key: &str, look: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer
            .push_str(&key.replace('~', "~0").replace('/', "~1"));
        look(self);
        self.pointer.truncate(length);
    }

    /// A value that is a secret: only whether it is right is told.
    fn hidden(&mut self, came: &Node, wanted: &Node, how: Wanted) {
        if !self.holds(came, wanted, how) {
            self.push(Some(Shown::Hidden), Some(Shown::Hidden));
        }
    }

    fn holds(&mut self, came: &Node, wanted: &Node, how: Wanted) -> bool {
        match how {
            Wanted::Part | Wanted::Element => came.contains_within(wanted, &mut self.steps),
            Wanted::Equal => came.equals(wanted),
        }
    }

    fn found(&mut self, came: Option<&Node>, expected: Option<&Node>) {
        if self.found.first.len() == DIFFERENCES_MAX {
            self.found.more += 1;
            return;
        }
        let show = |node: &Node| Shown::Text(shown::of_node(node));
        self.push(came.map(show), expected.map(show));
    }

    fn push(&mut self, came: Option<Shown>, expected: Option<Shown>) {
        if self.found.first.len() == DIFFERENCES_MAX {
            self.found.more += 1;
            return;
        }
        self.found.first.push(Difference {
            pointer: shown::bounded(&self.pointer),
            came,
            expected,
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::parse;

    fn lines(came: &str, wanted: &str, how: Wanted) -> Vec<String> {
        let node = |text: &str| parse(text.as_bytes()).unwrap();
        differences(&node(came), &node(wanted), how)
            .lines()
            .collect()
    }

    #[test]
    fn equal_values_are_compared_in_place() {
        for (came, wanted, expected) in [
            ("1", "2", &[][..]),
            (r#"{"a": 1}"#, r#"{"a": 1.0}"#, &[]),
            (
                r#"{"items": [{"qty": 1, "sku": "a"}], "x": 1}"#,
                r#"{"items": [{"qty": 2, "sku": "a"}], "y": null}"#,
                &[
                    "/items/0/qty: 1, expected 2",
                    "/y: missing, expected null",
                    "/x: 1, expected nothing",
                ],
            ),
            ("[1, 2, 3]", "[2, 3]", &["/0: 1, expected nothing"]),
            ("[2, 3]", "[2, 5, 3]", &["/1: missing, expected 5"]),
            ("[1, 1]", "[1]", &["/1: 1, expected nothing"]),
            (
                r#"{"a/b~c": 1}"#,
                r#"{"a/b~c": 2}"#,
                &["/a~1b~0c: 1, expected 2"],
            ),
            (r#"{"a": [1]}"#, r#"{"a": {}}"#, &["/a: [1], expected {}"]),
        ] {
            assert_eq!(
                lines(came, wanted, Wanted::Equal),
                expected,
                "{came} {wanted}"
            );
        }
    }

    #[test]
    fn a_part_is_sought_in_the_nearest_element() {
        for (came, wanted, expected) in [
            (r#"{"a": 1, "b": 2}"#, r#"{"a": 1}"#, &[][..]),
            (
                r#"{"items": [{"sku": "b", "qty": 9}, {"sku": "a", "qty": 1}]}"#,
                r#"{"items": [{"sku": "a", "qty": 2}]}"#,
                &["/items/1/qty: 1, expected 2"],
            ),
            (
                r#"{"a": [1, 2]}"#,
                r#"{"a": [2, 3]}"#,
                &["/a/-: missing, expected 3"],
            ),
            (
                r#"{"a": {"b": 1}}"#,
                r#"{"a": {"c": 1}}"#,
                &["/a/c: missing, expected 1"],
            ),
            (
                r#"[{"a": 1, "b": 2}, {"a": 3}]"#,
                r#"{"a": 1, "b": 3}"#,
                &["/0/b: 2, expected 3"],
            ),
        ] {
            assert_eq!(
                lines(came, wanted, Wanted::Element),
                expected,
                "{came} {wanted}"
            );
        }
    }

    #[test]
    fn secrets_are_told_apart_but_not_told() {
        for (came, wanted, expected) in [
            (
                r#"{"password": "HUNTER1"}"#,
                r#"{"password": "HUNTER2"}"#,
                "/password: ***, expected ***",
            ),
            (
                r#"{"login": {"token": {"a": "HUNTER1"}}}"#,
                r#"{"login": {"token": {"a": "HUNTER2"}}}"#,
                "/login/token: ***, expected ***",
            ),
            (r#"{"pin": 1}"#, "{}", "/pin: ***, expected nothing"),
            ("{}", r#"{"pin": 1}"#, "/pin: missing, expected ***"),
            (
                r#"{"name": "password", "value": "HUNTER1"}"#,
                r#"{"name": "password", "value": "HUNTER2"}"#,
                "/value: ***, expected ***",
            ),
            (
                r#"{"a": ["password", "HUNTER1"]}"#,
                r#"{"a": ["password", "HUNTER2"]}"#,
                "/a: ***, expected ***",
            ),
            (
                r#"{"a": "Bearer HUNTER1"}"#,
                r#"{"a": "Bearer HUNTER2"}"#,
                "/a: \"***\", expected \"***\"",
            ),
        ] {
            for how in [Wanted::Equal, Wanted::Part] {
                if how == Wanted::Equal || wanted != "{}" {
                    assert_eq!(lines(came, wanted, how), [expected], "{came} {how:?}");
                }
            }
        }
    }

    #[test]
    fn the_first_are_named_and_the_others_counted() {
        let list = |from: usize| {
            let numbers: Vec<_> = (from..from + 25).map(|n| n.to_string()).collect();
            format!("[{}]", numbers.join(","))
        };
        let said = lines(&list(0), &list(100), Wanted::Equal);
        assert_eq!(said.len(), DIFFERENCES_MAX + 1);
        assert_eq!(said.last().unwrap(), "and 15 more differences");
    }

    #[test]
    fn the_search_ends() {
        let list = |from: usize| {
            let numbers: Vec<_> = (from..from + 3000).map(|n| format!("[{n}]")).collect();
            format!("{{\"a\":[{}]}}", numbers.join(","))
        };
        let said = lines(&list(0), &list(3000), Wanted::Part);
        assert!(said.last().unwrap().contains("perhaps more"), "{said:?}");
    }

    fn json() -> impl Strategy<Value = Node> {
        let leaf = prop_oneof![
            Just(Node::from(Value::Null)),
            any::<bool>().prop_map(Node::from),
            (0i64..3).prop_map(Node::from),
            "[ab]".prop_map(Node::from),
        ];
        leaf.prop_recursive(3, 16, 3, |inner| {
            let member = ("[abc]", inner.clone()).prop_map(|(key, value)| Member {
                key,
                key_span: crate::json::Span::default(),
                value,
            });
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(|all| Value::Array(all).into()),
                prop::collection::vec(member, 0..4).prop_map(|all| Value::Object(all).into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn there_are_none_if_and_only_if_the_values_are_right(came in json(), wanted in json()) {
            for how in [Wanted::Equal, Wanted::Part] {
                let mut search = Search::new();
                search.node(&came, &wanted, how);
                let right = match how {
                    Wanted::Equal => came.equals(&wanted),
                    _ => came.contains(&wanted),
                };
                prop_assert_eq!(search.found.first.is_empty(), right, "{:?}", search.found);
            }
        }
    }
}
