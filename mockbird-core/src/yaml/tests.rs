use proptest::prelude::*;

use super::parse;
use crate::json;
use crate::limits::JSON_DEPTH_MAX;

#[test]
fn becomes_json() {
    for (yaml, json) in [
        ("", "null"),
        ("# only a comment\n", "null"),
        ("---\n...\n", "null"),
        (
            "a: 1\nb: [x, 'y', \"z\\n\"]\nc:\n- d: ~\n",
            r#"{"a":1,"b":["x","y","z\n"],"c":[{"d":null}]}"#,
        ),
        ("200: ok\ntrue: 1\n~: 2\n", r#"{"200":"ok","true":1,"~":2}"#),
        (
            "a: |\n  x\n  y\nb: >-\n  x\n  y\n",
            r#"{"a":"x\ny\n","b":"x y"}"#,
        ),
        (
            "a: &x {b: 1}\nc: *x\nd: [*x]\n",
            r#"{"a":{"b":1},"c":{"b":1},"d":[{"b":1}]}"#,
        ),
        ("&k key: 1\nother: *k\n", r#"{"key":1,"other":"key"}"#),
        ("a: &x b\n*x : 1\n", r#"{"a":"b","b":1}"#),
        (
            "a: !!str 1\nb: !!int 0x10\nc: !!float 1\nd: !!null ~\ne: !!bool True\nf: !!seq []\ng: !!map {}\n",
            r#"{"a":"1","b":16,"c":1,"d":null,"e":true,"f":[],"g":{}}"#,
        ),
        ("! 12", r#""12""#),
        ("\"<<\": 1", r#"{"<<":1}"#),
        ("\u{feff}a: ü\r\nb: 2\r\n", r#"{"a":"ü","b":2}"#),
        (
            r#"{"a": [1.10, "b"], "c": {}}"#,
            r#"{"a":[1.10,"b"],"c":{}}"#,
        ),
    ] {
        let node = parse(yaml.as_bytes()).unwrap_or_else(|e| panic!("{yaml}: {e}"));
        assert_eq!(node.to_string(), json, "{yaml}");
    }
}

/// What a newcomer does wrong is said in a newcomer's words.
#[test]
fn mistakes_are_told_in_plain_words() {
    for (yaml, line, words) in [
        ("a:\n\t- b: 1\n", 2, "spaces only"),
        ("a:\n  - b: 1\n   c: 2\n", 3, "begins in one column"),
        ("a:\n  - b: x\n  c: 2\n", 3, "begins in one column"),
        ("a:\n  - b /x\n    c: 2\n", 3, "a key is followed by `: `"),
        ("a:\n  b\n  c: 2\n", 3, "a key is followed by `: `"),
        ("a: b: c\n", 1, "a text that holds `: ` needs quotes"),
        ("a: {b: 1\n", 2, "`}` at its end"),
        ("a: [b\n", 2, "`]` at its end"),
        ("a: {b: 1,\n", 2, "not closed"),
        ("a: [1, 2\nb: 3\n", 2, "not closed"),
        ("a: \"b\n", 1, "the quote"),
        ("a: 'it's'\n", 1, "is written `''`"),
        ("a: \"\\d\"\n", 1, "a backslash is written `\\\\`"),
        ("a: @b\n", 1, "special character needs quotes"),
        ("a: `b`\n", 1, "special character needs quotes"),
        ("a: *b\n", 1, "begins with `*` needs quotes"),
    ] {
        let error = parse(yaml.as_bytes()).unwrap_err();
        assert!(error.message.contains(words), "{yaml}: {error}");
        assert_eq!(error.line, line, "{yaml}: {error}");
    }
}

#[test]
fn refuses_with_a_place() {
    for (yaml, line, column, part) in [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "`a` is repeated"),
        ("ü: {x: 1, ö: 2, x: 3}", 1, 17, "`x` is repeated"),
        ("1: a\n\"1\": b\n", 2, 1, "repeated"),
        (
            "a: {b: 1, b: 2}\nc: 3\na: 4\nc: 5\n",
            1,
            11,
            "the key `b` is repeated, and `a` in line 3, and `c` in line 4",
        ),
        ("x: {a: 1, a: 2}\nb: [", 1, 11, "`a` is repeated"),
        ("a: ]\nb: 1\nb: 2", 1, 4, ""),
        ("a: {{ request.path }}\n", 1, 5, "needs quotes"),
        ("? [a]\n: b\n", 1, 3, "cannot be a key"),
        ("a: &x [1]\n*x : 2\n", 2, 1, "cannot be a key"),
        ("b:\n  <<: *a\n", 2, 3, "merge keys"),
        ("a: *nowhere\n", 1, 4, "needs quotes"),
        ("&a [1, *a]", 1, 8, "inside its own anchor"),
        ("a: 1\n---\nb: 2\n", 2, 1, "second document"),
        ("a: !secret x\n", 1, 4, "`!secret`"),
        ("a: !!int x\n", 1, 4, "no `!!int`"),
        ("a: !!binary aGk=\n", 1, 4, "not known"),
        ("a: .inf\n", 1, 4, "no JSON form"),
        ("a: b: c\n", 1, 5, "needs quotes"),
        ("é: 'x", 1, 4, "quote"),
    ] {
        let error = parse(yaml.as_bytes()).unwrap_err();
        assert!(error.message.contains(part), "{yaml}: {error}");
        assert_eq!(
            (error.line, error.column),
            (line, column),
            "{yaml}: {error}"
        );
    }
    assert_eq!(parse(b"a: \xFF").unwrap_err().offset, 3);
}

#[test]
fn spans_are_bytes_of_the_source() {
    let source = "é: 'ü'\r\nlist:\n  - { x: 🐦 }\n  - b\nend: 1\n";
    let root = parse(source.as_bytes()).unwrap();
    let text = |span: json::Span| &source[span.start as usize..span.end as usize];
    let list = root.get("list").unwrap();
    assert_eq!(text(root.members().unwrap()[0].key_span), "é");
    assert_eq!(text(root.get("é").unwrap().span), "'ü'");
    assert_eq!(text(list.span), "- { x: 🐦 }\n  - b");
    assert_eq!(text(list.elements().unwrap()[0].span), "{ x: 🐦 }");
    assert_eq!(
        text(list.elements().unwrap()[0].get("x").unwrap().span),
        "🐦"
    );
    assert_eq!(text(root.members().unwrap()[2].key_span), "end");
    assert_eq!(text(root.get("end").unwrap().span), "1");
}

#[test]
fn the_depth_is_that_of_json() {
    let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    for levels in [
        JSON_DEPTH_MAX - 1,
        JSON_DEPTH_MAX,
        JSON_DEPTH_MAX + 1,
        5_000,
    ] {
        let text = nested(levels);
        assert_eq!(
            parse(text.as_bytes()).is_ok(),
            json::parse(text.as_bytes()).is_ok(),
            "{levels}"
        );
    }
    let half = JSON_DEPTH_MAX / 2;
    for (levels, fits) in [(half - 2, true), (half + 4, false)] {
        let open = "[".repeat(levels);
        let close = "]".repeat(levels);
        let text = format!("a: &a {}\nb: {open}*a{close}\n", nested(levels));
        assert_eq!(parse(text.as_bytes()).is_ok(), fits, "{levels}");
    }
}

#[test]
fn documents_that_double_themselves_end_in_the_bound() {
    let mut laughs = String::from("a0: &a0 [lol]\n");
    laughs.extend((1..60).map(|i| {
        let of = i - 1;
        format!("a{i}: &a{i} [*a{of}, *a{of}, *a{of}]\n")
    }));
    let long = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(1 << 20),
        "*a, ".repeat(100)
    );
    for text in [laughs, long] {
        let error = parse(text.as_bytes()).unwrap_err();
        assert!(error.message.contains("copy more than"), "{error}");
    }
}

#[test]
fn hostile_texts_end() {
    for text in [
        "{---", "[---", "{...", "? {---", "[a,---\n", "*", "&", "!", "%", "- - - -", "{a: [}",
        "\"", "|", ">",
    ] {
        let _ = parse(text.as_bytes());
    }
}

proptest! {
    #[test]
    fn json_is_yaml(node in json_text(), pretty: bool) {
        let separator = if pretty { ", " } else { "," };
        let text = node.replace('\u{0}', separator);
        let from_json = json::parse(text.as_bytes()).unwrap();
        let from_yaml = parse(text.as_bytes()).unwrap();
        prop_assert_eq!(from_json.to_string(), from_yaml.to_string());
    }

    #[test]
    fn no_text_panics(text in "[-\\[\\]{}:,?&*!|>'\"%@`# \\n\\ta-c0-9.~<é\u{feff}\\\\]{0,60}") {
        if let Ok(node) = parse(text.as_bytes()) {
            let _ = node.to_string();
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let _ = parse(&bytes);
    }
}

/// JSON texts whose keys are distinct, U+0000 standing for the comma.
fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,2})?",
        "[ -~é🐦\\n\\t]{0,12}".prop_map(|text| json::Node::from(text).to_string()),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5)
                .prop_map(|all| format!("[{}]", all.join("\u{0}"))),
            proptest::collection::btree_map("[a-z#:{ ]{0,6}", inner, 0..5).prop_map(|all| {
                let all: Vec<_> = all
                    .into_iter()
                    .map(|(key, value)| format!("{}: {value}", json::Node::from(key)))
                    .collect();
                format!("{{{}}}", all.join("\u{0}"))
            }),
        ]
    })
}
