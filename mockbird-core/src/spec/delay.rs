//! How long a reply waits.

use std::time::Duration;

use crate::fault::{Faults, Place};
use crate::limits::{DELAY_MS_MAX, DELAY_SIGMA_MAX};
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

    /// Refuses what cannot be drawn, such as bounds the wrong way round.
    pub(crate) fn check(&self, at: &Place<'_>, faults: &mut Faults) {
        let too_long = |ms: u64, faults: &mut Faults| {
            if ms > DELAY_MS_MAX {
                let message = format!("a delay of {ms} ms is longer than any client waits");
                faults.error(
                    at,
                    message,
                    format!("{DELAY_MS_MAX} ms, an hour, is the most"),
                );
            }
        };
        match *self {
            Self::Fixed(ms) => too_long(ms, faults),
            Self::Uniform { min, max } if min > max => {
                let message = format!("`min` {min} is greater than `max` {max}");
                faults.error(at, message, "exchange them");
            }
            Self::Uniform { max, .. } => too_long(max, faults),
            Self::LogNormal { median, sigma } => {
                // The nearest bound of what is no number of milliseconds.
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                too_long(median as u64, faults);
                if !(0.0..=DELAY_SIGMA_MAX).contains(&sigma) {
                    let message = format!("`sigma` {sigma} is no spread of a delay");
                    faults.error(
                        at,
                        message,
                        format!("it is a number from 0 to {DELAY_SIGMA_MAX}"),
                    );
                }
            }
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
