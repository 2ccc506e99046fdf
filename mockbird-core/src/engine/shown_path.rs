//! The path of a request that no mock answers, as a report may show it.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::Engine;
use crate::condition::{Shown, shown};
use crate::request::{Request, decode};
use crate::secret::MASK;

/// A path without its secrets; looked for when it is first asked for, and once for all near misses.
#[derive(Debug)]
pub(crate) struct ShownPath<'r> {
    engine: &'r Engine,
    request: &'r Request<'r>,
    masked: OnceCell<Cow<'r, str>>,
    /// Where each begins, and how it is shown.
    segments: OnceCell<Vec<(usize, OnceCell<Shown>)>>,
}

impl<'r> ShownPath<'r> {
    pub(crate) fn new(engine: &'r Engine, request: &'r Request<'r>) -> Self {
        Self {
            engine,
            request,
            masked: OnceCell::new(),
            segments: OnceCell::new(),
        }
    }

    /// The path as it came, with masks in the place of secrets.
    pub(crate) fn as_str(&self) -> &str {
        let Self {
            engine, request, ..
        } = self;
        self.masked
            .get_or_init(|| engine.masked_path(request.method(), request.raw_path()))
    }

    /// Segment `at`, decoded and in quotes; none if there is no such segment.
    pub(super) fn segment(&self, at: usize) -> Option<&Shown> {
        let path = self.as_str();
        let split = || {
            let slashes = path.match_indices('/');
            slashes.map(|(at, _)| (at + 1, OnceCell::new())).collect()
        };
        let (start, cell) = self.segments.get_or_init(split).get(at)?;
        Some(cell.get_or_init(|| match path[*start..].split('/').next() {
            Some(MASK) => Shown::Hidden,
            came => shown(&decode(came.unwrap_or_default())),
        }))
    }
}
