//! Near misses: the mocks that almost answered, and what differed (design section 4.5).

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

use http::Method;

use super::{Engine, Mock, Response};
use crate::condition::{Shown, quoted, shown};
use crate::json::write_string;
use crate::limits::{MASKING_PATHS_MAX, NEAR_MISSES_MAX};
use crate::request::{Request, decode};
use crate::router::{Near, Nearness, Pattern};
use crate::secret::{MASK, masked_target};

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
    /// What did not match: what came and what was expected.
    pub reasons: Vec<String>,
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
        } = self;
        let mut separator = '{';
        for (key, text) in [("mock", mock), ("method", method), ("path", path)] {
            // Writing to a String cannot fail.
            let _ = write!(out, "{separator}\"{key}\":");
            let _ = write_string(out, text);
            separator = ',';
        }
        for (key, list) in [("matched", matched), ("reasons", reasons)] {
            let _ = write!(out, ",\"{key}\":[");
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
    pub fn near_misses(&self, request: &Request<'_>) -> Vec<NearMiss> {
        let near = self
            .router
            .near(request.method(), request.raw_path(), NEAR_MISSES_MAX);
        near.into_iter().map(|near| miss(&near, request)).collect()
    }

    /// A request's target as a report or a log may show it: masked are the query parameters with
    /// secret names and the segments that are such parameters of the path, be it that of the mock
    /// that answers or, if none does, of those that are near.
    pub fn masked_target<'t>(
        &self,
        method: &Method,
        target: &'t str,
        answers: Option<&Mock>,
    ) -> Cow<'t, str> {
        let end = target.find('?').unwrap_or(target.len());
        let (raw_path, _) = target.split_at(end);
        let path = match answers {
            Some(mock) => mock.pattern.masked(raw_path),
            None => self.masked_path(method, raw_path),
        };
        match (path, masked_target(target)) {
            (Cow::Borrowed(_), target) => target,
            (Cow::Owned(path), target) => Cow::Owned(path + &target[end..]),
        }
    }

    /// The path of a request that no mock answers.
    pub(crate) fn masked_path<'p>(&self, method: &Method, raw_path: &'p str) -> Cow<'p, str> {
        if !self.has_secrets {
            return Cow::Borrowed(raw_path);
        }
        // Mocks of other lengths are no near misses, but what they begin with may be here.
        let ends = raw_path.match_indices('/').map(|(at, _)| at).skip(1);
        let shorter = ends
            .take(MASKING_LENGTHS_MAX)
            .map(|end| raw_path[..end].to_owned());
        let longer = (0..=LONGER_BY_MAX).map(|by| [raw_path, &"/-".repeat(by)].concat());
        shorter
            .chain(longer)
            .fold(Cow::Borrowed(raw_path), |masked, path| {
                let near = self.router.near(method, &path, MASKING_PATHS_MAX);
                let patterns = near.iter().map(|near| &near.entry.pattern);
                match masked_by(patterns, &masked) {
                    Cow::Owned(more) => Cow::Owned(more),
                    Cow::Borrowed(_) => masked,
                }
            })
    }
}

/// How many lengths of a missed path are looked for that are shorter than it.
const MASKING_LENGTHS_MAX: usize = 8;

/// How many segments more a mock may have than a missed path, and still say what in it is a secret.
const LONGER_BY_MAX: usize = 2;

/// The path without what is a secret by any of these.
pub(super) fn masked_by<'a, 'p>(
    patterns: impl Iterator<Item = &'a Pattern>,
    raw_path: &'p str,
) -> Cow<'p, str> {
    patterns.fold(Cow::Borrowed(raw_path), |path, pattern| {
        match pattern.masked(&path) {
            Cow::Owned(masked) => Cow::Owned(masked),
            Cow::Borrowed(_) => path,
        }
    })
}

fn miss(near: &Near<'_, Arc<Mock>>, request: &Request<'_>) -> NearMiss {
    let mock = &*near.entry.value;
    let mut miss = NearMiss {
        mock: mock.name().to_owned(),
        method: mock.method().as_str().to_owned(),
        path: mock.path().to_owned(),
        matched: Vec::new(),
        reasons: Vec::new(),
    };
    method_reason(mock, request, &mut miss);
    match near.nearness {
        Nearness::Path => path_reasons(near, request, &mut miss),
        Nearness::Method => miss.matched.push("path".to_owned()),
        Nearness::Conditions => {
            miss.matched.push("path".to_owned());
            condition_reasons(
                mock,
                request,
                near.captures(request.raw_path()).as_slice(),
                &mut miss,
            );
        }
    }
    miss
}

fn method_reason(mock: &Mock, request: &Request<'_>, miss: &mut NearMiss) {
    let (came, wanted) = (request.method(), mock.method());
    if wanted.takes(came) {
        miss.matched.push("method".to_owned());
    } else {
        miss.reasons
            .push(format!("method is {came}, not {}", wanted.as_str()));
    }
}

/// Compares segment by segment: a near path has as many as the template.
fn path_reasons(near: &Near<'_, Arc<Mock>>, request: &Request<'_>, miss: &mut NearMiss) {
    let mock = &*near.entry.value;
    let template = segments(mock.path());
    let shown_path = mock.pattern.masked(request.raw_path());
    let came: Vec<&str> = shown_path.split('/').skip(1).collect();
    for at in near.mismatches(request.raw_path()) {
        let (Some(wanted), Some(came)) = (template.get(at), came.get(at)) else {
            continue;
        };
        let came = if *came == MASK {
            Shown::Hidden
        } else {
            shown(&decode(came))
        };
        miss.reasons.push(format!(
            "path segment {} is {came}, not {}",
            at + 1,
            quoted(wanted)
        ));
    }
    if miss.reasons.is_empty() {
        miss.reasons.push(format!(
            "path is {}, not {}",
            shown(&decode(&shown_path)),
            quoted(mock.path())
        ));
    }
}

/// What kept the response with the fewest failing conditions from answering.
fn condition_reasons(mock: &Mock, request: &Request<'_>, captures: &[&str], miss: &mut NearMiss) {
    let view = super::turn::view(mock, request, captures);
    // Asking each is as cheap as it was on the way here; only one is put into words.
    let failing = |response: &&Response| {
        let conditions = response.conditions().iter();
        conditions.filter(|one| !one.passes(&view)).count()
    };
    let Some(nearest) = mock.responses().iter().min_by_key(failing) else {
        return;
    };
    for finding in nearest.explain(&view) {
        if finding.passed {
            miss.matched.push(finding.to_string());
        } else {
            miss.reasons.push(finding.to_string());
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
