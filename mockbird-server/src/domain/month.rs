//! A month, in UTC: what usage is counted by.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use super::{Millis, Refusal};

/// A month of the calendar, in UTC.
///
/// ```
/// use mockbird_server::domain::{Millis, Month};
/// let month = Month::of(Millis(1_900_000_000_000));
/// assert_eq!(month.to_string(), "2030-03");
/// assert_eq!(month.next().to_string(), "2030-04");
/// assert_eq!(Month::of(month.next().start()), month.next());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// Counted from January of the year 0.
    number: i32,
}

impl Month {
    /// That of a moment.
    pub fn of(moment: Millis) -> Self {
        let time = Timestamp::from_millisecond(moment.0).unwrap_or_default();
        let date = Offset::UTC.to_datetime(time).date();
        Self {
            number: i32::from(date.year()) * 12 + i32::from(date.month()) - 1,
        }
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self {
            number: self.number + 1,
        }
    }

    /// The one before it.
    #[must_use]
    pub fn previous(self) -> Self {
        Self {
            number: self.number - 1,
        }
    }

    /// Whether it is one of every second month: not the same as the one before it.
    pub fn is_odd(self) -> bool {
        self.number % 2 != 0
    }

    /// Its first moment.
    pub fn start(self) -> Millis {
        let (year, month) = self.parts();
        let date = i16::try_from(year)
            .ok()
            .zip(i8::try_from(month).ok())
            .and_then(|(year, month)| Date::new(year, month, 1).ok());
        let start = date.and_then(|date| Offset::UTC.to_timestamp(date.into()).ok());
        Millis(start.unwrap_or_default().as_millisecond())
    }

    fn parts(self) -> (i32, i32) {
        (self.number.div_euclid(12), self.number.rem_euclid(12) + 1)
    }
}

impl FromStr for Month {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let read = || {
            let (year, month) = text.split_once('-')?;
            let (year, month): (i32, i32) = (year.parse().ok()?, month.parse().ok()?);
            let number = year.checked_mul(12)?.checked_add(month - 1)?;
            Some(Self { number })
        };
        // One month is one text.
        let month = read().filter(|month| month.to_string() == text);
        month.ok_or_else(|| Refusal(format!("`{text}` is no month such as 2030-03")))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = self.parts();
        write!(f, "{year:04}-{month:02}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn months_meet_in_a_millisecond() {
        let year = Month::of(Millis(1_893_456_000_000));
        assert_eq!(year.to_string(), "2030-01");
        assert_eq!(year.start(), Millis(1_893_456_000_000));
        let before = Month::of(Millis(1_893_455_999_999));
        assert_eq!(
            (before.to_string().as_str(), before),
            ("2029-12", year.previous())
        );
    }

    #[test]
    fn a_month_has_one_text() {
        for text in [
            "",
            "2030",
            "2030-3",
            "2030-00",
            "2030-13",
            "02030-03",
            "2030-03-01",
            "99999999999-01",
        ] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_moment_is_in_its_month(moment in 0..4_000_000_000_000_i64) {
            let month = Month::of(Millis(moment));
            prop_assert!(month.start().0 <= moment && moment < month.next().start().0);
            prop_assert_eq!(month.next().previous(), month);
            prop_assert_ne!(month.is_odd(), month.next().is_odd());
            prop_assert_eq!(month.to_string().parse(), Ok(month));
        }
    }
}
