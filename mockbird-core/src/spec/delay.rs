//! How long a reply waits.

/// A delay, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Delay {
    /// Always the same.
    Fixed(u64),
    /// Evenly between two bounds, both included.
    Uniform {
        /// The least.
        min: u64,
        /// The most.
        max: u64,
    },
    /// Lognormal, as response times of real services are.
    LogNormal {
        /// Half of the delays are shorter.
        median: f64,
        /// The spread, in units of the natural logarithm.
        sigma: f64,
    },
}
