//! Moments in JSON: RFC 3339 in UTC, with milliseconds.

use std::fmt;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::domain::{Millis, Refusal};

/// A moment as clients read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-27T20:00:00.000Z")]
pub(super) struct Time(Millis);

impl From<Millis> for Time {
    fn from(moment: Millis) -> Self {
        Self(moment)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = Timestamp::from_millisecond(self.0.0).unwrap_or_default();
        write!(f, "{moment:.3}")
    }
}

/// The last moment there is, by the second: behind it, some zone of time is in the year 10000.
const LAST: &str = "9999-12-30T22:00:00Z";

/// The moment of a text.
pub(super) fn moment(text: &str) -> Result<Millis, Refusal> {
    let moment = text.parse::<Timestamp>();
    moment
        .map(|moment| Millis(moment.as_millisecond()))
        .map_err(|_| {
            Refusal(format!(
                "this is no moment: write it as in `2027-01-31T12:00:00Z`, up to `{LAST}`"
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_back() {
        for text in ["2026-11-27T20:00:00.000Z", "1970-01-01T00:00:00.007Z"] {
            let written = serde_json::to_value(Time(moment(text).unwrap())).unwrap();
            assert_eq!(written, text);
        }
        assert!(moment("tomorrow").is_err());
    }

    #[test]
    fn the_last_moment_is_told() {
        assert!(moment(LAST).is_ok());
        let refusal = moment("9999-12-31T23:59:59Z").unwrap_err().to_string();
        assert!(refusal.contains(LAST), "{refusal}");
    }
}
