//! Passwords, as people type them and as they are kept.

use std::fmt;
use std::str::FromStr;

use super::Refusal;

/// The fewest characters (NIST SP 800-63B).
const CHARS_MIN: usize = 8;

/// The most bytes: hashing reads them all.
const BYTES_MAX: usize = 512;

/// A password that may be taken for an account; never shown by `Debug`.
///
/// ```
/// use mockbird_server::domain::Password;
/// let password: Password = "correct horse".parse()?;
/// assert_eq!(format!("{password:?}"), "Password(..)");
/// assert!("short".parse::<Password>().is_err());
/// # Ok::<(), mockbird_server::domain::Refusal>(())
/// ```
#[derive(Clone)]
pub struct Password(String);

/// What is kept of a password: its hash in PHC form; never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct HashedPassword(String);

impl Password {
    /// The text itself, to be hashed.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Password {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        if text.chars().count() < CHARS_MIN {
            let why = format!("a password has at least {CHARS_MIN} characters");
            return Err(Refusal(why));
        }
        if text.len() > BYTES_MAX {
            return Err(Refusal(format!("a password has at most {BYTES_MAX} bytes")));
        }
        Ok(Self(text.to_owned()))
    }
}

impl HashedPassword {
    /// A hash in PHC form.
    pub fn new(phc: String) -> Self {
        Self(phc)
    }

    /// As it is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

impl fmt::Debug for HashedPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashedPassword(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_counted_in_characters_below_and_in_bytes_above() {
        for (text, fits) in [
            ("ääääääää", true),
            ("äääääää", false),
            ("", false),
            (&"a".repeat(512), true),
            (&"ä".repeat(257), false),
        ] {
            assert_eq!(text.parse::<Password>().is_ok(), fits, "{text}");
        }
    }
}
