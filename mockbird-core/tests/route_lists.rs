//! Routes of real APIs as one spec each: all load, each is found by its own path, and none answers for
//! another. The judge is a scan over the whole list, written from the definition alone.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it skips"
)]

#[expect(unreachable_pub, reason = "a module of tests")]
mod shared;

use std::collections::{HashMap, HashSet};
use std::io::Read;

use http::{HeaderMap, Method};
use mockbird_core::spec::Format;
use mockbird_core::{Compiled, Engine, Env, Invalid, Outcome, ReadError, Request};
use serde_json::json;

/// A line of a list: `GET /users/{id}`.
struct Route {
    line: String,
    method: Method,
    path: String,
    segments: Vec<Segment>,
}

/// What a segment takes; the variants stand in order of specificity.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Static,
    Mixed,
    Param,
}

struct Segment {
    class: Class,
    /// The texts around and between the parameters.
    texts: Vec<String>,
}

impl Route {
    fn new(line: &str) -> Self {
        let (method, path) = line.split_once(' ').unwrap();
        Self {
            line: line.to_owned(),
            method: method.parse().unwrap(),
            path: path.to_owned(),
            segments: path.split('/').skip(1).map(Segment::new).collect(),
        }
    }

    /// A path of its own: each parameter becomes a text that names it.
    fn concrete(&self) -> String {
        let mut path = String::new();
        let mut rest = self.path.as_str();
        while let Some((text, tail)) = rest.split_once('{') {
            let (name, tail) = tail.split_once('}').unwrap();
            path += text;
            path += "val-";
            path += name;
            rest = tail;
        }
        path + rest
    }

    fn takes(&self, parts: &[&str]) -> bool {
        let mut pairs = self.segments.iter().zip(parts);
        pairs.all(|(segment, part)| segment.takes(part))
    }

    /// The smaller answers first.
    fn rank(&self) -> Vec<&Class> {
        self.segments.iter().map(|segment| &segment.class).collect()
    }

    /// Which routes may answer for each other at all.
    fn group(&self) -> (Method, usize) {
        (self.method.clone(), self.segments.len())
    }
}

impl Segment {
    fn new(template: &str) -> Self {
        let mut texts = vec![String::new()];
        let mut rest = template;
        while let Some((text, tail)) = rest.split_once('{') {
            *texts.last_mut().unwrap() += text;
            texts.push(String::new());
            rest = tail.split_once('}').unwrap().1;
        }
        *texts.last_mut().unwrap() += rest;
        let class = match texts.as_slice() {
            [_] => Class::Static,
            [before, after] if before.is_empty() && after.is_empty() => Class::Param,
            _ => Class::Mixed,
        };
        Self { class, texts }
    }

    /// The earlier parameters as short as they can be, none of them empty.
    fn takes(&self, part: &str) -> bool {
        fn rest_takes(texts: &[String], part: &str) -> bool {
            match texts {
                [] => part.is_empty(),
                [last] => part.len() > last.len() && part.ends_with(last.as_str()),
                [text, more @ ..] => part
                    .match_indices(text.as_str())
                    .filter(|(at, _)| *at > 0)
                    .any(|(at, _)| rest_takes(more, &part[at + text.len()..])),
            }
        }
        match self.texts.as_slice() {
            [only] => part == only,
            [first, more @ ..] => part
                .strip_prefix(first.as_str())
                .is_some_and(|part| rest_takes(more, part)),
            [] => false,
        }
    }
}

fn read(routes: &[Route]) -> Result<Compiled, ReadError> {
    let mock = |(at, route): (usize, &Route)| json!({"method": route.method.as_str(), "path": route.path, "responses": [{"body": {"route": at}}]});
    let mocks: Vec<_> = routes.iter().enumerate().map(mock).collect();
    let spec = json!({"name": "routes", "mocks": mocks});
    Engine::read(&spec.to_string(), Format::Json)
}

/// The engine of a list; routes that are refused are printed and taken out of it.
fn load(name: &str, routes: &mut Vec<Route>) -> Compiled {
    let refused: Vec<(usize, String)> = match read(routes) {
        Ok(compiled) => return compiled,
        Err(ReadError::Syntax(error)) => panic!("{error}"),
        Err(ReadError::Invalid(Invalid {
            faults, unlisted, ..
        })) => {
            assert_eq!(unlisted, 0);
            let index = |at: &str| {
                at.strip_prefix("mocks[")?
                    .strip_suffix("].path")?
                    .parse()
                    .ok()
            };
            let refused = faults
                .iter()
                .map(|fault| (index(&fault.at).unwrap(), fault.to_string()));
            refused.collect()
        }
    };
    for (index, fault) in &refused {
        println!("{name}: refused: {}: {fault}", routes[*index].line);
    }
    let mut index = 0..;
    let refused: HashSet<usize> = refused.into_iter().map(|(index, _)| index).collect();
    routes.retain(|_| index.next().is_some_and(|index| !refused.contains(&index)));
    read(routes).unwrap()
}

fn answer(engine: &Engine, method: &Method, path: &str) -> Option<usize> {
    let headers = HeaderMap::new();
    let request = Request::new(method, path, &headers, b"");
    match engine.respond(&request, &Env::default()) {
        Outcome::Reply(reply) => Some(reply.mock.index()),
        Outcome::NoMatch => None,
        other @ (Outcome::Failed(_) | Outcome::Refused(_) | Outcome::Preflight) => {
            panic!("{path}: {other:?}")
        }
    }
}

/// Checks a list, every route by what answers its path, each `step`-th against all others too; gives how
/// many routes loaded.
fn check(name: &str, text: &str, step: usize) -> usize {
    let mut routes: Vec<Route> = text.lines().map(Route::new).collect();
    let Compiled {
        engine, warnings, ..
    } = load(name, &mut routes);
    assert_eq!(engine.len(), routes.len());
    let mut groups: HashMap<(Method, usize), Vec<usize>> = HashMap::new();
    for (at, route) in routes.iter().enumerate() {
        groups.entry(route.group()).or_default().push(at);
    }
    for (at, route) in routes.iter().enumerate() {
        let path = route.concrete();
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let found = answer(&engine, &route.method, &path);
        let other = &routes[found.unwrap_or_else(|| panic!("{name}: {path} is not found"))];
        assert!(
            other.takes(&parts),
            "{name}: {path}: {} answers",
            other.line
        );
        assert!(
            other.rank() <= route.rank(),
            "{name}: {path}: {} answers",
            other.line
        );
        if at % step == 0 {
            let scan = groups[&route.group()].iter().copied();
            let takers = scan.filter(|at| routes[*at].takes(&parts));
            let best = takers.min_by_key(|at| (routes[*at].rank(), *at));
            let line = |at: Option<usize>| at.map(|at| routes[at].line.as_str());
            assert_eq!((found, line(found)), (best, line(best)), "{name}: {path}");
        }
    }
    println!(
        "{name}: {} routes, {} of them hidden by an earlier one",
        routes.len(),
        warnings.len()
    );
    routes.len()
}

/// How a file of gzip begins (RFC 1952 section 2.3.1).
const GZIP: [u8; 2] = [0x1F, 0x8B];

#[test]
fn real_routes_are_found_by_their_own_paths() {
    let Some(folder) = shared::path("routes") else {
        return;
    };
    for (name, step, least) in [
        ("github.txt", 1, 1_000),
        ("stripe.txt", 1, 400),
        ("kubernetes.txt", 1, 1_000),
        ("odd-templates.txt", 1, 350),
        ("merged-10k-flat.txt", 4, 10_000),
        ("merged-10k-prefixed.txt", 4, 10_000),
        ("merged-all-prefixed.txt.gz", 20, 33_000),
    ] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let mut text = String::new();
        if bytes.starts_with(&GZIP) {
            flate2::read::MultiGzDecoder::new(&*bytes)
                .read_to_string(&mut text)
                .unwrap();
        } else {
            text = String::from_utf8(bytes).unwrap();
        }
        let count = check(name, &text, step);
        assert!(count >= least, "{name}: {count}");
    }
}
