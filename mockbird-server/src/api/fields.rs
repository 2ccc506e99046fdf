//! Fields of a body that become the words of the service, all faults at once.

use std::fmt::Display;
use std::str::FromStr;

use super::{Detail, Problem};
use crate::domain::Refusal;

/// The most characters of a description.
const DESCRIPTION_CHARS_MAX: usize = 10_000;

/// What something is for.
pub(super) fn described(text: String) -> Result<String, Refusal> {
    if text.chars().count() > DESCRIPTION_CHARS_MAX {
        let most = DESCRIPTION_CHARS_MAX;
        return Err(Refusal(format!(
            "a description has at most {most} characters"
        )));
    }
    Ok(text)
}

/// Notes what is wrong with each field.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<Detail>);

impl Fields {
    /// The field as a `T`; nothing if it is refused.
    pub(super) fn parse<T: FromStr<Err = Refusal>>(&mut self, at: &str, text: &str) -> Option<T> {
        self.take(at, text.parse())
    }

    /// The value; nothing if it is refused.
    pub(super) fn take<T>(&mut self, at: &str, value: Result<T, Refusal>) -> Option<T> {
        value
            .map_err(|refusal| {
                self.0.push(Detail {
                    at: at.to_owned(),
                    message: refusal.to_string(),
                    hint: String::new(),
                    ..Detail::default()
                });
            })
            .ok()
    }

    /// Refuses a field that stays as it is, if it comes as something else.
    pub(super) fn stays(&mut self, at: &str, sent: Option<&str>, own: impl Display) {
        let own = own.to_string();
        if sent.is_some_and(|sent| sent != own) {
            let why = format!("this stays as it is: it is `{own}`");
            self.take::<()>(at, Err(Refusal(why)));
        }
    }

    /// The whole, if every field was taken.
    pub(super) fn finish<T>(self, whole: Option<T>) -> Result<T, Problem> {
        match whole {
            Some(whole) if self.0.is_empty() => Ok(whole),
            _ => Err(Problem::invalid(self.0)),
        }
    }
}
