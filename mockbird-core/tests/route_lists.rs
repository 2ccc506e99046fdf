//! Routes of real APIs: all load, and each is found by its own path.
//!
//! The lists lie beside the repository; without them the test says so and passes.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it skips"
)]

use std::collections::HashMap;
use std::path::PathBuf;

use http::Method;
use mockbird_core::router::{Discriminate, Discriminator, Entry, Pattern, Router};
use mockbird_core::spec::MethodPattern;

#[derive(Clone)]
struct Nothing;

impl Discriminate for Nothing {
    type Probe = ();

    fn discriminator(&self) -> Option<Discriminator<'_, ()>> {
        None
    }
}

fn folder() -> PathBuf {
    let beside = || concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared").into();
    let shared = std::env::var_os("MOCKBIRD_SHARED").map_or_else(beside, PathBuf::from);
    shared.join("data/routes")
}

/// A path for a template: each parameter becomes a text of its own.
fn concrete(template: &str) -> String {
    let mut path = String::new();
    let mut rest = template;
    while let Some((text, tail)) = rest.split_once('{') {
        let (name, tail) = tail.split_once('}').unwrap_or((tail, ""));
        path += text;
        path += "val-";
        path += name;
        rest = tail;
    }
    path + rest
}

/// Loads a list and gives how many routes it has; the refused ones are printed.
fn check(name: &str, text: &str) -> usize {
    let mut entries = Vec::new();
    for (key, line) in (0..).zip(text.lines()) {
        let (method, path) = line.split_once(' ').unwrap();
        match Pattern::parse(path) {
            Ok(pattern) => entries.push(Entry {
                pattern,
                method: MethodPattern::Exact(method.parse::<Method>().unwrap()),
                priority: 0,
                order: key,
                key: key.cast_unsigned(),
                value: Nothing,
            }),
            Err(error) => println!("{name}: {path}: refused: {error}"),
        }
    }
    let router = Router::new(entries.clone());
    assert_eq!(router.len(), entries.len());
    // What answers the same paths alone, and first: the judge of what answers among all.
    let mut shapes: HashMap<String, (Router<Nothing>, Vec<&Entry<Nothing>>)> = HashMap::new();
    for entry in &entries {
        let key = format!("{:?} {}", entry.method, entry.pattern.shape());
        let shape = shapes
            .entry(key)
            .or_insert_with(|| (Router::new([entry.clone()]), Vec::new()));
        shape.1.push(entry);
    }
    for (alone, entries) in shapes.values() {
        let (first, MethodPattern::Exact(method)) = (entries[0], &entries[0].method) else {
            continue;
        };
        let path = concrete(first.pattern.as_str());
        let key = |router: &Router<Nothing>| {
            router.find(method, &path, |(), _| {}, |found| Some(found.entry.key))
        };
        assert_eq!(key(alone), Some(first.key), "{name}: {first} by {path}");
        let mut all = Vec::new();
        router.find(
            method,
            &path,
            |(), _| {},
            |found| {
                all.push(found.entry.key);
                None::<()>
            },
        );
        let place = all.iter().position(|key| *key == first.key);
        let place = place.unwrap_or_else(|| panic!("{name}: {first} is not found by {path}"));
        let shape = first.pattern.shape();
        // Whatever goes before it is of another shape; of its own, the first answers.
        for key in &all[..place] {
            let other = router.get(*key).unwrap();
            assert_ne!(
                other.pattern.shape(),
                shape,
                "{name}: {other} before {first}"
            );
            assert!(
                is_as_specific(other.pattern.as_str(), first.pattern.as_str()),
                "{other} before {first}"
            );
        }
        let followers = &all[place..place + entries.len()];
        assert!(
            followers.iter().eq(entries.iter().map(|entry| &entry.key)),
            "{name}: {first}"
        );
    }
    entries.len()
}

/// Whether nothing speaks for `b` before `a`, by a crude reading of the templates.
fn is_as_specific(a: &str, b: &str) -> bool {
    let class = |segment: &str| match segment.find('{') {
        None => 0,
        Some(0) if segment.ends_with('}') && segment.matches('{').count() == 1 => 2,
        Some(_) => 1,
    };
    a.split('/').map(class).le(b.split('/').map(class))
}

#[test]
fn real_routes_are_found_by_their_own_paths() {
    let names = [
        "github",
        "stripe",
        "kubernetes",
        "odd-templates",
        "merged-10k-flat",
        "merged-10k-prefixed",
    ];
    let mut loaded = HashMap::new();
    for name in names {
        let path = folder().join(format!("{name}.txt"));
        let Ok(text) = std::fs::read_to_string(&path) else {
            println!("skipped: {} is not there", path.display());
            continue;
        };
        loaded.insert(name, check(name, &text));
    }
    println!("routes: {loaded:?}");
    if let Some(&count) = loaded.get("merged-10k-prefixed") {
        assert!(count > 10_000, "{count}");
    }
}
