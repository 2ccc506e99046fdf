//! Dates: `now()` and the filter `date`.

use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use crate::limits::TEMPLATE_DATE_FORMAT_MAX;
use crate::template::budget::Budget;
use crate::template::fault::{Outcome, a_text, error};
use crate::template::filter::Args;
use crate::template::value::{Num, Value};

/// The present, moved by `offset`, in `format`; RFC 3339 in UTC with milliseconds without one.
pub(super) fn now<'a>(mut args: Args<'a>, now_ms: i64, budget: &mut Budget) -> Outcome<Value<'a>> {
    let offset = args.take(0, "offset");
    let format = args.take(1, "format");
    args.finish(2)?;
    let mut time = Timestamp::from_millisecond(now_ms).map_err(|_| out_of_range())?;
    if let Some(offset) = offset
        && !matches!(offset, Value::Undefined | Value::None)
    {
        let text = text(&offset, "offset")?;
        let offset = parse_offset(text).ok_or_else(|| {
            error(format!(
                "{} is not an offset: write it like `-2d` or `+1h30m`, with the units s, m, h, d, w",
                a_text(text)
            ))
        })?;
        time = time.checked_add(offset).map_err(|_| out_of_range())?;
    }
    match format {
        Some(format) if !matches!(format, Value::Undefined | Value::None) => written(
            &time.to_zoned(TimeZone::UTC),
            text(&format, "format")?,
            budget,
        ),
        _ => {
            budget.make(24)?;
            Ok(Value::from(format!("{time:.3}")))
        }
    }
}

fn text<'v>(value: &'v Value<'_>, name: &str) -> Outcome<&'v str> {
    value
        .as_str()
        .ok_or_else(|| error(format!("`{name}` is text, not {}", value.kind())))
}

fn out_of_range() -> crate::template::fault::Fault {
    error("the date is out of range: years go from -9999 to 9999")
}

/// The sum of `[+-]N(s|m|h|d|w)`, one after the other; a number without sign has that of the one before.
fn parse_offset(text: &str) -> Option<SignedDuration> {
    let mut total = SignedDuration::ZERO;
    let mut negative = false;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(['+', '-']) {
            negative = rest.starts_with('-');
            rest = after;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: i64 = rest[..digits].parse().ok()?;
        let unit = match rest.as_bytes().get(digits)? {
            b's' => 1,
            b'm' => 60,
            b'h' => 3_600,
            b'd' => 86_400,
            b'w' => 604_800,
            _ => return None,
        };
        let part = SignedDuration::from_secs(number.checked_mul(unit)?);
        total = if negative {
            total.checked_sub(part)?
        } else {
            total.checked_add(part)?
        };
        rest = rest[digits + 1..].trim_start();
    }
    Some(total)
}

/// `value | date('%Y')`
pub(in crate::template) fn date<'a>(
    value: &Value<'_>,
    args: &mut Args<'_>,
    budget: &mut Budget,
) -> Outcome<Value<'a>> {
    let format = args.take(0, "format");
    args.finish(1)?;
    if matches!(value, Value::Undefined | Value::None) {
        return Ok(Value::Undefined);
    }
    let time = moment(value)?;
    match format {
        Some(format) => written(&time, text(&format, "format")?, budget),
        None => written(&time, "%Y-%m-%d", budget),
    }
}

/// The moment that a value means: an RFC 3339 text, a date, or seconds (or milliseconds) since 1970.
fn moment(value: &Value<'_>) -> Outcome<Zoned> {
    if let Some(text) = value.as_str() {
        if let Ok(number) = text.trim().parse::<f64>() {
            return since_1970(number);
        }
        return parse_moment(text.trim()).ok_or_else(|| {
            error(format!(
                "{} is not a date: RFC 3339 or seconds since 1970 are",
                a_text(text)
            ))
        });
    }
    match value.number() {
        #[expect(clippy::cast_precision_loss)] // Dates in range are exact.
        Some(Num::Int(number)) => since_1970(number as f64),
        Some(Num::Float(number)) => since_1970(number),
        None => Err(error(format!("{} is not a date", value.kind()))),
    }
}

fn since_1970(number: f64) -> Outcome<Zoned> {
    // Seconds reach this in the year 5138: what is larger is meant in milliseconds.
    let milliseconds = if number.abs() < 1e11 {
        number * 1e3
    } else {
        number
    };
    #[expect(clippy::cast_possible_truncation)] // Out of range is refused below.
    let time = Timestamp::from_millisecond(milliseconds.round() as i64);
    let time = time.map_err(|_| out_of_range())?;
    Ok(time.to_zoned(TimeZone::UTC))
}

fn parse_moment(text: &str) -> Option<Zoned> {
    // The bounds of the parsers' own work.
    if text.len() > 64 {
        return None;
    }
    if let Ok(pieces) = jiff::fmt::temporal::Pieces::parse(text) {
        let zone = match pieces.to_numeric_offset() {
            Some(offset) => TimeZone::fixed(offset),
            None => TimeZone::UTC,
        };
        let time = pieces.date().to_datetime(pieces.time().unwrap_or_default());
        return time.to_zoned(zone).ok();
    }
    let parsed = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(parsed)
}

fn written<'a>(time: &Zoned, format: &str, budget: &mut Budget) -> Outcome<Value<'a>> {
    budget.step(format.len() as u64)?;
    let text = formatted(time, format).map_err(|reason| {
        error(match reason {
            // What cannot be read of a format may be the request's.
            FormatFault::Unreadable(_) => format!("{} is not a date format", a_text(format)),
            FormatFault::TooLong => FormatFault::TooLong.to_string(),
        })
    })?;
    budget.make(text.len())?;
    Ok(Value::from(text))
}

/// Why a format cannot be used.
#[derive(Debug, thiserror::Error)]
enum FormatFault {
    #[error("a date format is at most {TEMPLATE_DATE_FORMAT_MAX} bytes long")]
    TooLong,
    #[error("{0}")]
    Unreadable(jiff::Error),
}

fn formatted(time: &Zoned, format: &str) -> Result<String, FormatFault> {
    if format.len() > TEMPLATE_DATE_FORMAT_MAX {
        return Err(FormatFault::TooLong);
    }
    strtime::format(format, time).map_err(FormatFault::Unreadable)
}

/// Whether a format that is written in a template can be used; the error says why not.
pub(in crate::template) fn check_format(format: &str) -> Result<(), String> {
    let epoch = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
    match formatted(&epoch, format) {
        Ok(_) => Ok(()),
        Err(FormatFault::Unreadable(reason)) => Err(format!(
            "`{}` is not a date format: {reason}",
            format.escape_debug()
        )),
        Err(FormatFault::TooLong) => Err(FormatFault::TooLong.to_string()),
    }
}
