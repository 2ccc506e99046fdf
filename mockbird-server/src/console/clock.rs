//! The time of day for the lines of requests.

use std::fmt;

/// Turns moments into the time of day where the server runs.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    offset_ms: i64,
}

impl Clock {
    /// Universal time.
    pub const UTC: Self = Self { offset_ms: 0 };

    /// The system's time zone, as it is now.
    pub fn system() -> Self {
        let offset = jiff::Zoned::now().offset();
        Self {
            offset_ms: i64::from(offset.seconds()) * 1000,
        }
    }

    /// `12:03:55.123`, for a moment in milliseconds since 1970.
    pub fn time_of_day(self, now_ms: i64) -> TimeOfDay {
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        TimeOfDay(
            now_ms
                .saturating_add(self.offset_ms)
                .rem_euclid(DAY_MS)
                .unsigned_abs(),
        )
    }
}

/// A time of day, in milliseconds since midnight.
#[derive(Clone, Copy, Debug)]
pub struct TimeOfDay(u64);

impl TimeOfDay {
    /// Its text, digit by digit: this stands in every line, and `{:02}` is four times slower.
    fn digits(self) -> [u8; 12] {
        let ms = self.0;
        let digit = |value: u64| b'0' + (value % 10) as u8;
        [
            digit(ms / 36_000_000),
            digit(ms / 3_600_000 % 24),
            b':',
            digit(ms / 600_000 % 6),
            digit(ms / 60_000 % 60),
            b':',
            digit(ms / 10_000 % 6),
            digit(ms / 1000 % 60),
            b'.',
            digit(ms / 100),
            digit(ms / 10),
            digit(ms),
        ]
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.digits()).unwrap_or(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day() {
        for (ms, want) in [
            (0, "00:00:00.000"),
            (86_399_999, "23:59:59.999"),
            (1_700_000_000_123, "22:13:20.123"),
            (-1, "23:59:59.999"),
            (i64::MAX, "07:12:55.807"),
        ] {
            assert_eq!(Clock::UTC.time_of_day(ms).to_string(), want, "{ms}");
        }
        assert_eq!(
            Clock {
                offset_ms: -3_600_000
            }
            .time_of_day(0)
            .to_string(),
            "23:00:00.000"
        );
    }
}
