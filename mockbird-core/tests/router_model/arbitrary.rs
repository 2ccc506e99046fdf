//! Routes and requests of few words, so that many of them meet.

use http::Method;
use mockbird_core::router::{Pattern, Rank};
use mockbird_core::spec::MethodPattern;
use proptest::prelude::*;
use proptest::sample::select;

use crate::model::{Piece, Request, Routed, Segment, template};

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

pub(crate) fn entries_and_requests() -> impl Strategy<Value = (Vec<Routed>, Vec<Request>)> {
    entries().prop_flat_map(|entries| {
        let requests = requests(&entries);
        (Just(entries), requests)
    })
}

/// Routes that matchit can express, too.
pub(crate) fn plain_routes() -> impl Strategy<Value = Vec<Vec<Segment>>> {
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
