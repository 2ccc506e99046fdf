//! What the reference says is what the code knows.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fmt::Write as _;

use http::{HeaderMap, Method};
use mockbird_core::spec::Format;
use mockbird_core::{Engine, Env, ErrorCode, Request, SPEC_SCHEMA};

const REFERENCE: &str = include_str!("../REFERENCE.md");

// The engine does not tell the names its templates know: they are read where it keeps them.
const FAKERS: &str = include_str!("../../mockbird-core/src/template/function/fake.rs");
const FUNCTIONS: &str = include_str!("../../mockbird-core/src/template/function/mod.rs");
const FILTERS: &str = include_str!("../../mockbird-core/src/template/filter/mod.rs");
const MINIJINJA_FILTERS: &str = include_str!("../../mockbird-core/src/template/filter/foreign.rs");
const TESTS: &str = include_str!("../../mockbird-core/src/template/test.rs");
const REQUEST: &str = include_str!("../../mockbird-core/src/template/input.rs");

/// What stands between the first `open` and the `close` after it.
fn between<'t>(text: &'t str, open: &str, close: &str) -> &'t str {
    let (_, rest) = text
        .split_once(open)
        .unwrap_or_else(|| panic!("no {open:?}"));
    rest.split_once(close)
        .unwrap_or_else(|| panic!("no {close:?} after {open:?}"))
        .0
}

/// Every second piece of a text that is cut at `quote`: what stands between two of them.
fn quoted(text: &str, quote: char) -> impl Iterator<Item = &str> {
    text.split(quote).skip(1).step_by(2)
}

/// The strings of a list in the source of the engine.
fn known<'t>(source: &'t str, list: &str) -> BTreeSet<&'t str> {
    let list = between(source, &format!("{list}: ["), "\n];");
    quoted(list, '"').collect()
}

/// What a section calls by name: the code in the first column of its tables, without arguments.
fn described(heading: &str) -> BTreeSet<&'static str> {
    let section = between(REFERENCE, &format!("\n### {heading}\n"), "\n##");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let names = rows.flat_map(|row| quoted(row.split(" | ").next().unwrap_or(""), '`'));
    names
        .map(|name| name.split('(').next().unwrap_or(name))
        .collect()
}

fn compiled(text: &str) -> Engine {
    let compiled = Engine::read(text, Format::Yaml).unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert!(
        compiled.warnings.is_empty(),
        "{:?}\n{text}",
        compiled.warnings
    );
    compiled.engine
}

/// What comes of a template, with its status.
fn rendered(template: &str) -> (u16, String) {
    let quoted = template.replace('\'', "''");
    let engine = compiled(&format!(
        "name: T\nmocks: [{{ path: /, responseType: text, responses: [{{ body: '{quoted}' }}] }}]"
    ));
    let headers = HeaderMap::new();
    let request = Request::new(&Method::GET, "/", &headers, b"");
    let response = engine.answer(&request, &Env::default()).response;
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    (response.status().as_u16(), text)
}

#[test]
fn every_whole_file_is_one() {
    let files: Vec<_> = REFERENCE
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .filter(|block| block.starts_with("name:"))
        .collect();
    assert!(files.len() >= 3);
    for file in files {
        compiled(file);
    }
}

#[test]
fn functions_filters_and_tests_are_those_of_the_engine() {
    assert_eq!(described("Functions"), known(FUNCTIONS, "const NAMES"));
    let mut filters = known(FILTERS, "const NATIVE");
    filters.extend(known(MINIJINJA_FILTERS, "const FILTERS"));
    assert_eq!(described("Filters"), filters);
    let mut tests = known(TESTS, "const NATIVE");
    tests.extend(known(TESTS, "const FOREIGN"));
    assert_eq!(described("Tests"), tests);
}

#[test]
fn the_members_of_request_are_those_of_the_engine() {
    let section = described("The request");
    for member in known(REQUEST, "static NAMES") {
        let start = format!("request.{member}");
        assert!(
            section.iter().any(|name| name.starts_with(&start)),
            "{member}"
        );
    }
}

#[test]
fn fakers_are_those_of_the_engine_and_answer() {
    let mut rows = String::new();
    let list = between(FAKERS, "const NAMES: ", "\n];");
    let mut lists = list.split("&[").filter(|part| part.contains('"'));
    while let (Some(groups), Some(names)) = (lists.next(), lists.next()) {
        let row = |part| {
            let part = between(part, "", "]");
            let names: Vec<_> = quoted(part, '"').map(|name| format!("`{name}`")).collect();
            names.join(", ")
        };
        writeln!(rows, "| {} | {} |", row(names), row(groups)).unwrap();
    }
    let section = between(REFERENCE, "\n### Fakers\n", "\n##");
    let shown: Vec<_> = section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    assert_eq!(shown.join("\n"), rows.trim_end());
    for row in shown {
        let mut columns = row.trim_matches('|').split(" | ");
        let (names, groups) = (columns.next().unwrap(), columns.next().unwrap());
        for name in quoted(names, '`') {
            for group in quoted(groups, '`') {
                let (status, made) = rendered(&format!("{{{{ fake.{group}.{name}() }}}}"));
                assert!(
                    status == 200 && !made.is_empty(),
                    "fake.{group}.{name}: {made}"
                );
            }
        }
    }
}

/// The forms that the tables show, with what comes of them.
const SHOWN: &[(&str, &str)] = &[
    ("{{ timestamp() }}", "0"),
    ("{{ now('-1d') }}", "1969-12-31T00:00:00.000Z"),
    ("{{ now(offset='+1h30m', format='%H:%M') }}", "01:30"),
    ("{{ randomInt(3, 3) }} {{ randomFloat() < 1 }}", "3 true"),
    ("{{ randomString() | length }} {{ choice([1]) }}", "16 1"),
    (
        "{{ range(1, 6, 2) }} {{ dict({'a': 1}, b=2) }}",
        r#"[1,3,5] {"a":1,"b":2}"#,
    ),
    (
        "{% set n = namespace(a=1) %}{% for i in [2] %}{% set n.a = i %}{% endfor %}{{ n.a }}",
        "2",
    ),
    (
        "{{ request.nothing.at.all }}{{ '' | default('b', true) }}",
        "b",
    ),
    ("{{ none | default('b') }}", ""),
    (
        "{{ 1.26 | round(precision=1) }} {{ 1 | date(format='%Y') }}",
        "1.3 1970",
    ),
    (
        "{{ [1, 2] | sort(reverse=true) }} {{ request.x | default(default_value='a') }}",
        "[2,1] a",
    ),
    (
        "{{ 'a b' | split | join('+') }}{{ [1, 2] | join }}",
        "a+b12",
    ),
    ("{{ 'x' | int(5) }} {{ 'x' | float(1.5) }}", "5 1.5"),
    (
        "{{ 'xax' | trim('x') }} {{ '%s!' | format('hi') }}",
        "a hi!",
    ),
    ("{{ 'a,b' | split(',') | join('-') }}", "a-b"),
    (
        "{{ [1] | chain([2]) | list }} {{ [1] | zip([2]) | list }}",
        "[1,2] [[1,2]]",
    ),
    ("{{ [{'a': 1}] | map(attribute='a') | list }}", "[1]"),
    ("{{ [1, 2] | select('odd') | list }}", "[1]"),
    ("{{ {'a': [1, 2]} | jsonPath('$.a[1]') }}", "2"),
    (
        "{{ 0 | date }} {{ 1700000000000 | date('%Y') }}",
        "1970-01-01 2023",
    ),
    (
        "{{ 'a b' | urlEncode }} {{ 'a' | base64 | base64Decode }}",
        "a%20b a",
    ),
    (
        "{{ 6 is divisibleby(3) }} {{ 'ab' is startingwith('a') }}",
        "true true",
    ),
    (
        "{{ 'abc'[1:] }} {{ 7 // 2 }} {{ 1 ~ 2 }} {{ 1 if true else 2 }}",
        "bc 3 12 1",
    ),
    (
        "{{ fake.words(3) | split | length }} {{ fake.password(5) | length }}",
        "3 5",
    ),
    (
        "{{ fake.int(1, 1) }} {{ fake.float(min=2, max=2) }}",
        "1 2.0",
    ),
];

#[test]
fn templates_give_what_is_said() {
    for (template, want) in SHOWN {
        assert_eq!(rendered(template), (200, (*want).to_owned()), "{template}");
    }
}

#[test]
fn every_locale_is_known() {
    let list = between(REFERENCE, "Text takes `locale=`", "A name that stands");
    let locales: Vec<_> = quoted(list, '`').collect();
    let there_are = locales.join(", ");
    for locale in locales {
        assert_eq!(
            rendered(&format!("{{{{ fake.name(locale='{locale}') }}}}")).0,
            200
        );
    }
    let unknown =
        "name: T\nmocks: [{ path: /, responses: [{ body: \"{{ fake.name(locale='xx') }}\" }] }]";
    let refused = Engine::read(unknown, Format::Yaml).unwrap_err().to_string();
    assert!(refused.contains(&there_are), "{refused}");
}

#[test]
fn every_key_and_error_code_is_there() {
    let schema: serde_json::Value = serde_json::from_str(SPEC_SCHEMA).unwrap();
    let mut keys = BTreeSet::new();
    names_in(&schema, &mut keys);
    assert!(keys.len() > 30, "{keys:?}");
    let codes = ErrorCode::ALL.iter().map(|code| code.as_str().to_owned());
    let words: BTreeSet<_> = REFERENCE
        .split(|c: char| !(c.is_ascii_alphanumeric() || "_$".contains(c)))
        .collect();
    for name in keys.into_iter().chain(codes) {
        assert!(words.contains(name.as_str()), "{name}");
    }
}

/// The keys and the words that a schema allows.
fn names_in(schema: &serde_json::Value, names: &mut BTreeSet<String>) {
    if let Some(list) = schema.as_array() {
        for one in list {
            names_in(one, names);
        }
    }
    for (key, value) in schema.as_object().into_iter().flatten() {
        match (key.as_str(), value) {
            ("properties", serde_json::Value::Object(members)) => {
                names.extend(members.keys().cloned());
            }
            ("const", serde_json::Value::String(word)) => {
                names.insert(word.clone());
            }
            ("enum", serde_json::Value::Array(words)) => {
                names.extend(words.iter().filter_map(|w| Some(w.as_str()?.to_owned())));
            }
            _ => {}
        }
        names_in(value, names);
    }
}
