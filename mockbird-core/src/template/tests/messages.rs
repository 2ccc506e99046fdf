//! The words of faults.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::Sent;
use crate::fault::{Faults, Place};
use crate::template::{Escape, Template};

fn compile(source: &str) -> String {
    Template::compile(source, Escape::None)
        .unwrap_err()
        .to_string()
}

/// All faults of a text and then all warnings, one a line.
fn all(source: &str) -> String {
    let mut faults = Faults::default();
    let params = ["id".into()];
    let place = Place::ROOT.key("body");
    let template = Template::compile_at(source, Escape::None, Some(&params), &place, &mut faults);
    assert_eq!(template.is_some(), faults.errors.is_empty());
    let (errors, warnings) = (faults.errors.iter(), faults.warnings.iter());
    let warnings = warnings.map(|fault| format!("warning: {fault}"));
    let lines: Vec<_> = errors.map(ToString::to_string).chain(warnings).collect();
    lines.join("\n")
}

#[test]
fn all_faults_of_a_text() {
    // Each tag has its own.
    insta::assert_snapshot!(all("{{ a b }} {{ x | uper }}\n{{ 'open }} {{ fine }} {% fro x %}{{ (1 }}{{ y() }}\n{% if %}{{ 1 + }}{% else %}{{ z() }}{% endif %}{{ q"), @r##"
    body: expected `}}`, found `b` at line 1, column 6 in the text
    body: unknown filter `uper` at line 1, column 18 in the text (did you mean `upper`?)
    body: a string is not closed at line 2, column 4 in the text (close it with the quote it begins with)
    body: unknown tag `fro` at line 2, column 27 in the text (did you mean `for`?)
    body: `(` is not closed at line 2, column 38 in the text (close it with `)`)
    body: expected an expression, found `%}` at line 3, column 7 in the text
    body: expected an expression, found `}}` at line 3, column 16 in the text
    body: `{{` is not closed at line 3, column 48 in the text (close it with `}}`)
    "##);
    // What follows from a block that cannot be read is no fault of its own.
    insta::assert_snapshot!(all("{% for x in %}{% if a b %}{% elif c d %}{% break %}{% endif %}{% else %}{% endfor %}{{ x y }}"), @r##"
    body: expected an expression, found `%}` at line 1, column 13 in the text
    body: expected `%}`, found `b` at line 1, column 23 in the text
    body: expected `}}`, found `y` at line 1, column 90 in the text
    "##);
    insta::assert_snapshot!(all("{% if a %}{% foreach b %}{{ c d }}{% endforeach %}"), @r##"
    body: unknown tag `foreach` at line 1, column 14 in the text (did you mean `for`?)
    body: expected `}}`, found `d` at line 1, column 31 in the text
    "##);
    insta::assert_snapshot!(all("{% macro f( %}{% endmacro %}{{ f() }}{{ 1 | nosuch }}"), @r##"
    body: `(` is not closed at line 1, column 11 in the text (close it with `)`)
    body: unknown filter `nosuch` at line 1, column 45 in the text (there are those of minijinja, jsonPath, base64, base64Decode, urlEncode, sha256, hmac and date)
    "##);
    insta::assert_snapshot!(all("{% if a %}{% for b in c %}{{ d e }}{% endif %}"), @r##"
    body: expected `}}`, found `e` at line 1, column 32 in the text
    body: `endif` closes nothing at line 1, column 39 in the text (the block it belongs to is missing, or another block inside it is not closed)
    "##);
    insta::assert_snapshot!(all("{{ a b }}{# open {{ c d }}"), @r##"
    body: expected `}}`, found `b` at line 1, column 6 in the text
    body: a comment is not closed at line 1, column 10 in the text (close it with `#}`)
    "##);
    insta::assert_snapshot!(all("{{ }}{% if x %}{{ }}"), @r##"
    body: expected an expression, found `}}` at line 1, column 4 in the text
    body: a block is not closed at line 1, column 6 in the text (write `{% endif %}` where it ends)
    body: expected an expression, found `}}` at line 1, column 19 in the text
    "##);
    assert_eq!(all(&"{{ a b }}".repeat(1_000)).lines().count(), 100);
}

#[test]
fn a_brace_too_few() {
    assert_eq!(
        all("Hello {{ request.params.id }"),
        "body: `}` closes nothing at line 1, column 28 in the text (write `}}` to end the tag)"
    );
    assert_eq!(
        all("{% if a } {% endif %}").lines().next(),
        Some(
            "body: `}` closes nothing at line 1, column 9 in the text (write `%}` to end the tag)"
        )
    );
    let twice = all("{% for i in range(3) %}{{ i }");
    let braces = twice.lines().filter(|line| line.contains("`}` closes"));
    assert_eq!(braces.count(), 1, "{twice}");
}

#[test]
fn calls_that_always_fail() {
    insta::assert_snapshot!(all("{{ randomInt(1) }}{{ now(fmt='x') }}{{ range() }}{{ range('a') }}{{ uuid(1) }}{{ randomInt(6, -1) }}{{ now(offset='soon') }}{{ choice() }}"), @r##"
    body: `randomInt` wants the least and the greatest number at line 1, column 4 in the text (such as `randomInt(1, 6)`)
    body: there is no argument `fmt` at line 1, column 22 in the text (such as `now(offset='-2d', format='%Y-%m-%d')`)
    body: `range` wants a number at line 1, column 40 in the text (such as `range(3)` or `range(1, 10, 2)`)
    body: `range` wants a whole number, not a string; `| int` reads a number from it at line 1, column 53 in the text (such as `range(3)` or `range(1, 10, 2)`)
    body: no argument is allowed at line 1, column 69 in the text (write `uuid()`)
    body: `randomInt` is empty: the least number comes first at line 1, column 82 in the text (such as `randomInt(1, 6)`)
    body: a text of 4 characters is not an offset: write it like `-2d` or `+1h30m`, with the units s, m, h, d, w at line 1, column 104 in the text (such as `now(offset='-2d', format='%Y-%m-%d')`)
    body: `choice` wants a list at line 1, column 128 in the text (such as `choice(['a', 'b'])`)
    "##);
    insta::assert_snapshot!(all("{{ range(1000000000) }}{{ 1 / 0 }}{{ request.query.a % 0 }}"), @r##"
    warning: body: a range is too long: at most 100000 numbers are allowed, so this always fails at line 1, column 4 in the text (change the number)
    warning: body: division by zero, so this always fails at line 1, column 29 in the text (change the number)
    warning: body: division by zero, so this always fails at line 1, column 54 in the text (change the number)
    "##);
    for fine in [
        "{{ randomInt(1, 6) }}{{ randomInt(min=-5, max=5) }}{{ randomString(900000) }}{{ range(100000) | length }}",
        "{{ now('-2d') }}{{ now(format='%Y') }}{{ dict(a=1) }}{{ randomInt(request.query.a, 2) }}{{ 0 / 1 }}{{ 2 * 0 }}",
        "{% set range = 1 %}{{ 1 // request.query.n }}{{ randomInt(*request.body) }}",
    ] {
        assert_eq!(all(fine), "");
    }
}

/// Pieces of templates, mostly of broken ones.
const PIECES: [&str; 34] = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{%-",
    "-%}",
    "a",
    " x ",
    "1",
    "'s'",
    "'",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "|",
    "upper",
    ".",
    ",",
    "=",
    "£",
    "\n",
    "if",
    "endif",
    "else",
    "for i in a",
    "endfor",
    "macro f(a)",
    "endmacro",
    "{{ ok }}",
];

proptest! {
    /// Recovery ends, keeps to the text and agrees with itself.
    #[test]
    fn any_text_has_faults_or_is_a_template(pieces in vec(select(&PIECES[..]), 0..40)) {
        let source = pieces.concat();
        let mut faults = Faults::default();
        let template = Template::compile_at(&source, Escape::Json, None, &Place::ROOT, &mut faults);
        let first = Template::compile(&source, Escape::Json);
        prop_assert_eq!(template.is_some(), first.is_ok());
        prop_assert_eq!(template.is_some(), faults.errors.is_empty());
        if let Err(first) = first {
            let placed = format!(" at line {}, column {} in the text", first.line, first.column);
            prop_assert!(faults.errors[0].message.ends_with(&placed), "{:?}", faults.errors);
            prop_assert!(first.line <= source.matches('\n').count() + 1);
        }
    }

    /// A tag that is wrong hides no other that is.
    #[test]
    fn each_print_has_its_fault(wrong in vec(any::<bool>(), 1..30)) {
        let tags = wrong.iter().map(|wrong| if *wrong { "{{ a b }} " } else { "{{ a }} " });
        let mut faults = Faults::default();
        let source: String = tags.collect();
        let _ = Template::compile_at(&source, Escape::Json, None, &Place::ROOT, &mut faults);
        prop_assert_eq!(faults.errors.len(), wrong.iter().filter(|wrong| **wrong).count());
    }
}

#[test]
fn what_is_probably_a_slip() {
    for (source, want) in [
        ("{{ request.paht }}", true),
        ("{{ request['querry'].a }}", true),
        ("{{ request.header.x }}", true),
        ("{{ request.params.idd }}", true),
        ("{{ rquest.path }}", true),
        ("{{ userId }}", true),
        ("{{ null }}", true),
        (
            "{{ now }} {{ uuid | upper }} {% if timestamp %}{% endif %}",
            true,
        ),
        ("{{ loop.index }}", true),
        ("{% for a in request.body.b %}{% endfor %}{{ a }}", true),
        ("{% set total = 1 %}{{ totl }}", true),
        (
            "{{ request.params.id }}{{ request.userId }}{{ request.post }}{{ request.cost }}{{ request.ids }}",
            false,
        ),
        (
            "{{ request.query.nwo }}{{ request.body.paht }}{{ request.headers.paht }}{{ request.id }}",
            false,
        ),
        (
            "{{ now() }}{% set now = 1 %}{{ now }}{% for x in [1] %}{{ loop.index }}{{ x }}{% endfor %}",
            false,
        ),
        (
            "{% macro f(a) %}{{ a }}{{ caller() }}{% endmacro %}{% call f(1) %}b{% endcall %}{{ f }}",
            false,
        ),
        (
            "{% with a = 1 %}{{ a }}{% endwith %}{% set ns = namespace(n=1) %}{% set ns.n = 2 %}{{ ns.n }}",
            false,
        ),
        (
            "{% if request.body %}{% set late = 1 %}{% endif %}{{ late }}",
            false,
        ),
        ("{{ true }}{{ none }}{{ False }}{{ {'a': 1}.a }}", false),
    ] {
        let told = all(source);
        assert_eq!(!told.is_empty(), want, "{source}: {told}");
        assert!(
            told.lines().all(|line| line.starts_with("warning: ")),
            "{source}: {told}"
        );
    }
    insta::assert_snapshot!(all("{{ request.paht }}{{ rquest.path }}\n{{ now }}{{ userId }}{{ request.params.name }}{{ null }}{{ loop }}"), @r##"
    warning: body: `request.paht` is whatever parameter, query parameter or body field has this name at line 1, column 4 in the text (did you mean `request.path`?)
    warning: body: nothing is called `rquest` here, so it is always empty at line 1, column 22 in the text (did you mean `request`?)
    warning: body: `now` is a function, and without brackets it is always empty at line 2, column 4 in the text (call it: `now()`)
    warning: body: nothing is called `userId` here, so it is always empty at line 2, column 13 in the text (what came is a part of the request: `request.userId`)
    warning: body: the mock's path has no parameter `name`, so it is always empty at line 2, column 25 in the text (the path has `id`)
    warning: body: nothing is called `null` here, so it is always empty at line 2, column 50 in the text (`none` is the word for nothing)
    warning: body: nothing is called `loop` here, so it is always empty at line 2, column 60 in the text (it is known inside of a `for` only)
    "##);
}

fn fault(source: &str) -> String {
    Sent::query("n=x").render(source, Escape::None).unwrap_err()
}

#[test]
fn when_a_template_is_compiled() {
    insta::assert_snapshot!(compile("a\nb {{ x y }}"), @"expected `}}`, found `y` at line 2, column 8");
    insta::assert_snapshot!(compile("{{ x | uper }}"), @"unknown filter `uper` at line 1, column 8 (did you mean `upper`?)");
    insta::assert_snapshot!(compile("{{ x is defnied }}"), @"unknown test `defnied` at line 1, column 9 (did you mean `defined`?)");
    insta::assert_snapshot!(compile("{{ randomint(1, 2) }}"), @"unknown function `randomint` at line 1, column 4 (did you mean `randomInt`?)");
    insta::assert_snapshot!(compile("{{ request.body.items() }}"), @"values have no methods: `request.body.items()` at line 1, column 22 (a filter may do it: `request.body | items`)");
    insta::assert_snapshot!(compile("{% include 'x' %}"), @"`include` is not allowed: a template stands alone at line 1, column 4 (write the text here, or use a macro)");
    insta::assert_snapshot!(compile("{% fro x in y %}"), @"unknown tag `fro` at line 1, column 4 (did you mean `for`?)");
    insta::assert_snapshot!(compile("{% if x %}\n{% for y in z %}\n{% endif %}"), @"`endif` closes nothing at line 3, column 4 (the block it belongs to is missing, or another block inside it is not closed)");
    insta::assert_snapshot!(compile("{% if x %}"), @"a block is not closed at line 1, column 1 (write `{% endif %}` where it ends)");
    insta::assert_snapshot!(compile("é {{ 'abc }}"), @"a string is not closed at line 1, column 6 (close it with the quote it begins with)");
    insta::assert_snapshot!(compile("{{ x"), @"`{{` is not closed at line 1, column 1 (close it with `}}`)");
    insta::assert_snapshot!(compile("{# x"), @"a comment is not closed at line 1, column 1 (close it with `#}`)");
    insta::assert_snapshot!(compile("{% raw %} {{ x }}"), @"a raw block is not closed at line 1, column 10 (close it with `{% endraw %}`)");
    insta::assert_snapshot!(compile("{{ a ? b }}"), @"unexpected character `?` at line 1, column 6 (text inside of a tag stands in quotes)");
    insta::assert_snapshot!(compile("{% set loop = 1 %}"), @"`loop` cannot be assigned to at line 1, column 8 (choose another name)");
    insta::assert_snapshot!(compile("{% break %}"), @"`break` stands outside of a loop at line 1, column 4 (put it between `{% for .. %}` and `{% endfor %}`)");
    insta::assert_snapshot!(compile("{{ x | date('%!') }}"), @"`%!` is not a date format: strftime formatting failed: found unrecognized specifier directive `!` at line 1, column 8 (write it like `%Y-%m-%d %H:%M:%S`)");
    insta::assert_snapshot!(compile("{{ x | map('uper') }}"), @"unknown filter `uper` at line 1, column 8 (did you mean `upper`?)");
    insta::assert_snapshot!(compile(&"{{ ".repeat(3)), @"`{{` is not closed at line 1, column 1 (close it with `}}`)");
    insta::assert_snapshot!(compile(&format!("{{{{ {}1 }}}}", "(".repeat(200))), @"`(` is not closed at line 1, column 4 (close it with `)`)");
}

#[test]
fn when_it_is_rendered() {
    insta::assert_snapshot!(fault("\n{{ request.query.n | int }}"), @"Error: a text of 1 character is not a number; `int(0)` and `float(0)` give a default at line 2, column 22");
    insta::assert_snapshot!(fault("{{ request.query.n + 1 }}"), @"Error: `+` does not work on a string and a number; `~` joins text, `| int` reads a number from it at line 1, column 20");
    insta::assert_snapshot!(fault("{{ [] - 1 }}"), @"Error: `-` does not work on a list and a number at line 1, column 7");
    insta::assert_snapshot!(fault("{{ 2 ** 200 }}"), @"Error: the result of `**` is too large at line 1, column 6");
    for source in [
        "'9' * 400",
        "'1e400'",
        "1e300",
        "'nan'",
        "'-inf'",
        "'9' * 40",
    ] {
        let told = fault(&format!("{{{{ ({source}) | int }}}}"));
        assert!(
            told.contains("the number is too large for a whole one; `int(0)` gives a default"),
            "{told}"
        );
    }
    insta::assert_snapshot!(fault("{{ 1 % 0 }}"), @"Error: division by zero at line 1, column 6");
    insta::assert_snapshot!(fault("{% for i in 5 %}{% endfor %}"), @"Error: a number cannot be looped over at line 1, column 4");
    insta::assert_snapshot!(fault("{% set a, b = [1] %}"), @"Error: cannot unpack 1 elements into 2 variables at line 1, column 4");
    insta::assert_snapshot!(fault("{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}"), @"Error: `f` is given 2 arguments and has 1 at line 1, column 34");
    insta::assert_snapshot!(fault("{% macro f(a) %}{% endmacro %}{{ f(b=2) }}"), @"Error: there is no argument `b` at line 1, column 34");
    insta::assert_snapshot!(fault("{% set x = 1 %}{{ x() }}"), @"Error: a number cannot be called at line 1, column 19");
    insta::assert_snapshot!(fault("{{ now(offset='2 days') }}"), @"a text of 6 characters is not an offset: write it like `-2d` or `+1h30m`, with the units s, m, h, d, w at line 1, column 4 (such as `now(offset='-2d', format='%Y-%m-%d')`)");
    insta::assert_snapshot!(fault("{{ 'soon' | date('%Y') }}"), @"Error: a text of 4 characters is not a date: RFC 3339 or seconds since 1970 are at line 1, column 13");
    insta::assert_snapshot!(fault("{{ randomInt(6, 1) }}"), @"`randomInt` is empty: the least number comes first at line 1, column 4 (such as `randomInt(1, 6)`)");
    insta::assert_snapshot!(fault("{{ randomInt('1', 6) }}"), @"`randomInt` wants a whole number, not a string; `| int` reads a number from it at line 1, column 4 (such as `randomInt(1, 6)`)");
    insta::assert_snapshot!(fault("{{ choice('abc') }}"), @"`choice` wants a list, not a string at line 1, column 4 (such as `choice(['a', 'b'])`)");
    insta::assert_snapshot!(fault("{{ '!' | base64Decode }}"), @"Error: the text is not base64 at line 1, column 10");
    insta::assert_snapshot!(fault("{{ 1 | upper(2) }}"), @"Error: no argument is allowed at line 1, column 8");
    insta::assert_snapshot!(fault("{{ 'a' | round }}"), @"Error: cannot round value (string) at line 1, column 10");
    insta::assert_snapshot!(fault("{{ range(1, 9, 0) }}"), @"the step of a range is 0 at line 1, column 4 (such as `range(3)` or `range(1, 10, 2)`)");
    insta::assert_snapshot!(fault("{{ {[1]: 2} }}"), @"Error: a list cannot be a key at line 1, column 1");
    insta::assert_snapshot!(fault("{% for i in range(1000000) %}{% endfor %}"), @"Limit: a range is too long: at most 100000 numbers are allowed at line 1, column 13");
}

/// What a request brings may be a secret, and the fault goes into the reply and the log.
#[test]
fn of_a_request_show_nothing_of_its_values() {
    let sent = Sent::query("s=HUNTER2&x=77777&big=1e308");
    for expression in [
        "request.query.s | int",
        "request.query.s | float",
        "request.query.s | date",
        "0 | date('%!' ~ request.query.s)",
        "now(offset=request.query.s)",
        "now(format='%!' ~ request.query.s)",
        "now(offset=request.query.x ~ 'y')",
        "randomInt(request.query.x | int, 1)",
        "[1] | map(request.query.s) | list",
        "[1] | select(request.query.s) | list",
        "[1] | tojson(request.query.x | int)",
        "'%d' | format(request.query.s)",
        "('%' ~ request.query.s) | format(1)",
        "1 | round(0, request.query.s)",
        "[request.query.s, 1] | sum",
        "[1] | batch(request.query.s)",
        #[cfg(feature = "fake")]
        "fake.name(locale=request.query.s)",
        #[cfg(feature = "fake")]
        "fake.name(locale=request.query.s[:4] ~ 'ER2')",
        #[cfg(feature = "jsonpath")]
        "[] | jsonPath(request.query.s)",
        #[cfg(feature = "jsonpath")]
        "[] | jsonPath('$[?' ~ request.query.s ~ '(@)]')",
    ] {
        match sent.render(&format!("{{{{ {expression} }}}}"), Escape::None) {
            Err(told) => assert!(
                !told.contains("HUNTER2") && !told.contains("77777"),
                "{told}"
            ),
            Ok(made) => panic!("{expression}: {made}"),
        }
    }
}

#[cfg(feature = "fake")]
#[test]
fn of_fakers() {
    insta::assert_snapshot!(compile("{{ fake.emial() }}"), @"unknown faker `emial` at line 1, column 14 (did you mean `email`?)");
    insta::assert_snapshot!(fault("{{ fake.name(locale='xx') }}"), @"a text of 2 characters is not a locale; there are en, fr_fr, de_de, it_it, pt_br, pt_pt, nl_nl, tr_tr, cy_gb, ar_sa, fa_ir, ja_jp, zh_cn, zh_tw at line 1, column 13 (most take no argument but `locale`, such as `locale='de'`)");
}

#[cfg(not(feature = "jsonpath"))]
#[test]
fn of_a_build_without_paths() {
    insta::assert_snapshot!(compile("{{ x | jsonPath('$') }}"), @"`jsonPath` is not in this build at line 1, column 8 (turn on the feature `jsonpath` of mockbird-testkit, or of mockbird-core without it)");
}

#[cfg(not(feature = "digest"))]
#[test]
fn of_a_build_without_digests() {
    insta::assert_snapshot!(compile("{{ x | hmac('key') }}"), @"`hmac` is not in this build at line 1, column 8 (turn on the feature `digest` of mockbird-testkit, or of mockbird-core without it)");
}

#[cfg(not(feature = "fake"))]
#[test]
fn of_a_build_without_fakers() {
    insta::assert_snapshot!(compile("{{ fake.name() }}"), @"`fake.name` is not in this build at line 1, column 13 (turn on the feature `fake` of mockbird-testkit, or of mockbird-core without it)");
}

#[cfg(feature = "jsonpath")]
#[test]
fn of_paths() {
    insta::assert_snapshot!(compile("{{ x | jsonPath('a.b') }}"), @"`a.b` is not a JSONPath: a JSONPath begins with `$` at line 1, column 8 (write it like `$.items[0].id`)");
}
