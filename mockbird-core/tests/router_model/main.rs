//! The router against a linear scan written from the definition alone: no trie, no index, no
//! cleverness, every candidate in full order.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod arbitrary;
mod model;

use std::cmp::Reverse;

use http::Method;
use mockbird_core::router::{Edit, Nearness, Pattern, Rank, Router};
use mockbird_core::spec::MethodPattern;
use proptest::prelude::*;

use arbitrary::{entries_and_requests, plain_routes};
use model::{Found, Request, Routed, bytes, lossy, nearest, scan, template};

/// All candidates of the router; `texts` is what each probe finds in the request.
fn candidates(router: &Router<Routed>, method: &Method, path: &str, texts: &[String]) -> Found {
    let mut found = Vec::new();
    let resolve = |_: &u8, each: &mut dyn FnMut(&str)| texts.iter().for_each(|text| each(text));
    router.find(method, path, resolve, |candidate| {
        let captures = candidate.captures();
        let captures = captures.as_slice().iter().map(|raw| lossy(&bytes(raw)));
        found.push((candidate.entry.rank.key, captures.collect()));
        None::<()>
    });
    found
}

/// Checks all that can be said of one request.
fn check(entries: &[Routed], router: &Router<Routed>, request: &Request) {
    let (method, path) = (&request.method, &request.path);
    let all = scan(entries, method, path);
    let found = candidates(router, method, path, &request.texts);
    // What needs a text that is not there may be left out; nothing else may, nor be moved.
    let may_answer = |(key, _): &&(u64, Vec<String>)| {
        let needs = entries.iter().find(|entry| entry.rank.key == *key);
        let needs = needs.and_then(|entry| entry.needs.as_ref());
        needs.is_none_or(|(_, key)| request.texts.contains(key))
    };
    let mut rest = all.iter();
    assert!(
        found.iter().all(|one| rest.any(|other| other == one)),
        "{found:?} within {all:?}"
    );
    let wanted: Vec<_> = all.iter().filter(may_answer).collect();
    assert_eq!(found.iter().filter(may_answer).collect::<Vec<_>>(), wanted);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn finds_what_a_linear_scan_finds((entries, requests) in entries_and_requests()) {
        let router = Router::new(entries.clone());
        prop_assert_eq!(router.len(), entries.len());
        for request in &requests {
            check(&entries, &router, request);
        }
    }

    #[test]
    fn edits_make_what_building_makes(
        (entries, requests) in entries_and_requests(),
        edits in proptest::collection::vec((any::<bool>(), 0..48_usize, 0..48_usize), 0..60),
        batch in 1..7_usize,
    ) {
        let mut model: Vec<Routed> = Vec::new();
        let mut router = Router::default();
        for chunk in edits.chunks(batch) {
            let (old_model, old) = (model.clone(), router.clone());
            let mut changes = Vec::new();
            for &(put, from, key) in chunk {
                let key = key as u64;
                model.retain(|entry| entry.rank.key != key);
                match entries.get(from).filter(|_| put) {
                    Some(entry) => {
                        let mut entry = entry.clone();
                        entry.rank.key = key;
                        model.push(entry.clone());
                        changes.push(Edit::Put(entry));
                    }
                    None => changes.push(Edit::Remove(key)),
                }
            }
            router = router.with(changes);
            prop_assert_eq!(router.len(), model.len());
            for request in &requests {
                check(&model, &router, request);
                check(&old_model, &old, request);
            }
        }
        let all = router.entries();
        prop_assert!(all.is_sorted_by_key(|entry| (entry.rank.order, entry.rank.key)));
        prop_assert_eq!(all.len(), model.len());
        let empty = router.with(model.iter().map(|entry| Edit::Remove(entry.rank.key)));
        prop_assert!(empty.is_empty());
        let mut leaves = 0;
        empty.for_each_shape(|_| leaves += 1);
        prop_assert_eq!(leaves, 0);
    }

    #[test]
    fn near_misses_are_the_nearest((entries, requests) in entries_and_requests(), limit in 0..5_usize) {
        let mut entries = entries;
        for entry in &mut entries {
            entry.rank.order = 100 - entry.rank.key.cast_signed();
        }
        let uniform = entries.iter().all(|entry| entry.rank.priority == entries[0].rank.priority);
        let router = Router::new(entries.clone());
        for request in &requests {
            let near = router.near(&request.method, &request.path, limit);
            let near = near.iter().map(|near| (near.nearness, near.common, near.entry.rank.key));
            let nearest = nearest(&entries, request, limit);
            // Of one shape, the higher priority is looked at first, so that others may be left out.
            let key = |near: (Nearness, usize, u64)| (near.0, near.1, uniform.then_some(near.2));
            let nearest = nearest.into_iter().map(key).collect::<Vec<_>>();
            prop_assert_eq!(near.map(key).collect::<Vec<_>>(), nearest);
        }
    }

    #[test]
    fn shapes_hold_every_entry_once((entries, _) in entries_and_requests()) {
        let router = Router::new(entries.clone());
        let mut keys = Vec::new();
        let mut shapes = Vec::new();
        router.for_each_shape(|shape| {
            shapes.push(shape[0].pattern.shape().to_string());
            for (one, next) in shape.iter().zip(&shape[1..]) {
                assert_eq!(one.pattern.shape(), next.pattern.shape());
                let rank = |entry: &Routed| {
                    let any = entry.method == MethodPattern::Any;
                    (Reverse(entry.rank.priority), any, entry.rank.order, entry.rank.key)
                };
                assert!(rank(one) < rank(next));
            }
            keys.extend(shape.iter().map(|entry| entry.rank.key));
        });
        keys.sort_unstable();
        prop_assert_eq!(keys, (0..entries.len() as u64).collect::<Vec<_>>());
        let count = shapes.len();
        shapes.sort_unstable();
        shapes.dedup();
        prop_assert_eq!(shapes.len(), count);
    }
}

proptest! {
    #[test]
    fn agrees_with_matchit(
        routes in plain_routes(),
        paths in proptest::collection::vec("(/(a|b|c|users|long-segment)){1,5}", 20),
    ) {
        let mut matchit = matchit::Router::new();
        let accepted = (0_u64..)
            .zip(routes)
            .filter(|(key, route)| matchit.insert(template(route), *key).is_ok());
        let entries = accepted.map(|(key, route)| Routed {
            pattern: Pattern::parse(&template(&route)).unwrap(),
            method: MethodPattern::Any,
            rank: Rank {
                priority: 0,
                order: 0,
                key,
            },
            route,
            needs: None,
        });
        let router = Router::new(entries);
        for path in &paths {
            let found = candidates(&router, &Method::GET, path, &[]);
            let expected = matchit.at(path).ok().map(|found| {
                let params = found.params.iter().map(|(_, text)| text.to_owned());
                (*found.value, params.collect())
            });
            prop_assert_eq!(found.first(), expected.as_ref());
        }
    }
}
