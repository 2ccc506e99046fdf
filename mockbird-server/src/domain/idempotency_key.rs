//! By what a client names a thing that it wants made once.

use std::fmt;
use std::str::FromStr;

use super::Refusal;

/// The most characters.
const CHARS_MAX: usize = 255;

/// By what a client names a thing that it wants made once, however often it asks: 1 to 255 visible characters of
/// ASCII.
///
/// ```
/// use mockbird_server::domain::IdempotencyKey;
/// assert!("8e03978e-40d5-43dd-bc93-6894a57f9324".parse::<IdempotencyKey>().is_ok());
/// assert!("two words".parse::<IdempotencyKey>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdempotencyKey {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if visible && (1..=CHARS_MAX).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Refusal(format!(
                "`Idempotency-Key` is 1 to {CHARS_MAX} visible characters, such as a UUID"
            )))
        }
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
