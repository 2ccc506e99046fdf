//! The router against a linear scan written from the definition alone: no trie, no index, no
//! cleverness, every candidate in full order.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

use http::Method;
use mockbird_core::router::{Discriminator, Edit, Entry, Nearness, Pattern, Rank, Router};
use mockbird_core::spec::MethodPattern;
use proptest::prelude::*;
use proptest::sample::select;
use regex::Regex;

/// A segment as the model knows it. The variants stand in order of specificity.
#[derive(Clone, Debug, PartialEq)]
enum Segment {
    Static(String),
    Mixed(Vec<Piece>),
    Constrained(&'static str),
    Param,
    Star,
    Rest,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    Param(Option<&'static str>),
}

/// A route with all that ranks it.
#[derive(Clone, Debug)]
struct Routed {
    route: Vec<Segment>,
    pattern: Pattern,
    method: MethodPattern,
    rank: Rank,
    /// What it needs of the request, if anything: `(probe, key)`.
    needs: Option<(u8, String)>,
}

impl Entry for Routed {
    type Probe = u8;

    fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    fn method(&self) -> &MethodPattern {
        &self.method
    }

    fn rank(&self) -> Rank {
        self.rank
    }

    fn discriminator(&self) -> Option<Discriminator<'_, u8>> {
        let (probe, key) = self.needs.as_ref()?;
        Some(Discriminator { probe, key })
    }
}

/// The template of a route; parameters are named in turn.
fn template(route: &[Segment]) -> String {
    let mut names = (0..).map(|n| format!("p{n}"));
    let mut name = || names.next().unwrap_or_default();
    let segments = route.iter().map(|segment| match segment {
        Segment::Static(text) => escaped(text),
        Segment::Mixed(pieces) => pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => escaped(text),
                Piece::Param(None) => format!("{{{}}}", name()),
                Piece::Param(Some(regex)) => format!("{{{}:{regex}}}", name()),
            })
            .collect(),
        Segment::Constrained(regex) => format!("{{{}:{regex}}}", name()),
        Segment::Param => format!("{{{}}}", name()),
        Segment::Star => "*".to_owned(),
        Segment::Rest => format!("{{*{}}}", name()),
    });
    segments.fold(String::new(), |path, segment| path + "/" + &segment)
}

/// Escapes what means something in a template, and some that does not.
fn escaped(text: &str) -> String {
    text.replace('%', "%25")
        .replace('{', "%7B")
        .replace('*', "%2A")
        .replace('é', "%C3%A9")
}

/// Decodes escapes once; malformed ones stay.
fn bytes(raw: &str) -> Vec<u8> {
    let raw = raw.as_bytes();
    let mut bytes = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        let hex = raw
            .get(at + 1..at + 3)
            .and_then(|hex| std::str::from_utf8(hex).ok());
        let hex = hex.filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if raw[at] == b'%' => {
                bytes.push(byte);
                at += 3;
            }
            _ => {
                bytes.push(raw[at]);
                at += 1;
            }
        }
    }
    bytes
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The decoded captures of a route, if it matches.
fn matched(route: &[Segment], path: &str) -> Option<Vec<String>> {
    let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let open = route.last() == Some(&Segment::Rest);
    if parts.len() < route.len() || (!open && parts.len() > route.len()) {
        return None;
    }
    let mut captures = Vec::new();
    for (at, (segment, raw)) in route.iter().zip(&parts).enumerate() {
        let bytes = bytes(raw);
        let text = lossy(&bytes);
        let exact = std::str::from_utf8(&bytes).is_ok();
        if *segment == Segment::Rest {
            captures.push(lossy(&self::bytes(&parts[at..].join("/"))));
        }
        match segment {
            Segment::Static(wanted) => (exact && *wanted == text).then_some(())?,
            Segment::Mixed(pieces) => {
                // U+FFFD stands for what it replaced, so here it matches nothing.
                (exact || !pieces.contains(&Piece::Text("\u{FFFD}".to_owned()))).then_some(())?;
                captures.extend(split(pieces, &bytes)?);
            }
            Segment::Constrained(regex) => {
                (!text.is_empty() && anchored(regex, &text)).then_some(())?;
                captures.push(text);
            }
            Segment::Param => {
                (!text.is_empty()).then_some(())?;
                captures.push(text);
            }
            Segment::Star | Segment::Rest => (!text.is_empty()).then_some(())?,
        }
    }
    Some(captures)
}

/// Whether the regex matches all of the text.
fn anchored(regex: &'static str, text: &str) -> bool {
    thread_local! {
        static COMPILED: RefCell<HashMap<&'static str, Regex>> = RefCell::default();
    }
    COMPILED.with_borrow_mut(|compiled| {
        let new = || Regex::new(&format!("^(?:{regex})$")).unwrap();
        compiled.entry(regex).or_insert_with(new).is_match(text)
    })
}

/// The first of all splits, the earlier parameters as short as they can be.
fn split(pieces: &[Piece], bytes: &[u8]) -> Option<Vec<String>> {
    let Some((piece, rest)) = pieces.split_first() else {
        return bytes.is_empty().then(Vec::new);
    };
    match piece {
        Piece::Text(text) => split(rest, bytes.strip_prefix(text.as_bytes())?),
        Piece::Param(regex) => (1..=bytes.len()).find_map(|end| {
            let text = lossy(&bytes[..end]);
            if let Some(regex) = regex {
                anchored(regex, &text).then_some(())?;
            }
            let mut captures = split(rest, &bytes[end..])?;
            captures.insert(0, text);
            Some(captures)
        }),
    }
}

fn class(segment: &Segment) -> u8 {
    match segment {
        Segment::Static(_) => 0,
        Segment::Mixed(_) => 1,
        Segment::Constrained(_) => 2,
        Segment::Param => 3,
        Segment::Star => 4,
        Segment::Rest => 5,
    }
}

fn method_class(wanted: &MethodPattern, method: &Method) -> Option<u8> {
    match wanted {
        MethodPattern::Exact(wanted) if wanted == method => Some(0),
        MethodPattern::Exact(wanted) if wanted == Method::GET && method == Method::HEAD => Some(1),
        MethodPattern::Exact(_) => None,
        MethodPattern::Any => Some(2),
    }
}

/// The order among entries that match one path.
fn compare(a: &Routed, b: &Routed, method: &Method) -> Ordering {
    let classes = |entry: &Routed| entry.route.iter().map(class).collect::<Vec<_>>();
    let key = |entry: &Routed| {
        let method = method_class(&entry.method, method);
        (
            Reverse(entry.rank.priority),
            classes(entry),
            method,
            entry.rank.order,
            entry.rank.key,
        )
    };
    key(a).cmp(&key(b))
}

fn other_form(path: &str) -> Option<String> {
    match path {
        "/" | "//" => None,
        _ => Some(
            path.strip_suffix('/')
                .map_or_else(|| format!("{path}/"), str::to_owned),
        ),
    }
}

/// The form of the path that is looked at.
fn form(entries: &[Routed], path: &str) -> String {
    let any = |path: &str| {
        entries
            .iter()
            .any(|entry| matched(&entry.route, path).is_some())
    };
    let other = other_form(path).filter(|other| !any(path) && any(other));
    other.unwrap_or_else(|| path.to_owned())
}

type Found = Vec<(u64, Vec<String>)>;

fn scan(entries: &[Routed], method: &Method, path: &str) -> Found {
    let path = form(entries, path);
    let mut found: Vec<_> = entries
        .iter()
        .filter(|entry| method_class(&entry.method, method).is_some())
        .filter_map(|entry| Some((entry, matched(&entry.route, &path)?)))
        .collect();
    found.sort_by(|(a, _), (b, _)| compare(a, b, method));
    found
        .into_iter()
        .map(|(entry, captures)| (entry.rank.key, captures))
        .collect()
}

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

#[derive(Clone, Debug)]
struct Request {
    method: Method,
    path: String,
    texts: Vec<String>,
}

fn text() -> impl Strategy<Value = String> {
    select(vec![
        "a",
        "b",
        "ab",
        "a-b",
        "a.b",
        "long-segment",
        "long-segmenu",
        "é",
        "\u{FFFD}",
        "%",
        "{",
        "*",
    ])
    .prop_map(str::to_owned)
}

fn piece_text() -> impl Strategy<Value = String> {
    select(vec!["a", "b", "-", ".", "ab", "é", "\u{FFFD}"]).prop_map(str::to_owned)
}

fn mixed() -> impl Strategy<Value = Segment> {
    let param = select(vec![None, None, None, Some("[ab]+"), Some("[^b]{1,3}")]);
    let pairs = proptest::collection::vec((piece_text(), param), 1..3);
    (pairs, proptest::option::of(piece_text()), any::<bool>()).prop_map(|(pairs, end, bare)| {
        let pairs = pairs.into_iter();
        let mut pieces: Vec<_> = pairs
            .flat_map(|(text, param)| [Piece::Text(text), Piece::Param(param)])
            .collect();
        if bare && (end.is_some() || pieces.len() > 2) {
            pieces.remove(0);
        }
        pieces.extend(end.map(Piece::Text));
        Segment::Mixed(pieces)
    })
}

fn segment() -> impl Strategy<Value = Segment> {
    prop_oneof![
        4 => text().prop_map(Segment::Static),
        1 => Just(Segment::Static(String::new())),
        2 => mixed(),
        1 => select(vec!["[a-z]+", "a|ab", ".+", "[^/]{2}"]).prop_map(Segment::Constrained),
        2 => Just(Segment::Param),
        1 => Just(Segment::Star),
    ]
}

fn route() -> impl Strategy<Value = Vec<Segment>> {
    let segments = proptest::collection::vec(segment(), 1..4);
    (segments, proptest::bool::weighted(0.15)).prop_map(|(mut segments, open)| {
        if open {
            segments.push(Segment::Rest);
        }
        segments
    })
}

fn method() -> impl Strategy<Value = Method> {
    select(vec![Method::GET, Method::GET, Method::HEAD, Method::POST])
}

fn method_pattern() -> impl Strategy<Value = MethodPattern> {
    prop_oneof![
        Just(MethodPattern::Any),
        method().prop_map(MethodPattern::Exact)
    ]
}

fn key_text() -> impl Strategy<Value = String> {
    select(vec!["k1", "k2", "k3", "a-longer-key"]).prop_map(str::to_owned)
}

fn entry(
    route: impl Strategy<Value = Vec<Segment>>,
    priority: impl Strategy<Value = i32>,
) -> impl Strategy<Value = Routed> {
    let needs = proptest::option::of((0..2_u8, key_text()));
    (route, method_pattern(), priority, -3..9_i64, needs).prop_map(
        |(route, method, priority, order, needs)| Routed {
            pattern: Pattern::parse(&template(&route)).unwrap(),
            method,
            rank: Rank {
                priority,
                order,
                key: 0,
            },
            route,
            needs,
        },
    )
}

/// Entries with distinct keys: many shapes, or many entries of a few.
fn entries() -> impl Strategy<Value = Vec<Routed>> {
    let entries = (any::<bool>(), any::<bool>()).prop_flat_map(|(flat, crowded)| {
        let priority = select(if flat { vec![0] } else { vec![0, 0, 0, 1, -1] });
        let routes = if crowded {
            proptest::collection::vec(route(), 1..4)
                .prop_flat_map(select)
                .boxed()
        } else {
            route().boxed()
        };
        proptest::collection::vec(entry(routes, priority), 0..40)
    });
    entries.prop_map(|mut entries| {
        for (key, entry) in (0..).zip(&mut entries) {
            entry.rank.key = key;
        }
        entries
    })
}

fn raw_segment() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => text().prop_map(|text| text.replace('%', "%25")),
        2 => Just(String::new()),
        8 => proptest::collection::vec(
            select(vec!["a", "b", "-", ".", "é", "%61", "%2D", "%2F", "%FF", "%C3", "%A9", "%", "%4", "\u{FFFD}"]),
            1..6
        )
        .prop_map(|parts| parts.concat()),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    let segments = proptest::collection::vec(raw_segment(), 1..5);
    (
        method(),
        segments,
        proptest::collection::vec(key_text(), 0..3),
    )
        .prop_map(|(method, segments, texts)| Request {
            method,
            path: segments
                .iter()
                .fold(String::new(), |path, segment| path + "/" + segment),
            texts,
        })
}

/// Requests, of which some are made to hit one of the entries.
fn requests(entries: &[Routed]) -> impl Strategy<Value = Vec<Request>> + use<> {
    let routes: Vec<_> = entries.iter().map(|entry| entry.route.clone()).collect();
    let hit = (
        request(),
        proptest::collection::vec(raw_segment(), 5),
        any::<prop::sample::Index>(),
    )
        .prop_map(move |(request, fill, index)| {
            if routes.is_empty() {
                return request;
            }
            let segments =
                index
                    .get(&routes)
                    .iter()
                    .zip(fill)
                    .map(|(segment, fill)| match segment {
                        Segment::Static(text) => text.replace('%', "%25"),
                        Segment::Mixed(pieces) => pieces
                            .iter()
                            .map(|piece| match piece {
                                Piece::Text(text) => text.clone(),
                                Piece::Param(_) => "a".to_owned() + &fill,
                            })
                            .collect(),
                        Segment::Constrained(_) => "ab".to_owned(),
                        Segment::Param | Segment::Star | Segment::Rest => fill,
                    });
            let path = segments.fold(String::new(), |path, segment| path + "/" + &segment);
            Request { path, ..request }
        });
    proptest::collection::vec(prop_oneof![1 => request(), 3 => hit], 8)
}

fn entries_and_requests() -> impl Strategy<Value = (Vec<Routed>, Vec<Request>)> {
    entries().prop_flat_map(|entries| {
        let requests = requests(&entries);
        (Just(entries), requests)
    })
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

fn nearest(entries: &[Routed], request: &Request, limit: usize) -> Vec<(Nearness, usize, u64)> {
    let path = form(entries, &request.path);
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let mut near: Vec<_> = entries
        .iter()
        .filter_map(|entry| {
            let route = &entry.route;
            let common = route.iter().zip(&parts).filter(|(segment, raw)| {
                matches!(segment, Segment::Static(text) if *text.as_bytes() == *bytes(raw))
            });
            let common = common.count();
            let open = route.last() == Some(&Segment::Rest);
            let fits = parts.len() == route.len() || (open && parts.len() > route.len());
            let right = method_class(&entry.method, &request.method).is_some();
            let nearness = match matched(route, &path) {
                Some(_) if right => Nearness::Conditions,
                Some(_) => Nearness::Method,
                None => (fits && common > 0).then_some(Nearness::Path)?,
            };
            Some((nearness, Reverse(common), entry.rank.order, entry.rank.key))
        })
        .collect();
    near.sort_unstable();
    near.truncate(limit);
    near.into_iter()
        .map(|(nearness, Reverse(common), _, key)| (nearness, common, key))
        .collect()
}

/// Routes that matchit can express, too.
fn plain_routes() -> impl Strategy<Value = Vec<Vec<Segment>>> {
    let segment = prop_oneof![
        3 => select(vec!["a", "b", "users", "long-segment"])
            .prop_map(|text| Segment::Static(text.to_owned())),
        1 => Just(Segment::Param),
    ];
    let segments = proptest::collection::vec(segment, 1..5);
    let route = (segments, proptest::bool::weighted(0.1)).prop_map(|(mut route, open)| {
        if open {
            route.push(Segment::Rest);
        }
        route
    });
    proptest::collection::vec(route, 1..20)
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
