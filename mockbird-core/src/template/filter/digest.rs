//! Filters that hash.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::Args;
use super::text::text_of;
use crate::template::budget::Budget;
use crate::template::fault::{Outcome, error};
use crate::template::value::Value;

pub(super) fn sha256<'a>(value: &Value<'_>, budget: &mut Budget) -> Outcome<Value<'a>> {
    let text = text_of(value, budget)?;
    budget.work(text.len().saturating_mul(4))?;
    Ok(Value::from(hex(&Sha256::digest(text.as_bytes()))))
}

pub(super) fn hmac<'a>(
    value: &Value<'_>,
    args: &mut Args<'_>,
    budget: &mut Budget,
) -> Outcome<Value<'a>> {
    let Some(key) = args.take(0, "key") else {
        return Err(error("`hmac` wants a key"));
    };
    let (text, key) = (text_of(value, budget)?, text_of(&key, budget)?);
    budget.work((text.len() + key.len()).saturating_mul(4))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())
        .map_err(|_| error("the key of `hmac` has a length that is not allowed"))?;
    mac.update(text.as_bytes());
    Ok(Value::from(hex(&mac.finalize().into_bytes())))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| char::from(DIGITS[usize::from(n)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}
