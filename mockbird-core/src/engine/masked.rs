//! Targets of requests without their secrets, of which the paths of mocks say which they are.

use std::borrow::Cow;

use http::Method;

use super::{Engine, Mock};
use crate::limits::{MASKING_LONGER_BY_MAX, MASKING_PATHS_MAX, MASKING_SHORTER_MAX};
use crate::router::Pattern;
use crate::secret;

impl Engine {
    /// A request's target as a report or a log may show it: masked are the parameters with secret
    /// names, the segments of the path after such a name and the segments that are such parameters of the path, be it that of the mock
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
        match (path, secret::masked_query(&target[end..])) {
            (Cow::Borrowed(_), Cow::Borrowed(_)) => Cow::Borrowed(target),
            (path, query) => Cow::Owned(path.into_owned() + &query),
        }
    }

    /// The path of a request that no mock answers.
    pub(crate) fn masked_path<'p>(&self, method: &Method, raw_path: &'p str) -> Cow<'p, str> {
        let by_itself = secret::masked_path(raw_path);
        if !self.has_secrets {
            return by_itself;
        }
        // Mocks of other lengths are no near misses, but what they begin with may be here.
        let ends = raw_path.match_indices('/').map(|(at, _)| at).skip(1);
        let shorter = ends
            .take(MASKING_SHORTER_MAX)
            .map(|end| raw_path[..end].to_owned());
        let longer = (0..=MASKING_LONGER_BY_MAX).map(|by| [raw_path, &"/-".repeat(by)].concat());
        shorter.chain(longer).fold(by_itself, |masked, path| {
            let near = self.router.near(method, &path, MASKING_PATHS_MAX);
            let patterns = near.iter().map(|near| &near.entry.pattern);
            match masked_by(patterns, &masked) {
                Cow::Owned(more) => Cow::Owned(more),
                Cow::Borrowed(_) => masked,
            }
        })
    }
}

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
