//! Mocks that can never answer are nearly always a slip: a warning says so (design section 4.1).

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use crate::engine::Mock;
use crate::fault::{Faults, Place};
use crate::router::Entry;
use crate::spec::{self, MethodPattern};

/// A number that equal conditions share; `None` if the mock answers every request it matches.
pub(super) fn signature(spec: &spec::Mock) -> Option<u64> {
    let mut hasher = foldhash::quality::FixedState::default().build_hasher();
    for response in &spec.responses {
        if response.conditions.is_empty() || response.is_default == Some(true) {
            return None;
        }
        for condition in &response.conditions {
            condition.to_node().to_string().hash(&mut hasher);
        }
        // Ends the list, so that two responses differ from one with both their conditions.
        0xFFu8.hash(&mut hasher);
    }
    Some(hasher.finish())
}

/// Warns of each mock that an earlier one hides. The entries are of one path shape, in the order in
/// which they answer.
pub(crate) fn warn_of_unreachable(entries: &[&Arc<Entry<Arc<Mock>>>], faults: &mut Faults) {
    let mut always: Vec<&Mock> = Vec::new();
    let mut seen: HashMap<(&str, u64), &Mock> = HashMap::new();
    for mock in entries.iter().map(|entry| &*entry.value) {
        let covers = |earlier: &&&Mock| {
            matches!(earlier.method, MethodPattern::Any) || earlier.method == mock.method
        };
        let hidden_by = always.iter().find(covers).copied().or_else(|| {
            let key = (mock.method.as_str(), mock.signature?);
            Some(*seen.entry(key).or_insert(mock)).filter(|earlier| !std::ptr::eq(*earlier, mock))
        });
        if let Some(earlier) = hidden_by {
            let (list, index) = (Place::ROOT.key("mocks"), mock.index());
            faults.warn(
                &list.index(index),
                format!(
                    "`{}` can never answer: `{}` (mocks[{}]) always goes first",
                    mock.name(),
                    earlier.name(),
                    earlier.index()
                ),
                "change its path, method, conditions or priority, or delete it",
            );
        } else if mock.signature.is_none()
            && !always.iter().any(|earlier| earlier.method == mock.method)
        {
            always.push(mock);
        }
    }
}
