//! Filters that encode, decode and hash.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::Args;
use super::text::text_of;
use crate::template::budget::Budget;
use crate::template::fault::{Outcome, error};
use crate::template::value::Value;

/// Everything but the unreserved characters of RFC 3986 section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub(super) fn base64<'a>(value: &Value<'_>, budget: &mut Budget) -> Outcome<Value<'a>> {
    let text = text_of(value, budget)?;
    budget.make(text.len().div_ceil(3).saturating_mul(4))?;
    Ok(Value::from(STANDARD.encode(&*text)))
}

/// Both alphabets are read, padded or not; bytes that are not UTF-8 become U+FFFD.
pub(super) fn base64_decode<'a>(value: &Value<'_>, budget: &mut Budget) -> Outcome<Value<'a>> {
    let text = text_of(value, budget)?;
    budget.make(text.len())?;
    let bare = text.trim().trim_end_matches('=');
    let bytes = STANDARD_NO_PAD
        .decode(bare)
        .or_else(|_| URL_SAFE_NO_PAD.decode(bare))
        .map_err(|_| error("the text is not base64"))?;
    let decoded = String::from_utf8(bytes)
        .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
    Ok(Value::from(decoded))
}

pub(super) fn url_encode<'a>(value: &Value<'_>, budget: &mut Budget) -> Outcome<Value<'a>> {
    let text = text_of(value, budget)?;
    budget.afford(text.len().saturating_mul(3))?;
    let encoded = utf8_percent_encode(&text, RESERVED).to_string();
    budget.make(encoded.len())?;
    Ok(Value::from(encoded))
}

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
