//! Arbitrary specs, as files of them.

use mockbird_core::spec::{self, Format, Spec};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A spec that a file may hold; not all of them compile.
pub(crate) fn specs() -> impl Strategy<Value = Spec> {
    let members = [
        ("slug", maybe("[a-z]([a-z0-9-]{0,9}[a-z0-9])?")),
        ("description", maybe("\\PC{0,12}")),
        ("isPublic", maybe_flag()),
        ("cors", maybe_flag()),
        ("seed", maybe_number(0..=u64::MAX)),
        ("x-a", maybe_value()),
        (
            "mocks",
            vec(mocks(), 0..4)
                .prop_map(|all| Some(Value::Array(all)))
                .boxed(),
        ),
    ];
    ("[a-zé]{1,9}", object(members)).prop_map(|(name, mut spec)| {
        spec["name"] = name.into();
        read(&spec.to_string())
    })
}

/// The spec of a text.
pub(crate) fn read(text: &str) -> Spec {
    let mut document = spec::read(text, Format::Json).unwrap();
    let (spec, faults) = document.decode();
    spec.unwrap_or_else(|| panic!("{:?} in {text}", faults.errors))
}

fn mocks() -> impl Strategy<Value = Value> {
    let members = [
        ("id", maybe("\\PC{0,12}")),
        ("name", maybe("[a-z]{1,12}")),
        ("description", maybe("\\PC{0,12}")),
        ("method", maybe("ANY|GET|POST|M-SEARCH")),
        ("responseType", maybe("json|xml|html|text")),
        ("responseDelay", maybe_delay()),
        ("rateLimit", maybe_rate_limit()),
        (
            "priority",
            proptest::option::of(any::<i32>().prop_map(Value::from)).boxed(),
        ),
        ("isActive", maybe_flag()),
        ("x-b", maybe_value()),
    ];
    let responses = vec(responses(), 1..4).prop_map(|mut all| {
        for response in all.iter_mut().skip(1) {
            response.as_object_mut().unwrap().remove("isDefault");
        }
        Value::Array(all)
    });
    (object(members), "/[a-z{}/]{0,9}", responses).prop_map(|(mut mock, path, responses)| {
        mock["path"] = path.into();
        mock["responses"] = responses;
        mock
    })
}

fn responses() -> impl Strategy<Value = Value> {
    let members = [
        ("id", maybe("\\PC{0,12}")),
        ("name", maybe("[a-z]{1,12}")),
        ("statusCode", maybe_number(200..=599)),
        ("headers", maybe_headers()),
        ("conditions", proptest::option::of(conditions()).boxed()),
        ("weight", maybe_number(0..=u64::from(u32::MAX))),
        ("isDefault", maybe_flag()),
        ("responseDelay", maybe_delay()),
        ("template", maybe_flag()),
        ("x-c", maybe_value()),
    ];
    (object(members), bodies()).prop_map(|(mut response, body)| {
        if let Some((key, body)) = body {
            response[key] = body;
        }
        response
    })
}

fn bodies() -> impl Strategy<Value = Option<(&'static str, Value)>> {
    prop_oneof![
        Just(None),
        values().prop_map(|value| Some(("body", value))),
        // NUL and quotes are as good as any.
        "(.|\u{0}|\"){0,20}".prop_map(|text| Some(("body", text.into()))),
        "(AP8=)?".prop_map(|text| Some(("bodyBase64", text.into()))),
        "[a-z./]{1,9}".prop_map(|name| Some(("bodyFile", name.into()))),
    ]
}

fn conditions() -> impl Strategy<Value = Value> {
    let test = (
        proptest::sample::select(vec!["header", "query", "body", "path", "cookie", "method"]),
        "[a-z]{1,9}",
        proptest::sample::select(vec!["equals", "contains", "greaterThan", "exists"]),
        values(),
        maybe_flag(),
    );
    let test = test.prop_map(|(source, field, operator, value, negate)| {
        let mut test =
            json!({"type": source, "field": field, "operator": operator, "value": value});
        if let Some(negate) = negate {
            test["negate"] = negate;
        }
        test
    });
    let group = test.clone().prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..3).prop_map(|all| json!({ "any": all })),
            inner.prop_map(|one| json!({ "not": one })),
        ]
    });
    vec(group, 0..3).prop_map(Value::Array)
}

fn maybe(pattern: &'static str) -> BoxedStrategy<Option<Value>> {
    proptest::option::of(pattern.prop_map(Value::from)).boxed()
}

fn maybe_flag() -> BoxedStrategy<Option<Value>> {
    proptest::option::of(any::<bool>().prop_map(Value::from)).boxed()
}

fn maybe_number(range: std::ops::RangeInclusive<u64>) -> BoxedStrategy<Option<Value>> {
    proptest::option::of(range.prop_map(Value::from)).boxed()
}

fn maybe_value() -> BoxedStrategy<Option<Value>> {
    proptest::option::of(values()).boxed()
}

fn maybe_delay() -> BoxedStrategy<Option<Value>> {
    let delay = prop_oneof![
        (0..=3_600_000_u64).prop_map(Value::from),
        (0..1000_u64, 0..1000_u64).prop_map(|(min, more)| json!({"min": min, "max": min + more})),
        (1..1000_u64).prop_map(|median| json!({"median": median, "sigma": 0.4})),
    ];
    proptest::option::of(delay).boxed()
}

fn maybe_rate_limit() -> BoxedStrategy<Option<Value>> {
    let per = "minute|day|[1-9][0-9]{0,2}(ms|s|m)";
    let limit = (1..=10_000_u32, per, maybe_number(400..=599));
    let limit = limit.prop_map(|(requests, per, status)| {
        let mut limit = json!({"requests": requests, "per": per});
        if let Some(status) = status {
            limit["statusCode"] = status;
        }
        limit
    });
    proptest::option::of(limit).boxed()
}

fn maybe_headers() -> BoxedStrategy<Option<Value>> {
    let headers = proptest::collection::btree_map("x-[a-z0-9]{1,6}", vec("[!-~]{1,9}", 1..3), 0..3);
    proptest::option::of(headers.prop_map(|headers| json!(headers))).boxed()
}

fn values() -> impl Strategy<Value = Value> + Clone {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(json!({"b": 1, "a": ["\n", {"c": null}]})),
        Just(json!([])),
    ]
}

/// The members that are there.
fn object<const N: usize>(
    members: [(&'static str, BoxedStrategy<Option<Value>>); N],
) -> impl Strategy<Value = Value> {
    let (keys, values): (Vec<_>, Vec<_>) = members.into_iter().unzip();
    values.prop_map(move |values| {
        let present = keys.iter().zip(values);
        let present = present.filter_map(|(key, value)| Some(((*key).to_owned(), value?)));
        Value::Object(present.collect::<Map<_, _>>())
    })
}
