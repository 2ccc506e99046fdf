//! Values of flags, as people write them.

pub(super) use crate::config::size;

/// The seed of random choices.
pub(super) fn seed(text: &str) -> Result<u64, String> {
    let wrong = |_| format!("a seed is a whole number from 0 to {}, such as 7", u64::MAX);
    text.parse().map_err(wrong)
}
