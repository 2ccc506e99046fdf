//! An edited engine is the engine of the edited spec, and shares what did not change.

use std::collections::{BTreeMap, BTreeSet};

use mockbird_core::spec::{Mock, Spec};
use mockbird_core::{Counters, Edit, Engine, MockKey};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::host::{Host, Reply};
use crate::pool::{Sent, decoded, mock, mocks, requests};

/// The mocks of an engine by key, as a host that edits it remembers them.
pub(crate) type Model = BTreeMap<u64, (i64, Mock)>;

/// Mocks in order, under their numbers.
pub(crate) fn model(mocks: &[Value]) -> Model {
    let numbered = (0_u64..).zip(mocks);
    numbered
        .map(|(key, mock)| (key, (key.cast_signed(), decoded(mock))))
        .collect()
}

/// The spec that a model comes to, in its order.
pub(crate) fn spec(model: &Model) -> Spec {
    let mut all: Vec<_> = model
        .iter()
        .map(|(key, (order, mock))| (*order, *key, mock))
        .collect();
    all.sort_by_key(|(order, key, _)| (*order, *key));
    Spec {
        name: "n".to_owned(),
        mocks: all.into_iter().map(|(_, _, mock)| mock.clone()).collect(),
        ..Spec::default()
    }
}

pub(crate) fn host(engine: Engine) -> Host {
    Host {
        counters: engine.counters(),
        engine,
        warnings: Vec::new(),
    }
}

pub(crate) fn answer(host: &Host, sent: &Sent) -> String {
    let Reply {
        status,
        headers,
        body,
        delay_ms,
    } = host.send_with(&sent.line, &sent.headers(), b"");
    format!("{status} {headers:?} {body:?} {delay_ms}")
}

/// Where each mock lies in memory, by its name.
fn addresses(engine: &Engine) -> BTreeMap<&str, usize> {
    let all = engine.mocks();
    all.map(|mock| (mock.name(), std::ptr::from_ref(mock).addr()))
        .collect()
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Put {
        key: u64,
        order: i64,
        mock: Value,
        active: bool,
    },
    Remove(u64),
}

fn step(tag: usize) -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..12_u64, -4..16_i64, mock(tag), proptest::bool::weighted(0.9))
            .prop_map(|(key, order, mock, active)| Step::Put { key, order, mock, active }),
        1 => (0..12_u64).prop_map(Step::Remove),
    ]
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    // The tags make names that no two mocks share.
    (1..10_usize).prop_flat_map(|count| (100..100 + count).map(step).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn edits_make_what_compiling_makes(
        first in mocks(0..8),
        steps in steps(),
        batch in 1..4_usize,
        requests in requests(),
    ) {
        let mut model = model(&first);
        let mut engine = Engine::compile(&spec(&model)).unwrap().engine;
        for chunk in steps.chunks(batch) {
            let edits: Vec<Edit> = chunk.iter().map(|step| edit(step, &mut model)).collect();
            let edited = engine.with(&edits).unwrap().engine;
            let scratch = Engine::compile(&spec(&model)).unwrap().engine;
            prop_assert_eq!(edited.len(), scratch.len());
            let names = |engine: &Engine| engine.mocks().map(|m| m.name().to_owned()).collect::<Vec<_>>();
            prop_assert_eq!(names(&edited), names(&scratch));
            let (before, after) = (addresses(&engine), addresses(&edited));
            for (name, address) in &after {
                prop_assert!(before.get(name).is_none_or(|old| old == address), "{name} was compiled again");
            }
            let (edited, scratch) = (host(edited), host(scratch));
            for sent in &requests {
                prop_assert_eq!(answer(&edited, sent), answer(&scratch, sent), "{:?}", sent);
            }
            engine = edited.engine;
        }
    }
}

/// The edit of a step, made in the model too.
pub(crate) fn edit(step: &Step, model: &mut Model) -> Edit {
    match step {
        Step::Remove(key) => {
            model.remove(key);
            Edit::Remove(MockKey(*key))
        }
        Step::Put {
            key,
            order,
            mock,
            active,
        } => {
            let mock = Mock {
                is_active: Some(*active),
                ..decoded(mock)
            };
            model.insert(*key, (*order, mock.clone()));
            Edit::Put {
                key: MockKey(*key),
                order: *order,
                mock,
            }
        }
    }
}

#[test]
fn the_old_engine_goes_on() {
    let old = Host::of_mocks(json!([{"path": "/a", "responses": [{"body": "old"}]}]));
    let mock = decoded(&json!({"path": "/a", "responses": [{"body": "new"}]}));
    let edit = Edit::Put {
        key: MockKey(0),
        order: 0,
        mock,
    };
    let new = host(old.engine.with(&[edit]).unwrap().engine);
    assert_eq!(
        (old.send("GET /a").text(), new.send("GET /a").text()),
        ("old", "new")
    );
}

#[test]
fn faults_of_edits_change_nothing() {
    let host = Host::of_mocks(json!([]));
    let mock =
        |path: &str, body: &str| decoded(&json!({"path": path, "responses": [{"body": body}]}));
    let put = |key, mock| Edit::Put {
        key: MockKey(key),
        order: 0,
        mock,
    };
    let edits = [
        put(0, mock("/good", "x")),
        put(1, mock("bad", "x")),
        Edit::Remove(MockKey(9)),
        put(2, mock("/a", "{{ x")),
    ];
    let faults = host.engine.with(&edits).unwrap_err();
    let places: Vec<&str> = faults
        .faults
        .iter()
        .map(|fault| fault.at.as_str())
        .collect();
    assert_eq!(places, ["edits[1].path", "edits[3].responses[0].body"]);
    assert!(host.engine.is_empty());
}

#[test]
fn an_edited_mock_keeps_its_count() {
    let dice = |body: &str| {
        json!({"name": "dice", "path": "/a", "responses": [
            {"weight": 1, "body": format!("heads {body}")}, {"weight": 1, "body": format!("tails {body}")},
        ]})
    };
    let sides = |host: &Host, count: usize| -> Vec<String> {
        (0..count)
            .map(|_| host.send("GET /a").text()[..5].to_owned())
            .collect()
    };
    let seeded = || Host::new(&json!({"name": "n", "seed": 3, "mocks": [dice("old")]}));
    let whole = sides(&seeded(), 40);
    let mut host = seeded();
    let mut parts = sides(&host, 20);
    let edit = Edit::Put {
        key: MockKey(0),
        order: 0,
        mock: decoded(&dice("new")),
    };
    host.engine = host.engine.with(&[edit]).unwrap().engine;
    let mut carried: Counters = host.engine.counters();
    carried.carry(&host.counters);
    host.counters = carried;
    parts.extend(sides(&host, 20));
    assert_eq!(parts, whole);
    assert!(host.send("GET /a").text().ends_with("new"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// An edit says what compiling the result says, as far as it is of the mock that was put in or new.
    #[test]
    fn an_edit_tells_what_can_never_answer(first in mocks(0..8), puts in steps()) {
        let mut model = model(&first);
        let mut compiled = Engine::compile(&spec(&model)).unwrap();
        let mut before: BTreeSet<u64> = compiled.unreachable.iter().map(|at| *at as u64).collect();
        for mut step in puts {
            let (Step::Put { key, .. } | Step::Remove(key)) = step;
            if let Step::Put { order, .. } = &mut step {
                *order = key.cast_signed();
            }
            compiled = compiled.engine.with(&[edit(&step, &mut model)]).unwrap();
            let said: BTreeSet<u64> = compiled.unreachable.iter().map(|at| *at as u64).collect();
            let places: Vec<_> = model.keys().copied().collect();
            let scratch = Engine::compile(&spec(&model)).unwrap().unreachable;
            let all: BTreeSet<u64> = scratch.into_iter().map(|at| places[at]).collect();
            prop_assert!(said.is_subset(&all), "{said:?} {all:?}");
            prop_assert!(all.iter().all(|one| said.contains(one) || (before.contains(one) && *one != key)),
                "{said:?} of {all:?}, {before:?} before, put {key}");
            before = all;
        }
    }
}

#[test]
fn an_edit_warns_of_what_can_never_answer() {
    let host = Host::of_mocks(json!([
        {"path": "/a", "responses": [{}]},
        {"path": "/b/c", "responses": [{}]},
        {"path": "/b/{x:[0-9]+}/v{y}", "responses": [{}]},
        {"name": "all", "path": "/z/{*rest}", "priority": 9, "responses": [{}]},
    ]));
    let put = |key, order, mock: Value| Edit::Put {
        key: MockKey(key),
        order,
        mock: decoded(&mock),
    };
    let always = json!([{}]);
    let edited = host.engine.with(&[
        put(9, 9, json!({"path": "/a", "responses": always})),
        put(
            8,
            -1,
            json!({"path": "/b/{n:[0-9]+}/v{other}", "responses": always}),
        ),
        put(7, 7, json!({"path": "/z/y", "responses": always})),
        put(
            6,
            6,
            json!({"name": "top", "path": "/b/{*any}", "priority": 1, "responses": always}),
        ),
        put(5, 5, json!({"path": "/free", "responses": always})),
        Edit::Remove(MockKey(4)),
    ]);
    let warnings: Vec<_> = edited
        .unwrap()
        .warnings
        .iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(warnings.join("\n"), @"
    edits[0]: `GET /a` can never answer: `GET /a` always goes first (change its path, method, conditions or priority, or delete it)
    edits[1]: `GET /b/{n:[0-9]+}/v{other}` can never answer: `top` always goes first (change its path, method, conditions or priority, or delete it)
    edits[1]: `GET /b/{x:[0-9]+}/v{y}` can never answer any more: `GET /b/{n:[0-9]+}/v{other}` always goes first (change the path, method, conditions or priority of one of them, or delete the other)
    edits[2]: `GET /z/y` can never answer: `all` always goes first (change its path, method, conditions or priority, or delete it)
    edits[3]: `GET /b/c` can never answer any more: `top` always goes first (change the path, method, conditions or priority of one of them, or delete the other)
    ");
    // What was so before is not said again.
    let again = host
        .engine
        .with(&[put(5, 5, json!({"path": "/free", "responses": always}))]);
    assert!(again.unwrap().warnings.is_empty());
}

#[test]
fn a_mock_that_is_not_active_takes_no_counter() {
    let put = |key, active| Edit::Put {
        key: MockKey(key),
        order: 0,
        mock: decoded(&json!({"path": "/a", "isActive": active, "responses": [{"body": "b"}]})),
    };
    let counters = |engine: &Engine| format!("{:?}", engine.counters());
    let spec = Spec {
        seed: Some(1),
        ..Spec::default()
    };
    let engine = Engine::compile(&spec).unwrap().engine;
    let edits: Vec<_> = (0..9).map(|key| put(key, false)).collect();
    let edited = engine.with(&edits).unwrap().engine;
    assert_eq!(counters(&edited), counters(&engine));
    let edited = edited.with(&[put(9, true)]).unwrap().engine;
    assert_ne!(counters(&edited), counters(&engine));
}
