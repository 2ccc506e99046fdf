//! Any condition, with any request.

use http::StatusCode;
use mockbird_core::condition::{Detail, Finding};
use mockbird_core::fault::Faults;
use mockbird_core::json::{self, Member, Node, Span, Value};
use mockbird_core::spec::{self, Condition, MethodPattern, Mock, Operator, Response, Spec};
use mockbird_core::{AnswerSource, Engine, Env};

use crate::exchange::{Input, split};

/// The data is a condition, a line of `---`, and a request. The condition is refused with a word about it,
/// or its yes or no is the one of its explanation, the opposite of its negation, that of a group of it
/// alone, and the same with an index as without.
pub fn condition(data: &[u8]) {
    let (text, rest) = split(data, b"\n---\n");
    let Ok(node) = json::parse(text) else {
        return;
    };
    let Some(mut input) = Input::read(rest) else {
        return;
    };
    // No preflight and no conditional request.
    input.headers.remove("access-control-request-method");
    input.headers.remove("if-none-match");
    let Some(condition) = decoded(node) else {
        return;
    };
    let Some(engine) = engine(vec![mock(&condition, 200)]) else {
        return;
    };
    let Some(passed) = answers(&engine, &input) else {
        return;
    };
    check_explanation(&engine, &input, passed);
    check_groups(&condition, &input, passed);
    check_index(&condition, &input, passed);
}

fn decoded(condition: Node) -> Option<Condition> {
    let written = condition.to_string();
    let response = object("conditions", Value::Array(vec![condition]).into());
    let mut faults = Faults::default();
    let Some(mut response) = spec::decode_response(response, &mut faults) else {
        assert!(faults.error_count() > 0, "refused without a word");
        return None;
    };
    let condition = response.conditions.pop();
    assert!(condition.is_some(), "{written} is gone");
    condition
}

fn object(key: &str, value: Node) -> Node {
    Value::Object(vec![Member {
        key: key.to_owned(),
        key_span: Span::default(),
        value,
    }])
    .into()
}

/// A mock that answers with this status if the condition passes.
fn mock(condition: &Condition, status: u16) -> Mock {
    Mock {
        method: Some(MethodPattern::Any),
        path: "/{*rest}".to_owned(),
        responses: vec![Response {
            status_code: Some(status),
            conditions: vec![condition.clone()],
            ..Response::default()
        }],
        ..Mock::default()
    }
}

fn engine(mocks: Vec<Mock>) -> Option<Engine> {
    let spec = Spec {
        name: "fuzz".to_owned(),
        mocks,
        ..Spec::default()
    };
    Engine::compile(&spec).ok().map(|compiled| compiled.engine)
}

/// Whether the mock answers with 200; `None` if its path does not match.
fn answers(engine: &Engine, input: &Input) -> Option<bool> {
    let answer = input.answer(engine);
    if let AnswerSource::Mock(_, response) = answer.source {
        return Some(response.status() == StatusCode::OK);
    }
    let explanation = engine.explain(&input.request(), &Env::default());
    (!explanation.mocks.is_empty()).then_some(false)
}

fn check_explanation(engine: &Engine, input: &Input, passed: bool) {
    let explanation = engine.explain(&input.request(), &Env::default());
    let report = &explanation.mocks[0];
    assert_eq!(report.chosen.is_some(), passed);
    let response = &report.responses[0];
    assert_eq!(response.qualifies(), passed);
    for finding in &response.conditions {
        check_finding(finding);
    }
    assert_eq!(explanation.nearest.is_empty(), passed);
    for miss in &explanation.nearest {
        assert!(!miss.reasons.is_empty(), "{miss:?}");
    }
}

/// A group found what its members found, and everything can be put into words.
fn check_finding(finding: &Finding) {
    let text = finding.to_string();
    assert!(!text.contains(char::is_control), "{text:?}");
    match &finding.detail {
        Detail::Test(_) => {}
        Detail::Any(all) => assert_eq!(finding.passed, all.iter().any(|one| one.passed)),
        Detail::All(all) => assert_eq!(finding.passed, all.iter().all(|one| one.passed)),
        Detail::Not(inner) => assert_ne!(finding.passed, inner.passed),
    }
    let inner: &[Finding] = match &finding.detail {
        Detail::Test(_) => &[],
        Detail::Any(all) | Detail::All(all) => all,
        Detail::Not(inner) => std::slice::from_ref(inner),
    };
    inner.iter().for_each(check_finding);
}

fn check_groups(condition: &Condition, input: &Input, passed: bool) {
    let groups = [
        (Condition::Any(vec![condition.clone()]), passed),
        (Condition::All(vec![condition.clone()]), passed),
        (Condition::Not(Box::new(condition.clone())), !passed),
    ];
    for (group, wanted) in groups {
        // One level deeper may be too deep.
        if let Some(engine) = engine(vec![mock(&group, 200)]) {
            assert_eq!(answers(&engine, input), Some(wanted), "{group:?}");
        }
    }
}

/// Among enough mocks of its kind, `equals` is looked up instead of tried.
fn check_index(condition: &Condition, input: &Input, passed: bool) {
    let Condition::Test(test) = condition else {
        return;
    };
    if test.operator != Operator::Equals {
        return;
    }
    let other = |number: u16| {
        let mut test = test.clone();
        test.value = Some(match test.value.as_ref().map(|node| &node.value) {
            Some(Value::Number(_)) => Value::Number(u64::from(number).into()).into(),
            _ => Node::from(format!("other {number}").as_str()),
        });
        mock(&Condition::Test(test), 201)
    };
    let mut mocks = vec![mock(condition, 200)];
    mocks.extend((0..12).map(other));
    if let Some(engine) = engine(mocks) {
        assert_eq!(answers(&engine, input).unwrap_or(false), passed);
    }
}
