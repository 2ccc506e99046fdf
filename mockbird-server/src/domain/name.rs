//! What people call things.

use std::fmt;
use std::str::FromStr;

use super::Refusal;

/// The most characters.
const CHARS_MAX: usize = 100;

/// A name of somebody or something, as people read it: one line, its words with one space between them.
///
/// ```
/// use mockbird_server::domain::Name;
/// let name: Name = "  Ada   Lovelace ".parse()?;
/// assert_eq!(name.as_str(), "Ada Lovelace");
/// # Ok::<(), mockbird_server::domain::Refusal>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name(String);

impl Name {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let words: Vec<_> = text.split_whitespace().collect();
        let name = words.join(" ");
        let chars = name.chars().count();
        if (1..=CHARS_MAX).contains(&chars) && !name.contains(char::is_control) {
            Ok(Self(name))
        } else {
            Err(Refusal(format!(
                "a name is 1 to {CHARS_MAX} characters on one line"
            )))
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (text, fits) in [
            ("a", true),
            ("Zoë 🐦", true),
            ("", false),
            (" \t", false),
            ("a\u{0}b", false),
            (&"ä".repeat(100), true),
            (&"a".repeat(101), false),
        ] {
            assert_eq!(text.parse::<Name>().is_ok(), fits, "{text:?}");
        }
    }
}
