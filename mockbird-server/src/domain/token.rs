//! Secrets that we give out: known in full once, kept as a hash.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A secret as its owner has it: a prefix that says what it is, and 32 random bytes.
///
/// It is shown once, and never by `Debug`.
///
/// ```
/// use mockbird_server::domain::PlainToken;
/// let key = PlainToken::random("mk_");
/// let again = PlainToken::presented(key.reveal());
/// assert_eq!(key.hash(), again.hash());
/// assert_eq!(format!("{key:?}"), "PlainToken(..)");
/// ```
#[derive(Clone)]
pub struct PlainToken(String);

/// What is kept of a secret: SHA-256, as lower-case hexadecimal. Enough for 256 random bits, which
/// nobody guesses; passwords need more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HashedToken(String);

impl PlainToken {
    /// A fresh one.
    ///
    /// # Panics
    /// If the system has no randomness to give: there is nothing safe left to do.
    #[expect(
        clippy::expect_used,
        reason = "without randomness no secret may be made"
    )]
    pub fn random(prefix: &str) -> Self {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the system gives random bytes");
        Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// What somebody shows as a secret; any text may be one.
    pub fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text itself, to be given to its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The first characters, by which its owner knows it again.
    pub fn prefix(&self) -> &str {
        self.0.get(..11).unwrap_or(&self.0)
    }

    /// What is kept of it.
    pub fn hash(&self) -> HashedToken {
        let mut text = String::with_capacity(64);
        for byte in Sha256::digest(self.0.as_bytes()) {
            // Writing to a String cannot fail.
            let _ = fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
        }
        HashedToken(text)
    }
}

impl fmt::Debug for PlainToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainToken(..)")
    }
}

impl HashedToken {
    /// One that was kept.
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// As it is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tokens_differ_and_say_what_they_are() {
        let (one, other) = (PlainToken::random("mk_"), PlainToken::random("mk_"));
        assert_ne!(one.hash(), other.hash());
        assert!(one.reveal().starts_with("mk_") && one.reveal().len() == 46);
        assert_eq!(one.prefix().len(), 11);
    }

    proptest! {
        #[test]
        fn any_text_may_be_presented(text in "\\PC{0,60}") {
            let token = PlainToken::presented(&text);
            prop_assert_eq!(token.hash().as_str().len(), 64);
            prop_assert!(text.starts_with(token.prefix()));
        }
    }
}
