//! How mocks come to a server, and go.
//!
//! A mock whose faults are to be told is compiled when it is mounted. Most are so plain that they surely have none: of them
//! only the place in the order is taken, and the first request afterwards, or whoever else looks at the engine, compiles all
//! that wait in one go.

use std::ops::Range;
use std::panic::Location;
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard};

use arc_swap::Guard;
use mockbird_core::{Edit, MockKey};

use crate::live::{Edits, Snapshot};
use crate::mount::Plan;
use crate::mounted::{Mounted, edits, engine_key};
use crate::state::State;
use crate::{Mount, MountError};

impl State {
    /// The mocks of now: all that were mounted before are in it.
    pub(crate) fn live(&self) -> Guard<Arc<Snapshot>> {
        self.live.load(|edits| self.compile(edits))
    }

    /// What edits are staged in, after all mocks that were mounted before.
    pub(crate) fn edits(&self) -> MutexGuard<'_, Edits> {
        let mut edits = self.live.lock();
        self.compile(&mut edits);
        edits
    }

    /// Puts a mock before the older ones; gives its key.
    pub(crate) fn mount(
        &self,
        mount: Mount,
        at: &'static Location<'static>,
    ) -> Result<usize, MountError> {
        if mount.is_surely_sound() {
            // Who holds the lock sees mocks in the order of their keys.
            let _edits = self.live.lock();
            let key = self.mounted.push(Mounted::sound(mount, at));
            self.live.fall_behind();
            return Ok(key);
        }
        self.mount_checked(mount, at)
    }

    /// Compiles a mock now, as it may have faults.
    fn mount_checked(
        &self,
        mount: Mount,
        at: &'static Location<'static>,
    ) -> Result<usize, MountError> {
        let name: Arc<str> = mount.display_name().into();
        let fail = |faults| MountError {
            name: name.to_string(),
            at,
            faults,
        };
        let mut plan = Plan::of(&mount, &name);
        let mut all = self.edits();
        let key = self.mounted.count();
        let edits: Vec<_> = edits(key, std::mem::take(&mut plan.mocks)).collect();
        let staged = all.batch.stage(&edits);
        let staged = staged.map_err(|invalid| fail(plan.faults_with(invalid)))?;
        plan.refuse_doubts(&mount, staged.warnings());
        if !plan.faults.is_empty() {
            return Err(fail(plan.faults));
        }
        self.note_closures(&mount);
        self.mounted
            .push(Mounted::new(name, mount, at, plan, edits.len()));
        self.live.keep(staged);
        all.compiled = self.mounted.count();
        Ok(key)
    }

    /// Compiles the mocks that were mounted and are not yet.
    fn compile(&self, all: &mut Edits) {
        let waiting = all.compiled..self.mounted.count();
        if waiting.is_empty() {
            return;
        }
        all.compiled = waiting.end;
        let puts = waiting.flat_map(|key| {
            let mounted = &self.mounted[key];
            edits(key, mounted.mount.mocks(mounted.name(), &[]))
        });
        match all.batch.stage(&puts.collect::<Vec<_>>()) {
            Ok(staged) => self.live.keep(staged),
            // That there is none is a law that tests hold; a test would not pass without its mocks.
            Err(invalid) => self.journal.add_panic(invalid.to_string()),
        }
    }

    /// Takes a mock away.
    pub(crate) fn remove(&self, key: usize) {
        self.remove_all(&mut self.edits(), key..key + 1);
    }

    /// Takes all mocks away, and forgets what was expected and what came.
    pub(crate) fn reset(&self) {
        let mut all = self.edits();
        self.remove_all(&mut all, 0..self.mounted.count());
        self.mounted
            .iter()
            .for_each(|(_, mounted)| mounted.forget());
        self.orders_forgotten
            .store(self.orders.count(), Ordering::Relaxed);
        self.journal.clear();
    }

    fn remove_all(&self, all: &mut Edits, keys: Range<usize>) {
        let removals = keys.flat_map(|key| self.engine_keys(key));
        let removals: Vec<_> = removals.map(Edit::Remove).collect();
        // An edit without a mock has no faults.
        if let Ok(staged) = all.batch.stage(&removals) {
            self.live.keep(staged);
        }
    }

    /// The mocks of the engine that a mock is.
    pub(crate) fn engine_keys(&self, key: usize) -> impl Iterator<Item = MockKey> + use<> {
        let parts = self.mounted.get(key).map_or(0, |mounted| mounted.parts);
        (0..parts).map(move |part| engine_key(key, part))
    }
}
