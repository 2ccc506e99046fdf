//! Laws that hold for every condition and every request.

use http::{HeaderMap, HeaderValue, Method};
use proptest::prelude::*;

use super::super::{Condition, Detail};
use crate::fault::{Faults, Place};
use crate::json::{self, Node};
use crate::request::{Params, Request, View};
use crate::spec::{self, Operator, Source};

/// Texts that meet often, in conditions and requests alike.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "", "a", "A", "1", "1.0", "10e-1", "0", "-0", "true", "null", "\"a\"", "[1]", "[1.0]", "{\"a\":1}",
            "2024-01-01T00:00:00Z", "2024-01-01T00:30:00+01:00", "a=1", "<a>1</a>", "a.b", "é",
        ]).prop_map(str::to_owned),
        1 => "[a-cA-C0-2\\[\\]{}\":,.]{0,6}",
    ]
}

fn value() -> impl Strategy<Value = Node> {
    prop_oneof![
        text().prop_map(Node::from),
        text().prop_map(|text| json::parse(text.as_bytes()).unwrap_or_else(|_| text.into())),
    ]
}

fn field() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "",
        "a",
        "a.b",
        "a[0]",
        "a[*]",
        "v",
        "$",
        "$.a",
        "$..*",
        "$[?@.a == 1]",
        "/a",
        "//@a",
        "/a[",
        "x[",
    ])
    .prop_map(str::to_owned)
}

fn test() -> impl Strategy<Value = spec::Condition> {
    let source = prop::sample::select(vec![
        Source::Header,
        Source::Query,
        Source::Body,
        Source::Body,
        Source::Path,
        Source::Cookie,
        Source::Method,
    ]);
    let operator = prop::sample::select(vec![
        Operator::Equals,
        Operator::Equals,
        Operator::Equals,
        Operator::Contains,
        Operator::StartsWith,
        Operator::EndsWith,
        Operator::Regex,
        Operator::Exists,
        Operator::GreaterThan,
        Operator::GreaterOrEqual,
        Operator::LessThan,
        Operator::LessOrEqual,
        Operator::Schema,
    ]);
    let flag = || prop::sample::select(vec![None, Some(false), Some(true)]);
    (source, field(), operator, value(), flag(), flag()).prop_map(
        |(source, field, operator, value, negate, case_insensitive)| {
            spec::Condition::Test(spec::Test {
                source,
                field,
                operator,
                value: Some(value),
                negate,
                case_insensitive,
            })
        },
    )
}

fn condition() -> impl Strategy<Value = spec::Condition> {
    test().prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(spec::Condition::Any),
            prop::collection::vec(inner.clone(), 1..3).prop_map(spec::Condition::All),
            inner.prop_map(|one| spec::Condition::Not(Box::new(one))),
        ]
    })
}

#[derive(Debug)]
struct Sent {
    target: String,
    content_type: &'static str,
    values: [String; 2],
    body: String,
}

fn sent() -> impl Strategy<Value = Sent> {
    let content_type = prop::sample::select(vec![
        "application/json",
        "text/plain",
        "text/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
    ]);
    let body = prop_oneof![
        text(),
        text().prop_map(|t| format!("{{\"a\":{t},\"v\":[{t}]}}")),
        text().prop_map(|t| format!("{{\"a\":{{\"b\":\"{t}\"}}}}")),
        text().prop_map(|t| format!("a={t}&v=1&a.b=x")),
        text().prop_map(|t| format!("<a a='{t}'>{t}</a>")),
    ];
    (text(), content_type, text(), text(), body).prop_map(|(query, content_type, a, b, body)| {
        Sent {
            target: format!("/p/{a}?a={query}&a={b}&v"),
            content_type,
            values: [a, b],
            body,
        }
    })
}

fn view<R>(sent: &Sent, look: impl FnOnce(&View<'_>) -> R) -> R {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static(sent.content_type));
    for value in &sent.values {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            headers.append("a", value);
        }
        if let Ok(value) = HeaderValue::from_bytes(format!("a={value}").as_bytes()) {
            headers.append("cookie", value);
        }
    }
    let request = Request::new(&Method::POST, &sent.target, &headers, sent.body.as_bytes());
    look(&View {
        request: &request,
        method: &Method::POST,
        params: Params::new(&["a".into()], &[&sent.values[0]]),
    })
}

fn compile(spec: &spec::Condition) -> Option<Condition> {
    Condition::compile(spec, &Place::ROOT, &mut Faults::default())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_finding_agrees_with_itself(spec in condition(), sent in sent()) {
        let Some(condition) = compile(&spec) else { return Ok(()) };
        let (passes, finding) = view(&sent, |view| (condition.passes(view), condition.explain(view)));
        prop_assert_eq!(passes, finding.passed);
        let children: Vec<_> = finding.children().iter().map(|child| child.passed).collect();
        let want = match &finding.detail {
            Detail::Test(_) => passes,
            Detail::Any(_) => children.contains(&true),
            Detail::All(_) => !children.contains(&false),
            Detail::Not(_) => !children[0],
        };
        prop_assert_eq!(passes, want);
        prop_assert!(!finding.to_string().chars().any(char::is_control));
    }

    #[test]
    fn negate_turns_the_verdict_round(spec in test(), sent in sent()) {
        let spec::Condition::Test(mut test) = spec else { return Ok(()) };
        let Some(plain) = compile(&spec::Condition::Test(spec::Test { negate: None, ..test.clone() })) else { return Ok(()) };
        test.negate = Some(true);
        let negated = compile(&spec::Condition::Test(test)).unwrap();
        let (plain, negated) = view(&sent, |view| (plain.passes(view), negated.passes(view)));
        prop_assert_ne!(plain, negated);
    }

    #[test]
    fn a_probe_decides(spec in test(), sent in sent()) {
        let Some(condition) = compile(&spec) else { return Ok(()) };
        let Some((probe, key)) = condition.probe() else { return Ok(()) };
        let (passes, texts) = view(&sent, |view| {
            let mut texts = Vec::new();
            probe.resolve(view, &mut |text| texts.push(text.to_owned()));
            (condition.passes(view), texts)
        });
        prop_assert_eq!(passes, texts.contains(&key), "{:?} {:?}", texts, key);
    }
}
