//! The end of a search that takes too long.

/// A search in a body did all the work it may and had not come to its end, or holding the body against a JSON
/// Schema would take more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stopped after {steps} steps")]
pub struct BudgetExceeded {
    /// How many steps it may take.
    pub steps: usize,
}
