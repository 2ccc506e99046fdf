//! How long a reply waits.

use std::time::Duration;

use crate::limits::DELAY_MS_MAX;
use crate::random::Random;

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

impl Delay {
    /// True if the delay differs from answer to answer.
    pub fn is_random(&self) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Uniform { min, max } => min != max,
            Self::LogNormal { sigma, .. } => *sigma > 0.0,
        }
    }

    /// The delay of one answer, at most [`DELAY_MS_MAX`].
    pub(crate) fn draw(&self, random: &mut Random) -> Duration {
        let ms = match *self {
            Self::Fixed(ms) => ms,
            Self::Uniform { min, max } => {
                min + random.below(max.saturating_sub(min).saturating_add(1))
            }
            Self::LogNormal { median, sigma } => log_normal(median, sigma, random),
        };
        Duration::from_millis(ms.min(DELAY_MS_MAX))
    }
}

/// `median * e^(sigma * z)` with a normal `z` by Box and Muller (*A note on the generation of random
/// normal deviates*, 1958).
fn log_normal(median: f64, sigma: f64, random: &mut Random) -> u64 {
    let radius = (-2.0 * (1.0 - random.unit()).ln()).sqrt();
    let z = radius * (std::f64::consts::TAU * random.unit()).cos();
    // A float beyond the range becomes the nearest bound, which `draw` then cuts.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let ms = (median * (sigma * z).exp()).round() as u64;
    ms
}
