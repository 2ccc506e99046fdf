//! How often a mock lets itself be called.

use std::fmt;
use std::time::Duration;

use super::Response;
use super::named::{Named as _, named};
use crate::fault::{Faults, Place};
use crate::limits::{RATE_LIMIT_PER_MS_MAX, RATE_LIMIT_REQUESTS_MAX};

/// A simulated rate limit: of the calls of a mock, at most so many are answered within a time; the others are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema-of-spec",
    derive(schemars::JsonSchema),
    schemars(rename_all = "camelCase", deny_unknown_fields),
    schemars(extend("patternProperties" = { "^x-": true }))
)]
pub struct RateLimit {
    /// How many calls are answered within `per`, those of all callers together.
    #[cfg_attr(feature = "schema-of-spec", schemars(range(min = 1, max = RATE_LIMIT_REQUESTS_MAX)))]
    pub requests: u32,
    /// How long a call counts.
    pub per: Period,
    /// The status of a refused call, 400 to 599; 429 if absent. Responses of the mock with this status are for
    /// refused calls alone.
    #[cfg_attr(feature = "schema-of-spec", schemars(range(min = 400, max = 599), extend("default" = 429)))]
    pub status_code: Option<u16>,
}

/// A length of time, as it is written: `minute`, or `10s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    count: u64,
    unit: Unit,
}

named! {
    /// What periods are counted in.
    enum Unit {
        Milliseconds = "ms",
        Seconds = "s",
        Minutes = "m",
        Hours = "h",
        Days = "d",
    }
}

impl Unit {
    /// From the longest to the shortest.
    const ALL: [Self; 5] = [
        Self::Days,
        Self::Hours,
        Self::Minutes,
        Self::Seconds,
        Self::Milliseconds,
    ];

    fn ms(self) -> u64 {
        match self {
            Self::Milliseconds => 1,
            Self::Seconds => 1_000,
            Self::Minutes => 60_000,
            Self::Hours => 3_600_000,
            Self::Days => 86_400_000,
        }
    }

    /// The word for one of it.
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Milliseconds => None,
            Self::Seconds => Some("second"),
            Self::Minutes => Some("minute"),
            Self::Hours => Some("hour"),
            Self::Days => Some("day"),
        }
    }
}

impl Period {
    /// The words that are periods by themselves.
    pub(super) const WORDS: [&'static str; 4] = ["second", "minute", "hour", "day"];

    /// The period of a text: `second`, `minute`, `hour`, `day`, or a whole number above 0 without leading zeros and
    /// at once its unit, `ms`, `s`, `m`, `h` or `d`. Its length is not looked at.
    ///
    /// ```
    /// use std::time::Duration;
    /// use mockbird_core::spec::Period;
    /// assert_eq!(Period::parse("minute").unwrap().duration(), Duration::from_secs(60));
    /// assert_eq!(Period::parse("90s").unwrap().to_string(), "90s");
    /// assert!(["", "s", "0s", "1.5h", "10 s", "1m30s"].iter().all(|text| Period::parse(text).is_none()));
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let mut units = Unit::ALL.into_iter();
        if let Some(unit) = units.find(|unit| unit.word() == Some(text)) {
            return Some(Self { count: 1, unit });
        }
        let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let unit = Unit::from_name(&text[digits.len()..])?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let count = digits.parse().ok().filter(|_| is_number)?;
        (!digits.starts_with('0')).then_some(Self { count, unit })
    }

    /// How long it is.
    pub fn duration(self) -> Duration {
        Duration::from_millis(self.ms())
    }

    /// How long it is, in milliseconds.
    pub(crate) fn ms(self) -> u64 {
        self.count.saturating_mul(self.unit.ms())
    }
}

/// What is less than a millisecond of it is dropped.
impl From<Duration> for Period {
    fn from(duration: Duration) -> Self {
        let ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let mut units = Unit::ALL.into_iter();
        let unit = units.find(|unit| ms.is_multiple_of(unit.ms()));
        // Any number is one of milliseconds.
        let unit = unit.unwrap_or(Unit::Milliseconds);
        Self {
            count: ms / unit.ms(),
            unit,
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit.word().filter(|_| self.count == 1) {
            Some(word) => f.write_str(word),
            None => write!(f, "{}{}", self.count, self.unit.name()),
        }
    }
}

impl RateLimit {
    /// The status of a refused call.
    pub fn status(&self) -> u16 {
        self.status_code.unwrap_or(429)
    }

    /// Refuses what is no limit. Decoding has checked it already; a spec made in code comes here unchecked.
    pub(crate) fn check(&self, at: &Place<'_>, faults: &mut Faults) {
        let Self { requests, per, .. } = self;
        if !(1..=RATE_LIMIT_REQUESTS_MAX).contains(requests) {
            let message = format!("a limit of {requests} requests");
            let hint = format!("1 to {RATE_LIMIT_REQUESTS_MAX} can be counted");
            faults.error(&at.key("requests"), message, hint);
        }
        if !(1..=RATE_LIMIT_PER_MS_MAX).contains(&per.ms()) {
            let message = format!("`{per}` is no time that is counted in");
            faults.error(&at.key("per"), message, "it is from 1ms to 31d");
        }
        if !(400..600).contains(&self.status()) {
            let message = format!("{} is no status of a refusal", self.status());
            faults.error(&at.key("statusCode"), message, "use 400 to 599");
        }
    }
}

impl super::Mock {
    /// True for a response that is for calls beyond the rate limit, and for no others.
    pub(crate) fn refuses_with(&self, response: &Response) -> bool {
        let status = response.status_code.unwrap_or(200);
        self.rate_limit
            .is_some_and(|limit| limit.status() == status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_written_as_they_were_read() {
        for text in [
            "second", "minute", "hour", "day", "1ms", "500ms", "60s", "90m", "24h", "31d",
        ] {
            let period = Period::parse(text).unwrap();
            assert_eq!(period.to_string(), text);
            assert_eq!(
                Period::from(period.duration()).duration(),
                period.duration()
            );
        }
        for text in [
            "+1s",
            "-1s",
            "1",
            "00s",
            "01s",
            "1S",
            "1sec",
            "s1",
            " 1s",
            "1e3s",
            "99999999999999999999s",
        ] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_duration_is_written_in_the_longest_unit() {
        for (duration, text) in [
            (Duration::from_secs(60), "minute"),
            (Duration::from_secs(7200), "2h"),
            (Duration::from_millis(1500), "1500ms"),
            (Duration::from_secs(86_400 * 3), "3d"),
            (Duration::from_micros(2_900), "2ms"),
        ] {
            assert_eq!(Period::from(duration).to_string(), text);
        }
    }
}
