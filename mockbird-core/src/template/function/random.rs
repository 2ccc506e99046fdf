//! Functions that draw from the source of the reply.

use super::whole;
use crate::random::Random;
use crate::template::budget::Budget;
use crate::template::fault::{Outcome, error};
use crate::template::filter::Args;
use crate::template::value::{Num, Value};

/// A random UUID (RFC 9562 section 5.4).
pub(super) fn uuid(random: &mut Random) -> String {
    let high = random.next_u64() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000;
    let low = random.next_u64() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xFFFF,
        high & 0xFFFF,
        low >> 48,
        low & 0xFFFF_FFFF_FFFF
    )
}

/// A whole number between two, both included.
pub(super) fn int<'a>(mut args: Args<'a>, random: &mut Random) -> Outcome<Value<'a>> {
    let (Some(low), Some(high)) = (args.take(0, "min"), args.take(1, "max")) else {
        return Err(error("`randomInt` wants the least and the greatest number"));
    };
    args.finish(2)?;
    let (low, high) = (whole(&low, "randomInt")?, whole(&high, "randomInt")?);
    if low > high {
        return Err(error("`randomInt` is empty: the least number comes first"));
    }
    // The distance of two i64 fits in a u64, and is one short of the number of choices.
    let distance = high.abs_diff(low);
    let drawn = match distance.checked_add(1) {
        Some(choices) => random.below(choices),
        None => random.next_u64(),
    };
    Ok(Value::Int(i128::from(low) + i128::from(drawn)))
}

/// A number between two, the greater excluded.
pub(super) fn float<'a>(mut args: Args<'a>, random: &mut Random) -> Outcome<Value<'a>> {
    let low = args.take(0, "min").unwrap_or(Value::Int(0));
    let high = args.take(1, "max").unwrap_or(Value::Int(1));
    args.finish(2)?;
    let (low, high) = (number(&low)?, number(&high)?);
    if low > high {
        return Err(error(
            "`randomFloat` is empty: the least number comes first",
        ));
    }
    let drawn = low + (high - low) * random.unit();
    Ok(Value::Float(drawn.clamp(low, high)))
}

fn number(value: &Value<'_>) -> Outcome<f64> {
    #[expect(clippy::cast_precision_loss)] // What a float is for.
    let number = match value.number() {
        Some(Num::Int(number)) => Some(number as f64),
        Some(Num::Float(number)) => Some(number),
        None => None,
    };
    number
        .filter(|n| n.is_finite())
        .ok_or_else(|| error(format!("`randomFloat` wants numbers, not {}", value.kind())))
}

/// Letters and digits.
pub(super) fn string<'a>(
    mut args: Args<'a>,
    random: &mut Random,
    budget: &mut Budget,
) -> Outcome<Value<'a>> {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let length = args.take(0, "length").unwrap_or(Value::Int(16));
    args.finish(1)?;
    let length = usize::try_from(whole(&length, "randomString")?)
        .map_err(|_| error("the length of `randomString` is negative"))?;
    budget.make(length)?;
    let text: String = (0..length)
        .filter_map(|_| {
            let drawn = usize::try_from(random.below(ALPHABET.len() as u64)).ok()?;
            ALPHABET.get(drawn).map(|b| char::from(*b))
        })
        .collect();
    Ok(Value::from(text))
}

/// One element of a list; missing if it has none.
pub(super) fn choice<'a>(mut args: Args<'a>, random: &mut Random) -> Outcome<Value<'a>> {
    let Some(list) = args.take(0, "list") else {
        return Err(error("`choice` wants a list"));
    };
    args.finish(1)?;
    let items = match list.items() {
        Some(items) if list.as_str().is_none() => items,
        _ => {
            return Err(error(format!("`choice` wants a list, not {}", list.kind())));
        }
    };
    let drawn = usize::try_from(random.below(items.len() as u64)).unwrap_or(0);
    Ok(items.get(drawn).unwrap_or(Value::Undefined))
}
