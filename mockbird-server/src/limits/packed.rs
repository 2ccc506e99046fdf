//! A moment and two counts in one word, so that they change together without a lock.

use crate::domain::Millis;

pub(super) fn pack(moment: u32, first: u16, second: u16) -> u64 {
    u64::from(moment) | u64::from(first) << 32 | u64::from(second) << 48
}

pub(super) fn unpack(word: u64) -> (u32, u16, u16) {
    let [m0, m1, m2, m3, f0, f1, s0, s1] = word.to_le_bytes();
    let (first, second) = (u16::from_le_bytes([f0, f1]), u16::from_le_bytes([s0, s1]));
    (u32::from_le_bytes([m0, m1, m2, m3]), first, second)
}

/// What is kept of a moment.
pub(super) fn last_bits(moment: Millis) -> u32 {
    let [a, b, c, d, ..] = moment.0.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}
