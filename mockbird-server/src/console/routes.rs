//! The mocks that are served, with addresses to click on.

use std::fmt::Write;

use super::paint::{self, Palette};
use super::{Harmless, report::count};
use mockbird_core::{Engine, Mock};

/// How many mocks are listed: a screen or two.
const MOCKS_SHOWN_MAX: usize = 60;

/// One line for each mock: method, address, name.
pub fn routes(palette: Palette, engine: &Engine, base: &str) -> String {
    let mut text = String::new();
    let shown: Vec<_> = engine
        .mocks()
        .take(MOCKS_SHOWN_MAX)
        .map(|mock| (mock, format!("{base}{}", example(mock.path()))))
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
        let _ = match own_name(mock) {
            Some(name) => writeln!(
                text,
                "{:<width$}  {}",
                url.to_string(),
                palette.paint(paint::NAME, Harmless(name))
            ),
            None => writeln!(text, "{url}"),
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
}
