//! What the draws of a project depend on.

use std::fmt;
use std::str::FromStr;

use super::Refusal;

/// What the draws of a project depend on, so that they are the same each time: any whole number up to 2^64-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub u64);

impl FromStr for Seed {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let number = text.parse().map(Self);
        number.map_err(|_| Refusal("a seed is a whole number from 0 to 2^64-1".to_owned()))
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
