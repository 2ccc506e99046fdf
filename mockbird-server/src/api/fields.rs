//! Fields of a body that become the words of the service, all faults at once.

use std::str::FromStr;

use super::{Detail, Problem};
use crate::domain::Refusal;

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
                });
            })
            .ok()
    }

    /// The whole, if every field was taken.
    pub(super) fn finish<T>(self, whole: Option<T>) -> Result<T, Problem> {
        match whole {
            Some(whole) if self.0.is_empty() => Ok(whole),
            _ => Err(Problem::invalid(self.0)),
        }
    }
}
