//! The mocks that are served, with addresses to click on.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::paint::{self, Palette};
use super::{Harmless, report::count};
use http::{HeaderMap, Method};
use mockbird_core::spec::MethodPattern;
use mockbird_core::{Engine, Env, Mock, Request};

/// How many mocks are listed: a screen or two.
const MOCKS_SHOWN_MAX: usize = 60;

/// One line for each mock: method, address, name; `hidden` are those that never answer, by their places.
pub fn routes(palette: Palette, engine: &Engine, hidden: &BTreeSet<usize>, base: &str) -> String {
    let mut text = String::new();
    let shown: Vec<_> = engine
        .mocks()
        .take(MOCKS_SHOWN_MAX)
        .map(|mock| (mock, format!("{base}{}", address(engine, mock))))
        .collect();
    let width = shown
        .iter()
        .map(|(_, url)| url.chars().count())
        .max()
        .unwrap_or(0)
        .min(72);
    for (mock, url) in &shown {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "  {:<7} ",
            palette.paint(paint::BOLD, mock.method().as_str())
        );
        let url = Harmless(url);
        let name =
            own_name(mock).map(|name| palette.paint(paint::NAME, Harmless(name)).to_string());
        let never = hidden
            .contains(&mock.index())
            .then(|| palette.paint(paint::WARNING, "never answers").to_string());
        let notes: Vec<_> = name.into_iter().chain(never).collect();
        let _ = if notes.is_empty() {
            writeln!(text, "{url}")
        } else {
            writeln!(text, "{:<width$}  {}", url.to_string(), notes.join("  "))
        };
    }
    let more = engine.mocks().count() - shown.len();
    if more > 0 {
        let _ = writeln!(text, "  and {}", count(more, "more mock"));
    }
    text
}

/// The name of a mock, if it says more than method and path do.
fn own_name(mock: &Mock) -> Option<&str> {
    let made = format!("{} {}", mock.method().as_str(), mock.path());
    Some(mock.name()).filter(|name| *name != made)
}

/// An address that the mock matches, or its template if none is easily made up.
fn address(engine: &Engine, mock: &Mock) -> String {
    let made = escaped(&example(mock.path()));
    let method = match mock.method() {
        MethodPattern::Any => &Method::GET,
        MethodPattern::Exact(method) => method,
    };
    let headers = HeaderMap::new();
    let request = Request::new(method, &made, &headers, b"");
    let found = engine.candidates(&request, &Env::default(), |turn| {
        (turn.mock().index() == mock.index()).then_some(())
    });
    match found {
        Some(()) => made,
        None => mock.path().to_owned(),
    }
}

/// A path with percent escapes for what stands in no address.
fn escaped(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for c in path.chars() {
        if c <= ' ' || "\"<>\\^`{|}\u{7f}".contains(c) {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{:02X}", u32::from(c));
        } else {
            text.push(c);
        }
    }
    text
}

/// A path that the template `path` matches, if its parameters take ordinary values.
///
/// Addresses with braces are not recognised as links by terminals.
fn example(path: &str) -> String {
    let parts: Vec<String> = path.split('/').map(example_segment).collect();
    parts.join("/")
}

fn example_segment(segment: &str) -> String {
    if segment == "*" {
        return "x".into();
    }
    if let Some(name) = segment.strip_prefix(':') {
        return value_for(name, None);
    }
    let mut text = String::new();
    let mut rest = segment;
    while let Some((literal, after)) = rest.split_once('{') {
        text.push_str(literal);
        let Some((parameter, after)) = after.split_once('}') else {
            return segment.to_owned();
        };
        let (name, constraint) = match parameter.split_once(':') {
            Some((name, constraint)) => (name, Some(constraint)),
            None => (parameter, None),
        };
        text.push_str(&value_for(name.trim_start_matches('*'), constraint));
        rest = after;
    }
    text.push_str(rest);
    text
}

/// What a parameter of this name may hold.
fn value_for(name: &str, constraint: Option<&str>) -> String {
    let lower = name.to_ascii_lowercase();
    let numeric = lower.ends_with("id")
        || ["number", "page", "year", "version", "major"].contains(&lower.as_str());
    match constraint {
        Some(pattern) if pattern.contains("0-9") || pattern.contains("\\d") => "1".into(),
        None if numeric => "1".into(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_filled() {
        for (path, want) in [
            ("/", "/"),
            ("/users/{id}", "/users/1"),
            ("/users/:userId/posts", "/users/1/posts"),
            ("/files/{name}.json", "/files/name.json"),
            ("/compare/{base}...{head}", "/compare/base...head"),
            ("/items/{n:[0-9]+}", "/items/1"),
            ("/*/x", "/x/x"),
            ("/static/{*rest}", "/static/rest"),
        ] {
            assert_eq!(example(path), want);
        }
    }

    #[test]
    fn what_is_listed_can_be_asked_for() {
        for (path, want) in [
            ("/users/{id}", "/users/1"),
            ("/items/{n:[0-9]+}", "/items/1"),
            ("/pokemon/{id:1|bulbasaur}", "/pokemon/{id:1|bulbasaur}"),
            ("/years/{year:[0-9]{4}}", "/years/{year:[0-9]{4}}"),
            ("/with space", "/with%20space"),
            ("/with%20space", "/with%20space"),
            ("/a%7Bb", "/a%7Bb"),
            ("/café", "/café"),
        ] {
            let spec =
                format!("{{name: A, mocks: [{{path: '{path}', method: ANY, responses: [{{}}]}}]}}");
            let format = mockbird_core::spec::Format::Yaml;
            let engine = Engine::read(&spec, format).unwrap().engine;
            let listed = routes(Palette::PLAIN, &engine, &BTreeSet::new(), "");
            assert_eq!(listed.trim(), format!("ANY     {want}"));
        }
    }
}
