//! What a change says of something that may be absent.

use serde::{Deserialize, Deserializer};

/// What a change says of something that may be absent (RFC 7396).
///
/// ```
/// use mockbird_server::domain::Patch;
/// assert_eq!(Patch::Keep.of(Some(1)), Some(1));
/// assert_eq!(Patch::Put(None).of(Some(1)), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Nothing: it stays as it is.
    #[default]
    Keep,
    /// This comes in its place, or nothing does.
    Put(Option<T>),
}

impl<T> Patch<T> {
    /// What becomes of it.
    pub fn of(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Put(after) => after,
        }
    }

    /// The same of another type.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Put(after) => Patch::Put(after.map(change)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Option::deserialize(from).map(Self::Put)
    }
}
