//! How often a mock is expected to answer.

use std::fmt;
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

/// How many calls are right: `3`, `1..`, `..=2` or `2..5`. A mock that expects an empty range is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    least: usize,
    most: usize,
}

impl Times {
    /// Any number, none included.
    pub(crate) const ANY: Self = Self {
        least: 0,
        most: usize::MAX,
    };

    /// No number at all: what an empty range says.
    const NONE: Self = Self { least: 1, most: 0 };

    /// True if no number is right.
    pub(crate) fn is_empty(self) -> bool {
        self.least > self.most
    }

    /// The fewest that are right.
    pub(crate) fn least(self) -> usize {
        self.least
    }

    /// Whether there are too many.
    pub(crate) fn is_exceeded_by(self, calls: usize) -> bool {
        calls > self.most
    }

    /// Whether this many calls are right.
    pub fn contains(self, calls: usize) -> bool {
        (self.least..=self.most).contains(&calls)
    }
}

impl Times {
    /// So many of something, in words: `at least 2 calls`.
    pub(crate) fn counted(self, one: &str, many: &str) -> String {
        let noun = |n: usize| if n == 1 { one } else { many };
        match (self.least, self.most) {
            (least, most) if least > most => format!("no number of {many}"),
            (0, 0) => format!("no {one}"),
            (0, usize::MAX) => format!("any number of {many}"),
            (least, usize::MAX) => format!("at least {least} {}", noun(least)),
            (0, most) => format!("at most {most} {}", noun(most)),
            (least, most) if least == most => format!("{least} {}", noun(least)),
            (least, most) => format!("{least} to {most} {many}"),
        }
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.counted("call", "calls"))
    }
}

impl From<usize> for Times {
    fn from(calls: usize) -> Self {
        Self {
            least: calls,
            most: calls,
        }
    }
}

impl From<RangeFull> for Times {
    fn from(_: RangeFull) -> Self {
        Self::ANY
    }
}

impl From<RangeFrom<usize>> for Times {
    fn from(range: RangeFrom<usize>) -> Self {
        Self {
            least: range.start,
            most: usize::MAX,
        }
    }
}

impl From<RangeInclusive<usize>> for Times {
    fn from(range: RangeInclusive<usize>) -> Self {
        Self {
            least: *range.start(),
            most: *range.end(),
        }
    }
}

impl From<RangeToInclusive<usize>> for Times {
    fn from(range: RangeToInclusive<usize>) -> Self {
        Self {
            least: 0,
            most: range.end,
        }
    }
}

/// Without its end: `2..5` is 2, 3 or 4.
impl From<Range<usize>> for Times {
    fn from(range: Range<usize>) -> Self {
        let last = range.end.checked_sub(1);
        last.map_or(Self::NONE, |last| Self::from(range.start..=last))
    }
}

/// Without its end: `..3` is at most 2.
impl From<RangeTo<usize>> for Times {
    fn from(range: RangeTo<usize>) -> Self {
        Self::from(0..range.end)
    }
}

#[cfg(test)]
mod tests {
    use super::Times;

    #[test]
    fn every_form_says_and_holds_what_it_means() {
        let forms: [(Times, &str, &[usize]); 11] = [
            (0.into(), "no call", &[0]),
            (1.into(), "1 call", &[1]),
            (3.into(), "3 calls", &[3]),
            ((1..).into(), "at least 1 call", &[1, 2, 3, 4]),
            ((..=2).into(), "at most 2 calls", &[0, 1, 2]),
            ((..2).into(), "at most 1 call", &[0, 1]),
            ((2..4).into(), "2 to 3 calls", &[2, 3]),
            ((..0).into(), "no number of calls", &[]),
            ((2..2).into(), "no number of calls", &[]),
            ((0..0).into(), "no number of calls", &[]),
            ((..).into(), "any number of calls", &[0, 1, 2, 3, 4]),
        ];
        for (times, said, right) in forms {
            assert_eq!(times.to_string(), said);
            let held: Vec<usize> = (0..5).filter(|calls| times.contains(*calls)).collect();
            assert_eq!(held, right, "{said}");
        }
    }
}
