//! What the router is by its definition: a linear scan, every candidate in full order.

use std::cell::RefCell;
use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

use http::Method;
use mockbird_core::router::{Discriminator, Entry, Nearness, Pattern, Rank};
use mockbird_core::spec::MethodPattern;
use regex::Regex;

/// A segment as the model knows it. The variants stand in order of specificity.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Segment {
    Static(String),
    Mixed(Vec<Piece>),
    Constrained(&'static str),
    Param,
    Star,
    Rest,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Param(Option<&'static str>),
}

/// A route with all that ranks it.
#[derive(Clone, Debug)]
pub(crate) struct Routed {
    pub(crate) route: Vec<Segment>,
    pub(crate) pattern: Pattern,
    pub(crate) method: MethodPattern,
    pub(crate) rank: Rank,
    /// What it needs of the request, if anything: `(probe, key)`.
    pub(crate) needs: Option<(u8, String)>,
}

impl Entry for Routed {
    type Probe = u8;

    fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    fn method(&self) -> &MethodPattern {
        &self.method
    }

    fn rank(&self) -> Rank {
        self.rank
    }

    fn discriminator(&self) -> Option<Discriminator<'_, u8>> {
        let (probe, key) = self.needs.as_ref()?;
        Some(Discriminator { probe, key })
    }
}

/// The template of a route; parameters are named in turn.
pub(crate) fn template(route: &[Segment]) -> String {
    let mut names = (0..).map(|n| format!("p{n}"));
    let mut name = || names.next().unwrap_or_default();
    let segments = route.iter().map(|segment| match segment {
        Segment::Static(text) => escaped(text),
        Segment::Mixed(pieces) => pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => escaped(text),
                Piece::Param(None) => format!("{{{}}}", name()),
                Piece::Param(Some(regex)) => format!("{{{}:{regex}}}", name()),
            })
            .collect(),
        Segment::Constrained(regex) => format!("{{{}:{regex}}}", name()),
        Segment::Param => format!("{{{}}}", name()),
        Segment::Star => "*".to_owned(),
        Segment::Rest => format!("{{*{}}}", name()),
    });
    segments.fold(String::new(), |path, segment| path + "/" + &segment)
}

/// Escapes what means something in a template, and some that does not.
fn escaped(text: &str) -> String {
    text.replace('%', "%25")
        .replace('{', "%7B")
        .replace('*', "%2A")
        .replace('é', "%C3%A9")
}

/// Decodes escapes once; malformed ones stay.
pub(crate) fn bytes(raw: &str) -> Vec<u8> {
    let raw = raw.as_bytes();
    let mut bytes = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        let hex = raw
            .get(at + 1..at + 3)
            .and_then(|hex| std::str::from_utf8(hex).ok());
        let hex = hex.filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if raw[at] == b'%' => {
                bytes.push(byte);
                at += 3;
            }
            _ => {
                bytes.push(raw[at]);
                at += 1;
            }
        }
    }
    bytes
}

pub(crate) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The decoded captures of a route, if it matches.
pub(crate) fn matched(route: &[Segment], path: &str) -> Option<Vec<String>> {
    let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let open = route.last() == Some(&Segment::Rest);
    if parts.len() < route.len() || (!open && parts.len() > route.len()) {
        return None;
    }
    let mut captures = Vec::new();
    for (at, (segment, raw)) in route.iter().zip(&parts).enumerate() {
        let bytes = bytes(raw);
        let text = lossy(&bytes);
        let exact = std::str::from_utf8(&bytes).is_ok();
        if *segment == Segment::Rest {
            captures.push(lossy(&self::bytes(&parts[at..].join("/"))));
        }
        match segment {
            Segment::Static(wanted) => (exact && *wanted == text).then_some(())?,
            Segment::Mixed(pieces) => {
                // U+FFFD stands for what it replaced, so here it matches nothing.
                (exact || !pieces.contains(&Piece::Text("\u{FFFD}".to_owned()))).then_some(())?;
                captures.extend(split(pieces, &bytes)?);
            }
            Segment::Constrained(regex) => {
                (!text.is_empty() && anchored(regex, &text)).then_some(())?;
                captures.push(text);
            }
            Segment::Param => {
                (!text.is_empty()).then_some(())?;
                captures.push(text);
            }
            Segment::Star | Segment::Rest => (!text.is_empty()).then_some(())?,
        }
    }
    Some(captures)
}

/// Whether the regex matches all of the text.
fn anchored(regex: &'static str, text: &str) -> bool {
    thread_local! {
        static COMPILED: RefCell<HashMap<&'static str, Regex>> = RefCell::default();
    }
    COMPILED.with_borrow_mut(|compiled| {
        let new = || Regex::new(&format!("^(?:{regex})$")).unwrap();
        compiled.entry(regex).or_insert_with(new).is_match(text)
    })
}

/// The first of all splits, the earlier parameters as short as they can be.
fn split(pieces: &[Piece], bytes: &[u8]) -> Option<Vec<String>> {
    let Some((piece, rest)) = pieces.split_first() else {
        return bytes.is_empty().then(Vec::new);
    };
    match piece {
        Piece::Text(text) => split(rest, bytes.strip_prefix(text.as_bytes())?),
        Piece::Param(regex) => (1..=bytes.len()).find_map(|end| {
            let text = lossy(&bytes[..end]);
            if let Some(regex) = regex {
                anchored(regex, &text).then_some(())?;
            }
            let mut captures = split(rest, &bytes[end..])?;
            captures.insert(0, text);
            Some(captures)
        }),
    }
}

fn class(segment: &Segment) -> u8 {
    match segment {
        Segment::Static(_) => 0,
        Segment::Mixed(_) => 1,
        Segment::Constrained(_) => 2,
        Segment::Param => 3,
        Segment::Star => 4,
        Segment::Rest => 5,
    }
}

pub(crate) fn method_class(wanted: &MethodPattern, method: &Method) -> Option<u8> {
    match wanted {
        MethodPattern::Exact(wanted) if wanted == method => Some(0),
        MethodPattern::Exact(wanted) if wanted == Method::GET && method == Method::HEAD => Some(1),
        MethodPattern::Exact(_) => None,
        MethodPattern::Any => Some(2),
    }
}

/// The order among entries that match one path.
fn compare(a: &Routed, b: &Routed, method: &Method) -> Ordering {
    let classes = |entry: &Routed| entry.route.iter().map(class).collect::<Vec<_>>();
    let key = |entry: &Routed| {
        let method = method_class(&entry.method, method);
        (
            Reverse(entry.rank.priority),
            classes(entry),
            method,
            entry.rank.order,
            entry.rank.key,
        )
    };
    key(a).cmp(&key(b))
}

fn other_form(path: &str) -> Option<String> {
    match path {
        "/" | "//" => None,
        _ => Some(
            path.strip_suffix('/')
                .map_or_else(|| format!("{path}/"), str::to_owned),
        ),
    }
}

/// The form of the path that is looked at.
pub(crate) fn form(entries: &[Routed], path: &str) -> String {
    let any = |path: &str| {
        entries
            .iter()
            .any(|entry| matched(&entry.route, path).is_some())
    };
    let other = other_form(path).filter(|other| !any(path) && any(other));
    other.unwrap_or_else(|| path.to_owned())
}

pub(crate) type Found = Vec<(u64, Vec<String>)>;

pub(crate) fn scan(entries: &[Routed], method: &Method, path: &str) -> Found {
    let path = form(entries, path);
    let mut found: Vec<_> = entries
        .iter()
        .filter(|entry| method_class(&entry.method, method).is_some())
        .filter_map(|entry| Some((entry, matched(&entry.route, &path)?)))
        .collect();
    found.sort_by(|(a, _), (b, _)| compare(a, b, method));
    found
        .into_iter()
        .map(|(entry, captures)| (entry.rank.key, captures))
        .collect()
}

pub(crate) fn nearest(
    entries: &[Routed],
    request: &Request,
    limit: usize,
) -> Vec<(Nearness, usize, u64)> {
    let path = form(entries, &request.path);
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let mut near: Vec<_> = entries
        .iter()
        .filter_map(|entry| {
            let route = &entry.route;
            let common = route.iter().zip(&parts).filter(|(segment, raw)| {
                matches!(segment, Segment::Static(text) if *text.as_bytes() == *bytes(raw))
            });
            let common = common.count();
            let open = route.last() == Some(&Segment::Rest);
            let fits = parts.len() == route.len() || (open && parts.len() > route.len());
            let right = method_class(&entry.method, &request.method).is_some();
            let nearness = match matched(route, &path) {
                Some(_) if right => Nearness::Conditions,
                Some(_) => Nearness::Method,
                None => (fits && common > 0).then_some(Nearness::Path)?,
            };
            Some((nearness, Reverse(common), entry.rank.order, entry.rank.key))
        })
        .collect();
    near.sort_unstable();
    near.truncate(limit);
    near.into_iter()
        .map(|(nearness, Reverse(common), _, key)| (nearness, common, key))
        .collect()
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) texts: Vec<String>,
}
