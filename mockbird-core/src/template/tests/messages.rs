//! The words of faults.

use super::Sent;
use crate::template::{Escape, Template};

fn compile(source: &str) -> String {
    Template::compile(source, Escape::None)
        .unwrap_err()
        .to_string()
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
    insta::assert_snapshot!(compile("{% fro x in y %}"), @"unknown tag `fro` at line 1, column 4");
    insta::assert_snapshot!(compile("{% if x %}\n{% for y in z %}\n{% endif %}"), @"`endif` closes nothing at line 3, column 4 (the block it belongs to is missing, or another block inside it is not closed)");
    insta::assert_snapshot!(compile("{% if x %}"), @"a block is not closed: `{% endif %}` is missing at line 1, column 1");
    insta::assert_snapshot!(compile("é {{ 'abc }}"), @"a string is not closed at line 1, column 6 (close it with the quote it begins with)");
    insta::assert_snapshot!(compile("{{ x"), @"`{{` is not closed at line 1, column 1 (close it with `}}`)");
    insta::assert_snapshot!(compile("{# x"), @"a comment is not closed at line 1, column 1 (close it with `#}`)");
    insta::assert_snapshot!(compile("{% raw %} {{ x }}"), @"a raw block is not closed at line 1, column 10 (close it with `{% endraw %}`)");
    insta::assert_snapshot!(compile("{{ a ? b }}"), @"unexpected character `?` at line 1, column 6");
    insta::assert_snapshot!(compile("{% set loop = 1 %}"), @"`loop` cannot be assigned to at line 1, column 8 (choose another name)");
    insta::assert_snapshot!(compile("{% break %}"), @"`break` stands outside of a loop at line 1, column 4");
    insta::assert_snapshot!(compile("{{ x | jsonPath('a.b') }}"), @"`a.b` is not a JSONPath: a JSONPath begins with `$` at line 1, column 8");
    insta::assert_snapshot!(compile("{{ x | date('%!') }}"), @"`%!` is not a date format: strftime formatting failed: found unrecognized specifier directive `!` at line 1, column 8");
    insta::assert_snapshot!(compile("{{ x | map('uper') }}"), @"unknown filter `uper` at line 1, column 8 (did you mean `upper`?)");
    insta::assert_snapshot!(compile(&"{{ ".repeat(3)), @"`{{` is not closed at line 1, column 1 (close it with `}}`)");
    insta::assert_snapshot!(compile(&format!("{{{{ {}1 }}}}", "(".repeat(200))), @"`{{` is not closed at line 1, column 1 (close it with `}}`)");
}

#[test]
fn when_it_is_rendered() {
    insta::assert_snapshot!(fault("\n{{ request.query.n | int }}"), @"Error: `x` is not a number; `int(0)` and `float(0)` give a default at line 2, column 22");
    insta::assert_snapshot!(fault("{{ request.query.n + 1 }}"), @"Error: `+` does not work on a string and a number; `~` joins text, `| int` reads a number from it at line 1, column 20");
    insta::assert_snapshot!(fault("{{ [] - 1 }}"), @"Error: `-` does not work on a list and a number at line 1, column 7");
    insta::assert_snapshot!(fault("{{ 2 ** 200 }}"), @"Error: the result of `**` is too large at line 1, column 6");
    insta::assert_snapshot!(fault("{{ 1 % 0 }}"), @"Error: division by zero at line 1, column 6");
    insta::assert_snapshot!(fault("{% for i in 5 %}{% endfor %}"), @"Error: a number cannot be looped over at line 1, column 4");
    insta::assert_snapshot!(fault("{% set a, b = [1] %}"), @"Error: cannot unpack 1 elements into 2 variables at line 1, column 4");
    insta::assert_snapshot!(fault("{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}"), @"Error: `f` is given 2 arguments and has 1 at line 1, column 34");
    insta::assert_snapshot!(fault("{% macro f(a) %}{% endmacro %}{{ f(b=2) }}"), @"Error: there is no argument `b` at line 1, column 34");
    insta::assert_snapshot!(fault("{% set x = 1 %}{{ x() }}"), @"Error: a number cannot be called at line 1, column 19");
    insta::assert_snapshot!(fault("{{ now(offset='2 days') }}"), @"Error: `2 days` is not an offset: write it like `-2d` or `+1h30m`, with the units s, m, h, d, w at line 1, column 4");
    insta::assert_snapshot!(fault("{{ 'soon' | date('%Y') }}"), @"Error: `soon` is not a date: RFC 3339 or seconds since 1970 are at line 1, column 13");
    insta::assert_snapshot!(fault("{{ randomInt(6, 1) }}"), @"Error: `randomInt(6, 1)` is empty: the least comes first at line 1, column 4");
    insta::assert_snapshot!(fault("{{ randomInt('1', 6) }}"), @"Error: `randomInt` wants a whole number, not a string; `| int` reads a number from it at line 1, column 4");
    insta::assert_snapshot!(fault("{{ choice('abc') }}"), @"Error: `choice` wants a list, not a string at line 1, column 4");
    insta::assert_snapshot!(fault("{{ '!' | base64Decode }}"), @"Error: the text is not base64 at line 1, column 10");
    insta::assert_snapshot!(fault("{{ 1 | upper(2) }}"), @"Error: no argument is allowed at line 1, column 8");
    insta::assert_snapshot!(fault("{{ 'a' | round }}"), @"Error: cannot round value (string) at line 1, column 10");
    insta::assert_snapshot!(fault("{{ range(1, 9, 0) }}"), @"Error: the step of a range is 0 at line 1, column 4");
    insta::assert_snapshot!(fault("{{ {[1]: 2} }}"), @"Error: a list cannot be a key at line 1, column 1");
    insta::assert_snapshot!(fault("{% for i in range(1000000) %}{% endfor %}"), @"Limit: a range is too long: at most 100000 numbers are allowed at line 1, column 13");
}

#[cfg(feature = "fake")]
#[test]
fn of_fakers() {
    insta::assert_snapshot!(compile("{{ fake.emial() }}"), @"unknown faker `emial` at line 1, column 14 (did you mean `email`?)");
    insta::assert_snapshot!(fault("{{ fake.name(locale='xx') }}"), @"Error: unknown locale `xx`; there are en, fr_fr, de_de, it_it, pt_br, pt_pt, nl_nl, tr_tr, cy_gb, ar_sa, fa_ir, ja_jp, zh_cn, zh_tw at line 1, column 13");
}

#[cfg(not(feature = "fake"))]
#[test]
fn of_a_build_without_fakers() {
    insta::assert_snapshot!(compile("{{ fake.name() }}"), @"`fake.name` is not in this build at line 1, column 13 (build it with the feature `fake`)");
}
