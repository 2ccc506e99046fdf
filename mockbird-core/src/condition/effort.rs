//! What one test may still do: the work of most is bounded by what it looks at, that of some is counted.

use crate::budget::BudgetExceeded;
use crate::limits::SCHEMA_WORK_MAX;

/// Steps that may still be taken; nothing once they were too many.
#[derive(Debug)]
pub(super) struct Effort {
    left: Option<usize>,
}

impl Effort {
    pub(super) fn new() -> Self {
        Self {
            left: Some(SCHEMA_WORK_MAX),
        }
    }

    /// Takes steps: `take` says what is left of those there are. False if there are too few.
    #[cfg(feature = "json-schema")]
    pub(super) fn allows(&mut self, take: impl FnOnce(usize) -> Option<usize>) -> bool {
        self.left = self.left.and_then(take);
        self.left.is_some()
    }

    /// Says so if something was too much.
    pub(super) fn end(&self) -> Result<(), BudgetExceeded> {
        let steps = SCHEMA_WORK_MAX;
        self.left.map(|_| ()).ok_or(BudgetExceeded { steps })
    }
}
