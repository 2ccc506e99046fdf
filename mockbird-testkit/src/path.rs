//! The paths a mock answers: a template, or what a template cannot say.

use std::borrow::Cow;

use mockbird_core::spec::{Condition, Operator, Source, Test};
use regex::Regex;

/// The paths a mock answers.
///
/// A text is a template (`/users/{id}`). The others are made by [`path_regex`], [`path_glob`] and [`path_prefix`]; they
/// look at the whole decoded path, without its query.
///
/// Templates go first: a mock of another kind is asked only if no template of the same priority takes the request, as
/// if its path were `/{*rest}`. And as it takes every path, the leniency about a slash at the end (`/birds/` for
/// `/birds`) ends for all mocks of its server. Paths that begin with `//` have an empty segment first, which `{*rest}` does not take: only a
/// template that says so (`//{name}`) answers them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Template(String),
    Regex(String),
    Glob(String),
    Prefix(String),
}

/// The template of every path but `/`.
const EVERY_PATH: &str = "/{*rest}";

/// Paths in which this regular expression is found: anywhere, unless it says `^` and `$`.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get(path_regex(r"^/birds/\d+(\.json)?$")).json("{}"));
/// ```
pub fn path_regex(regex: impl Into<String>) -> PathPattern {
    PathPattern(Kind::Regex(regex.into()))
}

/// Paths of this form: `*` is any text without a slash, `**` any text, `?` one character that is no slash; all else is
/// itself.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get(path_glob("/static/**/*.css")).text("body {}"));
/// ```
pub fn path_glob(glob: impl Into<String>) -> PathPattern {
    PathPattern(Kind::Glob(glob.into()))
}

/// Paths that begin with this text: `/api` is the beginning of `/api/v1` and of `/apis`, `/api/` only of the first.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(any(path_prefix("/internal/")).status(403));
/// ```
pub fn path_prefix(prefix: impl Into<String>) -> PathPattern {
    PathPattern(Kind::Prefix(prefix.into()))
}

impl PathPattern {
    /// The templates of the engine that take these paths; none but they may be asked for the condition.
    pub(crate) fn templates(&self) -> Vec<&str> {
        match &self.0 {
            Kind::Template(template) => vec![template],
            // It is the one path that the template of the rest does not take.
            _ if self.takes("/") => vec![EVERY_PATH, "/"],
            _ => vec![EVERY_PATH],
        }
    }

    /// What the whole path must be besides.
    pub(crate) fn condition(&self) -> Option<Condition> {
        let (operator, value) = match &self.0 {
            Kind::Template(_) => return None,
            Kind::Regex(regex) => (Operator::Regex, Cow::Borrowed(regex)),
            Kind::Glob(glob) => (Operator::Regex, Cow::Owned(glob_regex(glob))),
            Kind::Prefix(prefix) => (Operator::StartsWith, Cow::Borrowed(prefix)),
        };
        Some(Condition::Test(Test {
            source: Source::Path,
            field: String::new(),
            operator,
            value: Some(value.as_str().into()),
            negate: None,
            case_insensitive: None,
        }))
    }

    /// Why it takes no path at all, and what to write: every path begins with a slash.
    pub(crate) fn mistake(&self) -> Option<(String, String)> {
        let (begin, pattern) = match &self.0 {
            Kind::Glob(glob) if !glob.starts_with('/') && !glob.starts_with("**") => ("/", glob),
            Kind::Prefix(prefix) if !prefix.is_empty() && !prefix.starts_with('/') => ("/", prefix),
            Kind::Regex(regex) if begins_with_letter(regex) => ("^/", regex),
            Kind::Template(_) | Kind::Regex(_) | Kind::Glob(_) | Kind::Prefix(_) => return None,
        };
        let rest = pattern.trim_start_matches('^');
        let message = format!("no path is as `{pattern}`, as each begins with `/`");
        Some((message, format!("use `{begin}{rest}`")))
    }

    /// Whether it takes this decoded path; of a template only the engine knows.
    pub(crate) fn takes(&self, path: &str) -> bool {
        // A regex with faults is refused when the mock is mounted.
        let matches = |regex: &str| Regex::new(regex).is_ok_and(|regex| regex.is_match(path));
        match &self.0 {
            Kind::Template(template) => template == path,
            Kind::Regex(regex) => matches(regex),
            Kind::Glob(glob) => matches(&glob_regex(glob)),
            Kind::Prefix(prefix) => path.starts_with(prefix.as_str()),
        }
    }

    pub(crate) fn is_template(&self) -> bool {
        matches!(self.0, Kind::Template(_))
    }

    /// True only if it is a template that surely has no faults: of plain names and of parameters without a regex.
    pub(crate) fn is_plain_template(&self) -> bool {
        let Kind::Template(text) = &self.0 else {
            return false;
        };
        let Some(segments) = text.strip_prefix('/') else {
            return false;
        };
        // So short a path has neither too many segments nor too many parameters.
        text.len() <= PLAIN_BYTES_MAX
            && segments.as_bytes().split(is_slash).all(is_plain_segment)
            && are_distinct(segments.as_bytes())
    }

    /// How messages call it.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        match &self.0 {
            Kind::Template(template) => Cow::Borrowed(template),
            Kind::Regex(regex) => Cow::Owned(format!("regex {regex}")),
            Kind::Glob(glob) => Cow::Owned(format!("glob {glob}")),
            Kind::Prefix(prefix) => Cow::Owned(format!("prefix {prefix}")),
        }
    }
}

/// The longest template that is looked at to see whether it is plain.
const PLAIN_BYTES_MAX: usize = 200;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as slices ask")]
fn is_slash(byte: &u8) -> bool {
    *byte == b'/'
}

fn is_plain_segment(segment: &[u8]) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    match param_name(segment) {
        Some(name) => {
            name.iter().all(is_name) && name.first().is_some_and(|byte| !byte.is_ascii_digit())
        }
        None => segment
            .iter()
            .all(|byte| is_name(byte) || matches!(byte, b'-' | b'.' | b'~')),
    }
}

/// The name in `{name}`.
fn param_name(segment: &[u8]) -> Option<&[u8]> {
    segment.strip_prefix(b"{")?.strip_suffix(b"}")
}

/// Whether no two parameters have the same name.
fn are_distinct(segments: &[u8]) -> bool {
    let names = || segments.split(is_slash).filter_map(param_name);
    let is_first = |(at, name)| names().take(at).all(|earlier| earlier != name);
    names().enumerate().all(is_first)
}

/// True for a regex that wants a letter where every path has its slash.
fn begins_with_letter(regex: &str) -> bool {
    let mut chars = regex.strip_prefix('^').unwrap_or_default().chars();
    chars.next().is_some_and(char::is_alphanumeric)
        && !chars.next().is_some_and(|c| "?*{".contains(c))
        && !regex.contains('|')
}

/// A glob as an anchored regular expression.
fn glob_regex(glob: &str) -> String {
    let mut regex = String::from("^");
    let mut rest = glob.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '*' if rest.next_if_eq(&'*').is_some() => regex.push_str("(?s:.*)"),
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            c => regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    regex + "$"
}

impl From<&str> for PathPattern {
    fn from(template: &str) -> Self {
        Self(Kind::Template(template.to_owned()))
    }
}

impl From<String> for PathPattern {
    fn from(template: String) -> Self {
        Self(Kind::Template(template))
    }
}

impl From<&String> for PathPattern {
    fn from(template: &String) -> Self {
        Self(Kind::Template(template.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_mean_what_they_say() {
        for (glob, path, is_match) in [
            ("/a/*.css", "/a/b.css", true),
            ("/a/*.css", "/a/b/c.css", false),
            ("/a/*.css", "/a/bxcss", false),
            ("/a/**", "/a/b/c", true),
            ("/a/**", "/a", false),
            ("/**/c", "/a/b/c", true),
            ("/a?", "/ab", true),
            ("/a?", "/a/", false),
            ("/a?", "/aé", true),
            ("/{a,b}", "/{a,b}", true),
            ("/a/***", "/a/b/c", true),
        ] {
            let regex = Regex::new(&glob_regex(glob)).unwrap();
            assert_eq!(regex.is_match(path), is_match, "{glob} {path}");
        }
    }

    #[test]
    fn the_root_is_taken_where_it_could_be_meant() {
        for (pattern, templates) in [
            (PathPattern::from("/a"), &["/a"][..]),
            (path_regex("^/$"), &[EVERY_PATH, "/"]),
            (path_regex("birds"), &[EVERY_PATH]),
            (path_regex("("), &[EVERY_PATH]),
            (path_glob("/*"), &[EVERY_PATH, "/"]),
            (path_glob("/?"), &[EVERY_PATH]),
            (path_prefix("/"), &[EVERY_PATH, "/"]),
            (path_prefix("/a"), &[EVERY_PATH]),
        ] {
            assert_eq!(pattern.templates(), templates, "{pattern:?}");
        }
    }
}
