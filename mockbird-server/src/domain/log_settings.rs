//! What is kept of the requests to a project.

use std::fmt;
use std::str::FromStr;

use super::{Patch, Refusal};

/// The most names that a project adds to those that are hidden anyway.
const NAMES_MAX: usize = 32;

/// The most characters of such a name.
const CHARS_MAX: usize = 100;

/// What is kept of the requests to a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// Whether their bodies are.
    pub store_bodies: bool,
    /// Whose values are not.
    pub redact: RedactedNames,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            store_bodies: true,
            redact: RedactedNames::default(),
        }
    }
}

/// What somebody says of [`LogSettings`].
#[derive(Clone, Debug, Default)]
pub struct LogSettingsPatch {
    /// Whether bodies are kept.
    pub store_bodies: Patch<bool>,
    /// Whose values are not.
    pub redact: Patch<RedactedNames>,
}

impl LogSettingsPatch {
    /// What becomes of them; what nobody says is as in [`LogSettings::default`].
    pub fn of(self, before: LogSettings) -> LogSettings {
        let unsaid = LogSettings::default();
        LogSettings {
            store_bodies: self
                .store_bodies
                .of(Some(before.store_bodies))
                .unwrap_or(unsaid.store_bodies),
            redact: self.redact.of(Some(before.redact)).unwrap_or(unsaid.redact),
        }
    }
}

/// A name of a header, a parameter or a member of a body, in any case, whose value is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedactedName(String);

impl FromStr for RedactedName {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let chars = text.chars().count();
        if (1..=CHARS_MAX).contains(&chars) && !text.contains(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Refusal(format!(
                "a name to hide is 1 to {CHARS_MAX} characters on one line"
            )))
        }
    }
}

/// Names whose values are not kept, beside those that never are.
///
/// ```
/// use mockbird_server::domain::RedactedNames;
/// let names = RedactedNames::new(vec!["iban".parse()?, "IBAN".parse()?, "x-pin".parse()?])?;
/// assert_eq!(names.all(), ["iban", "x-pin"]);
/// assert_eq!(names.to_string(), r#"["iban","x-pin"]"#);
/// # Ok::<(), mockbird_server::domain::Refusal>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedactedNames(Vec<String>);

impl RedactedNames {
    /// Those of a list, each once.
    pub fn new(all: Vec<RedactedName>) -> Result<Self, Refusal> {
        let mut names: Vec<String> = Vec::new();
        for RedactedName(name) in all {
            let folded = name.to_lowercase();
            if !names.iter().any(|one| one.to_lowercase() == folded) {
                names.push(name);
            }
        }
        if names.len() > NAMES_MAX {
            return Err(Refusal(format!("at most {NAMES_MAX} names are kept")));
        }
        Ok(Self(names))
    }

    /// All of them, as they were given.
    pub fn all(&self) -> &[String] {
        &self.0
    }
}

/// What the database keeps: a JSON list.
impl FromStr for RedactedNames {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let all: Result<Vec<String>, _> = serde_json::from_str(text);
        let all = all.map_err(|error| Refusal(error.to_string()))?;
        let all: Result<_, _> = all.iter().map(|name| name.parse()).collect();
        Self::new(all?)
    }
}

impl fmt::Display for RedactedNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        serde_json::Value::from(self.0.as_slice()).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_back() {
        let all = ["a", "b \"c\"", "ü,d"].map(|name| name.parse().unwrap());
        let names = RedactedNames::new(all.to_vec()).unwrap();
        assert_eq!(names.to_string().parse(), Ok(names));
        assert_eq!("[]".parse(), Ok(RedactedNames::default()));
    }

    #[test]
    fn names_have_bounds() {
        for (text, fits) in [
            ("iban", true),
            (&"ä".repeat(CHARS_MAX), true),
            (&"a".repeat(CHARS_MAX + 1), false),
            ("", false),
            ("a\u{0}b", false),
            ("a\nb", false),
        ] {
            assert_eq!(text.parse::<RedactedName>().is_ok(), fits, "{text:?}");
        }
        let of = |count: usize| (0..count).map(|n| RedactedName(n.to_string())).collect();
        assert!(RedactedNames::new(of(NAMES_MAX)).is_ok());
        let refusal = RedactedNames::new(of(NAMES_MAX + 1)).unwrap_err();
        assert_eq!(refusal.to_string(), "at most 32 names are kept");
    }

    #[test]
    fn what_nobody_says_is_as_at_first() {
        let before = LogSettings {
            store_bodies: false,
            redact: RedactedNames::new(vec!["iban".parse().unwrap()]).unwrap(),
        };
        let kept = LogSettingsPatch::default().of(before.clone());
        assert_eq!(kept, before);
        let unsaid = LogSettingsPatch {
            store_bodies: Patch::Put(None),
            redact: Patch::Put(None),
        };
        assert_eq!(unsaid.of(before), LogSettings::default());
    }
}
