//! What templates promise, as tables and laws.

mod bounds;
mod differential;
mod json;
mod messages;

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::{Budget, Context, Escape, FaultKind, Template};
use crate::env::RequestId;
use crate::random::Random;
use crate::request::{Params, Request, View};

static NAMES: LazyLock<Vec<Box<str>>> = LazyLock::new(|| vec!["id".into(), "a-b".into()]);

/// A request for a test.
#[derive(Clone, Debug, Default)]
struct Sent {
    query: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Sent {
    fn body(body: &str) -> Self {
        Self {
            body: body.to_owned(),
            ..Self::default()
        }
    }

    fn query(query: &str) -> Self {
        Self {
            query: query.to_owned(),
            ..Self::default()
        }
    }

    /// Hands a context for this request to `with`.
    fn context<T>(&self, with: impl FnOnce(&Context<'_>) -> T) -> T {
        let target = format!("/users/7?{}", self.query);
        let headers: HeaderMap = self
            .headers
            .iter()
            .filter_map(|(name, value)| {
                let name = HeaderName::from_static(name);
                Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
            })
            .collect();
        let request = Request::new(&Method::POST, &target, &headers, self.body.as_bytes());
        let raw = ["7", "x%20y"];
        let view = View {
            request: &request,
            method: &Method::POST,
            params: Params::new(&NAMES, &raw),
        };
        with(&Context::new(
            view,
            1_700_000_000_123,
            RequestId(1),
            Random::new(1),
        ))
    }

    fn render(&self, template: &str, escape: Escape) -> Result<String, String> {
        let template = Template::compile(template, escape).map_err(|e| e.to_string())?;
        self.context(|cx| {
            let mut out = String::from("before ");
            let result = template.render(cx, &mut out, &mut Budget::default());
            let printed = out.strip_prefix("before ").unwrap().to_owned();
            match result {
                Ok(()) => Ok(printed),
                Err(fault) => {
                    assert_eq!(printed, "", "a failed template leaves nothing behind");
                    Err(format!("{:?}: {fault}", fault.kind))
                }
            }
        })
    }
}

/// True for a template that this build refuses, as it has no JSONPath or no digests.
fn is_left_out(template: &str) -> bool {
    let digests = ["sha256", "hmac"];
    cfg!(not(feature = "jsonpath")) && template.contains("jsonPath")
        || cfg!(not(feature = "digest")) && digests.iter().any(|name| template.contains(name))
}

/// What a template prints as text, for a request without anything.
fn text(template: &str) -> String {
    Sent::default()
        .render(template, Escape::None)
        .unwrap_or_else(|fault| panic!("{template}: {fault}"))
}

const PARTS: &[(&str, &str)] = &[
    (
        "{{ request.method }} {{ request.path }} {{ request.host }}",
        "POST /users/7 api.test",
    ),
    (
        "{{ request.id }} {{ request.params.id }}",
        "00000000-0000-0000-0000-000000000001 7",
    ),
    ("{{ request.params['a-b'] }}", "x y"),
    (
        "{{ request.query.tag }} {{ request.queryAll.tag }}",
        r#"b ["b","a"]"#,
    ),
    ("{{ request.query.q }}|{{ request.query['a b'] }}", "1 2!|x"),
    (
        "{{ request.headers['X-Id'] }} {{ request.headers.host }}",
        "42 api.test:80",
    ),
    ("{% set h = 'X-ID' %}{{ request.headers[h] }}", "42"),
    (
        "{% set r = request %}{{ r.cookies.sid }}{{ r.userId }}{{ r.headers['X-Id'] }}",
        "abc942",
    ),
    (
        "{{ request.body.user.name }}{{ request.body.list[0] }}{{ request.body.list[-1].b }}",
        "Ann1.102",
    ),
    (
        "{{ request.userId }}|{{ request.tag }}|{{ request.id }}",
        "9|b|00000000-0000-0000-0000-000000000001",
    ),
    ("{{ request.query }}", r#"{"tag":"b","q":"1 2!","a b":"x"}"#),
    (
        "{% for k, v in request.queryAll | items %}{{ k }}={{ v | join }};{% endfor %}",
        "tag=ba;q=1 2!;a b=x;",
    ),
    (
        "{{ request.params | length }}{{ request.params }}",
        r#"2{"id":"7","a-b":"x y"}"#,
    ),
    (
        "{{ 'q' in request.query }}{{ 'z' in request.query }}",
        "truefalse",
    ),
    (
        "[{{ request.ip }}{{ request.body.user.name.x.y[3] }}{{ nothing.at.all }}]",
        "[]",
    ),
];

#[test]
fn parts_of_the_request() {
    let sent = Sent {
        query: "tag=b&tag=a&q=1+2%21&a%20b=x".to_owned(),
        headers: vec![
            ("x-id", "42".to_owned()),
            ("cookie", "sid=abc; t=1".to_owned()),
            ("host", "api.test:80".to_owned()),
        ],
        body: r#"{"user": {"name": "Ann"}, "userId": 9, "list": [1.10, {"b": 2}]}"#.to_owned(),
    };
    for (template, want) in PARTS.iter().copied() {
        assert_eq!(
            sent.render(template, Escape::None).as_deref(),
            Ok(want),
            "{template}"
        );
    }
    assert!(
        sent.render("{{ request }}", Escape::None)
            .unwrap()
            .contains(r#""x-id":"42""#)
    );
}

#[test]
fn number_text_is_kept_whatever_the_way() {
    let sent = Sent::body(
        r#"{"p": 1.10, "l": [1.10, 12345678901234567890123], "o": [{"p": 2.50}, {"p": 1.0}]}"#,
    );
    for (template, want) in [
        ("{{ request.body.p }}", "1.10"),
        (
            "{% for n in request.body.l %}{{ n }} {% endfor %}",
            "1.10 12345678901234567890123 ",
        ),
        ("{% set x = request.body.p %}{{ x }}{{ [x] }}", "1.10[1.10]"),
        ("{{ request.body | jsonPath('$.p') }}", "1.10"),
        (
            "{{ request.body.l | first }}{{ request.body.l | reverse }}",
            "1.10[12345678901234567890123,1.10]",
        ),
        (
            "{% for o in request.body.o | sort(attribute='p') %}{{ o.p }} {% endfor %}",
            "1.0 2.50 ",
        ),
        (
            "{{ request.body.o | selectattr('p', 'gt', 2) }}",
            r#"[{"p":2.50}]"#,
        ),
        (
            "{{ request.body | tojson }}",
            r#"{"p":1.10,"l":[1.10,12345678901234567890123],"o":[{"p":2.50},{"p":1.0}]}"#,
        ),
        (
            "{{ request.body.p + 0 }} {{ request.body.p ~ '' }}",
            "1.1 1.1",
        ),
        (
            "{{ request.body.nothing | default(request.body.p) }}",
            "1.10",
        ),
    ] {
        if is_left_out(template) {
            continue;
        }
        assert_eq!(
            sent.render(template, Escape::None).as_deref(),
            Ok(want),
            "{template}"
        );
    }
}

const SCOPES: &[(&str, &str)] = &[
    (
        "{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = 5 %}{{ x }}{% endfor %}{{ x }}",
        "15151",
    ),
    ("{% if false %}{% set x = 1 %}{% endif %}[{{ x }}]", "[]"),
    (
        "{% set x = 1 %}{% for i in [1] %}{% if false %}{% set x = 2 %}{% endif %}{{ x }}{% endfor %}",
        "1",
    ),
    (
        "{% with a = 1, b = a + 1 %}{{ a }}{{ b }}{% endwith %}[{{ a }}]",
        "12[]",
    ),
    (
        "{% set a = 1 %}{% with a = a + 1 %}{{ a }}{% endwith %}{{ a }}",
        "21",
    ),
    (
        "{% macro f(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}{{ f(1, b=2) }}",
        "1112",
    ),
    (
        "{% set x = 1 %}{% macro f() %}{{ x }}{% endmacro %}{% set x = 2 %}{{ f() }}",
        "2",
    ),
    (
        "{% macro a(n) %}{{ b(n) }}{% endmacro %}{% macro b(n) %}{% if n %}{{ a(n - 1) }}{{ n }}{% endif %}{% endmacro %}{{ a(3) }}",
        "123",
    ),
    (
        "{% macro f() %}<{{ caller() }}>{% endmacro %}{% call f() %}x{% endcall %}",
        "<x>",
    ),
    (
        "{% macro f() %}{{ caller(1) }}{% endmacro %}{% set y = 5 %}{% call(n) f() %}{{ n + y }}{% endcall %}",
        "6",
    ),
    (
        "{% set ns = namespace(n=0) %}{% for i in range(4) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}{{ ns }}",
        "6{\"n\":6}",
    ),
    ("{% set x %}a{{ 1 }}{% endset %}{{ x | upper }}", "A1"),
    ("{% set a, b = 1, 2 %}{{ b }}{{ a }}", "21"),
    (
        "{% for n in [1, [2, [3]]] recursive %}{% if n is sequence %}{{ loop(n) }}{% else %}{{ n }}@{{ loop.depth }} {% endif %}{% endfor %}",
        "1@1 2@2 3@3 ",
    ),
    (
        "{% for i in [1, 2, 3] %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}",
        "13",
    ),
    (
        "{% for i in range(9) %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}",
        "01",
    ),
    (
        "{% set request = {'path': 'mine'} %}{{ request.path }}",
        "mine",
    ),
    (
        "{% for loopy in [1] %}{{ loop.first and loop.last }}{% endfor %}",
        "true",
    ),
    (
        "{% macro f(x) %}{{ x.y }}{% endmacro %}{{ f({'y': 3}) }}{{ f.name }}",
        "3f",
    ),
    ("{% filter upper %}a{{ 'b' }}{% endfilter %}", "AB"),
    (
        "{% autoescape true %}{{ '<' }}{% autoescape false %}{{ '<' }}{% endautoescape %}{% endautoescape %}",
        "&lt;<",
    ),
];

/// A default goes for what is too large as for what is no number.
#[test]
fn whole_numbers() {
    for (template, want) in [
        ("{{ ('9' * 400) | int(7) }}", "7"),
        ("{{ 1e300 | int(default=7) }}", "7"),
        ("{{ '1e3' | int }}", "1000"),
        (
            "{{ '-170141183460469231731687303715884105728' | int }}",
            "-170141183460469231731687303715884105728",
        ),
        (
            "{{ '170141183460469231731687303715884105727' | int(7) }}",
            "170141183460469231731687303715884105727",
        ),
        ("{{ -1.9 | int }}", "-1"),
    ] {
        assert_eq!(text(template), want, "{template}");
    }
}

#[test]
fn names_and_scopes() {
    for (template, want) in SCOPES.iter().copied() {
        assert_eq!(text(template), want, "{template}");
    }
}

#[test]
fn functions_and_filters_of_our_own() {
    for (template, want) in [
        ("{{ now() }}", "2023-11-14T22:13:20.123Z"),
        ("{{ now(offset='-1d2h') }}", "2023-11-13T20:13:20.123Z"),
        ("{{ now(offset='+1w', format='%Y-%m-%d') }}", "2023-11-21"),
        ("{{ timestamp() }}", "1700000000"),
        (
            "{{ 1700000000 | date('%H:%M') }} {{ '2024-02-29' | date('%A') }}",
            "22:13 Thursday",
        ),
        (
            "{{ '2024-01-01T10:00:00+02:00' | date('%H %z') }}",
            "10 +0200",
        ),
        ("{{ 1700000000123 | date('%s') }}", "1700000000"),
        (
            "{{ range(5, 0, -2) }}{{ dict({'a': 1}, b=2) }}",
            r#"[5,3,1]{"a":1,"b":2}"#,
        ),
        (
            "{{ 'héé' | base64 | base64Decode }}{{ 'aGk' | base64Decode }}",
            "hééhi",
        ),
        ("{{ 'a b/ü' | urlEncode }}", "a%20b%2F%C3%BC"),
        ("{{ [{'a': 1}, {'a': 2}] | jsonPath('$[*].a') }}", "[1,2]"),
        (
            "{{ '{\"a\": {\"b\": 1}}' | jsonPath('$.a') }}",
            r#"{"b":1}"#,
        ),
        (
            "{% for g in [{'k': 1, 'v': 2}, {'k': 1, 'v': 3}] | groupby('k') %}{{ g.grouper }}{{ g.list | map(attribute='v') | join }}{% endfor %}",
            "123",
        ),
        (
            "{{ true }}{{ none }}{{ 1.0 }}{{ [true, none, 1.5] }}{{ 'x' ~ true ~ none }}",
            "true1.0[true,null,1.5]xtrue",
        ),
    ] {
        if is_left_out(template) {
            continue;
        }
        assert_eq!(text(template), want, "{template}");
    }
    let uuid = text("{{ uuid() }}");
    assert_eq!(uuid.len(), 36);
    assert_eq!(&uuid[14..15], "4");
    assert_ne!(
        text("{{ randomString(20) }}"),
        text("{{ randomString(21) }}")
    );
    for _ in 0..50 {
        let die: i32 = text("{{ randomInt(1, 6) }}").parse().unwrap();
        assert!((1..=6).contains(&die));
    }
}

#[test]
fn markup_is_escaped_and_header_values_are_cleaned() {
    let sent = Sent::query("q=%3Cb%20a%3D%22%27%26%3E%0D%0Ax");
    for (template, want) in [
        (
            "{{ request.query.q }}",
            "&lt;b a=&quot;&#x27;&amp;&gt;\r\nx",
        ),
        (
            "{% set x %}<i>{{ request.query.q }}</i>{% endset %}{{ x }}",
            "<i>&lt;b a=&quot;&#x27;&amp;&gt;\r\nx</i>",
        ),
        (
            "{{ '<b>' | safe ~ '<' }}{{ ['<'] }}{{ '<' | e }}",
            "<b>&lt;[&quot;&lt;&quot;]&lt;",
        ),
        ("{{ {'a': '<\\''} | tojson }}", r#"{"a":"\u003c\u0027"}"#),
    ] {
        assert_eq!(
            sent.render(template, Escape::Markup).as_deref(),
            Ok(want),
            "{template}"
        );
    }
    let cleaned = sent.render("a\t{{ request.query.q }}é", Escape::Header);
    assert_eq!(cleaned.as_deref(), Ok("a<b a=\"'&>xé"));
}

#[cfg(feature = "fake")]
#[test]
fn every_faker_speaks_every_locale() {
    for name in super::function::faker_names() {
        for locale in [
            "en", "de_DE", "fr", "it-it", "pt_br", "pt_pt", "nl_nl", "tr_tr", "cy_gb", "ar_sa",
            "fa_ir", "ja_jp", "zh_cn", "zh_tw",
        ] {
            let template = format!("{{{{ fake.{name}(locale='{locale}') }}}}");
            for _ in 0..5 {
                let made = Sent::default().render(&template, Escape::None);
                let numeric = made
                    .as_ref()
                    .is_err_and(|e| e.contains("there is no argument `locale`"));
                assert!(
                    numeric || made.as_ref().is_ok_and(|m| !m.is_empty()),
                    "{template}: {made:?}"
                );
            }
        }
    }
    for template in [
        "{{ fake.internet.email() }}",
        "{{ fake.first_name() }}",
        "{{ fake.person.firstName() }}",
        "{{ fake.lorem.words(2) }}",
    ] {
        assert!(!text(template).is_empty());
    }
    assert_eq!(
        text("{{ fake.name() }}"),
        text("{{ fake.person.fullName() }}")
    );
}

#[test]
fn a_template_needs_its_marks() {
    for (source, is) in [
        ("{{ 1 }}", true),
        ("{% if %}", true),
        ("{# #} { { % }}", false),
        ("", false),
        ("{", false),
    ] {
        assert_eq!(super::is_template(source), is, "{source}");
    }
    assert_eq!(
        Sent::default()
            .render("{{ 1 // 0 }}", Escape::None)
            .unwrap_err(),
        format!(
            "{:?}: division by zero at line 1, column 6",
            FaultKind::Error
        )
    );
}
