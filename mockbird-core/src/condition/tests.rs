use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::*;
use crate::fault::{Faults, Place};
use crate::json::{self, Node};
use crate::request::{Params, Request};
use crate::spec::{Operator, Source};

/// A condition from its JSON form, as a file has it.
fn spec_of(node: &Node) -> spec::Condition {
    let list = |node: &Node| node.elements().unwrap().iter().map(spec_of).collect();
    if let Some(all) = node.get("any") {
        return spec::Condition::Any(list(all));
    }
    if let Some(all) = node.get("all") {
        return spec::Condition::All(list(all));
    }
    if let Some(inner) = node.get("not") {
        return spec::Condition::Not(Box::new(spec_of(inner)));
    }
    let text = |key| node.get(key).and_then(Node::as_str).unwrap_or_default();
    let flag = |key| node.get(key).map(|flag: &Node| flag.to_string() == "true");
    spec::Condition::Test(spec::Test {
        source: match text("type") {
            "header" => Source::Header,
            "query" => Source::Query,
            "body" => Source::Body,
            "path" => Source::Path,
            "cookie" => Source::Cookie,
            "method" => Source::Method,
            other => panic!("type {other}"),
        },
        field: text("field").to_owned(),
        operator: match text("operator") {
            "equals" => Operator::Equals,
            "contains" => Operator::Contains,
            "startsWith" => Operator::StartsWith,
            "endsWith" => Operator::EndsWith,
            "regex" => Operator::Regex,
            "exists" => Operator::Exists,
            "greaterThan" => Operator::GreaterThan,
            "greaterOrEqual" => Operator::GreaterOrEqual,
            "lessThan" => Operator::LessThan,
            "lessOrEqual" => Operator::LessOrEqual,
            "schema" => Operator::Schema,
            other => panic!("operator {other}"),
        },
        value: node.get("value").cloned(),
        negate: flag("negate"),
        case_insensitive: flag("caseInsensitive"),
    })
}

fn spec_from(text: &str) -> spec::Condition {
    spec_of(&json::parse(text.as_bytes()).unwrap_or_else(|e| panic!("{text}: {e}")))
}

fn try_compile(text: &str) -> (Option<Condition>, Faults) {
    let mut faults = Faults::default();
    let root = Place::ROOT;
    let compiled = Condition::compile(&spec_from(text), &root.key("c"), &mut faults);
    assert_eq!(compiled.is_none(), !faults.errors.is_empty(), "{text}");
    (compiled, faults)
}

fn compile(text: &str) -> Condition {
    let (compiled, faults) = try_compile(text);
    compiled.unwrap_or_else(|| panic!("{text}: {:?}", faults.errors))
}

/// A request: target, headers, body; path parameters `v` and `password`.
struct Sent<'a> {
    target: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: &'a str,
}

impl Sent<'_> {
    fn view<R>(&self, look: impl FnOnce(&View<'_>) -> R) -> R {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        let request = Request::new(&Method::POST, self.target, &headers, self.body.as_bytes());
        let last = request.raw_path().rsplit('/').next().unwrap_or_default();
        let names = ["v".into(), "password".into()];
        look(&View {
            request: &request,
            method: &Method::POST,
            params: Params::new(&names, &[last, last]),
        })
    }

    fn passes(&self, condition: &Condition) -> bool {
        self.view(|view| condition.passes(view))
    }

    fn line(&self, condition: &str) -> String {
        let condition = compile(condition);
        self.view(|view| condition.explain(view).to_string())
    }
}

fn get(target: &str) -> Sent<'_> {
    Sent {
        target,
        headers: vec![],
        body: "",
    }
}

fn with<'a>(headers: &[(&'a str, &'a str)]) -> Sent<'a> {
    Sent {
        headers: headers.to_vec(),
        ..get("/")
    }
}

fn posted<'a>(content_type: &'a str, body: &'a str) -> Sent<'a> {
    Sent {
        headers: vec![("content-type", content_type)],
        body,
        ..get("/")
    }
}

fn json(body: &str) -> Sent<'_> {
    posted("application/json", body)
}

/// The same text in every place where a text may stand.
fn everywhere(text: &str) -> Vec<(&'static str, String)> {
    let escaped =
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    vec![
        (r#""type":"query","field":"v""#, format!("/?v={escaped}")),
        (r#""type":"path","field":"v""#, format!("/{escaped}")),
    ]
}

#[test]
fn operators_on_text() {
    for (rest, text, want) in [
        (r#""operator":"equals","value":"blue""#, "blue", true),
        (r#""operator":"equals","value":"blue""#, "Blue", false),
        (
            r#""operator":"equals","value":"BLUE","caseInsensitive":true"#,
            "blUe",
            true,
        ),
        (
            r#""operator":"equals","value":"ÄSΣ","caseInsensitive":true"#,
            "äsσ",
            true,
        ),
        (
            r#""operator":"equals","value":"k","caseInsensitive":true"#,
            "\u{212A}",
            true,
        ),
        (r#""operator":"equals","value":5"#, "5.0", true),
        (r#""operator":"equals","value":5"#, "05", false),
        (r#""operator":"equals","value":true"#, "true", true),
        (r#""operator":"equals","value":[1]"#, "[1.0]", true),
        (r#""operator":"contains","value":"lu""#, "blue", true),
        (r#""operator":"contains","value":"LU""#, "blue", false),
        (
            r#""operator":"contains","value":"LU","caseInsensitive":true"#,
            "blue",
            true,
        ),
        (r#""operator":"contains","value":2"#, "[1,2]", true),
        (r#""operator":"contains","value":2"#, "12", false),
        (
            r#""operator":"contains","value":{"a":1}"#,
            r#"{"a":1,"b":2}"#,
            true,
        ),
        (r#""operator":"startsWith","value":"bl""#, "blue", true),
        (r#""operator":"startsWith","value":"lu""#, "blue", false),
        (
            r#""operator":"endsWith","value":"UE","caseInsensitive":true"#,
            "blue",
            true,
        ),
        (r#""operator":"regex","value":"[0-9]{2}""#, "a42b", true),
        (r#""operator":"regex","value":"^[0-9]{2}$""#, "a42b", false),
        (
            r#""operator":"regex","value":"^É$","caseInsensitive":true"#,
            "é",
            true,
        ),
        (r#""operator":"greaterThan","value":10"#, "9", false),
        (r#""operator":"greaterThan","value":"10""#, "10.01", true),
        (
            r#""operator":"greaterThan","value":9007199254740993"#,
            "9007199254740994",
            true,
        ),
        (r#""operator":"lessOrEqual","value":1e2"#, "100", true),
        (r#""operator":"greaterOrEqual","value":10"#, "+10", false),
        (r#""operator":"lessThan","value":10"#, " 9", false),
        (
            r#""operator":"greaterThan","value":"2024-01-01T00:00:00Z""#,
            "2023-12-31t23:30:00-01:00",
            true,
        ),
        (
            r#""operator":"lessThan","value":"2024-01-01T00:00:00Z""#,
            "2023-12-31 23:30:00Z",
            false,
        ),
        (
            r#""operator":"lessThan","value":"2024-01-01T00:00:00Z""#,
            "2023-12-31T23:30Z",
            false,
        ),
        (
            r#""operator":"lessThan","value":"2024-01-01T00:00:00Z""#,
            "2023-12-31T23:30:00",
            false,
        ),
        (
            r#""operator":"lessThan","value":"2024-01-01T00:00:00Z""#,
            "2023-13-31T23:30:00Z",
            false,
        ),
        (
            r#""operator":"lessThan","value":"2024-01-01T00:00:00Z""#,
            "2023-12-31T23:59:59.999Z",
            true,
        ),
        (
            r#""operator":"lessThan","value":"2024-01-01T00:00:00Z""#,
            "5",
            false,
        ),
        (
            r#""operator":"greaterThan","value":5"#,
            "2024-01-01T00:00:00Z",
            false,
        ),
    ] {
        for (place, target) in everywhere(text) {
            for negate in [false, true] {
                let condition = compile(&format!(r#"{{{place},{rest},"negate":{negate}}}"#));
                let passes = get(&target).passes(&condition);
                assert_eq!(passes, want != negate, "{rest} {text} {place} {negate}");
            }
        }
    }
}

#[test]
fn operators_on_json() {
    for (field, rest, body, want) in [
        (
            "v",
            r#""operator":"equals","value":"1.10""#,
            r#"{"v":1.10}"#,
            true,
        ),
        (
            "v",
            r#""operator":"equals","value":1.1"#,
            r#"{"v":1.10}"#,
            true,
        ),
        (
            "v",
            r#""operator":"equals","value":1"#,
            r#"{"v":"1"}"#,
            false,
        ),
        (
            "v",
            r#""operator":"equals","value":null"#,
            r#"{"v":null}"#,
            true,
        ),
        ("v", r#""operator":"equals","value":null"#, "{}", false),
        (
            "v",
            r#""operator":"equals","value":"[1,2]""#,
            r#"{"v":[1, 2]}"#,
            true,
        ),
        (
            "v",
            r#""operator":"equals","value":{"a":"X"},"caseInsensitive":true"#,
            r#"{"v":{"a":"x"}}"#,
            false,
        ),
        (
            "v",
            r#""operator":"contains","value":"2""#,
            r#"{"v":123}"#,
            true,
        ),
        (
            "v",
            r#""operator":"contains","value":"b""#,
            r#"{"v":["a","b"]}"#,
            true,
        ),
        (
            "v",
            r#""operator":"contains","value":"B","caseInsensitive":true"#,
            r#"{"v":["a","b"]}"#,
            true,
        ),
        (
            "v",
            r#""operator":"contains","value":"b""#,
            r#"{"v":["abc"]}"#,
            false,
        ),
        (
            "v",
            r#""operator":"contains","value":"b""#,
            r#"{"v":{"a":"b"}}"#,
            true,
        ),
        (
            "v",
            r#""operator":"contains","value":{"id":1}"#,
            r#"{"v":[{"id":1,"x":2}]}"#,
            false,
        ),
        (
            "v",
            r#""operator":"contains","value":{"l":[{"id":1}]}"#,
            r#"{"v":{"l":[{"id":1,"x":2}],"m":0}}"#,
            true,
        ),
        (
            "v",
            r#""operator":"contains","value":5"#,
            r#"{"v":5.0}"#,
            true,
        ),
        (
            "v",
            r#""operator":"startsWith","value":"[1,[2""#,
            r#"{"v":[1, [2, 3]]}"#,
            true,
        ),
        (
            "v",
            r#""operator":"greaterThan","value":10"#,
            r#"{"v":"12"}"#,
            true,
        ),
        (
            "v",
            r#""operator":"greaterThan","value":10"#,
            r#"{"v":[12]}"#,
            false,
        ),
        (
            "v",
            r#""operator":"greaterThan","value":"2024-01-01T00:00:00Z""#,
            r#"{"v":"2024-01-01T00:00:01Z"}"#,
            true,
        ),
        ("v", r#""operator":"exists""#, r#"{"v":""}"#, true),
        (
            "items[*].id",
            r#""operator":"equals","value":2"#,
            r#"{"items":[{"id":1},{"id":2}]}"#,
            true,
        ),
        (
            "$..id",
            r#""operator":"equals","value":2"#,
            r#"{"items":[{"id":1},{"id":2}]}"#,
            true,
        ),
        ("$['a.b']", r#""operator":"exists""#, r#"{"a.b":1}"#, true),
        ("['a.b']", r#""operator":"exists""#, r#"{"a.b":1}"#, true),
        ("v", r#""operator":"exists""#, "not json", false),
        ("v", r#""operator":"exists""#, "", false),
        (
            "",
            r#""operator":"equals","value":"{\"a\":1}""#,
            r#"{"a":1}"#,
            true,
        ),
        (
            "",
            r#""operator":"equals","value":"{\"a\":1}""#,
            r#"{"a": 1}"#,
            false,
        ),
        (
            "",
            r#""operator":"equals","value":{"a":1}"#,
            r#"{"a": 1.0}"#,
            true,
        ),
        ("", r#""operator":"greaterThan","value":5"#, "6", true),
        ("", r#""operator":"equals","value":null"#, "", false),
        ("", r#""operator":"equals","value":"""#, "", true),
        ("", r#""operator":"exists""#, "", false),
        ("", r#""operator":"exists""#, " ", true),
        (
            "",
            r#""operator":"schema","value":{"required":["a"]}"#,
            r#"{"a":1}"#,
            true,
        ),
        (
            "",
            r#""operator":"schema","value":{"type":"object"}"#,
            "",
            false,
        ),
        (
            "v",
            r#""operator":"schema","value":{"type":"integer","minimum":2}"#,
            r#"{"v":1}"#,
            false,
        ),
        (
            "v",
            r#""operator":"schema","value":{"type":"integer"}"#,
            r#"{"v":1.0}"#,
            true,
        ),
        (
            "v",
            r#""operator":"schema","value":false"#,
            r#"{"v":1}"#,
            false,
        ),
    ] {
        let optional = (field.starts_with('$') && !cfg!(feature = "jsonpath"))
            || (rest.contains("schema") && !cfg!(feature = "json-schema"));
        if optional {
            continue;
        }
        for negate in [false, true] {
            let text = format!(r#"{{"type":"body","field":"{field}",{rest},"negate":{negate}}}"#);
            let passes = json(body).passes(&compile(&text));
            assert_eq!(passes, want != negate, "{text} {body}");
        }
    }
}

#[test]
fn each_source() {
    let form = "application/x-www-form-urlencoded";
    let multipart = "multipart/form-data; boundary=b";
    let part = "--b\r\nContent-Disposition: form-data; name=\"v\"\r\n\r\nblue\r\n--b--";
    for (source, field, sent, want) in [
        (
            "header",
            "X-V",
            with(&[("x-v", "red"), ("X-v", "blue")]),
            true,
        ),
        ("header", "x-v", with(&[("x-v", "red, blue")]), false),
        ("query", "v", get("/?v=red&v=bl%75e"), true),
        ("query", "v", get("/?V=blue"), false),
        ("query", "a b", get("/?a+b=blue"), true),
        ("cookie", "v", with(&[("cookie", "a=1; v=blue")]), true),
        ("cookie", "v", with(&[("cookie", "xv=blue")]), false),
        ("path", "v", get("/x/bl%75e"), true),
        ("path", "w", get("/x/blue"), false),
        ("path", "", get("/x/blue"), false),
        ("body", "v", posted(form, "v=red&v=blue"), true),
        ("body", "a[]", posted(form, "a[]=blue"), true),
        ("body", "a.b", posted(form, "a.b=blue"), true),
        ("body", "$.v", posted(form, "$.v=blue"), false),
        ("body", "v", posted(multipart, part), true),
        ("body", "v", posted("text/plain", r#"{"v":"blue"}"#), true),
        ("body", "v", posted("application/xml", "<v>blue</v>"), false),
        ("body", "/v", posted("application/xml", "<v>blue</v>"), true),
        (
            "body",
            "/r/v/@a",
            posted("text/xml", "<r><v a='red'/><v a='blue'/></r>"),
            true,
        ),
        ("body", "/v", posted("text/plain", "<v>blue</v>"), false),
        ("body", "/v", posted("application/xml", "<v>blue<v>"), false),
        ("body", "", posted("text/plain", "blue"), true),
    ] {
        if (field.starts_with('/') && !cfg!(feature = "xpath"))
            || (field.starts_with('$') && !cfg!(feature = "jsonpath"))
        {
            continue;
        }
        let test = format!(r#""type":"{source}","field":"{field}""#);
        let equals = compile(&format!(r#"{{{test},"operator":"equals","value":"blue"}}"#));
        assert_eq!(sent.passes(&equals), want, "{test}");
    }
    let method = |value| format!(r#"{{"type":"method","operator":"equals","value":"{value}"}}"#);
    assert!(get("/").passes(&compile(&method("POST"))));
    assert!(!get("/").passes(&compile(&method("GET"))));
    let path = r#"{"type":"path","operator":"equals","value":"/a b"}"#;
    assert!(get("/a%20b?c").passes(&compile(path)));
}

#[test]
fn a_missing_field_fails_every_operator() {
    for operator in [
        r#""exists""#,
        r#""equals","value":"""#,
        r#""equals","value":null"#,
        r#""contains","value":"""#,
        r#""startsWith","value":"""#,
        r#""endsWith","value":"""#,
        r#""regex","value":".*""#,
        r#""greaterThan","value":0"#,
        r#""lessOrEqual","value":0"#,
    ] {
        for source in ["header", "query", "cookie", "path", "body"] {
            let test = format!(r#""type":"{source}","field":"x","operator":{operator}"#);
            assert!(!get("/").passes(&compile(&format!("{{{test}}}"))), "{test}");
            let negated = compile(&format!(r#"{{{test},"negate":true}}"#));
            assert!(get("/").passes(&negated), "{test}");
        }
    }
}

#[test]
fn groups() {
    let has = |key: &str| format!(r#"{{"type":"query","field":"{key}","operator":"exists"}}"#);
    let (a, b) = (has("a"), has("b"));
    for (condition, target, want) in [
        (format!(r#"{{"any":[{a},{b}]}}"#), "/?b", true),
        (format!(r#"{{"any":[{a},{b}]}}"#), "/", false),
        (format!(r#"{{"all":[{a},{b}]}}"#), "/?a&b", true),
        (format!(r#"{{"all":[{a},{b}]}}"#), "/?a", false),
        (format!(r#"{{"not":{a}}}"#), "/?a", false),
        (format!(r#"{{"not":{{"any":[{a},{b}]}}}}"#), "/?c", true),
    ] {
        assert_eq!(
            get(target).passes(&compile(&condition)),
            want,
            "{condition} {target}"
        );
    }
}

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
        (
            r#"{"type":"header","operator":"exists"}"#,
            "c.field",
            "needs a `field`",
        ),
        (
            r#"{"type":"header","field":"a b","operator":"exists"}"#,
            "c.field",
            "not a header name",
        ),
        (
            r#"{"type":"query","operator":"exists"}"#,
            "c.field",
            "query parameter",
        ),
        (
            r#"{"type":"cookie","operator":"exists"}"#,
            "c.field",
            "cookie",
        ),
        (
            r#"{"type":"query","field":"a","operator":"equals"}"#,
            "c.value",
            "needs a `value`",
        ),
        (
            r#"{"type":"query","field":"a","operator":"regex","value":"a(b"}"#,
            "c.value",
            "unclosed group",
        ),
        (
            r#"{"type":"query","field":"a","operator":"regex","value":"^(?!a)"}"#,
            "c.value",
            "look-around",
        ),
        (
            r#"{"type":"query","field":"a","operator":"regex","value":"(?:\\p{L}{1000}){1000}"}"#,
            "c.value",
            "too large",
        ),
        (
            r#"{"type":"query","field":"a","operator":"regex","value":5}"#,
            "c.value",
            "the value is a number",
        ),
        (
            r#"{"type":"query","field":"a","operator":"startsWith","value":[]}"#,
            "c.value",
            "a list",
        ),
        (
            r#"{"type":"query","field":"a","operator":"lessThan","value":true}"#,
            "c.value",
            "has no order",
        ),
        (r#"{"any":[]}"#, "c.any", "empty"),
        (
            r#"{"all":[{"not":{"any":[]}}]}"#,
            "c.all[0].not.any",
            "empty",
        ),
        (
            r#"{"type":"body","field":"$.a[","operator":"exists"}"#,
            "c.field",
            "sonpath",
        ),
        (
            r#"{"type":"body","field":"/a[","operator":"exists"}"#,
            "c.field",
            "xpath",
        ),
        (
            r#"{"type":"body","operator":"schema","value":5}"#,
            "c.value",
            "schema",
        ),
        (
            r#"{"type":"body","operator":"schema","value":{"type":"strin"}}"#,
            "c.value",
            "schema",
        ),
        (
            r#"{"type":"body","operator":"schema","value":{"pattern":"(?=a)"}}"#,
            "c.value",
            "schema",
        ),
        (
            r#"{"type":"body","operator":"schema","value":{"$ref":"http://x.y/z"}}"#,
            "c.value",
            "schema",
        ),
        (
            r#"{"type":"body","operator":"schema","value":{"$ref":"file:///etc/passwd"}}"#,
            "c.value",
            "schema",
        ),
        (
            r##"{"type":"body","operator":"schema","value":{"$ref":"#/$defs/none"}}"##,
            "c.value",
            "schema",
        ),
        (
            r#"{"type":"body","operator":"schema","value":{"allOf":[{"$id":"a"}]}}"#,
            "c.value",
            "schema",
        ),
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

#[test]
fn probable_slips_are_warned_of() {
    for (condition, at) in [
        (
            r#"{"type":"method","field":"x","operator":"exists"}"#,
            "c.field",
        ),
        (
            r#"{"type":"query","field":"x","operator":"lessThan","value":"soon"}"#,
            "c.value",
        ),
    ] {
        let (_, faults) = try_compile(condition);
        let at_all: Vec<_> = faults.warnings.iter().map(|w| &*w.at).collect();
        assert_eq!(at_all, [at]);
    }
}

#[test]
fn the_line_of_a_finding() {
    let tier = r#"{"type":"header","field":"X-Tier","operator":"equals","value":"wanted-gold"}"#;
    let tags = |rest: &str| format!(r#"{{"type":"query","field":"t","operator":{rest}}}"#);
    let (a, b) = (
        tags(r#""equals","value":"a""#),
        tags(r#""contains","value":"b""#),
    );
    for (sent, condition, want) in [
        (
            with(&[("x-tier", "came-tin")]),
            tier.to_owned(),
            r#"header X-Tier is "came-tin", not "wanted-gold""#,
        ),
        (
            get("/"),
            tier.to_owned(),
            r#"header X-Tier is missing, expected "wanted-gold""#,
        ),
        (
            with(&[("x-tier", "wanted-gold")]),
            tier.to_owned(),
            r#"header X-Tier is "wanted-gold""#,
        ),
        (
            get("/?t=1&t=2&t=3&t=4&t=5"),
            a.clone(),
            r#"query parameter t is "1", "2", "3" and 2 more, not "a""#,
        ),
        (
            get("/?t=x"),
            b.clone(),
            r#"query parameter t is "x", which does not contain "b""#,
        ),
        (
            get("/"),
            b.clone(),
            r#"query parameter t is missing, expected one containing "b""#,
        ),
        (
            get("/?t=5"),
            tags(r#""greaterThan","value":10"#),
            r#"query parameter t is "5", which is not greater than 10"#,
        ),
        (
            get("/?t=x"),
            tags(r#""regex","value":"^a""#),
            r#"query parameter t is "x", which does not match "^a""#,
        ),
        (
            get("/"),
            tags(r#""exists""#),
            "query parameter t is missing",
        ),
        (
            get("/?t"),
            tags(r#""exists","negate":true"#),
            r#"query parameter t is "", expected none"#,
        ),
        (
            get("/?t=a"),
            tags(r#""equals","value":"a","negate":true"#),
            r#"query parameter t is "a", expected anything but "a""#,
        ),
        (
            get("/?t=ab"),
            tags(r#""contains","value":"b","negate":true"#),
            r#"query parameter t is "ab", expected none containing "b""#,
        ),
        (
            get("/"),
            r#"{"type":"method","operator":"equals","value":"GET"}"#.to_owned(),
            r#"method is "POST", not "GET""#,
        ),
        (
            get("/a%20b"),
            r#"{"type":"path","operator":"equals","value":"/"}"#.to_owned(),
            r#"path is "/a b", not "/""#,
        ),
        (
            json(r#"{"a":{"b":[1]}}"#),
            r#"{"type":"body","field":"a","operator":"equals","value":1}"#.to_owned(),
            r#"body field a is {"b":[1]}, not 1"#,
        ),
        (
            json("{"),
            r#"{"type":"body","operator":"equals","value":1}"#.to_owned(),
            "body is missing, expected 1 (the body is not JSON)",
        ),
        (
            get("/"),
            r#"{"type":"body","field":"a","operator":"exists"}"#.to_owned(),
            "body field a is missing (the body is empty)",
        ),
        (
            get("/?t=x"),
            format!(r#"{{"any":[{a},{b}]}}"#),
            r#"none of: query parameter t is "x", not "a"; query parameter t is "x", which does not contain "b""#,
        ),
        (
            get("/?t=a"),
            format!(r#"{{"all":[{a},{b}]}}"#),
            r#"query parameter t is "a", which does not contain "b""#,
        ),
        (
            get("/?t=a"),
            format!(r#"{{"not":{a}}}"#),
            r#"not (query parameter t is "a")"#,
        ),
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

#[test]
fn secrets_are_masked() {
    let form = "application/x-www-form-urlencoded";
    for (sent, condition) in [
        (
            with(&[("authorization", "CAME")]),
            r#"{"type":"header","field":"Authorization","operator":"equals","value":"WANTED"}"#,
        ),
        (
            with(&[("cookie", "sid=CAME")]),
            r#"{"type":"header","field":"Cookie","operator":"contains","value":"WANTED"}"#,
        ),
        (
            with(&[("cookie", "sid=CAME")]),
            r#"{"type":"cookie","field":"sid","operator":"equals","value":"WANTED"}"#,
        ),
        (
            with(&[("x-api-key", "CAME")]),
            r#"{"type":"header","field":"X-API-Key","operator":"regex","value":"WANTED"}"#,
        ),
        (
            get("/?access_Token=CAME"),
            r#"{"type":"query","field":"access_Token","operator":"equals","value":"WANTED"}"#,
        ),
        (
            get("/CAME"),
            r#"{"type":"path","field":"password","operator":"equals","value":"WANTED"}"#,
        ),
        (
            json(r#"{"user":{"password":"CAME"}}"#),
            r#"{"type":"body","field":"user.password","operator":"equals","value":"WANTED"}"#,
        ),
        (
            json(r#"{"user":{"password":"CAME"}}"#),
            r#"{"type":"body","field":"user","operator":"equals","value":{"clientSecret":"WANTED"}}"#,
        ),
        (
            json(r#"{"user":{"password":"CAME"}}"#),
            r#"{"type":"body","operator":"contains","value":"{\"key\":\"WANTED\"}"}"#,
        ),
        (
            posted(form, "a=1&password=CAME"),
            r#"{"type":"body","operator":"equals","value":"a=1&token=WANTED"}"#,
        ),
        (
            posted("text/xml", "<password>CAME</password>"),
            r#"{"type":"body","operator":"equals","value":"<key>WANTED</key>"}"#,
        ),
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

#[cfg(feature = "jsonpath")]
#[test]
fn a_stopped_search_passes_neither_way() {
    let body = format!("[{}1]", "[1],".repeat(5_000));
    for negate in [false, true] {
        let condition = format!(
            r#"{{"type":"body","field":"$[?$[?$[?@.a]]]","operator":"exists","negate":{negate}}}"#
        );
        assert!(!json(&body).passes(&compile(&condition)));
        assert!(
            json(&body)
                .line(&condition)
                .contains("stopped after 100000 steps")
        );
    }
}

#[cfg(feature = "json-schema")]
#[test]
fn schemas_that_lead_back_to_themselves() {
    let body = format!("{}1{}", "[".repeat(120), "]".repeat(120));
    for schema in [
        r##"{"$ref":"#"}"##,
        r##"{"allOf":[{"$ref":"#"}]}"##,
        r##"{"anyOf":[{"items":{"$ref":"#"},"type":"array","x":1},{"items":{"$ref":"#"},"type":"array"}]}"##,
        r##"{"$defs":{"a":{"$anchor":"x","items":{"$ref":"#x"}}},"$ref":"#x"}"##,
        r##"{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"urn:a","$ref":"urn:a#/$defs/b","$defs":{"b":{}}}"##,
    ] {
        let condition = compile(&format!(
            r#"{{"type":"body","operator":"schema","value":{schema}}}"#
        ));
        json(&body).passes(&condition);
    }
}

#[cfg(feature = "json-schema")]
#[test]
fn the_deepest_schema_on_the_deepest_body_fits_a_small_stack() {
    let levels = crate::limits::SCHEMA_DEPTH_MAX / 2 - 1;
    let schema =
        r#"{"allOf":["#.repeat(levels) + r##"{"items":{"$ref":"#"}}"## + &"]}".repeat(levels);
    let body = "[".repeat(128) + &"]".repeat(128);
    let thread = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(move || {
            let condition = compile(&format!(
                r#"{{"type":"body","operator":"schema","value":{schema}}}"#
            ));
            assert!(json(&body).passes(&condition));
        });
    thread.unwrap().join().unwrap();
}

#[test]
fn probes_of_plain_equals_only() {
    for (condition, want) in [
        (
            r#"{"type":"query","field":"v","operator":"equals","value":"a"}"#,
            Some("a"),
        ),
        (
            r#"{"type":"header","field":"X-V","operator":"equals","value":1.0}"#,
            Some("1e0"),
        ),
        (
            r#"{"type":"body","field":"a.b","operator":"equals","value":true}"#,
            Some("true"),
        ),
        (
            r#"{"type":"body","operator":"equals","value":"a"}"#,
            Some("a"),
        ),
        (
            r#"{"type":"method","operator":"equals","value":"PUT"}"#,
            Some("PUT"),
        ),
        (
            r#"{"type":"query","field":"v","operator":"equals","value":"a","negate":true}"#,
            None,
        ),
        (
            r#"{"type":"query","field":"v","operator":"equals","value":"a","caseInsensitive":true}"#,
            None,
        ),
        (
            r#"{"type":"query","field":"v","operator":"equals","value":[1]}"#,
            None,
        ),
        (
            r#"{"type":"query","field":"v","operator":"contains","value":"a"}"#,
            None,
        ),
        (
            r#"{"type":"path","field":"v","operator":"equals","value":"a"}"#,
            None,
        ),
        (
            r#"{"not":{"type":"query","field":"v","operator":"equals","value":"a"}}"#,
            None,
        ),
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

#[test]
fn the_same_condition() {
    for (a, b, want) in [
        (
            r#"{"type":"header","field":"X","operator":"equals","value":1}"#,
            r#"{"type":"header","field":"x","operator":"equals","value":1.0,"negate":false}"#,
            true,
        ),
        (
            r#"{"type":"query","field":"X","operator":"exists"}"#,
            r#"{"type":"query","field":"x","operator":"exists"}"#,
            false,
        ),
        (
            r#"{"type":"query","field":"x","operator":"exists","value":1}"#,
            r#"{"type":"query","field":"x","operator":"exists"}"#,
            true,
        ),
        (
            r#"{"type":"query","field":"x","operator":"equals","value":"1"}"#,
            r#"{"type":"query","field":"x","operator":"equals","value":1}"#,
            false,
        ),
        (
            r#"{"type":"query","field":"x","operator":"exists","negate":true}"#,
            r#"{"type":"query","field":"x","operator":"exists"}"#,
            false,
        ),
        (
            r#"{"any":[{"type":"path","operator":"exists"}]}"#,
            r#"{"all":[{"type":"path","operator":"exists"}]}"#,
            false,
        ),
        (
            r#"{"not":{"type":"path","operator":"exists"}}"#,
            r#"{"not":{"type":"path","operator":"exists"}}"#,
            true,
        ),
    ] {
        assert_eq!(same(&spec_from(a), &spec_from(b)), want, "{a} {b}");
    }
}
