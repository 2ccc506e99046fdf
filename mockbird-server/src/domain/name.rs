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

    /// The first character of a text that no name has: it is not seen, and some of them turn what is around them so that it
    /// reads as something else.
    ///
    /// ```
    /// use mockbird_server::domain::Name;
    /// assert_eq!(Name::forbidden("bank\u{202e}fdp.exe"), Some('\u{202e}'));
    /// assert_eq!(Name::forbidden("Zoë 👩\u{200d}🚀"), None);
    /// ```
    pub fn forbidden(text: &str) -> Option<char> {
        text.chars().find(|c| is_forbidden(*c))
    }
}

/// Control characters, those that say in which direction a text runs, and those that take no room; but for the joiners, of
/// which emoji and some scripts are made.
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

impl FromStr for Name {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let words: Vec<_> = text.split_whitespace().collect();
        let name = words.join(" ");
        let chars = name.chars().count();
        if let Some(c) = Self::forbidden(&name) {
            let code = u32::from(c);
            return Err(Refusal(format!(
                "a name has no characters that are not seen: take out U+{code:04X}"
            )));
        }
        if (1..=CHARS_MAX).contains(&chars) {
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
            ("a\u{202e}b", false),
            ("a\u{2066}b", false),
            ("a\u{200b}b", false),
            ("می\u{200c}خواهم", true),
            (&"ä".repeat(100), true),
            (&"a".repeat(101), false),
        ] {
            assert_eq!(text.parse::<Name>().is_ok(), fits, "{text:?}");
        }
    }
}
