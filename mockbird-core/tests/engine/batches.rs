//! Edits that go into the index together make what they make one by one.

use mockbird_core::fault::Fault;
use mockbird_core::spec::Spec;
use mockbird_core::{Batch, Edit, Engine, Mock, MockKey};
use proptest::prelude::*;
use serde_json::json;

use crate::edits::{answer, edit, host, model, spec, steps};
use crate::pool::{decoded, mocks, requests};

/// Warnings of a mock by itself, and not of others that it meets in the index.
fn of_itself(mut warnings: Vec<Fault>) -> Vec<Fault> {
    warnings.retain(|warning| warning.at.contains("]."));
    warnings
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn a_batch_makes_what_its_edits_make_one_by_one(
        first in mocks(0..8),
        steps in steps(),
        at_once in 1..4_usize,
        applied_after in 0..9_usize,
        requests in requests(),
    ) {
        let mut model = model(&first);
        let mut engine = Engine::compile(&spec(&model)).unwrap().engine;
        let before = host(engine.clone());
        let said: Vec<_> = requests.iter().map(|sent| answer(&before, sent)).collect();
        let mut batch = Batch::from(engine.clone());
        for (index, chunk) in steps.chunks(at_once).enumerate() {
            let edits: Vec<Edit> = chunk.iter().map(|step| edit(step, &mut model)).collect();
            // What is staged and not kept leaves no trace.
            prop_assert!(batch.stage(&edits).is_ok());
            let warnings = batch.stage(&edits).unwrap().keep();
            let edited = engine.with(&edits).unwrap();
            prop_assert_eq!(of_itself(warnings), of_itself(edited.warnings));
            engine = edited.engine;
            if index == applied_after {
                batch.apply();
            }
        }
        let names = |engine: &Engine| engine.mocks().map(|m| m.name().to_owned()).collect::<Vec<_>>();
        let applied = batch.apply().clone();
        prop_assert_eq!(names(&applied), names(&engine));
        prop_assert_eq!(format!("{applied:?}"), format!("{engine:?}"));
        let (applied, one_by_one) = (host(applied), host(engine));
        for (sent, said) in requests.iter().zip(&said) {
            prop_assert_eq!(answer(&applied, sent), answer(&one_by_one, sent), "{:?}", sent);
            prop_assert_eq!(&answer(&before, sent), said, "the engine before it goes on");
        }
    }
}

fn put(key: u64, path: &str) -> Edit {
    let mock = decoded(&json!({"path": path, "responses": [{"body": path}]}));
    let order = key.cast_signed();
    Edit::Put {
        key: MockKey(key),
        order,
        mock,
    }
}

#[test]
fn faults_change_nothing_and_the_batch_goes_on() {
    let mut batch = Batch::from(Engine::compile(&Spec::default()).unwrap().engine);
    batch.stage(&[put(0, "/a")]).unwrap().keep();
    let refused = batch.stage(&[put(1, "/b"), put(2, "c")]).unwrap_err();
    assert_eq!(refused.faults[0].at, "edits[1].path");
    batch.stage(&[put(3, "/d")]).unwrap().keep();
    let paths: Vec<_> = batch.apply().mocks().map(Mock::path).collect();
    assert_eq!(paths, ["/a", "/d"]);
}

#[test]
fn a_key_is_what_was_made_of_it_last() {
    let mut batch = Batch::from(Engine::compile(&Spec::default()).unwrap().engine);
    for edits in [
        &[put(0, "/old"), put(1, "/gone")][..],
        &[
            put(0, "/new"),
            Edit::Remove(MockKey(1)),
            put(2, "/x"),
            put(2, "/y"),
        ],
    ] {
        batch.stage(edits).unwrap().keep();
    }
    let host = host(batch.apply().clone());
    let statuses =
        ["/old", "/new", "/gone", "/x", "/y"].map(|path| host.send(&format!("GET {path}")).status);
    assert_eq!(statuses, [404, 200, 404, 404, 200]);
}
