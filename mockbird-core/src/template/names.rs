//! The nearest known name, for what is not known.

use super::fault::{CompileFault, Pos};
use crate::fault::shown;
use crate::limits::NEAREST_CHARS_MAX;

/// What templates call by a name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Named {
    Filter,
    Test,
    Function,
    #[cfg(feature = "fake")]
    Faker,
}

impl Named {
    /// The fault of a name that is not known.
    pub(super) fn unknown<'n>(
        self,
        name: &str,
        pos: Pos,
        known: impl IntoIterator<Item = &'n str>,
    ) -> CompileFault {
        let (what, there_are) = match self {
            Self::Filter => (
                "filter",
                "there are those of minijinja, jsonPath, base64, base64Decode, urlEncode, sha256, hmac and date",
            ),
            Self::Test => (
                "test",
                "there are those of minijinja, such as `defined`, `none` and `string`",
            ),
            Self::Function => (
                "function",
                "there are now, timestamp, uuid, randomInt, randomFloat, randomString, choice, range, dict, namespace and fakers such as `fake.name`",
            ),
            #[cfg(feature = "fake")]
            Self::Faker => (
                "faker",
                "there are name, email, city, company, sentence and many more",
            ),
        };
        let hint = match nearest(name, known) {
            hint if hint.is_empty() => there_are.to_owned(),
            hint => hint,
        };
        CompileFault::new(pos, format!("unknown {what} {}", shown(name)), hint)
    }
}

/// `did you mean ..?` with the name nearest to `unknown`; empty if none is near.
pub(super) fn nearest<'n>(unknown: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    if !is_comparable(unknown) {
        return String::new();
    }
    let known = known.into_iter().filter(|name| is_comparable(name));
    known
        .map(|name| {
            let (a, b) = (unknown.to_lowercase(), name.to_lowercase());
            // Two characters of a short name that changed places are less alike than they look.
            let swapped = a.len() > 2 && strsim::osa_distance(&a, &b) == 1;
            let likeness = strsim::jaro_winkler(&a, &b);
            (likeness.max(if swapped { 0.8 } else { 0.0 }), name)
        })
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| format!("did you mean `{name}`?"))
        .unwrap_or_default()
}

/// Whether a name is short enough: a comparison takes the product of both lengths.
fn is_comparable(name: &str) -> bool {
    name.len() <= NEAREST_CHARS_MAX
}

/// The name that `written` is a slip of the pen for; of short names only where letters are swapped,
/// missing or too many, for `request.post` is as good a name as `request.host`.
pub(super) fn misspelt<'n>(
    written: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    if !is_comparable(written) {
        return None;
    }
    known.into_iter().find(|name| {
        let distance = strsim::osa_distance(written, name);
        let same_letters = {
            let sorted = |text: &str| {
                let mut letters: Vec<char> = text.chars().collect();
                letters.sort_unstable();
                letters
            };
            sorted(written) == sorted(name)
        };
        match name.len() {
            0..4 => false,
            4..6 => distance == 1 && (written.len() != name.len() || same_letters),
            _ => distance == 1 || (distance == 2 && name.len() > 6),
        }
    })
}
