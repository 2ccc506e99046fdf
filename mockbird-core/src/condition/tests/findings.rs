//! What people are told.

use super::*;

#[rustfmt::skip]
#[test]
fn the_line_of_a_finding() {
    let tier = r#"{"type":"header","field":"X-Tier","operator":"equals","value":"wanted-gold"}"#;
    let tags = |rest: &str| format!(r#"{{"type":"query","field":"t","operator":{rest}}}"#);
    let (a, b) = (
        tags(r#""equals","value":"a""#),
        tags(r#""contains","value":"b""#),
    );
    for (sent, condition, want) in [
        (with(&[("x-tier", "came-tin")]), tier.to_owned(), r#"header X-Tier is "came-tin", not "wanted-gold""#),
        (get("/"), tier.to_owned(), r#"header X-Tier is missing, expected "wanted-gold""#),
        (with(&[("x-tier", "wanted-gold")]), tier.to_owned(), r#"header X-Tier is "wanted-gold""#),
        (get("/?t=1&t=2&t=3&t=4&t=5"), a.clone(), r#"query parameter t is "1", "2", "3" and 2 more, not "a""#),
        (get("/?t=x"), b.clone(), r#"query parameter t is "x", which does not contain "b""#),
        (get("/"), b.clone(), r#"query parameter t is missing, expected one containing "b""#),
        (get("/?t=5"), tags(r#""greaterThan","value":10"#), r#"query parameter t is "5", which is not greater than 10"#),
        (get("/?t=x"), tags(r#""regex","value":"^a""#), r#"query parameter t is "x", which does not match "^a""#),
        (get("/"), tags(r#""exists""#), "query parameter t is missing"),
        (get("/?t"), tags(r#""exists","negate":true"#), r#"query parameter t is "", expected none"#),
        (get("/?t=a"), tags(r#""equals","value":"a","negate":true"#), r#"query parameter t is "a", expected anything but "a""#),
        (get("/?t=ab"), tags(r#""contains","value":"b","negate":true"#), r#"query parameter t is "ab", expected none containing "b""#),
        (get("/"), r#"{"type":"method","operator":"equals","value":"GET"}"#.to_owned(), r#"method is "POST", not "GET""#),
        (get("/a%20b"), r#"{"type":"path","operator":"equals","value":"/"}"#.to_owned(), r#"path is "/a b", not "/""#),
        (json(r#"{"a":{"b":[1]}}"#), r#"{"type":"body","field":"a","operator":"equals","value":1}"#.to_owned(), r#"body field a is {"b":[1]}, not 1"#),
        (json("{"), r#"{"type":"body","operator":"equals","value":1}"#.to_owned(), "body is missing, expected 1 (the body is not JSON)"),
        (get("/"), r#"{"type":"body","field":"a","operator":"exists"}"#.to_owned(), "body field a is missing (the body is empty)"),
        (get("/?t=x"), format!(r#"{{"any":[{a},{b}]}}"#), r#"none of: query parameter t is "x", not "a"; query parameter t is "x", which does not contain "b""#),
        (get("/?t=a"), format!(r#"{{"all":[{a},{b}]}}"#), r#"query parameter t is "a", which does not contain "b""#),
        (get("/?t=a"), format!(r#"{{"not":{a}}}"#), r#"not (query parameter t is "a")"#),
    ] {
        assert_eq!(sent.line(&condition), want);
    }
}

#[cfg(feature = "json-schema")]
#[test]
fn a_schema_says_what_it_has_against_a_value() {
    let condition =
        r#"{"type":"body","operator":"schema","value":{"properties":{"id":{"type":"integer"}}}}"#;
    let line = json(r#"{"id":"x"}"#).line(condition);
    assert_eq!(
        line,
        r#"body is {"id":"x"}, which is not valid under the schema (`/properties/id/type` fails at `/id`)"#
    );
}

#[test]
fn the_tree_of_a_finding() {
    let condition = compile(
        r#"{"any":[{"not":{"type":"query","field":"a","operator":"exists"}},{"all":[{"type":"query","field":"b","operator":"exists"}]}]}"#,
    );
    let finding = get("/?a").view(|view| condition.explain(view));
    assert!(!finding.passed);
    let [not, all] = finding.children() else {
        panic!("{finding:?}");
    };
    assert!(!not.passed && not.children()[0].passed);
    assert!(!all.passed && !all.children()[0].passed);
    let Detail::Test(test) = &all.children()[0].detail else {
        panic!("{all:?}");
    };
    assert_eq!(
        (test.source, &*test.field, &test.came),
        (Source::Query, "b", &Came::Missing)
    );
}

#[rustfmt::skip]
#[test]
fn secrets_are_masked() {
    let form = "application/x-www-form-urlencoded";
    for (sent, condition) in [
        (with(&[("authorization", "CAME")]), r#"{"type":"header","field":"Authorization","operator":"equals","value":"WANTED"}"#),
        (with(&[("cookie", "sid=CAME")]), r#"{"type":"header","field":"Cookie","operator":"contains","value":"WANTED"}"#),
        (with(&[("cookie", "sid=CAME")]), r#"{"type":"cookie","field":"sid","operator":"equals","value":"WANTED"}"#),
        (with(&[("x-api-key", "CAME")]), r#"{"type":"header","field":"X-API-Key","operator":"regex","value":"WANTED"}"#),
        (get("/?access_Token=CAME"), r#"{"type":"query","field":"access_Token","operator":"equals","value":"WANTED"}"#),
        (get("/CAME"), r#"{"type":"path","field":"password","operator":"equals","value":"WANTED"}"#),
        (json(r#"{"user":{"password":"CAME"}}"#), r#"{"type":"body","field":"user.password","operator":"equals","value":"WANTED"}"#),
        (json(r#"{"user":{"password":"CAME"}}"#), r#"{"type":"body","field":"user","operator":"equals","value":{"clientSecret":"WANTED"}}"#),
        (json(r#"{"user":{"password":"CAME"}}"#), r#"{"type":"body","operator":"contains","value":"{\"key\":\"WANTED\"}"}"#),
        (posted(form, "a=1&password=CAME"), r#"{"type":"body","operator":"equals","value":"a=1&token=WANTED"}"#),
        (posted("text/xml", "<password>CAME</password>"), r#"{"type":"body","operator":"equals","value":"<key>WANTED</key>"}"#),
    ] {
        let finding = sent.view(|view| compile(condition).explain(view));
        let all = format!("{finding} {finding:?}");
        assert!(!all.contains("CAME") && !all.contains("WANTED"), "{all}");
        assert!(all.contains("***"), "{all}");
    }
}

#[test]
fn values_are_cut_and_made_harmless() {
    let long = format!("/?v={}", "é".repeat(5_000));
    let line = get(&long).line(r#"{"type":"query","field":"v","operator":"equals","value":"x"}"#);
    assert!(line.chars().count() < 200 && line.contains('…'), "{line}");
    let line = get("/?v=%1b%5b31m%C2%9B%E2%80%AE%22%0A")
        .line(r#"{"type":"query","field":"v","operator":"equals","value":"x"}"#);
    assert_eq!(
        line,
        r#"query parameter v is "\u001b[31m\u{9b}\u{202e}\"\n", not "x""#
    );
    let big = format!("[{}1]", "1,".repeat(50_000));
    let line = json(&big).line(r#"{"type":"body","operator":"equals","value":1}"#);
    assert!(line.chars().count() < 200, "{line}");
}
