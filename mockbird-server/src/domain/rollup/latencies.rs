//! How long requests took.

use std::collections::BTreeMap;

use super::super::Refusal;
use super::packed::{Packer, Unpacker, broken};

/// Each power of two is cut into so many buckets, as a power of two.
const CUT: u32 = 5;

/// The number of the last bucket: that of the largest number.
const LAST: u16 = bucket_of(u64::MAX);

/// A histogram of microseconds whose buckets grow with what is in them: a percentile that is read from it is at most 1/64 (1.6 %)
/// off, and exact below 64 µs.
///
/// It takes two or three bytes a bucket that is in use, of which there are at most 1,920; requests of one mock use a few dozen.
///
/// ```
/// use mockbird_server::domain::Latencies;
/// let mut latencies = Latencies::default();
/// for us in [10, 20, 30, 40] {
///     latencies.record(us);
/// }
/// assert_eq!(latencies.percentile(50), Some(20));
/// assert_eq!(latencies.percentile(99), Some(40));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies(BTreeMap<u16, u64>);

impl Latencies {
    /// Counts one that took so many microseconds.
    pub fn record(&mut self, us: u64) {
        *self.0.entry(bucket_of(us)).or_default() += 1;
    }

    /// Takes in what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.0 {
            let mine = self.0.entry(*bucket).or_default();
            *mine = mine.saturating_add(*count);
        }
    }

    /// What so many of a hundred took at most, in microseconds; absent if there are none.
    pub fn percentile(&self, percent: u8) -> Option<u64> {
        let total: u128 = self.0.values().map(|count| u128::from(*count)).sum();
        // The first of them is asked for by 0, too.
        let rank = (total * u128::from(percent)).div_ceil(100).max(1);
        let mut seen = 0;
        let found = self.0.iter().find(|(_, count)| {
            seen += u128::from(**count);
            seen >= rank
        });
        found.map(|(bucket, _)| middle_of(*bucket))
    }

    /// As bytes: the distances between buckets in use, each with its count.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut packer = Packer::default();
        let mut last = 0;
        for (bucket, count) in &self.0 {
            packer.number((bucket - last).into());
            packer.number(*count);
            last = *bucket;
        }
        packer.finish()
    }

    /// What [`to_bytes`](Self::to_bytes) wrote.
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut unpacker = Unpacker::new(bytes);
        let (mut counts, mut last) = (BTreeMap::new(), 0_u16);
        while !unpacker.is_empty() {
            let distance = u16::try_from(unpacker.number()?).map_err(|_| broken())?;
            last = last.checked_add(distance).ok_or_else(broken)?;
            let count = unpacker.number()?;
            if last > LAST || count == 0 || counts.insert(last, count).is_some() {
                return Err(broken());
            }
        }
        Ok(Self(counts))
    }
}

/// Below two cuts each number has a bucket; above, the numbers that share their highest bits.
#[expect(
    clippy::cast_possible_truncation,
    reason = "it is at most 58 * 32 + 63"
)]
const fn bucket_of(us: u64) -> u16 {
    let power = match us.checked_ilog2() {
        Some(log) => log.saturating_sub(CUT),
        None => 0,
    };
    (((power as u64) << CUT) + (us >> power)) as u16
}

/// The number in the middle of those of a bucket.
fn middle_of(bucket: u16) -> u64 {
    let power = (bucket >> CUT).saturating_sub(1);
    let lowest = u64::from(bucket - (power << CUT)) << power;
    lowest + (1 << power) / 2
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Numbers of every size alike.
    fn any_latency() -> impl Strategy<Value = u64> {
        (0..64_u32, any::<u64>()).prop_map(|(shift, number)| number >> shift)
    }

    fn of(all: &[u64]) -> Latencies {
        let mut latencies = Latencies::default();
        for us in all {
            latencies.record(*us);
        }
        latencies
    }

    #[test]
    fn nothing_has_no_percentile() {
        assert_eq!(Latencies::default().percentile(50), None);
        assert_eq!(Latencies::default().to_bytes().len(), 0);
        assert_eq!(LAST, 1_919);
    }

    proptest! {
        #[test]
        fn a_percentile_is_off_by_one_part_of_64(mut all in vec(any_latency(), 1..200), percent in 0..=100_u8) {
            let told = of(&all).percentile(percent).unwrap();
            all.sort_unstable();
            let rank = (all.len() * usize::from(percent)).div_ceil(100).max(1);
            let exact = all[rank - 1];
            prop_assert!(told.abs_diff(exact) <= exact / 64, "{told} for {exact}");
        }

        #[test]
        fn they_are_read_back_and_small(all in vec(any_latency(), 0..200)) {
            let latencies = of(&all);
            let bytes = latencies.to_bytes();
            prop_assert!(bytes.len() <= 4 * all.len());
            prop_assert_eq!(Latencies::of_bytes(&bytes), Ok(latencies));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..40)) {
            if let Ok(latencies) = Latencies::of_bytes(&bytes) {
                let _ = latencies.percentile(99);
                prop_assert_eq!(Latencies::of_bytes(&latencies.to_bytes()), Ok(latencies));
            }
        }
    }
}
