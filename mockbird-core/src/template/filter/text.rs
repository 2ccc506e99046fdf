//! Filters on text and on numbers.

use std::fmt::Write;

use super::Args;
use crate::template::budget::Budget;
use crate::template::fault::{Outcome, a_text, error};
use crate::template::ops;
use crate::template::output::{Entities, Mode, Output};
use crate::template::print;
use crate::template::value::{Kind, Num, Text, Value};

/// The text of a value, within what the budget can pay for.
pub(in crate::template) fn text_of<'v>(
    value: &'v Value<'_>,
    budget: &mut Budget,
) -> Outcome<std::borrow::Cow<'v, str>> {
    match value.as_str() {
        Some(text) => {
            budget.work(text.len())?;
            Ok(text.into())
        }
        None => made(budget, |out| match value.number() {
            // A filter sees an ordinary number, not the text it came as.
            Some(number) => print::text(out, &Value::from(number)),
            None => print::text(out, value),
        })
        .map(Into::into),
    }
}

/// What `write` writes, within what the budget can pay for.
pub(super) fn made(
    budget: &mut Budget,
    write: impl FnOnce(&mut Output) -> std::fmt::Result,
) -> Outcome<String> {
    let limit = usize::try_from(budget.fuel).unwrap_or(usize::MAX);
    let mut out = Output::new(String::new(), limit, Mode::Text);
    if write(&mut out).is_err() {
        budget.make(usize::MAX)?;
    }
    budget.make(out.text.len())?;
    Ok(out.text)
}

/// A value as the string that minijinja's text filters are to see.
pub(super) fn as_text<'a>(value: Value<'a>, budget: &mut Budget) -> Outcome<Value<'a>> {
    if value.as_str().is_some() {
        return Ok(value);
    }
    text_of(&value, budget).map(|text| Value::from(text.into_owned()))
}

/// A filter that makes text from text; safe text stays safe.
pub(super) fn map<'a>(
    value: &Value<'_>,
    budget: &mut Budget,
    change: impl FnOnce(&str) -> String,
) -> Outcome<Value<'a>> {
    let text = text_of(value, budget)?;
    budget.afford(text.len())?;
    let changed = change(&text);
    budget.make(changed.len())?;
    let kind = if ops::is_safe(value) {
        Kind::Safe
    } else {
        Kind::Plain
    };
    Ok(Value::Text(changed.into(), kind))
}

pub(super) fn trim<'a>(
    value: &Value<'_>,
    args: &mut Args<'_>,
    budget: &mut Budget,
) -> Outcome<Value<'a>> {
    let Some(chars) = args.take(0, "chars") else {
        return map(value, budget, |text| text.trim().to_owned());
    };
    let chars: Vec<char> = text_of(&chars, budget)?.chars().collect();
    map(value, budget, |text| {
        text.trim_matches(&chars[..]).to_owned()
    })
}

pub(super) fn string<'a>(value: Value<'a>, budget: &mut Budget) -> Outcome<Value<'a>> {
    match value {
        Value::Text(text, Kind::Wire) => Ok(Value::Text(text, Kind::Plain)),
        Value::Text(..) | Value::Capture(_) => Ok(value),
        _ => as_text(value, budget),
    }
}

/// Text that is to be printed as it is. What a block of a JSON template printed becomes JSON first, in
/// which no value breaks the JSON around it.
pub(super) fn safe<'a>(value: Value<'a>, in_json: bool, budget: &mut Budget) -> Outcome<Value<'a>> {
    let text = match value {
        Value::Text(text, _) => text,
        Value::Capture(capture) if in_json => {
            budget.afford(capture.text.len().saturating_mul(6))?;
            Text::from(capture.to_json())
        }
        _ => Text::from(text_of(&value, budget)?.into_owned()),
    };
    Ok(Value::Text(text, Kind::Safe))
}

/// Entities for what markup would misread. In a JSON template the result is a string like any other.
pub(super) fn escape<'a>(
    value: Value<'a>,
    in_json: bool,
    budget: &mut Budget,
) -> Outcome<Value<'a>> {
    if ops::is_safe(&value) {
        return Ok(value);
    }
    let text = made(budget, |out| print::text(&mut Entities(out), &value))?;
    let kind = if in_json { Kind::Plain } else { Kind::Safe };
    Ok(Value::Text(text.into(), kind))
}

/// JSON that may stand in a script of an HTML page too.
pub(super) fn to_json<'a>(value: &Value<'_>, budget: &mut Budget) -> Outcome<Value<'a>> {
    let text = made(budget, |out| {
        print::json_in_list(&mut ScriptSafe(out), value)
    })?;
    Ok(Value::Text(text.into(), Kind::Json))
}

/// What minijinja made as JSON.
pub(super) fn known_json(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Text(text, _) => Value::Text(text, Kind::Json),
        other => other,
    }
}

struct ScriptSafe<'o>(&'o mut Output);

impl Write for ScriptSafe<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let mut from = 0;
        for (at, byte) in text.bytes().enumerate() {
            let escape = match byte {
                b'<' => "\\u003c",
                b'>' => "\\u003e",
                b'&' => "\\u0026",
                b'\'' => "\\u0027",
                _ => continue,
            };
            self.0.write_str(&text[from..at])?;
            self.0.write_str(escape)?;
            from = at + 1;
        }
        self.0.write_str(&text[from..])
    }
}

pub(super) fn replace<'a>(
    value: &Value<'_>,
    from: &Value<'_>,
    to: &Value<'_>,
    budget: &mut Budget,
) -> Outcome<Value<'a>> {
    let (text, from, to) = (
        text_of(value, budget)?,
        text_of(from, budget)?,
        text_of(to, budget)?,
    );
    // An empty pattern stands between all characters.
    let times = if from.is_empty() {
        text.len() + 1
    } else {
        text.matches(&*from).count()
    };
    budget.make(text.len() + times.saturating_mul(to.len()))?;
    Ok(Value::from(text.replace(&*from, &to)))
}

pub(super) fn int<'a>(value: &Value<'_>, budget: &mut Budget) -> Outcome<Value<'a>> {
    let float = match value {
        Value::Undefined | Value::None => return Ok(Value::Int(0)),
        Value::Bool(flag) => return Ok(Value::Int(i128::from(*flag))),
        _ => match (value.number(), value.as_str()) {
            (Some(Num::Int(number)), _) => return Ok(Value::Int(number)),
            (Some(Num::Float(number)), _) => number,
            (None, Some(text)) => {
                budget.work(text.len())?;
                if let Ok(number) = text.parse() {
                    return Ok(Value::Int(number));
                }
                text.parse().map_err(|_| not_a_number(text))?
            }
            (None, None) => {
                return Err(error(format!("{} is not a whole number", value.kind())));
            }
        },
    };
    match whole(float) {
        Some(whole) => Ok(Value::Int(whole)),
        None => Err(error(
            "the number is too large for a whole one; `int(0)` gives a default",
        )),
    }
}

/// True if a value is a number, but too large for a whole one. The library gives the largest there is,
/// which is a number that nobody wrote.
pub(super) fn is_too_large(value: &Value<'_>, budget: &mut Budget) -> Outcome<bool> {
    let float = match (value.number(), value.as_str()) {
        (Some(Num::Float(number)), _) => Some(number),
        (None, Some(text)) => {
            budget.work(text.len())?;
            let is_whole = text.parse::<i128>().is_ok();
            text.parse().ok().filter(|_| !is_whole)
        }
        (Some(Num::Int(_)) | None, _) => None,
    };
    Ok(float.is_some_and(|float| whole(float).is_none()))
}

/// The number without its fraction.
fn whole(number: f64) -> Option<i128> {
    /// 2 to the power of 127.
    const LIMIT: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;
    #[expect(clippy::cast_possible_truncation, reason = "it is within the range")]
    (number.abs() < LIMIT).then_some(number as i128)
}

fn not_a_number(text: &str) -> crate::template::fault::Fault {
    error(format!(
        "{} is not a number; `int(0)` and `float(0)` give a default",
        a_text(text)
    ))
}

pub(super) fn float<'a>(value: &Value<'_>, budget: &mut Budget) -> Outcome<Value<'a>> {
    if let Some(text) = value.as_str() {
        budget.work(text.len())?;
        return text
            .parse()
            .map(Value::Float)
            .map_err(|_| not_a_number(text));
    }
    #[expect(clippy::cast_precision_loss)] // What a float is for.
    let number = match (value, value.number()) {
        (Value::Undefined | Value::None, _) => 0.0,
        (Value::Bool(flag), _) => f64::from(u8::from(*flag)),
        (_, Some(Num::Int(number))) => number as f64,
        (_, Some(Num::Float(number))) => number,
        _ => return Err(error(format!("{} is not a number", value.kind()))),
    };
    Ok(Value::Float(number))
}

pub(super) fn abs<'a>(value: &Value<'_>) -> Outcome<Value<'a>> {
    match value.number() {
        Some(Num::Int(number)) => number
            .checked_abs()
            .map(Value::Int)
            .ok_or_else(|| error("the number is too large")),
        Some(Num::Float(number)) => Ok(Value::Float(number.abs())),
        None => Err(error(format!("`abs` does not work on {}", value.kind()))),
    }
}
