//! Mocks that can never answer are nearly always a slip: a warning says so (design section 4.1).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, Hash, Hasher};

use http::Method;

use crate::engine::{Mock, Routed};
use crate::fault::{Faults, Place};
use crate::limits::UNREACHABLE_SHAPE_MAX;
use crate::router::Router;
use crate::spec::{self, MethodPattern};

/// A number that equal conditions share; `None` if the mock answers every request it matches.
pub(super) fn signature(spec: &spec::Mock) -> Option<u64> {
    let mut hasher = foldhash::quality::FixedState::default().build_hasher();
    let all = spec.responses.iter();
    for response in all.filter(|response| !spec.refuses_with(response)) {
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

/// Warns of each mock that another always goes before, in the order of the spec; gives their places.
pub(crate) fn warn_of_unreachable(router: &Router<Routed>, faults: &mut Faults) -> Vec<usize> {
    let mut hidden = Hidden::new();
    router.for_each_shape(|entries| by_one_of_its_shape(entries, &mut hidden));
    by_catch_alls(&router.entries(), &mut hidden);
    let list = Place::ROOT.key("mocks");
    for (mock, earlier) in hidden.values() {
        let (at, other) = (place_in_spec(mock), place_in_spec(earlier));
        let other = format!("`{}` (mocks[{other}])", earlier.name());
        warn_of_hidden(mock, &other, &list.index(at), faults);
    }
    hidden
        .values()
        .map(|(mock, _)| place_in_spec(mock))
        .collect()
}

/// A spec that is compiled gives its mocks their places as keys.
fn place_in_spec(mock: &Mock) -> usize {
    usize::try_from(mock.rank.key).unwrap_or(usize::MAX)
}

/// The same for those mocks only that some edits put in, or that these now go before. `edits` says by which
/// edit a mock came, by its key.
pub(crate) fn warn_of_unreachable_by(
    edits: &BTreeMap<u64, usize>,
    router: &Router<Routed>,
    faults: &mut Faults,
) -> Vec<usize> {
    let (mut hidden, mut related) = (Hidden::new(), Vec::new());
    let mut compared = BTreeSet::new();
    for mock in edits.keys().filter_map(|key| router.get(*key)) {
        // One look at a shape serves all that were put into it.
        if !compared.contains(&mock.rank.key) {
            let entries = router.of_shape(&mock.pattern, UNREACHABLE_SHAPE_MAX);
            by_one_of_its_shape(&entries, &mut hidden);
            compared.extend(entries.iter().map(|entry| entry.rank.key));
        }
        related.push(mock);
        router.for_each_catch_all(&mock.pattern, &mut |above| related.push(above));
        if takes_all_below(mock) && router.has_below(mock.rank.priority) {
            router.for_each_below(&mock.pattern, &mut |below| related.push(below));
        }
    }
    by_catch_alls(&related, &mut hidden);
    let edit = |mock: &Mock| edits.get(&mock.rank.key).copied();
    let mut told: Vec<_> = hidden
        .values()
        // If neither came by an edit, it was so before.
        .filter_map(|(mock, earlier)| {
            Some((edit(mock).or_else(|| edit(earlier))?, *mock, *earlier))
        })
        .collect();
    told.sort_by_key(|(at, ..)| *at);
    let list = Place::ROOT.key("edits");
    for &(at, mock, earlier) in &told {
        if edit(mock).is_some() {
            // Where the other stands, its host knows.
            warn_of_hidden(
                mock,
                &format!("`{}`", earlier.name()),
                &list.index(at),
                faults,
            );
        } else {
            warn_of_hiding(mock, earlier, &list.index(at), faults);
        }
    }
    let mut places: Vec<_> = told.into_iter().map(|(_, mock, _)| mock.index()).collect();
    places.sort_unstable();
    places
}

/// A mock that always goes before this one, if there is one: see [`warn_of_unreachable_by`].
pub(crate) fn hidden_behind<'m>(mock: &'m Routed, router: &'m Router<Routed>) -> Option<&'m Mock> {
    let (mut hidden, mut related) = (Hidden::new(), vec![mock]);
    by_one_of_its_shape(
        &router.of_shape(&mock.pattern, UNREACHABLE_SHAPE_MAX),
        &mut hidden,
    );
    router.for_each_catch_all(&mock.pattern, &mut |above| related.push(above));
    by_catch_alls(&related, &mut hidden);
    hidden.get(&turn(mock)).map(|(_, earlier)| *earlier)
}

fn warn_of_hidden(mock: &Mock, other: &str, place: &Place<'_>, faults: &mut Faults) {
    let name = mock.name();
    faults.warn(
        place,
        format!("`{name}` can never answer: {other} always goes first"),
        "change its path, method, conditions or priority, or delete it",
    );
}

fn warn_of_hiding(mock: &Mock, earlier: &Mock, place: &Place<'_>, faults: &mut Faults) {
    let (name, other) = (mock.name(), earlier.name());
    faults.warn(
        place,
        format!("`{name}` can never answer any more: `{other}` always goes first"),
        "change the path, method, conditions or priority of one of them, or delete the other",
    );
}

/// The mocks that can never answer, in the order of the spec, each with one that always goes first.
type Hidden<'m> = BTreeMap<(i64, u64), (&'m Mock, &'m Mock)>;

/// The place of a mock among the hidden ones.
fn turn(mock: &Mock) -> (i64, u64) {
    (mock.rank.order, mock.rank.key)
}

/// The first mock of each method and signature.
type First<'m> = HashMap<(&'m MethodPattern, Option<u64>), &'m Mock>;

/// Finds those behind one of the same shape. The mocks are of one shape, in the order in which they answer.
fn by_one_of_its_shape<'m>(mocks: &[&'m Routed], hidden: &mut Hidden<'m>) {
    let mut first = First::new();
    for &mock in mocks {
        if let Some(earlier) = hidden_by(mock, &first) {
            hidden.insert(turn(mock), (mock, earlier));
        } else {
            first.entry((&mock.method, mock.signature)).or_insert(mock);
        }
    }
}

/// Finds those behind a mock that takes all below a static path and has a higher priority.
fn by_catch_alls<'m>(mocks: &[&'m Routed], hidden: &mut Hidden<'m>) {
    let mut catch_alls: HashMap<Vec<&[u8]>, Vec<&'m Mock>> = HashMap::new();
    for &mock in mocks {
        if takes_all_below(mock) {
            let same = catch_alls.entry(mock.pattern.static_prefix()).or_default();
            // One is enough: the highest of each method.
            match same.iter_mut().find(|known| known.method == mock.method) {
                Some(known) if known.rank.priority < mock.rank.priority => *known = mock,
                Some(_) => {}
                None => same.push(mock),
            }
        }
    }
    if catch_alls.is_empty() {
        return;
    }
    for &mock in mocks {
        let texts = mock.pattern.static_prefix();
        let mut lengths = (0..=texts.len()).filter(|len| mock.pattern.is_full_at(*len));
        let earlier = lengths.find_map(|len| {
            let of_prefix = catch_alls.get(&texts[..len])?;
            of_prefix.iter().find(|earlier| {
                earlier.rank.priority > mock.rank.priority
                    && takes_all(&earlier.method, &mock.method)
            })
        });
        if let Some(earlier) = earlier {
            hidden.entry(turn(mock)).or_insert((mock, earlier));
        }
    }
}

/// True if it answers whatever comes below a static path.
fn takes_all_below(mock: &Mock) -> bool {
    mock.signature.is_none() && mock.pattern.is_catch_all()
}

/// True if a mock of one method gets all that one of the other would, if its priority is higher.
fn takes_all(earlier: &MethodPattern, later: &MethodPattern) -> bool {
    match later {
        MethodPattern::Any => *earlier == MethodPattern::Any,
        // A preflight goes past `ANY`.
        MethodPattern::Exact(Method::OPTIONS) => earlier == later,
        MethodPattern::Exact(method) => earlier.takes(method),
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
        later if earlier.method == *later => true,
        later => earlier.rank.priority > mock.rank.priority && takes_all(&earlier.method, later),
    });
    takers.next().copied()
}
