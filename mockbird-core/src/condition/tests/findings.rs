//! What people are told.

use super::*;

const FORM: &str = "application/x-www-form-urlencoded";

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
        (posted(FORM, r#" {"a":1}"#), r#"{"type":"body","field":"a","operator":"exists"}"#.to_owned(), "body field a is missing (the body was read as a form, as its Content-Type says)"),
        (posted(FORM, "[1]"), r#"{"type":"body","field":"a","operator":"exists"}"#.to_owned(), "body field a is missing (the body was read as a form, as its Content-Type says)"),
        (posted(FORM, "b=1"), r#"{"type":"body","field":"a","operator":"exists"}"#.to_owned(), "body field a is missing"),
        (posted("text/plain", r#"{"a":1}"#), r#"{"type":"body","field":"a","operator":"exists"}"#.to_owned(), "body field a is 1"),
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
        // Secrets by their form.
        (with(&[("x-note", "Bearer CAME")]), r#"{"type":"header","field":"X-Note","operator":"equals","value":"basic WANTED"}"#),
        (with(&[("x-note", "https://u:CAME@h/")]), r#"{"type":"header","field":"X-Note","operator":"equals","value":"token WANTED"}"#),
        (with(&[("x-note", "eyJCAME.eyJCAME.CAME")]), r#"{"type":"header","field":"X-Note","operator":"equals","value":"https://WANTED@h"}"#),
        (json(r#"{"note":"ApiKey CAME"}"#), r#"{"type":"body","operator":"equals","value":"{\"a\":\"Bearer WANTED\"}"}"#),
        (get("/?code=CAME"), r#"{"type":"query","field":"code","operator":"equals","value":"WANTED"}"#),
        // Names beside values.
        (json(r#"[{"name":"Authorization","value":"CAME"}]"#), r#"{"type":"body","operator":"equals","value":"[\"password\",\"WANTED\"]"}"#),
        (posted(form, "name=password&value=CAME"), r#"{"type":"body","operator":"equals","value":"type=pin&v=WANTED"}"#),
        (json(r#"{"name":"Authorization","value":"CAME"}"#), r#"{"type":"body","field":"value","operator":"equals","value":"Bearer WANTED"}"#),
        // Segments after names.
        (get("/token/CAME"), r#"{"type":"path","field":"id","operator":"equals","value":"WANTED"}"#),
        (get("/a/token/CAME"), r#"{"type":"path","operator":"equals","value":"/token/WANTED"}"#),
        // Other spellings of a name.
        (with(&[("x-auth", "CAME")]), r#"{"type":"header","field":"X-Auth","operator":"equals","value":"WANTED"}"#),
        (get("/?pass_word=CAME"), r#"{"type":"query","field":"pass_word","operator":"equals","value":"WANTED"}"#),
        (get("/?PWD=CAME"), r#"{"type":"query","field":"PWD","operator":"equals","value":"WANTED"}"#),
        (json(r#"{"userPin":"CAME"}"#), r#"{"type":"body","field":"userPin","operator":"equals","value":"WANTED"}"#),
        (posted(form, "a=1&p%61ssword=CAME"), r#"{"type":"body","operator":"equals","value":"a=1&p%61ssword=WANTED"}"#),
        (posted("text/plain", r#"{"p\u0061ssword":"CAME""#), r#"{"type":"body","operator":"equals","value":"{\"p\\u0061ssword\":\"WANTED\""}"#),
        // JSON inside of text.
        (get(r#"/?filter={"password":"CAME"}"#), r#"{"type":"query","field":"filter","operator":"equals","value":"{\"password\":\"WANTED\"}"}"#),
        (with(&[("x-note", r#"[{"token":"CAME"}]"#)]), r#"{"type":"header","field":"X-Note","operator":"equals","value":"password: WANTED"}"#),
        (json(r#"{"data":"{\"password\":\"CAME\"}"}"#), r#"{"type":"body","field":"data","operator":"equals","value":"{\"pin\":\"WANTED\"}"}"#),
        (json(r#"{"data":"[\"{\\\"password\\\":\\\"CAME\\\"}\"]"}"#), r#"{"type":"body","operator":"equals","value":"{\"pin\":\"WANTED\"}"}"#),
        (posted(form, "filter=%7B%22password%22%3A%22CAME%22%7D"), r#"{"type":"body","operator":"equals","value":"<pin>WANTED</pin>"}"#),
        (with(&[("referer", "http://a.b/?token=CAME")]), r#"{"type":"header","field":"Referer","operator":"equals","value":"http://a.b/?token=WANTED"}"#),
        // The whole path, where a parameter is a secret.
        (get("/CAME"), r#"{"type":"path","operator":"equals","value":"/WANTED"}"#),
        // Several values of one name.
        (get("/?key=CAME&key=CAME"), r#"{"type":"query","field":"key","operator":"regex","value":"WANTED"}"#),
    ] {
        assert_hidden(&sent, condition);
    }
}

/// Neither what came nor what is wanted is said, to people or to programs.
fn assert_hidden(sent: &Sent<'_>, condition: &str) {
    let finding = sent.view(|view| compile(condition).explain(view));
    let all = format!("{finding} {finding:?}");
    assert!(
        !all.contains("CAME") && !all.contains("WANTED"),
        "{condition}: {all}"
    );
    assert!(
        all.contains("***") || all.contains("hidden"),
        "{condition}: {all}"
    );
}

#[cfg(feature = "jsonpath")]
#[test]
fn what_a_jsonpath_does_not_name_may_be_a_secret() {
    for field in [
        "$.*",
        "$..*",
        "$[*]",
        "$['a','password']",
        "$['p\\\\u0061ssword']",
        "$[?@ != 1]",
        "$..[?@ != 1]",
        "$.user.*",
        "$.user[*]",
        "$.deep.*.password",
        "$..['PassWord']",
        "$.list[0].*",
        "$.keys[0]",
        "$.keys.*",
        "$..[0]",
        "$.texts[*]",
        "$.texts[0]",
    ] {
        let body = r#"{"a":1,"password":"CAME","user":{"password":"CAME"},"deep":{"x":{"password":"CAME"}},"list":[{"pwd":"CAME"}],"keys":["CAME"],"texts":["{\"pin\":\"CAME\"}"]}"#;
        let condition = format!(
            r#"{{"type":"body","field":"{field}","operator":"equals","value":"{}"}}"#,
            if field.starts_with("$.texts") {
                r#"{\"pin\":\"WANTED\"}"#
            } else {
                "WANTED"
            }
        );
        assert_hidden(&json(body), &condition);
    }
    // What is named and harmless is shown, and so is what came where the body holds no secret.
    for (body, field, want) in [
        (
            r#"{"items":[{"id":1},{"id":2}]}"#,
            "$.items[*].id",
            r#"body field $.items[*].id is 1, 2, not "x""#,
        ),
        (
            r#"{"a":[1,{"b":2}]}"#,
            "$.a[0]",
            r#"body field $.a[0] is 1, not "x""#,
        ),
        (
            r#"{"a":[1,{"b":2}]}"#,
            "$.a[*]",
            r#"body field $.a[*] is 1, {"b":2}, not the wanted value (hidden)"#,
        ),
        (
            r#"{"a":[1,{"pwd":2}]}"#,
            "$.a[1:2]",
            r#"body field $.a[1:2] is {"pwd":"***"}, not "x""#,
        ),
        (
            r#"{"name":"n","pin":1}"#,
            "$..name",
            r#"body field $..name is ***, not "x""#,
        ),
    ] {
        let condition =
            format!(r#"{{"type":"body","field":"{field}","operator":"equals","value":"x"}}"#);
        assert_eq!(json(body).line(&condition), want);
    }
}

#[cfg(feature = "xpath")]
#[test]
fn what_an_xpath_does_not_name_may_be_a_secret() {
    let body = "<u><name>CAME</name><password>CAME</password><a pin='CAME'>x</a></u>";
    for field in [
        "/*",
        "//*",
        "/u/*",
        "/u/password",
        "/u/password/text()",
        "/u/a/@*",
        "//@pin",
        "//@*",
        "/u",
        "/u/text()",
        "//text()",
    ] {
        for body in [body, "<u token='CAME'>CAME<b/></u>"] {
            let condition = format!(
                r#"{{"type":"body","field":"{field}","operator":"equals","value":"WANTED"}}"#
            );
            let line = posted("text/xml", body).line(&condition);
            assert!(!line.contains("CAME"), "{line}");
            if field.contains('*') || field.contains('p') && !field.ends_with("text()") {
                assert!(!line.contains("WANTED"), "{line}");
            }
        }
    }
    let condition = r#"{"type":"body","field":"/u/name","operator":"equals","value":"x"}"#;
    let line = posted("text/xml", "<u><name>n</name></u>").line(condition);
    assert_eq!(line, r#"body field /u/name is "n", not "x""#);
}

/// A line about what is hidden still says what differed.
#[rustfmt::skip]
#[test]
fn the_line_of_a_hidden_value() {
    for (sent, rest, want) in [
        ("CAME", r#""equals","value":"WANTED""#, "header X-Key does not equal the wanted value (both hidden)"),
        ("CAME", r#""equals","value":"CAME""#, "header X-Key is as wanted (hidden)"),
        ("CAME", r#""equals","value":"CAME","negate":true"#, "header X-Key equals the unwanted value (both hidden)"),
        ("CAME", r#""contains","value":"WANTED""#, "header X-Key does not contain the wanted value (both hidden)"),
        ("CAME", r#""startsWith","value":"WANTED""#, "header X-Key does not start with the wanted value (both hidden)"),
        ("CAME", r#""endsWith","value":"WANTED""#, "header X-Key does not end with the wanted value (both hidden)"),
        ("CAME", r#""regex","value":"^WANTED""#, "header X-Key does not match the wanted pattern (both hidden)"),
        ("CAME", r#""greaterThan","value":3"#, "header X-Key is not greater than the wanted value (both hidden)"),
        ("CAME", r#""exists","negate":true"#, "header X-Key is there, expected none"),
        ("CAME", r#""exists""#, "header X-Key is there"),
    ] {
        let condition = format!(r#"{{"type":"header","field":"X-Key","operator":{rest}}}"#);
        assert_eq!(with(&[("x-key", sent)]).line(&condition), want);
    }
    let condition = r#"{"type":"header","field":"X-Key","operator":"equals","value":"WANTED"}"#;
    assert_eq!(get("/").line(condition), "header X-Key is missing, expected the wanted value (hidden)");
}

/// Masks are for secrets: other values stay readable.
#[rustfmt::skip]
#[test]
fn what_is_harmless_is_shown() {
    let condition = |field: &str| format!(r#"{{"type":"query","field":"{field}","operator":"equals","value":"x"}}"#);
    for (target, field, want) in [
        ("/?author=me", "author", r#"query parameter author is "me", not "x""#),
        ("/?passenger=me", "passenger", r#"query parameter passenger is "me", not "x""#),
        ("/?q=a token ring", "q", r#"query parameter q is "a token ring", not "x""#),
        ("/?q=a basic plan", "q", r#"query parameter q is "a basic plan", not "x""#),
        ("/?q=a%3D1", "q", r#"query parameter q is "a=1", not "x""#),
        (r#"/?q={"a":1}"#, "q", r#"query parameter q is "{\"a\":1}", not "x""#),
        (r#"/?q={"a":{"key":1}}"#, "q", r#"query parameter q is "{\"a\":{\"key\":\"***\"}}", not "x""#),
    ] {
        assert_eq!(get(target).line(&condition(field)), want);
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
