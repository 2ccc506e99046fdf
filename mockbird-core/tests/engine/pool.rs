//! Random mocks that get in each other's way, and requests that know their names.

use mockbird_core::fault::Faults;
use mockbird_core::json;
use mockbird_core::spec::{self, Mock};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// A request of the pool: its line, and a header if it has one.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) line: String,
    pub(crate) tier: Option<&'static str>,
}

fn condition() -> impl Strategy<Value = Value> {
    let tier = || select(vec!["gold", "tin"]);
    prop_oneof![
        tier().prop_map(
            |v| json!({"type": "header", "field": "X-Tier", "operator": "equals", "value": v})
        ),
        tier().prop_map(
            |v| json!({"type": "query", "field": "tier", "operator": "equals", "value": v})
        ),
        Just(json!({"type": "path", "field": "id", "operator": "equals", "value": "7"})),
        Just(json!({"type": "method", "operator": "equals", "value": "GET"})),
        Just(json!({"not": {"type": "query", "field": "tier", "operator": "exists"}})),
    ]
}

fn responses() -> impl Strategy<Value = Vec<Value>> {
    let conditions = proptest::collection::vec(condition(), 0..3);
    let weight = select(vec![None, None, Some(0), Some(3)]);
    let one = (conditions, weight, any::<bool>());
    let default = proptest::option::of(0..3_usize);
    (proptest::collection::vec(one, 1..4), default).prop_map(|(all, default)| {
        let one =
            |(at, (conditions, weight, rendered)): (usize, (Vec<Value>, Option<u32>, bool))| {
                let body = if rendered {
                    "{{ request.query.tier }}{{ request.params.id }}"
                } else {
                    "static"
                };
                let mut response =
                    json!({"body": format!("{at} {body}"), "conditions": conditions});
                if let Some(weight) = weight {
                    response["weight"] = weight.into();
                }
                if default == Some(at) {
                    response["isDefault"] = true.into();
                }
                response
            };
        all.into_iter().enumerate().map(one).collect()
    })
}

const PATHS: [&str; 8] = [
    "/a",
    "/a/{id}",
    "/a/7",
    "/a/{id:[0-9]+}",
    "/{x}/7",
    "/a/{id}.json",
    "/*/b",
    "/{*rest}",
];

/// A mock as it would stand in a file; its bodies say `tag`.
pub(crate) fn mock(tag: usize) -> impl Strategy<Value = Value> {
    let method = select(vec!["GET", "GET", "POST", "ANY", "HEAD", "OPTIONS"]);
    let priority = select(vec![0, 0, 0, 1]);
    (select(PATHS.to_vec()), method, priority, responses()).prop_map(
        move |(path, method, priority, responses)| {
            json!({
                "name": format!("mock {tag}"), "path": path, "method": method, "priority": priority,
                "responses": responses,
            })
        },
    )
}

pub(crate) fn mocks(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Value>> {
    count.prop_flat_map(|count| (0..count).map(mock).collect::<Vec<_>>())
}

pub(crate) fn requests() -> impl Strategy<Value = Vec<Sent>> {
    let method = select(vec!["GET", "GET", "POST", "HEAD", "OPTIONS", "PUT"]);
    let path = select(vec![
        "/a",
        "/a/7",
        "/a/8",
        "/a/7/",
        "/a/x.json",
        "/b/7",
        "/c/b",
        "/",
        "/a/%37",
        "/a//",
    ]);
    let query = select(vec!["", "?tier=gold", "?tier=tin&tier=gold"]);
    let tier = select(vec![None, Some("gold"), Some("tin")]);
    let one = (method, path, query, tier).prop_map(|(method, path, query, tier)| Sent {
        line: format!("{method} {path}{query}"),
        tier,
    });
    proptest::collection::vec(one, 12)
}

impl Sent {
    pub(crate) fn headers(&self) -> Vec<(&'static str, &'static str)> {
        let tier = self.tier.map(|tier| ("x-tier", tier));
        let preflight = self.line.starts_with("OPTIONS") && self.tier == Some("gold");
        let preflight = preflight.then_some(("access-control-request-method", "PUT"));
        tier.into_iter().chain(preflight).collect()
    }
}

/// The mock of its text.
pub(crate) fn decoded(mock: &Value) -> Mock {
    let node = json::parse(mock.to_string().as_bytes()).unwrap();
    spec::decode_mock(node, &mut Faults::default()).unwrap()
}
