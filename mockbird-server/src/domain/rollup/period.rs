//! The stretches of time that are counted.

use super::super::Millis;
use super::super::named::named;

named! {
    /// For how long a rollup counts; all in UTC, so that a day has 24 hours.
    pub enum Period ("period") {
        /// From second 0 to second 59.
        Minute = "minute",
        /// From minute 0 to minute 59.
        Hour = "hour",
        /// From midnight to midnight.
        Day = "day",
    }
}

impl Period {
    /// How long it is, in milliseconds.
    pub const fn length_ms(self) -> i64 {
        match self {
            Self::Minute => 60_000,
            Self::Hour => 60 * Self::Minute.length_ms(),
            Self::Day => 24 * Self::Hour.length_ms(),
        }
    }

    /// The first moment of the one that a moment is in.
    pub fn start_of(self, moment: Millis) -> Millis {
        Millis(
            moment
                .0
                .saturating_sub(moment.0.rem_euclid(self.length_ms())),
        )
    }

    /// The first moment of the one after that which begins at `start`.
    pub fn end_of(self, start: Millis) -> Millis {
        Millis(start.0.saturating_add(self.length_ms()))
    }

    /// The longer one that it is a part of, if it is.
    pub const fn whole(self) -> Option<Self> {
        match self {
            Self::Minute => Some(Self::Hour),
            Self::Hour => Some(Self::Day),
            Self::Day => None,
        }
    }

    /// This one, then the shorter ones.
    pub fn downwards(self) -> impl Iterator<Item = Self> {
        let all = [Self::Day, Self::Hour, Self::Minute];
        all.into_iter().skip_while(move |period| *period != self)
    }
}
