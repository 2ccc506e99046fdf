//! What rendering one reply may cost.

use super::fault::{Outcome, limit};
use crate::limits::{TEMPLATE_FUEL, TEMPLATE_OUTPUT_MAX, TEMPLATE_WORK_PER_STEP};

/// What is left of the steps and bytes that the templates of one reply may use together.
#[derive(Clone, Debug)]
pub struct Budget {
    pub(super) fuel: u64,
    pub(super) output: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            fuel: TEMPLATE_FUEL,
            output: TEMPLATE_OUTPUT_MAX,
        }
    }
}

impl Budget {
    /// A step or several.
    #[inline]
    pub(super) fn step(&mut self, steps: u64) -> Outcome<()> {
        match self.fuel.checked_sub(steps) {
            Some(left) => {
                self.fuel = left;
                Ok(())
            }
            None => self.spent(),
        }
    }

    /// Bytes or elements that were made, or are about to be.
    pub(super) fn make(&mut self, bytes: usize) -> Outcome<()> {
        self.step(bytes as u64)
    }

    /// Fails if this many bytes or elements could not be paid for; call it before making them.
    pub(super) fn afford(&mut self, bytes: usize) -> Outcome<()> {
        if bytes as u64 > self.fuel {
            return self.spent();
        }
        Ok(())
    }

    /// Work on bytes that exist already.
    pub(super) fn work(&mut self, bytes: usize) -> Outcome<()> {
        self.step((bytes / TEMPLATE_WORK_PER_STEP) as u64)
    }

    /// A search among members that stand one after the other.
    #[inline]
    pub(super) fn search(&mut self, members: usize) -> Outcome<()> {
        self.step((members / 16) as u64)
    }

    #[cold]
    fn spent<T>(&mut self) -> Outcome<T> {
        self.fuel = 0;
        Err(limit(format!(
            "the template is out of fuel: it may take {TEMPLATE_FUEL} instructions and bytes made"
        )))
    }
}
