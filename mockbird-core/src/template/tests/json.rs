//! The law of JSON templates: whatever the request, what comes out is JSON.

use proptest::prelude::*;

use super::Sent;
use crate::fault::{Faults, Place};
use crate::json;
use crate::template::{Body, Budget, Escape};

fn json(template: &str, sent: &Sent) -> String {
    sent.render(template, Escape::Json)
        .unwrap_or_else(|fault| panic!("{template}: {fault}"))
}

const PLACES: &[(&str, &str)] = &[
    (
        r#"[{{ request.query.q }}, "{{ request.query.q }}"]"#,
        r#"["a\"\\", "a\"\\"]"#,
    ),
    (
        r"[{{ request.query.n }}, {{ request.body.s }}, {{ request.body.n }}, {{ '5' }}]",
        r#"[5, "5", 1.10, "5"]"#,
    ),
    (
        r#"[{{ request.query.z }}, "{{ request.query.z }}", {{ request.body.nil }}]"#,
        r#"[null, "", null]"#,
    ),
    (
        r#"[{{ request.body.o }}, "{{ request.body.o }}"]"#,
        r#"[{"k":"v\""}, "{\"k\":\"v\\\"\"}"]"#,
    ),
    (
        r"{ {{ request.query.n }} : {{ request.query.n }}}",
        r#"{ "5" : 5}"#,
    ),
    (
        r"[{{ request.query.n | upper }}, {{ request.query.n | int }}, {{ request.query.n | default(1) }}]",
        r#"["5", 5, 5]"#,
    ),
    (
        r#"[{{ request.body.o | tojson }}, "{{ request.body.o | tojson }}"]"#,
        r#"[{"k":"v\""}, "{\"k\":\"v\\\"\"}"]"#,
    ),
    (r"[{{ '[1,2]' | safe }}]", "[[1,2]]"),
    // A macro writes JSON where JSON is wanted, and text where text is.
    (
        r#"{% macro m(x) %}{"v": {{ x }}}{% endmacro %}[{{ m(request.query.q) }}, "{{ m('"') }}"]"#,
        r#"[{"v": "a\"\\"}, "{\"v\": \"}"]"#,
    ),
    (
        r#"{% macro hi(x) %}hi {{ x }}{% endmacro %}["{{ hi(request.query.q) }}"]"#,
        r#"["hi a\"\\"]"#,
    ),
    // A block that is set is text; as JSON it is escaped for its own places.
    (
        r#"{% set x %}hi {{ request.query.q }}{% endset %}["{{ x }}", {{ x }}]"#,
        r#"["hi a\"\\", "hi a\"\\"]"#,
    ),
    (
        r#"{% set x %}[{% for t in request.queryAll.t %}{{ t }}, "{{ t }}", {% endfor %}{{ nothing }}]{% endset %}{{ x | safe }}"#,
        r#"[1, "1", "x\"", "x\"", null]"#,
    ),
    (
        r#"["{% filter upper %}a{{ request.query.q }}{% endfilter %}"]"#,
        r#"["AA\"\\"]"#,
    ),
    (
        r"[{% for i in [1, [2]] recursive %}{% if i is sequence %}[{{ loop(i) }}]{% else %}{{ i }},{% endif %}{% endfor %}]",
        "[1,[2,]]",
    ),
    (r#"["x\\{{ request.query.q }}"]"#, r#"["x\\a\"\\"]"#),
    (r#"["x\{{ '"' }}"]"#, r#"["x\\\""]"#),
    (
        r"[{{ 1e400 }}, {{ 1e3 }}, {{ 7 / 2 }}]",
        "[null, 1000.0, 3.5]",
    ),
    (
        r#"{% autoescape false %}{{ '{"a": 1}' }}{% endautoescape %}"#,
        r#"{"a": 1}"#,
    ),
];

#[test]
fn values_fit_their_place() {
    let sent = Sent {
        query: "q=a%22%5C&n=5&t=1&t=x%22".to_owned(),
        body: r#"{"s": "5", "n": 1.10, "o": {"k": "v\""}, "nil": null}"#.to_owned(),
        ..Sent::default()
    };
    for (template, want) in PLACES.iter().copied() {
        assert_eq!(json(template, &sent), want, "{template}");
    }
}

fn body(source: &str, sent: &Sent) -> Result<String, String> {
    let node = json::parse(source.as_bytes()).unwrap();
    let mut faults = Faults::default();
    let body = Body::compile(&node, None, &Place::ROOT.key("body"), &mut faults);
    if let Some(fault) = faults.errors.first() {
        return Err(fault.to_string());
    }
    sent.context(|cx| {
        let mut out = String::new();
        body.render(cx, &mut out, &mut Budget::default())
            .map(|()| out)
            .map_err(|fault| format!("{}: {}", fault.field, fault.fault))
    })
}

#[test]
fn structured_bodies() {
    let sent = Sent {
        query: "q=a%22&n=5".to_owned(),
        body: r#"{"o": {"p": 1.10}, "s": "5"}"#.to_owned(),
        ..Sent::default()
    };
    for (source, want) in [
        (
            r#"{"a": "{{ request.query.n }}", "b": "{{request.query.n | int}}"}"#,
            r#"{"a":"5","b":5}"#,
        ),
        (
            r#"["{{ request.body.o }}", "{{ nothing }}", "{{ 1 }} ", "{{ '[1]' | safe }}", "{{ 'x' | safe }}"]"#,
            r#"[{"p":1.10},null,"1 ",[1],"x"]"#,
        ),
        (
            r#"{"{{ request.query.q }}": "say \"{{ request.query.q }}\""}"#,
            r#"{"a\"":"say \"a\"\""}"#,
        ),
        (
            r#"["{% set x %}\"{{ request.query.q }}{% endset %}{{ x }}", "{% macro m() %}\"{% endmacro %}{{ m() }}!", "a {{ '\"' | safe }}"]"#,
            r#"["\"a\"","\"!","a \""]"#,
        ),
        (
            r#"{"plain": [1.0, null, "é\n"]}"#,
            r#"{"plain":[1.0,null,"é\n"]}"#,
        ),
    ] {
        assert_eq!(body(source, &sent).as_deref(), Ok(want), "{source}");
    }
    assert_eq!(
        body(r#"{"a": ["x", "{{ 'x' | int }}"]}"#, &sent).unwrap_err(),
        ".a[1]: a text of 1 character is not a number; `int(0)` and `float(0)` give a default at line 1, column 10"
    );
    assert_eq!(
        body(r#"{"a": [{"b": "{{ 1 | nope }}"}]}"#, &sent).unwrap_err(),
        "body.a[0].b: unknown filter `nope` at line 1, column 8 in the text (there are those of minijinja, jsonPath, base64, base64Decode, urlEncode, sha256, hmac and date)"
    );
}

/// Text that tries to get out of wherever it is put.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        r#"["\\,:\[\]{}a1 \n<'-]{0,8}"#,
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("5".to_owned()),
        Just("null".to_owned()),
        Just("-1.5e3".to_owned()),
        Just("\u{0}\u{2028}é".to_owned()),
        "\\PC{0,6}",
    ]
}

/// An expression whose value the request decides.
fn expression() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec![
        "request.query.a",
        "request.query.b",
        "request.queryAll.a",
        "request.query",
        "request.headers['x-a']",
        "request.cookies.c",
        "request.body",
        "request.body.s",
        "request.body.l",
        "request.body.l[0]",
        "request.rawBody",
        "request.params.id",
        "request.nothing.at.all",
        "'literal \"'",
        "[request.query.a, 1]",
        "{'k': request.query.a, request.query.b: none}",
        "m(request.query.a)",
        "frag",
    ]);
    let filter = prop::sample::select(vec![
        "",
        "",
        "",
        " | upper",
        " | default('x')",
        " | length",
        " | string",
        " | list",
        " | tojson",
        " | first",
        " | base64",
        " | title",
        " | replace('a', '\"')",
        " | join('\",')",
        " | reverse",
        " | e",
        " | trim | lower",
        " | urlEncode",
        " ~ request.query.b",
        " if request.query.b else 1",
        " | string | split(',')",
        " | jsonPath('$..*')",
        " == 'a'",
        " | string | indent(2)",
    ]);
    (value, filter).prop_map(|(value, filter)| format!("{value}{filter}"))
}

/// The text of a template that is JSON apart from its holes.
fn json_template() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        expression().prop_map(|e| format!("{{{{ {e} }}}}")),
        (expression(), "[a-z ]{0,3}").prop_map(|(e, t)| format!("\"{t}{{{{ {e} }}}}{t}\"")),
        (expression(), expression())
            .prop_map(|(a, b)| format!("\"\\\"{{{{ {a} }}}}\\\\{{{{ {b} }}}}\"")),
        expression()
            .prop_map(|e| format!("\"{{% filter upper %}}x{{{{ {e} }}}}{{% endfilter %}}\"")),
        expression().prop_map(|e| format!(
            "{{% set x %}}[{{{{ {e} }}}}, \"{{{{ {e} }}}}\"]{{% endset %}}{{{{ x | safe }}}}"
        )),
        expression().prop_map(|e| format!("{{{{ n({e}) }}}}")),
        expression().prop_map(|e| format!("{{% call k() %}}{{{{ {e} }}}}{{% endcall %}}")),
        Just("1.50".to_owned()),
        Just("\"plain \\\" \\\\\"".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|all| format!("[{}]", all.join(", "))),
            (inner.clone(), expression()).prop_map(|(v, k)| format!("{{\"k{{{{ {k} }}}}\": {v}}}")),
            (inner.clone(), expression()).prop_map(|(v, k)| format!("{{ {{{{ {k} }}}}: {v}}}")),
            (expression(), inner.clone(), inner.clone())
                .prop_map(|(c, a, b)| format!("{{% if {c} %}}{a}{{% else %}}{b}{{% endif %}}")),
            inner.prop_map(|v| format!("[{{% for i in request.queryAll.a %}}{v}{{% if not loop.last %}},{{% endif %}}{{% endfor %}}]")),
        ]
    })
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn request() -> impl Strategy<Value = Sent> {
    let body = prop_oneof![
        hostile(),
        (hostile(), hostile()).prop_map(|(a, b)| {
            serde_json::json!({"s": a, "l": [b.clone(), {b.clone(): a}, 1.5, null]}).to_string()
        }),
    ];
    (hostile(), hostile(), hostile(), body).prop_map(|(a, b, c, body)| Sent {
        query: format!("a={}&b={}&a={}", encoded(&a), encoded(&b), encoded(&c)),
        headers: vec![("x-a", c.clone()), ("cookie", format!("c={c}"))],
        body,
    })
}

const MACROS: &str = "{% macro m(x) %}text {{ x }}{% endmacro %}{% macro n(x) %}{\"v\": {{ x }}, \"t\": \"{{ x }}\"}{% endmacro %}\
     {% macro k() %}[{{ caller() }}, \"{{ caller() }}\"]{% endmacro %}{% set frag %}<{{ request.query.a }}>{% endset %}";

/// In a template, a macro of plain text is called inside quotes only: its own text is no JSON.
fn quoted_macros(template: &str) -> String {
    template.replace(
        "{{ m(request.query.a) }}",
        "{{ m(request.query.a) | string }}",
    )
}

proptest! {
    #[test]
    fn no_request_breaks_the_json(template in json_template(), sent in request()) {
        let template = format!("{MACROS}{}", quoted_macros(&template));
        // A fault, such as base64 of what is none, answers with an error of its own.
        if let Ok(out) = sent.render(&template, Escape::Json) {
            let parsed = json::parse(out.as_bytes());
            prop_assert!(parsed.is_ok(), "{template}\n{out}\n{parsed:?}");
        }
    }

    #[test]
    fn no_request_breaks_a_structured_body(e in expression(), t in "\\PC{0,5}", sent in request()) {
        let e = e.replace("frag", "''").replace("m(request.query.a)", "1");
        let source = serde_json::json!({
            "whole": format!("{{{{ {e} }}}}"),
            "part": [format!("{t}\"{{{{ {e} }}}}{{{{ request.query.a | safe }}}}\\")],
            "safe": "{{ request.query.a | safe }}",
            "{{ request.query.a }}": 1,
        });
        if let Ok(out) = body(&source.to_string(), &sent) {
            prop_assert!(json::parse(out.as_bytes()).is_ok(), "{out}");
        }
    }
}
