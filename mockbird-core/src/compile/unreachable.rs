//! Mocks that can never answer are nearly always a slip: a warning says so (design section 4.1).

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use http::Method;

use crate::engine::Mock;
use crate::fault::{Faults, Place};
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

/// The first mock of each method and signature.
type First<'m> = HashMap<(&'m MethodPattern, Option<u64>), &'m Mock>;

/// Warns of each mock that an earlier one hides. The mocks are of one path shape, in the order in
/// which they answer.
pub(crate) fn warn_of_unreachable(mocks: &[&Arc<Mock>], faults: &mut Faults) {
    let mut first = First::new();
    for &mock in mocks {
        if let Some(earlier) = hidden_by(mock, &first) {
            faults.warn(
                &Place::ROOT.key("mocks").index(mock.index()),
                format!(
                    "`{}` can never answer: `{}` (mocks[{}]) always goes first",
                    mock.name(),
                    earlier.name(),
                    earlier.index()
                ),
                "change its path, method, conditions or priority, or delete it",
            );
        } else {
            first.entry((&mock.method, mock.signature)).or_insert(mock);
        }
    }
}

/// The earlier mock that answers whatever this one could, if there is one.
fn hidden_by<'m>(mock: &Mock, first: &First<'m>) -> Option<&'m Mock> {
    const GET: &MethodPattern = &MethodPattern::Exact(Method::GET);
    let methods = [&mock.method, &MethodPattern::Any, GET];
    let takers = methods.into_iter().flat_map(|method| {
        // One that answers always, or one that answers when this one would.
        [None, mock.signature].map(|signature| first.get(&(method, signature)))
    });
    let mut takers = takers.flatten().filter(|earlier| match &mock.method {
        // Of one priority, HEAD goes to its own mock before that of GET.
        MethodPattern::Exact(method) => {
            earlier.method == mock.method
                || (earlier.method.takes(method) && earlier.rank.priority > mock.rank.priority)
        }
        MethodPattern::Any => earlier.method == MethodPattern::Any,
    });
    takers.next().copied()
}
