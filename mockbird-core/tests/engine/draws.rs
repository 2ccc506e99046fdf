//! Delays and weights: within their bounds, by their shape, and repeatable with a seed.

use mockbird_core::{Edit, Env, MockKey, Request};
use serde_json::{Value, json};

use crate::host::{Host, header_map, line_of};

fn delays(delay: Value, seed: Option<u64>, count: usize) -> Vec<u128> {
    let mut spec = json!({"name": "n", "mocks": [
        {"path": "/", "responseDelay": delay, "responses": [{"body": "x"}]},
    ]});
    if let Some(seed) = seed {
        spec["seed"] = seed.into();
    }
    let host = Host::new(&spec);
    (0..count).map(|_| host.send("GET /").delay_ms).collect()
}

#[test]
fn delays_keep_their_bounds() {
    assert_eq!(delays(json!(250), None, 2), [250, 250]);
    assert_eq!(delays(json!({"min": 7, "max": 7}), Some(1), 2), [7, 7]);
    let uniform = delays(json!({"min": 100, "max": 103}), Some(1), 400);
    for ms in 100..=103 {
        let share = uniform.iter().filter(|&&d| d == ms).count();
        assert!((60..140).contains(&share), "{ms} came {share} times of 400");
    }
    assert!(uniform.iter().all(|d| (100..=103).contains(d)));
    let mut lognormal = delays(json!({"median": 120, "sigma": 0.4}), Some(1), 1001);
    lognormal.sort_unstable();
    let median = lognormal[500];
    assert!((110..130).contains(&median), "the median is {median}");
    // Of a lognormal, the logarithms are normal: a sixth lies beyond one sigma on each side.
    let (low, high) = (lognormal[159], lognormal[841]);
    assert!(
        (72..88).contains(&low) && (163..198).contains(&high),
        "{low} {high}"
    );
    let wild = delays(json!({"median": 3_600_000, "sigma": 10}), Some(1), 100);
    assert!(wild.iter().all(|&d| d <= 3_600_000));
}

#[test]
fn a_response_has_its_own_delay() {
    let host = Host::of_mocks(json!([{"path": "/", "responseDelay": 100, "responses": [
        {"body": "mock's"},
        {"body": "own", "responseDelay": 0, "conditions": [{"type": "query", "field": "own", "operator": "exists"}]},
    ]}]));
    assert_eq!(host.send("GET /").delay_ms, 100);
    assert_eq!(host.send("GET /?own").delay_ms, 0);
    assert_eq!(host.send("GET /nothing").delay_ms, 0);
}

#[test]
fn seeds_repeat_delays() {
    let delay = json!({"min": 0, "max": 100_000});
    let first = delays(delay.clone(), Some(1), 20);
    assert_eq!(delays(delay.clone(), Some(1), 20), first);
    assert_ne!(delays(delay, Some(2), 20), first);
    assert!(first.iter().any(|d| *d != first[0]), "{first:?}");
}

/// A mock of which everything is drawn: the response, its delay and what it says.
fn dice(path: &str) -> Value {
    json!({"path": path, "responseDelay": {"min": 0, "max": 1000}, "responses": [
        {"weight": 50, "body": "{{ randomInt(1, 1000000) }}"},
        {"weight": 50, "body": "{{ uuid() }}"},
    ]})
}

fn throw(host: &Host, line: &str) -> String {
    let reply = host.send(line);
    format!("{} {}", reply.delay_ms, reply.text())
}

fn throws(host: &Host, line: &str, count: usize) -> Vec<String> {
    (0..count).map(|_| throw(host, line)).collect()
}

fn seeded(mocks: Value) -> Host {
    Host::new(&json!({"name": "n", "seed": 5, "mocks": mocks}))
}

#[test]
fn a_seeded_run_does_not_depend_on_other_traffic() {
    let alone = throws(&seeded(json!([dice("/a"), dice("/b")])), "GET /a", 20);
    let host = seeded(json!([dice("/a"), dice("/b")]));
    let mut among = Vec::new();
    for i in 0..20 {
        throws(&host, "GET /b", i % 3);
        host.send("GET /nothing");
        among.push(throw(&host, "GET /a"));
    }
    assert_eq!(among, alone);
    let other_mocks = seeded(json!([dice("/0"), dice("/a"), {"path": "/c", "responses": [{}]}]));
    assert_eq!(
        throws(&other_mocks, "GET /a", 20),
        alone,
        "another mock was added before it"
    );
    let distinct = throws(&host, "GET /b", 20);
    assert!(
        distinct.iter().zip(&alone).all(|(b, a)| a != b),
        "each mock draws for itself"
    );
}

#[test]
fn explaining_does_not_count() {
    let undisturbed = throws(&seeded(json!([dice("/a")])), "GET /a", 10);
    let host = seeded(json!([dice("/a")]));
    let headers = header_map(&[]);
    let (method, target) = line_of("GET /a");
    let mut disturbed = Vec::new();
    for _ in 0..10 {
        let request = Request::new(&method, target, &headers, b"");
        let foretold = host.engine.explain(&request, &host.env()).mocks[0].chosen;
        let again = host.engine.explain(&request, &host.env()).mocks[0].chosen;
        let came = throw(&host, "GET /a");
        let is_uuid = came.contains('-');
        assert_eq!((foretold, again), (Some(usize::from(is_uuid)), foretold));
        disturbed.push(came);
    }
    assert_eq!(disturbed, undisturbed);
}

#[test]
fn counts_outlive_an_edit() {
    let whole = throws(&seeded(json!([dice("/a"), dice("/b")])), "GET /b", 10);
    let mut host = seeded(json!([dice("/a"), dice("/b")]));
    let mut parts = throws(&host, "GET /b", 5);
    let key = MockKey(9);
    let mock = mockbird_core::json::parse(dice("/c").to_string().as_bytes()).unwrap();
    let mut faults = mockbird_core::fault::Faults::default();
    let mock = mockbird_core::spec::decode_mock(mock, &mut faults).unwrap();
    let edits = [
        Edit::Remove(MockKey(0)),
        Edit::Put {
            key,
            order: 9,
            mock,
        },
    ];
    host.engine = host.engine.with(&edits).unwrap().engine;
    let mut counters = host.engine.counters();
    counters.carry(&host.counters);
    host.counters = counters;
    let new = throws(&host, "GET /c", 3);
    parts.extend(throws(&host, "GET /b", 5));
    assert_eq!(parts, whole);
    assert_eq!(
        new,
        throws(&seeded(json!([dice("/c")])), "GET /c", 3),
        "a new mock begins at 0"
    );
}

#[test]
fn without_a_seed_the_host_draws() {
    let host = Host::of_mocks(json!([dice("/a")]));
    let headers = header_map(&[]);
    let (method, target) = line_of("GET /a");
    let body = |random| {
        let request = Request::new(&method, target, &headers, b"");
        let env = Env {
            random,
            ..host.env()
        };
        host.engine.answer(&request, &env).response.into_body()
    };
    assert_eq!(body(1), body(1));
    let bodies: std::collections::HashSet<_> = (0..100).map(body).collect();
    assert_eq!(bodies.len(), 100);
}
