//! What is refused or warned of when a condition is compiled.

use super::*;

#[rustfmt::skip]
#[test]
fn refused_with_place_and_reason() {
    let deep = format!("{}1{}", r#"{"items":"#.repeat(70), "}".repeat(70));
    let deep = format!(r#"{{"type":"body","operator":"schema","value":{deep}}}"#);
    let doubling: Vec<_> = (0..20)
        .map(|i| {
            format!(
                r##""a{i}":{{"anyOf":[{{"$ref":"#/$defs/a{0}"}},{{"$ref":"#/$defs/a{0}"}}]}}"##,
                i + 1
            )
        })
        .collect();
    let doubling = format!(
        r##"{{"type":"body","operator":"schema","value":{{"$ref":"#/$defs/a0","$defs":{{{},"a20":{{}}}}}}}}"##,
        doubling.join(",")
    );
    for (condition, at, reason) in [
        (r#"{"type":"header","operator":"exists"}"#, "c.field", "needs a `field`"),
        (r#"{"type":"header","field":"a b","operator":"exists"}"#, "c.field", "not a header name"),
        (r#"{"type":"query","operator":"exists"}"#, "c.field", "query parameter"),
        (r#"{"type":"cookie","operator":"exists"}"#, "c.field", "cookie"),
        (r#"{"type":"query","field":"a","operator":"equals"}"#, "c.value", "needs a `value`"),
        (r#"{"type":"query","field":"a","operator":"regex","value":"a(b"}"#, "c.value", "unclosed group"),
        (r#"{"type":"query","field":"a","operator":"regex","value":"^(?!a)"}"#, "c.value", "look-around"),
        (r#"{"type":"query","field":"a","operator":"regex","value":"(?:\\p{L}{1000}){1000}"}"#, "c.value", "too large"),
        (r#"{"type":"query","field":"a","operator":"regex","value":5}"#, "c.value", "the value is a number"),
        (r#"{"type":"query","field":"a","operator":"startsWith","value":[]}"#, "c.value", "a list"),
        (r#"{"type":"query","field":"a","operator":"lessThan","value":true}"#, "c.value", "has no order"),
        (r#"{"any":[]}"#, "c.any", "empty"),
        (r#"{"all":[{"not":{"any":[]}}]}"#, "c.all[0].not.any", "empty"),
        (r#"{"type":"body","field":"$.a[","operator":"exists"}"#, "c.field", "sonpath"),
        (r#"{"type":"body","field":"/a[","operator":"exists"}"#, "c.field", "xpath"),
        (r#"{"type":"body","operator":"schema","value":5}"#, "c.value", "schema"),
        (r#"{"type":"body","operator":"schema","value":{"type":"strin"}}"#, "c.value", "schema"),
        (r#"{"type":"body","operator":"schema","value":{"pattern":"(?=a)"}}"#, "c.value", "schema"),
        (r#"{"type":"body","operator":"schema","value":{"$ref":"http://x.y/z"}}"#, "c.value", "schema"),
        (r#"{"type":"body","operator":"schema","value":{"$ref":"file:///etc/passwd"}}"#, "c.value", "schema"),
        (r##"{"type":"body","operator":"schema","value":{"$ref":"#/$defs/none"}}"##, "c.value", "schema"),
        (r#"{"type":"body","operator":"schema","value":{"allOf":[{"$id":"a"}]}}"#, "c.value", "schema"),
        (&deep, "c.value", "schema"),
        (&doubling, "c.value", "schema"),
    ] {
        let (_, faults) = try_compile(condition);
        assert_eq!(faults.errors.len(), 1, "{condition}: {faults:?}");
        let fault = &faults.errors[0];
        assert_eq!(fault.at, at, "{condition}");
        assert!(
            fault.message.to_lowercase().contains(reason),
            "{condition}: {fault}"
        );
        assert!(!fault.message.contains('\n'), "{fault}");
    }
    let (_, faults) =
        try_compile(r#"{"all":[{"any":[]},{"type":"header","operator":"regex","value":"("}]}"#);
    assert_eq!(faults.errors.len(), 3, "all are reported: {faults:?}");
    let nested = format!(
        r#"{}{{"type":"path","operator":"exists"}}{}"#,
        r#"{"not":"#.repeat(100),
        "}".repeat(100)
    );
    assert!(try_compile(&nested).1.errors[0].message.contains("deep"));
}

#[rustfmt::skip]
#[test]
fn probable_slips_are_warned_of() {
    for (condition, at) in [
        (r#"{"type":"method","field":"x","operator":"exists"}"#, "c.field"),
        (r#"{"type":"query","field":"x","operator":"lessThan","value":"soon"}"#, "c.value"),
    ] {
        let (_, faults) = try_compile(condition);
        let at_all: Vec<_> = faults.warnings.iter().map(|w| &*w.at).collect();
        assert_eq!(at_all, [at]);
    }
}
