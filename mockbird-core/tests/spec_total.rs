//! Reading and decoding end, whatever they are given; the vectors' specs decode as the vectors say.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(
    unreachable_pub,
    dead_code,
    reason = "a module of tests, of which some ask less"
)]
mod vectors;

use std::fmt::Write as _;

use mockbird_core::fault::{Faults, Invalid};
use mockbird_core::spec::{self, Format};
use proptest::prelude::*;
use vectors::Case;

/// Reads and decodes a text as both formats; every fault found must have a place in the text.
fn read_everything(source: &[u8]) {
    for format in [Format::Json, Format::Yaml] {
        let Ok(mut document) = spec::read(source, format) else {
            continue;
        };
        let (spec, faults) = document.decode();
        assert_eq!(spec.is_some(), faults.error_count() == 0);
        for fault in &faults.errors {
            let location = document.locate(fault);
            assert!(location.span.end as usize <= source.len());
            assert!(location.line >= 1 && location.column >= 1);
        }
        if let Some(spec) = spec {
            spec.to_node();
        }
    }
}

proptest! {
    #[test]
    fn bytes(source in proptest::collection::vec(any::<u8>(), 0..200)) {
        read_everything(&source);
    }

    #[test]
    fn broken_specs(source in specs()) {
        read_everything(source.as_bytes());
    }

    #[test]
    fn cut_specs(source in specs(), at in any::<proptest::sample::Index>()) {
        read_everything(&source.as_bytes()[..at.index(source.len())]);
    }
}

/// Objects with the format's keys, and values that seldom fit them.
fn specs() -> impl Strategy<Value = String> {
    const KEYS: &str = "name|slug|seed|mocks|path|method|priority|responses|responseDelay|min|max|median|sigma|rateLimit|requests|per|\
        statusCode|headers|body|bodyBase64|conditions|any|all|not|type|field|operator|value|weight|isDefault|\
        x-a|naem|A B|content-length|";
    let key = proptest::sample::select(KEYS.split('|').collect::<Vec<_>>());
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("-1".to_owned()),
        Just("250".to_owned()),
        Just("1e999".to_owned()),
        Just(r#""header""#.to_owned()),
        Just(r#""exists""#.to_owned()),
        Just(r#""GET""#.to_owned()),
        Just(r#""minute""#.to_owned()),
        Just(r#""\u0000é""#.to_owned()),
    ];
    leaf.prop_recursive(8, 64, 6, move |inner| {
        let member =
            (key.clone(), inner.clone()).prop_map(|(key, value)| format!("\"{key}\": {value}"));
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(|all| format!("[{}]", all.join(", "))),
            proptest::collection::vec(member, 0..8)
                .prop_map(|all| format!("{{{}}}", all.join(", "))),
        ]
    })
}

#[test]
fn a_text_of_errors_alone_stays_small() {
    let mut source = String::from("{");
    for i in 0..200_000 {
        let _ = write!(source, "\"k{i}\":1,");
    }
    source.push_str("\"name\":1}");
    let (_, faults) = spec::read(&source, Format::Json).unwrap().decode();
    assert_eq!(faults.error_count(), 200_002);
    assert!(faults.errors.len() <= 1_000);
}

/// The vectors whose specs this step refuses, and where.
#[test]
fn the_vectors() {
    let mut refused = 0;
    for file in vectors::load() {
        for case in &file.cases {
            refused += usize::from(check_case(case, &format!("{}: {}", file.topic, case.name)));
        }
    }
    assert!(refused > 30, "{refused} specs were refused");
}

/// True if the spec was refused; panics if it was refused wrongly.
fn check_case(case: &Case, name: &str) -> bool {
    let source = case.spec.get();
    let mut document = spec::read(source, Format::Json).unwrap();
    let (spec, faults) = document.decode();
    let Some(expected) = &case.compile_error else {
        assert!(spec.is_some(), "{name}: {}", invalid(faults));
        // JSON is YAML.
        #[cfg(feature = "yaml")]
        {
            let (same, _) = spec::read(source, Format::Yaml).unwrap().decode();
            let text = |spec: Option<spec::Spec>| spec.map(|spec| spec.to_node().to_string());
            assert_eq!(text(spec), text(same), "{name}");
        }
        return false;
    };
    if faults.errors.is_empty() {
        // A fault of the path, a regex or a template: a later step finds it.
        return false;
    }
    let places: Vec<_> = faults.errors.iter().map(|fault| fault.at.clone()).collect();
    let checked = expected.check(&places, &invalid(faults).to_string());
    assert_eq!(checked, Ok(()), "{name}");
    true
}

#[expect(clippy::expect_used)]
fn invalid(faults: Faults) -> Invalid {
    faults.into_result().expect_err("there are errors")
}
