//! Entries whose path is nearly the one that was asked for: letters wrong, a segment missing or
//! too many.
//!
//! This is for what the search in `near` cannot find, which goes by segments in common at the same
//! place. It compares the path with the entries defined first, and nothing else bounds its time, so
//! they are few and long paths are left out.

use std::cmp::Reverse;

use smallvec::SmallVec;

use super::Router;
use super::entry::{Entry, Rank, method_class};
use super::path::Path;
use super::pattern::{Pattern, Segment};
use crate::limits::{
    NEAREST_CHARS_MAX, SIMILAR_ENTRIES_MAX, SIMILAR_PATH_BYTES_MAX, SIMILAR_SEGMENTS_MAX,
};

/// Segments that may be missing or too many: a prefix such as `/api/v1`.
const SKIPS_MAX: usize = 2;

/// Wrong letters of one segment: more make another word.
const SLIPS_MAX: usize = 2;

/// What a segment that is missing or too many counts, in wrong letters.
const SKIP_COST: usize = 3;

/// What differs at most between paths that are similar.
const COST_MAX: usize = SKIPS_MAX * SKIP_COST;

/// An entry whose path is similar to the one of a request.
#[derive(Debug)]
pub struct Similar<'r, T> {
    /// The entry.
    pub entry: &'r T,
    /// How many segments the path has, and how many the entry's, where that does not fit.
    pub lengths: Option<(usize, usize)>,
    /// The segments that differ, counted from 0, each in the path and in the entry's.
    pub differing: Vec<(usize, usize)>,
}

impl<T: Entry> Router<T> {
    /// Those of the first entries whose paths are similar to this one, the most similar first.
    pub fn similar(
        &self,
        method: &http::Method,
        raw_path: &str,
        limit: usize,
    ) -> Vec<Similar<'_, T>> {
        if !Path::is_path(raw_path) || raw_path.len() > SIMILAR_PATH_BYTES_MAX {
            return Vec::new();
        }
        let mut path = Path::split(raw_path);
        if raw_path.ends_with('/') {
            path.take_other_form();
        }
        if path.len() > SIMILAR_SEGMENTS_MAX {
            return Vec::new();
        }
        let entries = self.by_key.earliest(SIMILAR_ENTRIES_MAX).into_iter();
        let mut found: Vec<_> = entries
            .filter_map(|entry| Some((Alignment::of(&path, entry.pattern())?, entry)))
            .collect();
        found.sort_by_key(|(alignment, entry)| {
            let Alignment { cost, common, .. } = alignment;
            let other_method = method_class(entry.method(), method).is_none();
            let Rank { order, key, .. } = entry.rank();
            (*cost, Reverse(*common), other_method, order, key)
        });
        found.truncate(limit);
        let similar = found.into_iter().map(|(alignment, entry)| Similar {
            entry,
            lengths: (!entry.pattern().fits(path.len()))
                .then_some((path.len(), entry.pattern().len())),
            differing: alignment.differing(&path, entry.pattern()),
        });
        similar.collect()
    }
}

/// Which segment of a path goes with which of a pattern: side by side, but for a few of the longer
/// one that are skipped.
#[derive(Clone)]
struct Alignment {
    /// How many wrong letters it takes.
    cost: usize,
    /// How many static segments are nearly the same.
    common: usize,
    /// How many pairs there are.
    len: usize,
    path_is_longer: bool,
    /// After how many pairs a segment is skipped, for each that is.
    skips: SmallVec<[usize; SKIPS_MAX]>,
}

impl Alignment {
    /// The one with most in common, and of those the one with the least cost, if the two are similar.
    fn of(path: &Path<'_>, pattern: &Pattern) -> Option<Self> {
        let (came, wanted) = (path.len(), pattern.len());
        // `{*rest}` takes whatever is longer.
        let skips = if pattern.fits(came) {
            0
        } else {
            came.abs_diff(wanted)
        };
        if skips > SKIPS_MAX || wanted > SIMILAR_SEGMENTS_MAX {
            return None;
        }
        let none = Self {
            cost: 0,
            common: 0,
            len: 0,
            path_is_longer: came > wanted,
            skips: SmallVec::new(),
        };
        // One for each number of segments that are skipped so far.
        let mut best: [Option<Self>; SKIPS_MAX + 1] = [Some(none), None, None];
        for len in 0..=came.min(wanted) {
            if len > 0 {
                for (skipped, alignment) in best.iter_mut().enumerate() {
                    *alignment = alignment
                        .take()
                        .and_then(|it| it.step(path, pattern, skipped));
                }
            }
            for skipped in 0..skips {
                let next = best[skipped].as_ref().and_then(Self::skip);
                if next
                    .as_ref()
                    .is_some_and(|next| next.is_better_than(best[skipped + 1].as_ref()))
                {
                    best[skipped + 1] = next;
                }
            }
        }
        let [.., found] = &mut best[..=skips] else {
            return None;
        };
        found.take().filter(|it| it.common > 0)
    }

    fn is_better_than(&self, other: Option<&Self>) -> bool {
        let rank = |it: &Self| (Reverse(it.common), it.cost);
        other.is_none_or(|other| rank(self) < rank(other))
    }

    /// With the next two segments side by side.
    fn step(mut self, path: &Path<'_>, pattern: &Pattern, skipped: usize) -> Option<Self> {
        let (came, wanted) = self.pair(self.len, skipped);
        let segment = pattern.segment(wanted)?;
        self.cost += cost(path, came, segment)?;
        self.common += usize::from(matches!(segment, Segment::Static(_)));
        self.len += 1;
        (self.cost <= COST_MAX).then_some(self)
    }

    /// With the next segment of the longer one left out.
    fn skip(&self) -> Option<Self> {
        let mut next = self.clone();
        next.cost += SKIP_COST;
        next.skips.push(self.len);
        (next.cost <= COST_MAX).then_some(next)
    }

    fn pair(&self, at: usize, skipped: usize) -> (usize, usize) {
        if self.path_is_longer {
            (at + skipped, at)
        } else {
            (at, at + skipped)
        }
    }

    /// The segments side by side that differ, in the path and in the pattern.
    fn differing(&self, path: &Path<'_>, pattern: &Pattern) -> Vec<(usize, usize)> {
        let pairs = (0..self.len).map(|at| {
            let skipped = self.skips.iter().filter(|after| **after <= at).count();
            self.pair(at, skipped)
        });
        let differ = |&(came, wanted): &(usize, usize)| {
            let segment = pattern.segment(wanted);
            segment.is_some_and(|segment| !path.matches_segment(segment, came))
        };
        pairs.filter(differ).collect()
    }
}

/// How far a segment is from what it should be; `None` if it is something else.
fn cost(path: &Path<'_>, at: usize, segment: Segment<'_>) -> Option<usize> {
    match segment {
        _ if path.matches_segment(segment, at) => Some(0),
        Segment::Static(text) => slips(path.text(at)?, text),
        Segment::Mixed(_) | Segment::Constrained(_) => Some(SKIP_COST),
        Segment::Param | Segment::Star | Segment::Rest => None,
    }
}

/// How many letters are wrong, another case counting as one; `None` if it is another word.
fn slips(came: &[u8], wanted: &[u8]) -> Option<usize> {
    let shorter = came.len().min(wanted.len());
    let allowed = (shorter.saturating_add(1) / 3).min(SLIPS_MAX);
    let too_long = came.len().max(wanted.len()) > NEAREST_CHARS_MAX;
    if too_long || came.len().abs_diff(wanted.len()) > allowed {
        return None;
    }
    let letters = strsim::generic_levenshtein(&Folded(came), &Folded(wanted));
    (letters <= allowed).then_some(letters.max(1))
}

/// A text without regard to case.
struct Folded<'t>(&'t [u8]);

impl<'t> IntoIterator for &Folded<'t> {
    type Item = u8;
    type IntoIter = std::iter::Map<std::iter::Copied<std::slice::Iter<'t, u8>>, fn(u8) -> u8>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().copied().map(|byte| byte.to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it costs to make a path into that of a pattern.
    fn cost(path: &str, pattern: &str) -> Option<usize> {
        let pattern = Pattern::parse(pattern).unwrap();
        Some(Alignment::of(&Path::split(path), &pattern)?.cost)
    }

    #[test]
    fn similar_paths() {
        for (path, pattern, wanted) in [
            ("/products", "/products", Some(0)),
            ("/product", "/products", Some(1)),
            ("/prodcuts", "/products", Some(2)),
            ("/Products", "/products", Some(1)),
            ("/bird/wren", "/birds/{name}", Some(1)),
            ("/birds", "/birds/{name}", Some(3)),
            ("/users", "/api/users", Some(3)),
            ("/users", "/api/v1/users", Some(6)),
            ("/users", "/api/v1/x/users", None),
            ("/api/v1/users", "/api/users", Some(3)),
            ("/a/b/c/user", "/b/{x}/users", Some(4)),
            ("/bird/x", "/birds/{id:[0-9]+}", Some(4)),
            ("/bird/x", "/birds/v{id}", Some(4)),
            ("/file/a/b/c/d", "/files/{*rest}", Some(1)),
            ("/file", "/files/{*rest}", Some(4)),
            // Another word, or nothing but parameters in common.
            ("/fish", "/birds", None),
            ("/a", "/b", None),
            ("/v1", "/v2", Some(1)),
            ("/x/y", "/{a}", None),
            ("/a/users", "/users/b", None),
            ("/", "/a", None),
        ] {
            assert_eq!(cost(path, pattern), wanted, "{path} for {pattern}");
        }
    }

    #[test]
    fn long_paths_are_not_compared() {
        assert_eq!(cost(&"/ab".repeat(16), &"/ab".repeat(17)), None);
        let long = "x".repeat(NEAREST_CHARS_MAX + 1);
        assert_eq!(slips(long.as_bytes(), format!("{long}x").as_bytes()), None);
    }
}
