//! Which names are those of secrets.

use std::borrow::Cow;

use mockbird_core::{is_secret_name, is_secret_value, names_secret};
use percent_encoding::percent_decode_str;

use super::text::{self, Token};

/// The words of one name that are compared together, at most.
const WORDS_MAX: usize = 8;

/// Names whose values are not logged: those that every project has, and those that this one added.
///
/// ```
/// use mockbird_server::logs::SecretNames;
///
/// let names = SecretNames::new(["card-number"]);
/// for name in ["Authorization", "api_key", "user[password]", "cardNumber", "billing.card_number"] {
///     assert!(names.is_secret(name), "{name}");
/// }
/// assert!(!names.is_secret("number"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretNames {
    /// Letters and digits alone, in lower case; one that has none is as it is.
    own: Box<[String]>,
}

impl SecretNames {
    /// The names that a project added; case, and what separates words, do not matter.
    pub fn new<S: AsRef<str>>(own: impl IntoIterator<Item = S>) -> Self {
        let own = own.into_iter().map(|name| {
            let letters = words(name.as_ref()).concat();
            // One of other signs alone is looked for as it is.
            let is_word = !letters.is_empty();
            if is_word {
                letters
            } else {
                name.as_ref().to_owned()
            }
        });
        Self { own: own.collect() }
    }

    /// What they weigh.
    pub fn memory_bytes(&self) -> usize {
        self.own
            .iter()
            .map(|name| size_of::<String>() + name.len())
            .sum()
    }

    /// Whether the value of a field of this name is a secret.
    pub fn is_secret(&self, name: &str) -> bool {
        is_secret_name(name) || self.is_own(name)
    }

    /// Whether a pair says that what stands beside it is a secret: `name=password&value=x`.
    pub(super) fn name_other(&self, key: &str, value: &str) -> bool {
        // Where a secret's name would say so, one of the project's own does.
        let is_naming = || names_secret(key, "password");
        names_secret(key, value) || (self.is_own(value) && is_naming())
    }

    /// Whether a value is a secret by its form, or holds a field that is one, such as a URL with a query, or JSON in a string.
    pub(super) fn is_in_value(&self, value: &str) -> bool {
        const DECODED_MAX: usize = 3;
        let mut value = Cow::Borrowed(value);
        for _ in 0..DECODED_MAX {
            let fields = || text::tokens(&value).filter(Token::is_field);
            if is_secret_value(&value) || fields().any(|token| self.is_secret(token.text)) {
                return true;
            }
            // A name may be written with escapes, in JSON for one.
            if value.contains("\\u") || value.contains("\\x") {
                return true;
            }
            if !value.contains('%') {
                return false;
            }
            value = Cow::Owned(percent_decode_str(&value).decode_utf8_lossy().into_owned());
        }
        false
    }

    /// Whether a text of any kind may hold a field that is a secret: one of the names is in it.
    pub(super) fn is_in_text(&self, text: &str) -> bool {
        // Other encodings have a NUL beside each letter.
        let text = if text.contains('\0') {
            Cow::Owned(text.replace('\0', ""))
        } else {
            Cow::Borrowed(text)
        };
        let mut tokens = text::tokens(&text);
        self.is_in_value(&text)
            || tokens.any(|token| is_secret_name(token.text))
            || self.own_is_in(&text)
    }

    /// Whether one of the project's own names is in a text.
    pub(super) fn own_is_in(&self, text: &str) -> bool {
        if self.own.is_empty() {
            return false;
        }
        // Few texts need be taken into words.
        let letters: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
        let letters = letters.to_lowercase();
        let may_be = |own: &String| letters.contains(own.as_str()) || text.contains(own.as_str());
        self.own.iter().any(may_be) && self.is_own(text)
    }

    /// Whether some of its words, one after the other, are a name that the project added.
    fn is_own(&self, name: &str) -> bool {
        if self.own.is_empty() {
            return false;
        }
        let words = words(name);
        self.own.iter().any(|own| own == name)
            || (0..words.len()).any(|start| {
                let mut together = String::new();
                words[start..].iter().take(WORDS_MAX).any(|word| {
                    together.push_str(word);
                    self.own.contains(&together)
                })
            })
    }
}

/// The words of a name in lower case: `userName`, `user_name` and `user[name]` have two.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        let begins = !before.is_alphanumeric()
            || (before.is_lowercase() && c.is_uppercase())
            || before.is_numeric() != c.is_numeric();
        if c.is_alphanumeric() {
            if begins || words.is_empty() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_project_are_found_in_any_spelling() {
        let names = SecretNames::new(["SSN", "card number", "--"]);
        for name in [
            "ssn",
            "user[ssn]",
            "userSsn",
            "ssn2",
            "Card-Number",
            "CARDNUMBER",
            "a.cardNumber.b",
        ] {
            assert!(names.is_secret(name), "{name}");
        }
        assert!(names.is_secret("--"));
        for name in ["", "className", "card", "number", "---", "cards number"] {
            assert!(!names.is_secret(name), "{name}");
        }
    }

    #[test]
    fn fields_within_values_are_found() {
        let names = SecretNames::new(["ssn"]);
        for value in [
            "https://a/cb?x=1&token=t",
            "https%3A%2F%2Fa%2F%3Ftoken%3Dt",
            "https%253A%252F%252Fa%252F%253Ftoken%253Dt",
            r#"{"password": "x"}"#,
            r#"{"p\u0061ssword": "x"}"#,
            "a=1; ssn=078-05-1120",
            "<pin>1</pin>",
            "https://ada:hunter2@host/",
            "Bearer abc",
        ] {
            assert!(names.is_in_value(value), "{value}");
        }
        for value in [
            "https://host/keys/1?page=2",
            "text/html;q=0.9, */*",
            "press any key",
            "the token",
            "Mozilla/5.0 (X11; rv:109.0)",
            "multipart/form-data; boundary=----x",
            "100%",
        ] {
            assert!(!names.is_in_value(value), "{value}");
        }
    }
}
