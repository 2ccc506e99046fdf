//! The mocks of a file, mounted in one go.

use std::panic::Location;
use std::sync::Arc;

use mockbird_core::fault::Faults;

use crate::Mount;
use crate::mount::Plan;
use crate::mounted::{Mounted, edits};
use crate::state::State;

impl State {
    /// Mounts mocks of a file, if nothing was or is found wrong with them; gives their keys in the order of the file.
    ///
    /// The first of the file goes first, so it is mounted last.
    pub(super) fn mount_all(
        &self,
        mocks: Vec<Mount>,
        at: &'static Location<'static>,
        mut faults: Faults,
    ) -> Result<Vec<usize>, Faults> {
        let mut all = self.edits();
        let first = self.mounted.count();
        let keys: Vec<_> = (first..first + mocks.len()).rev().collect();
        let (mut puts, mut mounted) = (Vec::new(), Vec::new());
        // A mock of a file has nothing that only the testkit could find wrong.
        for (mount, key) in mocks.into_iter().zip(&keys) {
            let name: Arc<str> = mount.display_name().into();
            let mut plan = Plan::of(&mount, &name);
            let own: Vec<_> = edits(*key, std::mem::take(&mut plan.mocks)).collect();
            mounted.push(Mounted::new(name, mount, at, plan, own.len()));
            puts.extend(own);
        }
        let staged = all.batch.stage(&puts).map_err(|invalid| {
            let mut found = Faults::from(invalid);
            for fault in &mut found.errors {
                // A mock of a file is one of the engine.
                fault.at = fault.at.replacen("edits[", "mocks[", 1);
            }
            found
        });
        match staged {
            Ok(staged) if faults.error_count() == 0 => {
                mounted.into_iter().rev().for_each(|one| {
                    self.mounted.push(one);
                });
                self.live.keep(staged);
                all.compiled = self.mounted.count();
                return Ok(keys);
            }
            Ok(_) => {}
            Err(found) => faults.follow(found),
        }
        Err(faults)
    }
}
