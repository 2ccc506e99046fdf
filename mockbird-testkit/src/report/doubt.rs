//! What is probably a mistake in a mock, for those who wonder why it was not as expected.

use mockbird_core::{Batch, MockKey};

use super::text::Title;
use crate::mount::Plan;
use crate::mounted::{Mounted, edits};
use crate::state::State;

impl State {
    /// What the engine warns of: that the mock can never answer, and what its reply probably does not mean.
    ///
    /// Only asked for when a test fails, so nothing is kept of it when the mock is mounted.
    pub(super) fn doubts(&self, key: usize) -> Vec<String> {
        let Some(mounted) = self.mounted.get(key) else {
            return Vec::new();
        };
        let mut plan = Plan::of(&mounted.mount, mounted.name());
        let edits: Vec<_> = edits(key, plan.take_doubtful()).collect();
        let mut batch = self.with_engine(|engine| Batch::from(engine.clone()));
        // It was mounted, so that it has no faults.
        let staged = batch.stage(&edits);
        let warnings = staged.map(|staged| staged.warnings().to_vec());
        let mut doubts: Vec<_> = plan
            .doubts(warnings.unwrap_or_default())
            .iter()
            .map(ToString::to_string)
            .collect();
        // Methods share their replies.
        doubts.dedup();
        doubts.extend(self.hidden_behind(key));
        doubts
    }

    /// That another mock takes all that this one could.
    fn hidden_behind(&self, key: usize) -> Option<String> {
        let above = |key: MockKey| {
            let above = self.with_engine(|engine| Some(engine.hidden_behind(key)?.key()))?;
            let above = self.mounted_of(above)?;
            // What the engine takes for certain may still say no.
            above.always_answers().then_some(above)
        };
        let all: Option<Vec<_>> = self.engine_keys(key).map(above).collect();
        let above = all?.into_iter().next()?;
        let title = Title(above);
        Some(format!(
            "it can never answer, as another mock always goes first\n  {title}"
        ))
    }
}

impl Mounted {
    /// True if it answers whatever passes its conditions, for ever.
    fn always_answers(&self) -> bool {
        self.predicates.is_empty() && self.limit().is_none()
    }
}
