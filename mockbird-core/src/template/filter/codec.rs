//! Filters that encode and decode.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

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
