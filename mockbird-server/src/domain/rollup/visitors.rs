//! From how many addresses requests came.

use std::fmt;
use std::net::IpAddr;

use sha2::{Digest, Sha256};

use super::super::Refusal;
use super::packed::{Packer, Unpacker, broken};

/// So many bits of a hash choose its register.
const INDEX_BITS: u32 = 12;

/// How many registers there are.
const REGISTERS: usize = 1 << INDEX_BITS;

/// The largest rank of the other bits, when all of them are zero.
const RANK_MAX: u8 = 53;
const _: () = assert!(RANK_MAX as u32 == u64::BITS - INDEX_BITS + 1);

/// What the bytes begin with if all registers follow.
const DENSE: u8 = 1;

/// What they begin with if those follow that are not zero, each with its distance from the last.
const SPARSE: u8 = 0;

/// How many addresses were seen, without keeping them: a `HyperLogLog` of 4,096 registers. Its standard error is 1.6 %, so that
/// two of three numbers are that near and practically all within 6 %; a few dozen are counted nearly exactly.
///
/// It takes three bytes an address while those are few, and at most 4,097. What is kept does not tell who was there:
/// thousands of addresses leave the same mark.
///
/// Ours because its bytes are kept for years, must be equal whenever the same was seen, and must be read without trust: libraries
/// for it keep the layout of their memory, or hashes that lead back to an address. The estimator is that of Otmar Ertl,
/// "New cardinality estimation algorithms for `HyperLogLog` sketches" (2017), which needs no table of corrections.
///
/// ```
/// use mockbird_server::domain::Visitors;
/// let mut visitors = Visitors::default();
/// for client in ["192.0.2.1", "192.0.2.2", "192.0.2.1"] {
///     visitors.see(client.parse()?);
/// }
/// assert_eq!(visitors.estimate(), 2);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Visitors {
    registers: Vec<u8>,
}

impl fmt::Debug for Visitors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Visitors(about {})", self.estimate())
    }
}

impl Default for Visitors {
    fn default() -> Self {
        Self {
            registers: vec![0; REGISTERS],
        }
    }
}

impl Visitors {
    /// Marks that somebody was there.
    pub fn see(&mut self, client: IpAddr) {
        let octets = match client {
            IpAddr::V4(four) => four.to_ipv6_mapped().octets(),
            IpAddr::V6(six) => six.octets(),
        };
        let digest: [u8; 32] = Sha256::digest(octets).into();
        let first = &digest[..size_of::<u64>()];
        self.mark(
            first
                .iter()
                .fold(0, |hash, byte| hash << 8 | u64::from(*byte)),
        );
    }

    fn mark(&mut self, hash: u64) {
        let index = (hash >> (64 - INDEX_BITS)) as usize;
        let rest = hash << INDEX_BITS;
        let rank =
            u8::try_from(rest.leading_zeros() + 1).map_or(RANK_MAX, |rank| rank.min(RANK_MAX));
        let register = &mut self.registers[index];
        *register = rank.max(*register);
    }

    /// Takes in who was seen elsewhere.
    pub fn merge(&mut self, other: &Self) {
        for (mine, other) in self.registers.iter_mut().zip(&other.registers) {
            *mine = (*mine).max(*other);
        }
    }

    /// How many there were, about.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the estimate is finite, not negative and far below 2^64"
    )]
    pub fn estimate(&self) -> u64 {
        let mut of_rank = [0_u32; RANK_MAX as usize + 1];
        for rank in &self.registers {
            of_rank[usize::from(*rank)] += 1;
        }
        let [unmarked, ranks @ .., highest] = of_rank;
        if unmarked as usize == REGISTERS {
            return 0;
        }
        let all = f64::from(1_u32 << INDEX_BITS);
        let high = all * tau(1.0 - f64::from(highest) / all);
        let sum = ranks
            .iter()
            .rev()
            .fold(high, |sum, count| f64::midpoint(sum, f64::from(*count)));
        let sum = sum + all * sigma(f64::from(unmarked) / all);
        (all * all / (2.0 * std::f64::consts::LN_2 * sum)).round() as u64
    }

    /// As bytes, in the shorter of two forms.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut sparse = Packer::default();
        let mut next = 0;
        for (at, rank) in self.registers.iter().enumerate() {
            if *rank > 0 {
                sparse.number((at - next) as u64);
                sparse.number((*rank).into());
                next = at + 1;
            }
        }
        let sparse = sparse.finish();
        let (form, rest) = if sparse.len() < REGISTERS {
            (SPARSE, &sparse)
        } else {
            (DENSE, &self.registers)
        };
        [&[form], rest.as_slice()].concat()
    }

    /// What [`to_bytes`](Self::to_bytes) wrote.
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, Refusal> {
        let (form, rest) = bytes.split_first().ok_or_else(broken)?;
        match *form {
            DENSE => Self::of_dense(rest),
            SPARSE => Self::of_sparse(rest),
            _ => Err(broken()),
        }
    }

    fn of_dense(registers: &[u8]) -> Result<Self, Refusal> {
        if registers.len() != REGISTERS || registers.iter().any(|rank| *rank > RANK_MAX) {
            return Err(broken());
        }
        Ok(Self {
            registers: registers.to_vec(),
        })
    }

    fn of_sparse(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut unpacker = Unpacker::new(bytes);
        let (mut visitors, mut next) = (Self::default(), 0_usize);
        while !unpacker.is_empty() {
            let distance = usize::try_from(unpacker.number()?).map_err(|_| broken())?;
            let at = next.checked_add(distance).ok_or_else(broken)?;
            let rank = u8::try_from(unpacker.number()?).map_err(|_| broken())?;
            let register = visitors.registers.get_mut(at).ok_or_else(broken)?;
            if !(1..=RANK_MAX).contains(&rank) {
                return Err(broken());
            }
            (*register, next) = (rank, at + 1);
        }
        Ok(visitors)
    }
}

/// More than enough for either series to stand still.
const TERMS: usize = 64;

/// What the registers that saw nothing stand for.
fn sigma(mut x: f64) -> f64 {
    let (mut sum, mut factor) = (x, 1.0);
    for _ in 0..TERMS {
        x *= x;
        sum += x * factor;
        factor += factor;
    }
    sum
}

/// What the registers that are full stand for.
fn tau(mut x: f64) -> f64 {
    let (mut sum, mut factor) = (1.0 - x, 1.0);
    for _ in 0..TERMS {
        x = x.sqrt();
        factor /= 2.0;
        sum -= (1.0 - x).powi(2) * factor;
    }
    sum / 3.0
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn of(hashes: impl IntoIterator<Item = u64>) -> Visitors {
        let mut visitors = Visitors::default();
        for hash in hashes {
            visitors.mark(hash);
        }
        visitors
    }

    fn addresses(first: u32, count: u32) -> Visitors {
        let mut visitors = Visitors::default();
        for number in first..first + count {
            visitors.see(IpAddr::V4(number.into()));
        }
        visitors
    }

    #[test]
    fn an_address_is_one_in_either_form() {
        let mut visitors = Visitors::default();
        visitors.see("192.0.2.7".parse().unwrap());
        visitors.see("::ffff:192.0.2.7".parse().unwrap());
        assert_eq!(visitors.estimate(), 1);
        assert_eq!(Visitors::default().estimate(), 0);
    }

    #[test]
    fn none_is_small_and_many_are_bounded() {
        assert_eq!(Visitors::default().to_bytes(), [SPARSE]);
        assert!(addresses(0, 10).to_bytes().len() <= 31);
        assert_eq!(addresses(0, 100_000).to_bytes().len(), REGISTERS + 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Four times the standard error, and one.
        #[test]
        fn an_estimate_is_near(first in any::<u16>(), count in 0..20_000_u32) {
            let told = addresses(u32::from(first) << 16, count).estimate();
            let near = f64::from(count) * 0.065 + 1.0;
            let off = u32::try_from(told).unwrap().abs_diff(count);
            prop_assert!(f64::from(off) <= near, "{told} for {count}");
        }
    }

    proptest! {
        #[test]
        fn whoever_was_seen_in_parts_was_seen(hashes in vec(any::<u64>(), 0..300), cut in 0..300_usize) {
            let cut = cut.min(hashes.len());
            let (one, other) = (of(hashes[..cut].to_vec()), of(hashes[cut..].to_vec()));
            let whole = of(hashes);
            let mut merged = one.clone();
            merged.merge(&other);
            prop_assert_eq!(&merged, &whole);
            merged.merge(&one);
            prop_assert_eq!(&merged, &whole, "twice is once");
        }

        #[test]
        fn they_are_read_back(hashes in vec(any::<u64>(), 0..3_000)) {
            let visitors = of(hashes);
            prop_assert_eq!(Visitors::of_bytes(&visitors.to_bytes()), Ok(visitors));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..40)) {
            if let Ok(visitors) = Visitors::of_bytes(&bytes) {
                let _ = visitors.estimate();
            }
        }
    }
}
