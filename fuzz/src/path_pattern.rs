//! Any path templates, with any paths.

use http::Method;
use mockbird_core::request::decode;
use mockbird_core::router::{Discriminator, Entry, Pattern, Rank, Router};
use mockbird_core::spec::MethodPattern;

use crate::exchange::split;
use crate::naive::Route;

/// Templates beyond this many are not looked at.
const TEMPLATES_MAX: usize = 12;

/// The data is templates, a line of `---`, and paths, one a line. A template is refused with its place, or
/// reads back as it was written; and the router finds for each path what a linear scan finds, best first.
pub fn path_pattern(data: &[u8]) {
    let (templates, paths) = split(data, b"\n---\n");
    let templates = String::from_utf8_lossy(templates);
    let patterns: Vec<Pattern> = templates
        .lines()
        .take(TEMPLATES_MAX)
        .filter_map(parsed)
        .collect();
    let modelled = patterns
        .iter()
        .map(|pattern| Route::parse(pattern.as_str()));
    let model: Option<Vec<Route>> = modelled.collect();
    let router = router_of(&patterns);
    for path in String::from_utf8_lossy(paths).lines().take(TEMPLATES_MAX) {
        let found = found(&router, path);
        if let Some(routes) = &model
            && is_modelled(&patterns, path)
        {
            check(routes, path, &found);
        }
        assert!(router.near(&Method::GET, path, 3).len() <= 3);
    }
}

fn parsed(text: &str) -> Option<Pattern> {
    match Pattern::parse(text) {
        Ok(pattern) => {
            assert_eq!(pattern.as_str(), text);
            let shape = pattern.shape().to_string();
            let again =
                Pattern::parse(text).unwrap_or_else(|e| panic!("{text:?} was read, now: {e}"));
            assert!(pattern.shape() == again.shape(), "{text:?}: {shape}");
            Some(pattern)
        }
        Err(error) => {
            assert!(text.is_char_boundary(error.offset), "{text:?}: {error:?}");
            assert!(!error.message.is_empty());
            None
        }
    }
}

/// A template by its position; it needs nothing of the request but its path.
#[derive(Clone)]
struct Template(usize, Pattern);

impl Entry for Template {
    type Probe = ();

    fn pattern(&self) -> &Pattern {
        &self.1
    }

    fn method(&self) -> &MethodPattern {
        &MethodPattern::Any
    }

    fn rank(&self) -> Rank {
        Rank {
            priority: 0,
            order: 0,
            key: self.0 as u64,
        }
    }

    fn discriminator(&self) -> Option<Discriminator<'_, ()>> {
        None
    }
}

fn router_of(patterns: &[Pattern]) -> Router<Template> {
    let positions = patterns.iter().enumerate();
    Router::new(positions.map(|(position, pattern)| Template(position, pattern.clone())))
}

/// The positions of the templates that match, each with its captures.
type Found = Vec<(usize, Vec<String>)>;

fn found(router: &Router<Template>, path: &str) -> Found {
    let mut found = Vec::new();
    let resolve = |(): &(), _: &mut dyn FnMut(&str)| {};
    router.find(&Method::GET, path, resolve, |candidate| {
        let captures = candidate.captures();
        let captures = captures
            .as_slice()
            .iter()
            .map(|raw| decode(raw).into_owned());
        found.push((candidate.entry.0, captures.collect()));
        None::<()>
    });
    found
}

/// Trying every split takes too long for some, and a few corners of regexes are not in the model.
fn is_modelled(patterns: &[Pattern], path: &str) -> bool {
    let simple = |pattern: &Pattern| {
        let text = pattern.as_str();
        let looks = text.contains('\\') || text.contains("(?");
        pattern.names().len() <= 5 && !looks
    };
    path.len() <= 64 && !path.contains('\u{FFFD}') && patterns.iter().all(simple)
}

fn check(routes: &[Route], path: &str, found: &Found) {
    let mut wanted = scan(routes, path);
    if wanted.is_empty()
        && path.starts_with('/')
        && let Some(other) = other_form(path)
    {
        wanted = scan(routes, &other);
    }
    let keys = |found: &Found| found.iter().map(|(key, _)| *key).collect::<Vec<_>>();
    assert_eq!(keys(found), keys(&wanted), "{path:?} to {routes:?}");
    for (found, wanted) in found.iter().zip(&wanted) {
        if routes[found.0].captures_are_known() {
            assert_eq!(found, wanted, "{path:?} to {routes:?}");
        }
    }
}

fn scan(routes: &[Route], path: &str) -> Found {
    let routes = routes.iter().enumerate();
    let mut found: Vec<_> = routes
        .filter_map(|(key, route)| Some((route.classes(), key, route.captures(path)?)))
        .collect();
    found.sort_by(|(a, i, _), (b, j, _)| (a, i).cmp(&(b, j)));
    found
        .into_iter()
        .map(|(_, key, captures)| (key, captures))
        .collect()
}

/// The path with its trailing slash removed or added.
fn other_form(path: &str) -> Option<String> {
    match path.strip_suffix('/') {
        // `/` has no other form, so it is none either.
        Some("" | "/") => None,
        Some(shorter) => Some(shorter.to_owned()),
        None => Some(format!("{path}/")),
    }
}
