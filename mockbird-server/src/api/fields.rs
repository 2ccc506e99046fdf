//! Fields of a body that become the words of the service, all faults at once.

use std::fmt::Display;
use std::str::FromStr;

use mockbird_core::json::{Member, Node, Value};
use serde::de::DeserializeOwned;

use super::extract::detail;
use super::{Detail, Problem};
use crate::domain::{Patch, Refusal};

/// The most characters of a description.
const DESCRIPTION_CHARS_MAX: usize = 10_000;

/// What something is for.
pub(super) fn described(text: String) -> Result<String, Refusal> {
    if text.contains('\0') {
        let why = "a NUL (`\\u0000`) is not kept in a text: take it out";
        return Err(Refusal(why.to_owned()));
    }
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
pub(super) struct Fields {
    /// Those of a body that were not read yet.
    unread: Vec<Member>,
    faults: Vec<Detail>,
}

impl Fields {
    /// The members of a body, which are these and no others; each is to be read.
    pub(super) fn of(body: Node, known: &[&str]) -> Result<Self, Problem> {
        let mut fields = Self::default();
        let kind = body.kind();
        let Value::Object(members) = body.value else {
            let why = Refusal(format!("expected an object, found {kind}"));
            return Err(Problem::of_field("", &why));
        };
        for member in members {
            let key = &member.key;
            if !known.contains(&key.as_str()) {
                let all: Vec<_> = known.iter().map(|key| format!("`{key}`")).collect();
                let all = all.join(", ");
                fields.refuse(key, format!("unknown field `{key}`, expected one of {all}"));
            } else if fields.unread.iter().any(|earlier| earlier.key == *key) {
                fields.refuse(key, format!("duplicate field `{key}`"));
            } else {
                fields.unread.push(member);
            }
        }
        Ok(fields)
    }

    /// What the body says of a field; nothing if it is refused.
    pub(super) fn read<T: DeserializeOwned>(&mut self, key: &str) -> Patch<T> {
        let Some(value) = self.take_member(key) else {
            return Patch::Keep;
        };
        let text = value.to_string();
        let mut json = serde_json::Deserializer::from_str(&text);
        match serde_path_to_error::deserialize(&mut json) {
            Ok(read) => Patch::Put(read),
            Err(misplaced) => {
                let fault = detail(&misplaced);
                let bare = fault.at.is_empty() || fault.at.starts_with('[');
                let dot = if bare { "" } else { "." };
                let at = format!("{key}{dot}{}", fault.at);
                self.faults.push(Detail { at, ..fault });
                Patch::Keep
            }
        }
    }

    /// A field that must be there.
    pub(super) fn require<T: FromStr<Err = Refusal>>(
        &mut self,
        key: &str,
        said: Patch<String>,
    ) -> Option<T> {
        match said {
            Patch::Put(Some(text)) => self.parse(key, &text),
            // It is refused already.
            _ if self.faults.iter().any(|fault| fault.at == key) => None,
            Patch::Keep | Patch::Put(None) => {
                self.refuse(key, format!("missing field `{key}`"));
                None
            }
        }
    }

    /// Refuses what the server made, if it comes as something else than it is.
    pub(super) fn made(&mut self, key: &str, current: &serde_json::Value) {
        let current = current.to_string();
        if self
            .take_member(key)
            .is_some_and(|sent| sent.to_string() != current)
        {
            self.faults.push(Detail {
                at: key.to_owned(),
                message: format!("the server made this, and it is {current}"),
                hint: "leave it out".to_owned(),
                ..Detail::default()
            });
        }
    }

    fn take_member(&mut self, key: &str) -> Option<Node> {
        let at = self.unread.iter().position(|member| member.key == key)?;
        Some(self.unread.swap_remove(at).value)
    }

    fn refuse(&mut self, at: &str, why: String) {
        self.take::<()>(at, Err(Refusal(why)));
    }

    /// The field as a `T`; nothing if it is refused.
    pub(super) fn parse<T: FromStr<Err = Refusal>>(&mut self, at: &str, text: &str) -> Option<T> {
        self.take(at, text.parse())
    }

    /// The value; nothing if it is refused.
    pub(super) fn take<T>(&mut self, at: &str, value: Result<T, Refusal>) -> Option<T> {
        value
            .map_err(|refusal| {
                self.faults.push(Detail {
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
            Some(whole) if self.faults.is_empty() => Ok(whole),
            _ => Err(Problem::invalid(self.faults)),
        }
    }
}
