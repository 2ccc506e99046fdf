//! Any text as a spec.

use http::Method;
use mockbird_core::fault::{Fault, Faults, Invalid};
use mockbird_core::spec::{self, Document, Format, MethodPattern, Mock, Spec, is_slug};
use mockbird_core::{Compiled, Edit, Engine, MockKey, ReadError};

use crate::exchange::{Input, assert_same};

/// A text is no spec, and every fault stands somewhere in it; or it is one, and what is written back from
/// it is the same spec, which compiles to the same engine, as a whole or mock by mock.
pub fn spec(data: &[u8]) {
    for format in [Format::Json, Format::Yaml] {
        let mut document = match spec::read(data, format) {
            Ok(document) => document,
            Err(error) => {
                assert!(!error.to_string().contains(char::is_control), "{error:?}");
                continue;
            }
        };
        let spec = decoded(&mut document, data);
        check_read(data, format, spec.as_ref());
        if let Some(spec) = spec {
            check_round_trip(&spec);
            check_engine(&spec);
        }
    }
}

fn decoded(document: &mut Document<'_>, data: &[u8]) -> Option<Spec> {
    let (spec, faults) = document.decode();
    assert_eq!(spec.is_some(), faults.error_count() == 0);
    check_faults(document, data, &faults.errors);
    check_faults(document, data, &faults.warnings);
    if let Some(Err(invalid)) = spec.as_ref().map(Engine::compile) {
        check_faults(document, data, &invalid.faults);
    }
    spec
}

fn check_faults(document: &Document<'_>, data: &[u8], faults: &[Fault]) {
    for fault in faults {
        let place = document.locate(fault);
        let span = place.span.start as usize..place.span.end as usize;
        assert!(data.get(span).is_some(), "{fault}: {place:?}");
        assert!(place.line >= 1 && place.column >= 1, "{fault}: {place:?}");
        assert!(!fault.message.is_empty() && !fault.at.contains(|c| c < ' '));
        let said = format!("{}{}", fault.message, fault.hint);
        assert!(!said.contains(char::is_control), "{fault:?}");
    }
}

/// Reading in one step is reading step by step.
fn check_read(data: &[u8], format: Format, spec: Option<&Spec>) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let steps = spec.is_some_and(|spec| Engine::compile(spec).is_ok());
    match Engine::read(text, format) {
        Ok(_) => assert!(steps),
        Err(ReadError::Invalid(invalid)) => assert!(!steps && !invalid.faults.is_empty()),
        Err(ReadError::Syntax(error)) => panic!("it was read before: {error}"),
    }
}

fn check_round_trip(spec: &Spec) {
    assert!(is_slug(&spec::slug(&spec.name)) || spec::slug(&spec.name).is_empty());
    let text = spec.to_node().to_string();
    for format in [Format::Json, Format::Yaml] {
        let mut again = spec::read(&text, format).unwrap_or_else(|e| panic!("{text}: {e}"));
        let (again, faults) = again.decode();
        let again = again.unwrap_or_else(|| panic!("{text}: {:?}", faults.errors));
        assert_eq!(again.to_node().to_string(), text);
        let message = |spec| {
            Engine::compile(spec)
                .err()
                .map(|invalid| invalid.to_string())
        };
        assert_eq!(message(&again), message(spec));
    }
}

fn check_engine(spec: &Spec) {
    let mut faults = Faults::default();
    spec.clone()
        .resolve_files(|_| Err("none".to_owned()), &mut faults);
    let Ok(compiled) = Engine::compile(spec) else {
        return;
    };
    let engine = compiled.engine;
    assert!(engine.memory_bytes() > 0);
    let edited = mock_by_mock(spec);
    assert_eq!(edited.len(), engine.len());
    for mock in spec.mocks.iter().take(8) {
        let input = asking_for(mock);
        assert_same(
            &input.answer(&engine).response,
            &input.answer(&edited).response,
        );
    }
}

/// The same engine, made by edits, the last mock first and the first one twice.
fn mock_by_mock(spec: &Spec) -> Engine {
    let empty = Spec {
        mocks: Vec::new(),
        ..spec.clone()
    };
    let mut engine = compiled(Engine::compile(&empty));
    let last_first = spec.mocks.iter().enumerate().rev();
    let first_again = spec.mocks.iter().enumerate().take(1);
    for (order, mock) in last_first.chain(first_again) {
        let (key, mock) = (MockKey(order as u64), mock.clone());
        let order = i64::try_from(order).unwrap_or(i64::MAX);
        engine = compiled(engine.with(&[Edit::Put { key, order, mock }]));
    }
    engine
}

fn compiled(result: Result<Compiled, Invalid>) -> Engine {
    let compiled = result.unwrap_or_else(|invalid| panic!("compiles as a whole only: {invalid}"));
    compiled.engine
}

fn asking_for(mock: &Mock) -> Input {
    let method = match &mock.method {
        Some(MethodPattern::Exact(method)) => method.clone(),
        Some(MethodPattern::Any) | None => Method::GET,
    };
    Input::bare(method, &mock.path)
}
