//! Probes.

use super::*;

#[rustfmt::skip]
#[test]
fn probes_of_plain_equals_only() {
    for (condition, want) in [
        (r#"{"type":"query","field":"v","operator":"equals","value":"a"}"#, Some("a")),
        (r#"{"type":"header","field":"X-V","operator":"equals","value":1.0}"#, Some("1e0")),
        (r#"{"type":"body","field":"a.b","operator":"equals","value":true}"#, Some("true")),
        (r#"{"type":"body","operator":"equals","value":"a"}"#, Some("a")),
        (r#"{"type":"method","operator":"equals","value":"PUT"}"#, None),
        (r#"{"type":"query","field":"v","operator":"equals","value":"a","negate":true}"#, None),
        (r#"{"type":"query","field":"v","operator":"equals","value":"a","caseInsensitive":true}"#, None),
        (r#"{"type":"query","field":"v","operator":"equals","value":[1]}"#, None),
        (r#"{"type":"query","field":"v","operator":"contains","value":"a"}"#, None),
        (r#"{"type":"path","field":"v","operator":"equals","value":"a"}"#, None),
        (r#"{"not":{"type":"query","field":"v","operator":"equals","value":"a"}}"#, None),
    ] {
        let key = compile(condition).probe().map(|(_, key)| key);
        assert_eq!(key.as_deref(), want, "{condition}");
    }
    let probe = |field, value| {
        compile(&format!(
            r#"{{"type":"header","field":"{field}","operator":"equals","value":{value}}}"#
        ))
        .probe()
        .unwrap()
        .0
    };
    assert_eq!(probe("x-v", "\"a\""), probe("X-V", "\"b\""));
    assert_ne!(probe("x-v", "\"1\""), probe("x-v", "1"));
    assert_ne!(probe("x-v", "1"), probe("x-w", "1"));
}
