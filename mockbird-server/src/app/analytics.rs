//! What was asked of mocks, projects and organizations, in numbers.

use super::{App, AppError};
use crate::domain::{Millis, Period, Rollup, Scope};

/// A stretch of time, cut into points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// How long a point is.
    pub of: Period,
    /// When the first one begins.
    pub from: Millis,
    /// When the last one ends.
    pub until: Millis,
}

/// What was asked in a span.
#[derive(Clone, Debug)]
pub struct Analytics {
    /// Which span.
    pub span: Span,
    /// All of it.
    pub total: Rollup,
    /// Its points in order, those without requests, too.
    pub points: Vec<(Millis, Rollup)>,
}

impl Span {
    /// How many points there are at most.
    pub const POINTS_MAX: i64 = 1_500;

    /// So many of them until now: the one that `now` is in is the last.
    pub fn latest(of: Period, count: i64, now: Millis) -> Self {
        let until = of.end_of(of.start_of(now));
        let from = Millis(until.0 - count * of.length_ms());
        Self { of, from, until }
    }

    /// From the point that `from` is in until that which `until` ends, or is in; absent if it is empty or has too many points.
    pub fn between(of: Period, from: Millis, until: Millis) -> Option<Self> {
        let (first, last) = (
            of.start_of(from),
            of.start_of(Millis(until.0.checked_sub(1)?)),
        );
        let span = Self {
            of,
            from: first,
            until: of.end_of(last),
        };
        let fits = from < until && span.count() <= Self::POINTS_MAX;
        fits.then_some(span)
    }

    fn count(self) -> i64 {
        self.until.0.saturating_sub(self.from.0) / self.of.length_ms()
    }

    fn starts(self) -> impl Iterator<Item = Millis> {
        (0..self.count()).map(move |index| Millis(self.from.0 + index * self.of.length_ms()))
    }
}

impl App {
    /// What was asked of a scope in a span.
    pub async fn analytics(&self, scope: Scope, span: Span) -> Result<Analytics, AppError> {
        let mut read = self.store().snapshot().await?;
        let rollups = read
            .rollups_since(scope, span.of, span.from, span.until)
            .await?;
        drop(read);
        let mut total = Rollup::default();
        let mut points: Vec<_> = span
            .starts()
            .map(|start| (start, Rollup::default()))
            .collect();
        for part in rollups {
            total.merge(&part.rollup);
            let index = (part.start.0 - span.from.0) / span.of.length_ms();
            let point = usize::try_from(index)
                .ok()
                .and_then(|index| points.get_mut(index));
            if let Some((_, point)) = point {
                point.merge(&part.rollup);
            }
        }
        Ok(Analytics {
            span,
            total,
            points,
        })
    }

    /// How many requests of a scope there were from the day on that `since` is in.
    pub async fn requests_since(&self, scope: Scope, since: Millis) -> Result<u64, AppError> {
        let mut read = self.store().snapshot().await?;
        Ok(read.request_count_since(scope, since).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = Period::Minute.length_ms();

    #[test]
    fn the_latest_points_end_with_that_of_now() {
        let span = Span::latest(Period::Minute, 60, Millis(90 * MINUTE + 5));
        assert_eq!(span.from, Millis(31 * MINUTE));
        assert_eq!(span.until, Millis(91 * MINUTE));
        assert_eq!(span.starts().count(), 60);
    }

    #[test]
    fn a_span_is_whole_points_and_bounded() {
        let between = |from, until| Span::between(Period::Minute, Millis(from), Millis(until));
        let span = between(MINUTE + 1, 2 * MINUTE).unwrap();
        assert_eq!((span.from.0, span.until.0), (MINUTE, 2 * MINUTE));
        assert_eq!(between(5, 5), None);
        assert_eq!(between(5, 4), None);
        assert!(between(0, Span::POINTS_MAX * MINUTE).is_some());
        assert_eq!(between(0, Span::POINTS_MAX * MINUTE + 1), None);
        assert_eq!(between(i64::MIN, i64::MAX), None);
    }
}
