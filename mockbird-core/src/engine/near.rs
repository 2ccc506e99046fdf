//! Near misses: the mocks that almost answered, and what differed (design section 4.5).

use std::collections::BTreeSet;

use http::Method;

use super::{Engine, Mock, MockKey, Response, Routed, ShownPath};
use crate::condition::{quoted, shown};
use crate::json::write_string;
use crate::limits::{NEAR_COMPARED_MAX, NEAR_MISSES_MAX, SHOWN_CHARS_MAX};
use crate::request::{Request, View, decode};
use crate::router::{self, Entry, Near, Nearness, Precedence, Similar};

/// A mock that almost answered: what did match, and what did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// The name of the mock.
    pub mock: String,
    /// Its method, as in the spec.
    pub method: String,
    /// Its path template.
    pub path: String,
    /// The fields that did match.
    pub matched: Vec<String>,
    /// What did not match, the method first: what came and what was expected; JSON that differs has a reason for each place.
    pub reasons: Vec<String>,
    /// How many things did not match: the method, the path, conditions.
    pub failed: usize,
    /// The decoded parameters of a path that did match, secrets masked.
    pub params: Vec<(String, String)>,
    /// By which a host finds the mock again.
    pub key: MockKey,
    /// Where the mock was written, if the host knows: `tests/pay.rs:41`.
    pub at: Option<String>,
}

impl NearMiss {
    /// Writes it as it stands in the `nearest` of a 404.
    pub(crate) fn write_json(&self, out: &mut String) {
        let Self {
            mock,
            method,
            path,
            matched,
            reasons,
            at,
            ..
        } = self;
        let mut separator = "{\"";
        let at = at.iter().map(|at| ("at", at));
        let texts = [("mock", mock), ("method", method), ("path", path)];
        for (key, text) in texts.into_iter().chain(at) {
            out.extend([separator, key, "\":"]);
            // Writing to a String cannot fail.
            let _ = write_string(out, text);
            separator = ",\"";
        }
        for (key, list) in [("matched", matched), ("reasons", reasons)] {
            out.extend([separator, key, "\":["]);
            for (i, text) in list.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                let _ = write_string(out, text);
            }
            out.push(']');
        }
        out.push('}');
    }
}

impl Engine {
    /// The mocks nearest to answering a request that none answered, nearest first; at most three.
    ///
    /// The search is bounded, and reasons are put into words only here: a hit never pays for them.
    ///
    /// ```
    /// use http::{HeaderMap, Method};
    /// use mockbird_core::{Engine, Request, spec::Format};
    ///
    /// let spec = r#"{"name": "birds", "mocks": [{"path": "/birds/{name}", "responses": [{}]}]}"#;
    /// let engine = Engine::read(spec, Format::Json)?.engine;
    /// let headers = HeaderMap::new();
    /// let request = Request::new(&Method::GET, "/bird/wren", &headers, b"");
    /// let near = engine.near_misses(&request);
    /// assert_eq!(near[0].reasons, [r#"path segment 1 is "bird", not "birds""#]);
    /// # Ok::<(), mockbird_core::ReadError>(())
    /// ```
    pub fn near_misses(&self, request: &Request<'_>) -> Vec<NearMiss> {
        self.near_misses_of(request, |key| key)
    }

    /// The same for a host whose mocks are several of the engine each: of those with one `owner`, the nearest.
    ///
    /// ```
    /// use http::{HeaderMap, Method};
    /// use mockbird_core::{Engine, Request, spec::Format};
    ///
    /// let spec = r#"{"name": "birds", "mocks": [
    ///     {"path": "/birds", "method": "PUT", "responses": [{}]},
    ///     {"path": "/birds", "method": "POST", "responses": [{}]},
    ///     {"path": "/eggs", "method": "POST", "responses": [{}]}
    /// ]}"#;
    /// let engine = Engine::read(spec, Format::Json)?.engine;
    /// let headers = HeaderMap::new();
    /// let request = Request::new(&Method::GET, "/birds", &headers, b"");
    /// // The first two are one mock of the host's, of two methods.
    /// let near = engine.near_misses_of(&request, |key| key.0 / 2);
    /// assert_eq!(near.len(), 1);
    /// assert_eq!(near[0].reasons, ["method is GET, not PUT"]);
    /// # Ok::<(), mockbird_core::ReadError>(())
    /// ```
    pub fn near_misses_of<O: Ord>(
        &self,
        request: &Request<'_>,
        owner: impl Fn(MockKey) -> O,
    ) -> Vec<NearMiss> {
        self.nearest(request, &ShownPath::new(self, request), owner)
    }

    /// The same where the path is shown elsewhere as well. A segment is a secret if any mock that is near calls it one.
    pub(crate) fn nearest<O: Ord>(
        &self,
        request: &Request<'_>,
        path: &ShownPath<'_>,
        owner: impl Fn(MockKey) -> O,
    ) -> Vec<NearMiss> {
        let mut owners = BTreeSet::new();
        let mut is_first = |mock: &Mock| owners.insert(owner(mock.key()));
        let mut near = self
            .router
            .near(request.method(), request.raw_path(), NEAR_COMPARED_MAX);
        near.sort_by_cached_key(|near| (near.nearness, failing_of(near, request)));
        near.retain(|near| is_first(near.entry));
        near.truncate(NEAR_MISSES_MAX);
        if near.is_empty() {
            let mut similar =
                self.router
                    .similar(request.method(), request.raw_path(), NEAR_COMPARED_MAX);
            similar.retain(|similar| is_first(similar.entry));
            similar.truncate(NEAR_MISSES_MAX);
            let similar = similar.iter();
            return similar
                .map(|one| similar_miss(one, request, path))
                .collect();
        }
        let near = near.iter();
        near.map(|near| miss(near, request, path)).collect()
    }
}

impl Engine {
    /// How one mock stands to a request, be it near or not; nothing if there is no such mock.
    ///
    /// A mock that would answer has nothing failed. If path and method match, `beyond` may add what the host
    /// itself asks of a request.
    ///
    /// ```
    /// use http::{HeaderMap, Method};
    /// use mockbird_core::{Engine, MockKey, Request, spec::Format};
    ///
    /// let spec = r#"{"name": "birds", "mocks": [{"path": "/birds/{name}", "method": "POST", "responses": [{}]}]}"#;
    /// let engine = Engine::read(spec, Format::Json)?.engine;
    /// let headers = HeaderMap::new();
    /// let request = Request::new(&Method::GET, "/birds/wren", &headers, b"");
    /// let miss = engine.compare(MockKey(0), &request, |_, _| {}).expect("there is such a mock");
    /// assert_eq!(miss.reasons, ["method is GET, not POST"]);
    /// assert_eq!((miss.matched, miss.failed), (vec!["path".to_owned()], 1));
    /// # Ok::<(), mockbird_core::ReadError>(())
    /// ```
    pub fn compare(
        &self,
        key: MockKey,
        request: &Request<'_>,
        beyond: impl FnOnce(&View<'_>, &mut NearMiss),
    ) -> Option<NearMiss> {
        let mut near = Near {
            entry: self.router.get(key.0)?,
            nearness: Nearness::Path,
            common: 0,
        };
        if near.matches_path(request.raw_path()) {
            let takes = near.entry.method().takes(request.method());
            near.nearness = if takes {
                Nearness::Conditions
            } else {
                Nearness::Method
            };
        }
        let mut miss = miss(&near, request, &ShownPath::new(self, request));
        if near.nearness == Nearness::Conditions {
            let captures = near.captures(request.raw_path());
            let view = super::turn::view(near.entry, request, captures.as_slice());
            beyond(&view, &mut miss);
        }
        Some(miss)
    }

    /// Why the first of two mocks is asked before the other when both match a request of this method; nothing if it is not.
    ///
    /// ```
    /// use http::Method;
    /// use mockbird_core::{Engine, MockKey, Precedence, spec::Format};
    ///
    /// let spec = r#"{"name": "birds", "mocks": [{"path": "/birds/{name}", "responses": [{}]}, {"path": "/birds/wren", "responses": [{}]}]}"#;
    /// let engine = Engine::read(spec, Format::Json)?.engine;
    /// let (any, wren) = (MockKey(0), MockKey(1));
    /// assert_eq!(engine.precedence(wren, any, &Method::GET), Some(Precedence::Path));
    /// assert_eq!(engine.precedence(any, wren, &Method::GET), None);
    /// # Ok::<(), mockbird_core::ReadError>(())
    /// ```
    pub fn precedence(
        &self,
        first: MockKey,
        other: MockKey,
        method: &Method,
    ) -> Option<Precedence> {
        let (first, other) = (self.router.get(first.0)?, self.router.get(other.0)?);
        router::precedence(first, other, method)
    }
}

/// How many conditions of the nearest response do not pass.
fn failing_of(near: &Near<'_, Routed>, request: &Request<'_>) -> usize {
    if near.nearness != Nearness::Conditions {
        return 0;
    }
    let captures = near.captures(request.raw_path());
    let view = super::turn::view(near.entry, request, captures.as_slice());
    let responses = near.entry.answering();
    let failing = responses.map(|response| failing(response, &view));
    failing.min().unwrap_or(0)
}

fn failing(response: &Response, view: &View<'_>) -> usize {
    let conditions = response.conditions().iter();
    conditions.filter(|one| !one.passes(view)).count()
}

/// A miss of which only the method has been looked at.
fn begin(mock: &Mock, request: &Request<'_>) -> NearMiss {
    let mut miss = NearMiss {
        mock: mock.name().to_owned(),
        method: mock.method().as_str().to_owned(),
        path: mock.path().to_owned(),
        matched: Vec::new(),
        reasons: Vec::new(),
        failed: 0,
        params: Vec::new(),
        key: mock.key(),
        at: None,
    };
    method_reason(mock, request, &mut miss);
    miss
}

fn miss(near: &Near<'_, Routed>, request: &Request<'_>, path: &ShownPath<'_>) -> NearMiss {
    let mock = &**near.entry;
    let mut miss = begin(mock, request);
    if near.nearness == Nearness::Path {
        miss.failed += 1;
        path_reasons(near, request, path, &mut miss);
        return miss;
    }
    let captures = near.captures(request.raw_path());
    let view = super::turn::view(mock, request, captures.as_slice());
    miss.matched.push("path".to_owned());
    miss.params = super::explain::shown_params(mock, &view);
    if near.nearness == Nearness::Conditions {
        condition_reasons(mock, &view, &mut miss);
    }
    miss
}

fn method_reason(mock: &Mock, request: &Request<'_>, miss: &mut NearMiss) {
    let (came, wanted) = (request.method(), mock.method());
    if wanted.takes(came) {
        miss.matched.push("method".to_owned());
    } else {
        miss.failed += 1;
        miss.reasons
            .push(format!("method is {came}, not {}", wanted.as_str()));
    }
}

/// Compares segment by segment: a near path has as many as the template.
fn path_reasons(
    near: &Near<'_, Routed>,
    request: &Request<'_>,
    path: &ShownPath<'_>,
    miss: &mut NearMiss,
) {
    let mock = &**near.entry;
    let template = segments(mock.path());
    let before = miss.reasons.len();
    for at in near.mismatches(request.raw_path()) {
        let (Some(wanted), Some(came)) = (template.get(at), path.segment(at)) else {
            continue;
        };
        miss.reasons.push(format!(
            "path segment {} is {came}, not {}",
            at + 1,
            quoted(wanted)
        ));
    }
    if miss.reasons.len() == before {
        miss.reasons.push(format!(
            "path is {}, not {}",
            shown(&decode(path.as_str())),
            quoted(mock.path())
        ));
        // Cut, both may look the same.
        let came = path.as_str();
        let lengths = (came.split('/').skip(1).count(), template.len());
        if came.len() > SHOWN_CHARS_MAX && lengths.0 != lengths.1 {
            miss.reasons.push(length_reason(lengths));
        }
    }
}

fn length_reason((came, wanted): (usize, usize)) -> String {
    let plural = if came == 1 { "" } else { "s" };
    format!("the path has {came} segment{plural}, not {wanted}")
}

/// A miss by letters or by whole segments.
fn similar_miss(
    similar: &Similar<'_, Routed>,
    request: &Request<'_>,
    path: &ShownPath<'_>,
) -> NearMiss {
    let mock = &**similar.entry;
    let mut miss = begin(mock, request);
    miss.failed += 1;
    let template = segments(mock.path());
    for &(came_at, wanted_at) in &similar.differing {
        let wanted = template.get(wanted_at).copied().unwrap_or_default();
        miss.reasons.push(match path.segment(came_at) {
            // What is nearly the text of a mock is no secret; what stands for a parameter may be one.
            Some(came) if !wanted.contains('{') => format!(
                "path segment {} is {came}, not {}",
                came_at + 1,
                quoted(wanted)
            ),
            _ => format!("path segment {} is not {}", came_at + 1, quoted(wanted)),
        });
    }
    miss.reasons.extend(similar.lengths.map(length_reason));
    miss
}

/// What kept the response with the fewest failing conditions from answering.
fn condition_reasons(mock: &Mock, view: &View<'_>, miss: &mut NearMiss) {
    let nearest = match mock.responses() {
        [only] => Some(only),
        // Asking each is as cheap as it was on the way here; only one is put into words.
        _ => mock
            .answering()
            .min_by_key(|response| failing(response, view)),
    };
    let Some(nearest) = nearest else {
        return;
    };
    for finding in nearest.explain(view) {
        if finding.passed {
            miss.matched.push(finding.to_string());
        } else {
            miss.failed += 1;
            miss.reasons.extend(finding.reasons());
        }
    }
}

/// The segments of a template; a `/` inside braces belongs to a constraint.
fn segments(template: &str) -> Vec<&str> {
    let mut depth = 0usize;
    let parts = template.split(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == '/' && depth == 0
    });
    parts.skip(1).collect()
}
