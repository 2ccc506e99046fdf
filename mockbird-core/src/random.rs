//! Repeatable randomness from a number: no global source, no state but the value itself.

/// SplitMix64 (Steele, Lea, Flood: *Fast splittable pseudorandom number generators*, OOPSLA 2014).
///
/// Small, fast and the same on every machine and in every version, which a seeded run needs.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A source whose numbers follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A source that depends on all the parts, each bit on each.
    pub fn mixed(parts: &[u64]) -> Self {
        let mut state = Self(0);
        for part in parts {
            state.0 ^= *part;
            state.0 = state.next_u64();
        }
        state
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound` without modulo bias worth measuring (Lemire's multiplication); 0 for 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next_u64()) * u128::from(bound);
        // The upper half of a product of two 64-bit numbers fits in 64 bits.
        (wide >> 64) as u64
    }

    /// A number from 0 (included) to 1 (excluded), 53 bits of it random.
    pub fn unit(&mut self) -> f64 {
        // 53 bits fit in the mantissa exactly.
        #[expect(clippy::cast_precision_loss)]
        let unit = (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        unit
    }
}
