//! Bounds, and no panic whatever the text.

use proptest::prelude::*;

use super::Sent;
use crate::template::Escape;

const RUNAWAYS: &[(&str, &str)] = &[
    (
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "fuel",
    ),
    (
        "{% set ns = namespace(s='x') %}{% for i in range(40) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        "fuel",
    ),
    (
        "{% set ns = namespace(s='x') %}{% for i in range(40) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "fuel",
    ),
    (
        "{% set ns = namespace(s=[1]) %}{% for i in range(40) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "fuel",
    ),
    (
        "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s | length }}{{ ns.s }}",
        "output",
    ),
    (
        "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s | sort }}",
        "fuel",
    ),
    (
        "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s == [ns.s[0], [1]] }}",
        "fuel",
    ),
    (
        "{% set ns = namespace(s=[]) %}{% for i in range(1000) %}{% set ns.s = [ns.s] %}{% endfor %}",
        "nested",
    ),
    (
        "{% set ns = namespace(s=[]) %}{% for i in range(1000) %}{% set ns.s = {'a': ns.s} %}{% endfor %}",
        "nested",
    ),
    ("{{ 'x' * 100000000 }}", "fuel"),
    ("{{ [1] * 100000000 }}", "fuel"),
    ("{{ 'abc' | replace('', 'y' * 900000) }}", "fuel"),
    ("{{ range(99999) | join('yyyyyyyyyyyy') }}", "fuel"),
    ("{{ ('y\n' * 400000) | indent(1000) }}", "fuel"),
    ("{{ '%1000000000d' | format(1) }}", "fuel"),
    (
        "{{ range(100000) | list | batch(3, 'x' * 100) | map('join', 'y' * 900) | list }}",
        "fuel",
    ),
    ("{{ randomString(10000000) }}", "fuel"),
    ("{{ range(100001) }}", "range"),
    ("{{ range(0, 1000000000000000000, 3) }}", "range"),
    (
        "{% for i in range(100000) %}{{ request.body | selectattr('a') | length }}{% endfor %}",
        "fuel",
    ),
    (
        "{% for i in range(100000) %}{{ request.rawBody == request.rawBody }}{{ request.rawBody | base64 }}{% endfor %}",
        "fuel",
    ),
    (
        "{% for i in range(100000) %}{{ request.body | jsonPath('$..[?@.a]') | length }}{% endfor %}",
        "fuel",
    ),
    (
        "{% for i in range(100000) %}{{ request.rawBody }}{% endfor %}",
        "output",
    ),
    (
        "{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}",
        "recursion",
    ),
    (
        "{% macro f(n) %}{% set x %}{{ f(n + 1) }}{% endset %}{{ x ~ x ~ x }}{% endmacro %}{{ f(0) }}",
        "recursion",
    ),
    (
        "{% macro f() %}{% call f() %}{{ caller() }}{% endcall %}{% endmacro %}{{ f() }}",
        "recursion",
    ),
    (
        "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "recursion",
    ),
];

#[test]
fn everything_ends() {
    let sent = Sent {
        query: "n=40".to_owned(),
        body: format!("[{}]", vec!["{\"a\": [1, 2]}"; 2_000].join(",")),
        ..Sent::default()
    };
    for (template, bound) in RUNAWAYS.iter().copied() {
        if super::is_left_out(template) {
            continue;
        }
        let fault = sent.render(template, Escape::None).err();
        let fault = fault.unwrap_or_else(|| panic!("no fault: {template}"));
        assert!(fault.starts_with("Limit"), "{template}: {fault}");
        assert!(fault.contains(bound), "{template}: {fault}");
    }
    // A loop over nothing, many times, is still little.
    let repeated = sent.render(
        "{{ ('' * 1000000000000) | length }}{{ [] * 1000000000000 }}",
        Escape::None,
    );
    assert_eq!(repeated.as_deref(), Ok("0[]"));
}

#[test]
fn deep_recursion_within_the_bound_is_fine_on_a_small_stack() {
    let deep = "{% macro f(n) %}{% if n %}{% if true %}{{ f(n - 1) }}{% endif %}{% endif %}{% endmacro %}{{ f(90) }}ok";
    let nested = format!(
        "{}1{}",
        "{{ [".to_owned() + &"[".repeat(90),
        "]".repeat(90) + "] | length }}"
    );
    let render = move || {
        assert_eq!(super::text(deep), "ok");
        assert!(Sent::default().render(&nested, Escape::None).is_err());
        for (open, close) in [
            ("{% if 1 %}", "{% endif %}"),
            ("{{ (", ") }}"),
            ("{{ not ", " }}"),
            ("{{ -", "1 }}"),
            ("{{ [", "] }}"),
            ("{{ 1 if ", " }}"),
            ("{{ x[", "] }}"),
            ("{{ f(", ") }}"),
        ] {
            let text = open.repeat(20_000) + &close.repeat(20_000);
            assert!(
                Sent::default().render(&text, Escape::None).is_err(),
                "{open}"
            );
        }
        for link in [
            " | upper",
            " + 1",
            ".a",
            "[0]",
            " and 1",
            " is defined",
            " if 1",
        ] {
            let text = format!("{{{{ x{} }}}}", link.repeat(20_000));
            assert!(
                Sent::default().render(&text, Escape::None).is_err(),
                "{link}"
            );
        }
    };
    let small = std::thread::Builder::new().stack_size(2 << 20);
    small.spawn(render).unwrap().join().unwrap();
}

#[test]
fn no_shape_of_recursion_overflows_a_small_stack() {
    let shapes = [
        ("[", "]", 50),
        ("{'a':", "}", 80),
        ("m(", ")", 48),
        ("m(", ")", 6),
    ];
    let render = move || {
        for (open, close, times) in shapes {
            let body = format!("{}m(n){}", open.repeat(times), close.repeat(times));
            let text = format!("{{% macro m(n) %}}{{{{ {body} }}}}{{% endmacro %}}{{{{ m(1) }}}}");
            for escape in [Escape::None, Escape::Json] {
                let fault = Sent::default().render(&text, escape).err();
                assert!(fault.is_some_and(|f| f.starts_with("Limit")), "{text}");
            }
        }
        let sum = "{% macro f(n) %}{% if n %}{{ 1 + f(n - 1) | int }}{% else %}0{% endif %}{% endmacro %}{{ f(98) }}";
        assert_eq!(super::text(sum), "98");
    };
    let small = std::thread::Builder::new().stack_size(2 << 20);
    small.spawn(render).unwrap().join().unwrap();
}

#[test]
fn indented_json_is_bounded_before_it_is_made() {
    let sent = Sent {
        query: "n=18446744073709551615".to_owned(),
        body: format!(
            "{}{}{}",
            "[".repeat(100),
            vec!["0"; 20_000].join(","),
            "]".repeat(100)
        ),
        ..Sent::default()
    };
    for (template, reason) in [
        (
            "{{ [1] | tojson(indent=request.query.n | int) | length }}",
            "indent",
        ),
        (
            "{{ [1] | tojson(request.query.n | int) | length }}",
            "indent",
        ),
        ("{{ [[1]] | map('tojson', 1000000) | list }}", "indent"),
        ("{{ request.body | tojson(indent=16) | length }}", "fuel"),
        (
            "{{ [request.body] | map('tojson', 16) | list | length }}",
            "fuel",
        ),
    ] {
        let fault = sent.render(template, Escape::None).unwrap_err();
        assert!(fault.contains(reason), "{template}: {fault}");
    }
    let indented = sent.render("{{ {'a': [1]} | tojson(indent=1) }}", Escape::None);
    assert_eq!(indented.as_deref(), Ok("{\n \"a\": [\n  1\n ]\n}"));
}

#[test]
fn filters_of_large_objects_end() {
    let members: Vec<_> = (0..21_000).map(|n| format!("\"k{n}\":{n}")).collect();
    let sent = Sent::body(&format!("{{{}}}", members.join(",")));
    for filter in [
        "dictsort",
        "dictsort(by='value')",
        "tojson(indent=1)",
        "map('string')",
    ] {
        let template = format!("{{{{ request.body | {filter} | list | length > 20999 }}}}");
        match sent.render(&template, Escape::None) {
            Ok(text) => assert_eq!(text, "true", "{filter}"),
            Err(fault) => assert!(fault.starts_with("Limit"), "{filter}: {fault}"),
        }
    }
}

const SCRAPS: [&str; 84] = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{%-",
    "-%}",
    " if ",
    " else ",
    " elif ",
    " endif ",
    " for ",
    " in ",
    " endfor ",
    " set ",
    " endset ",
    " macro f(a) ",
    " endmacro ",
    " call f() ",
    " endcall ",
    " with ",
    " endwith ",
    " filter upper ",
    " endfilter ",
    " raw ",
    " endraw ",
    " do ",
    " break ",
    " continue ",
    " recursive ",
    " autoescape ",
    " endautoescape ",
    "x",
    "y",
    "f(1)",
    "loop",
    "loop(x)",
    "loop.index",
    "caller()",
    "request",
    "request.query.a",
    "request.body",
    "ns.a",
    "namespace()",
    "range(3)",
    "dict(a=1)",
    "1",
    "-2",
    "3.5",
    "'s'",
    "\"t\"",
    "true",
    "none",
    "[1, 2]",
    "{'a': 1}",
    "(1,)",
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "~",
    "|",
    "==",
    "<",
    " not ",
    " and ",
    " or ",
    " is ",
    "=",
    ".",
    ",",
    ":",
    "(",
    ")",
    "| int",
    "| join(',')",
    "| items",
    "is odd",
    "| round",
    "é\"\\",
];

proptest! {
    #[test]
    fn no_text_panics(scraps in prop::collection::vec(prop::sample::select(SCRAPS.to_vec()), 0..24), wild in "\\PC{0,12}") {
        let sent = Sent { query: "a=%22".to_owned(), body: "{\"a\": [1, {\"b\": null}]}".to_owned(), ..Sent::default() };
        let text = scraps.concat();
        for escape in [Escape::None, Escape::Json, Escape::Markup, Escape::Header] {
            let _ = sent.render(&text, escape);
            let _ = sent.render(&format!("{{{{ {text} }}}}"), escape);
            let _ = sent.render(&format!("{{% set x = 1 %}}{{% {text} %}}{wild}"), escape);
        }
    }
}

/// All that is said of a template: errors or, if there are none, warnings.
fn said(text: &str) -> Vec<crate::fault::Fault> {
    let mut faults = crate::fault::Faults::default();
    let at = crate::fault::Place::ROOT;
    crate::template::Template::compile_at(text, Escape::None, None, &at, &mut faults);
    faults.errors.append(&mut faults.warnings);
    faults.errors
}

#[test]
fn thousands_of_names_are_taken_and_not_compared() {
    let asked: Vec<_> = (0..8_000)
        .map(|n| format!("{{% set v{n} = 1 %}}{{{{ w{n} }}}}"))
        .collect();
    let warnings = said(&asked.concat());
    assert_eq!(warnings.len(), crate::limits::TEMPLATE_FAULTS_MAX);
    let sets: Vec<_> = (0..50_000)
        .map(|n| format!("{{% set v{n} = {n} %}}"))
        .collect();
    let sets = sets.concat();
    assert_eq!(super::text(&format!("{sets}{{{{ v49999 }}}}")), "49999");
}

#[test]
fn a_long_name_is_like_no_other() {
    let (read, set) = ("a".repeat(100_000), "a".repeat(99_999));
    let warnings = said(&format!("{{% set {set} = 1 %}}{{{{ {read} }}}}"));
    assert!(!warnings[0].hint.contains("did you mean"));
    let warnings = said("{% set total = 1 %}{{ totl }}");
    assert_eq!(warnings[0].hint, "did you mean `total`?");
}

#[test]
fn a_macro_has_not_any_number_of_parameters() {
    let names: Vec<_> = (0..3_000).map(|n| format!("a{n}")).collect();
    let text = format!("{{% macro m({}) %}}{{% endmacro %}}", names.join(","));
    let message = &said(&text)[0].message;
    assert!(message.contains("at most 2000 parameters"), "{message}");
}

#[test]
fn messages_repeat_only_so_much() {
    let long = "a".repeat(100_000);
    for text in [
        format!("{{{{ {long} }}}}"),
        format!("{{{{ {long}() }}}}"),
        format!("{{{{ x.{long}() }}}}"),
        format!("{{{{ fake.{long} }}}}"),
        format!("{{{{ fake.{long}() }}}}"),
        format!("{{{{ 1 | {long} }}}}"),
        format!("{{{{ 1 is {long} }}}}"),
        format!("{{{{ 1 {long} }}}}"),
        format!("{{% {long} %}}"),
        format!("{{% end{long} %}}"),
        format!("{{% if 1 %}}{{% end{long} %}}"),
        format!("{{% macro m({long}, {long}) %}}{{% endmacro %}}"),
        format!("{{{{ {} }}}}", "9".repeat(100_000)),
        format!("{{{{ request.body | jsonPath('{long}') }}}}"),
        format!("{{{{ request.body | jsonPath('$[?{long}(1)]') }}}}"),
        format!("{{{{ 1 | date('{long}') }}}}"),
        format!("{{{{ request.params.{long} }}}}"),
    ] {
        for fault in said(&text) {
            assert!(fault.to_string().len() < 1_000, "{:.200}", fault.message);
        }
    }
}

#[test]
fn a_macro_that_never_ends_inside_of_a_loop_is_a_fault() {
    for text in [
        "{% for i in a %}{% macro f(a) %}{{ 1 }",
        "{% for i in a %}{%- macro f(a) }}",
        "{% for i in a %}{% macro f(a) %}{% endfor %}",
        "{% for i in a %}{% macro f(a) %}{{ 1 + }}{% endif %}{% endfor %}",
        "{%for i in a%}{%-macro f(a)}}",
    ] {
        assert!(!said(text).is_empty(), "{text}");
    }
}
