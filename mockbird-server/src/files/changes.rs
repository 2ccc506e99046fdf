//! What an edit did: the mocks that are new, changed or gone.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

use mockbird_core::spec::{Mock, Spec};

/// A spec as it was, by two numbers a mock.
#[derive(Debug)]
pub struct Fingerprint {
    hasher: RandomState,
    /// Which mock it is (name, method and path), and all that it says.
    mocks: Vec<(u64, u64)>,
}

/// The differences of two versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    added: usize,
    changed: usize,
    removed: usize,
}

impl Fingerprint {
    /// The mocks of `spec`.
    pub fn of(spec: &Spec) -> Self {
        let hasher = RandomState::new();
        let mocks = spec
            .mocks
            .iter()
            .map(|mock| prints(&hasher, mock))
            .collect();
        Self { hasher, mocks }
    }

    /// What `spec` has that this had not, and the other way round.
    pub fn changes_to(&self, spec: &Spec) -> Changes {
        let mut before: HashMap<u64, Vec<u64>> = HashMap::new();
        for (identity, content) in &self.mocks {
            before.entry(*identity).or_default().push(*content);
        }
        let mut changes = Changes::default();
        for mock in &spec.mocks {
            let (identity, content) = prints(&self.hasher, mock);
            let Some(contents) = before.get_mut(&identity).filter(|all| !all.is_empty()) else {
                changes.added += 1;
                continue;
            };
            let same = contents.iter().position(|c| *c == content);
            changes.changed += usize::from(same.is_none());
            contents.swap_remove(same.unwrap_or(0));
        }
        changes.removed = before.values().map(Vec::len).sum();
        changes
    }
}

fn prints(hasher: &RandomState, mock: &Mock) -> (u64, u64) {
    let method = mock.method.clone().unwrap_or_default();
    let identity = hasher.hash_one((&mock.name, method.as_str(), &mock.path));
    (identity, hasher.hash_one(mock.to_node().to_string()))
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [
            (self.added, "added"),
            (self.changed, "changed"),
            (self.removed, "removed"),
        ];
        let mut separator = "";
        for (count, what) in all.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, "{separator}{count} {what}")?;
            separator = ", ";
        }
        if separator.is_empty() {
            f.write_str("no mock differs")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mockbird_core::spec::{Format, read};

    fn spec(mocks: &[(&str, &str)]) -> Spec {
        let mocks: Vec<_> = mocks
            .iter()
            .map(|(path, body)| {
                format!(r#"{{"path": "{path}", "responses": [{{"body": "{body}"}}]}}"#)
            })
            .collect();
        let text = format!(r#"{{"name": "n", "mocks": [{}]}}"#, mocks.join(","));
        read(&text, Format::Json).unwrap().decode().0.unwrap()
    }

    #[test]
    fn mocks_are_told_apart_by_method_and_path() {
        let before = Fingerprint::of(&spec(&[("/a", "1"), ("/b", "1"), ("/b", "2"), ("/c", "1")]));
        let to = |mocks: &[(&str, &str)]| before.changes_to(&spec(mocks)).to_string();
        assert_eq!(
            to(&[("/c", "1"), ("/b", "2"), ("/b", "1"), ("/a", "1")]),
            "no mock differs"
        );
        assert_eq!(
            to(&[("/a", "9"), ("/b", "1"), ("/b", "2"), ("/c", "1")]),
            "1 changed"
        );
        assert_eq!(
            to(&[("/a", "1"), ("/b", "2"), ("/d", "1")]),
            "1 added, 2 removed"
        );
    }
}
