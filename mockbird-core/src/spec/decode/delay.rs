//! Delays: a number of milliseconds, or an object that spreads them.

use super::object::object;
use super::value::{expected, number, whole};
use crate::fault::{Faults, Place, shown};
use crate::json::{Node, Value};
use crate::limits::{DELAY_MS_MAX, DELAY_SIGMA_MAX};
use crate::spec::Delay;
use crate::spec::keys::DelayKey;

pub(super) fn delay(node: Node, at: &Place<'_>, faults: &mut Faults) -> Option<Delay> {
    match &node.value {
        Value::Number(_) => milliseconds(&node, at, faults).map(Delay::Fixed),
        Value::Object(_) => spread(node, at, faults),
        Value::String(text) => {
            let message = format!("expected milliseconds as a number, found {}", shown(text));
            faults.error(at, message, in_milliseconds(text));
            None
        }
        Value::Null | Value::Bool(_) | Value::Array(_) => {
            expected(
                "milliseconds, {min, max} or {median, sigma}",
                &node,
                at,
                faults,
            );
            None
        }
    }
}

/// What to write for a duration with a unit.
fn in_milliseconds(text: &str) -> String {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let factor = match text[digits.len()..].trim() {
        "" | "ms" => Some(1),
        "s" | "sec" => Some(1_000),
        "m" | "min" => Some(60_000),
        _ => None,
    };
    let number = digits.parse::<u64>().ok().zip(factor);
    let number = number.and_then(|(number, factor)| number.checked_mul(factor));
    match number.filter(|number| *number <= DELAY_MS_MAX) {
        Some(number) => format!("write `{number}`, without quotes and unit"),
        None => "write a number, such as `200`, or `{min: 100, max: 400}`".to_owned(),
    }
}

fn milliseconds(node: &Node, at: &Place<'_>, faults: &mut Faults) -> Option<u64> {
    whole(node, at, faults, 0..=DELAY_MS_MAX)
}

fn spread(node: Node, at: &Place<'_>, faults: &mut Faults) -> Option<Delay> {
    let (mut min, mut max, mut median, mut sigma) = (None, None, None, None);
    // The bound is far below 2^53.
    #[expect(clippy::cast_precision_loss)]
    let median_max = DELAY_MS_MAX as f64;
    let object = object(node, at, faults, |key, node, at, faults| match key {
        DelayKey::Min => min = milliseconds(&node, at, faults),
        DelayKey::Max => max = milliseconds(&node, at, faults),
        DelayKey::Median => median = number(&node, at, faults, 0.0..=median_max),
        DelayKey::Sigma => sigma = number(&node, at, faults, 0.0..=DELAY_SIGMA_MAX),
    })?;
    let uniform = [DelayKey::Min, DelayKey::Max].map(|key| object.has(key));
    let log_normal = [DelayKey::Median, DelayKey::Sigma].map(|key| object.has(key));
    match (uniform, log_normal) {
        ([true, true], [false, false]) => {
            let between = Delay::Uniform {
                min: min?,
                max: max?,
            };
            let errors = faults.error_count();
            between.check(at, faults);
            (faults.error_count() == errors).then_some(between)
        }
        ([false, false], [true, true]) => Some(Delay::LogNormal {
            median: median?,
            sigma: sigma?,
        }),
        _ => {
            let hint =
                "write `{min: 100, max: 400}` or `{median: 120, sigma: 0.4}`, in milliseconds";
            faults.error(
                at,
                "a delay needs `min` and `max`, or `median` and `sigma`",
                hint,
            );
            None
        }
    }
}
