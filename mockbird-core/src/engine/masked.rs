//! Targets of requests without their secrets, of which the paths of mocks say which they are.

use std::borrow::Cow;

use http::Method;

use super::{Engine, Mock};
use crate::limits::{MASKING_LONGER_BY_MAX, MASKING_PATHS_MAX, MASKING_SHORTER_MAX};
use crate::router::Pattern;
use crate::secret::masked_target;

impl Engine {
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
            Some(mock) if self.has_secrets => mock.pattern.masked(raw_path),
            Some(_) => Cow::Borrowed(raw_path),
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
            .take(MASKING_SHORTER_MAX)
            .map(|end| raw_path[..end].to_owned());
        let longer = (0..=MASKING_LONGER_BY_MAX).map(|by| [raw_path, &"/-".repeat(by)].concat());
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
