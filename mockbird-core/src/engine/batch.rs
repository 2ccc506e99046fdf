//! Edits that are compiled one by one and put into the index together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Edit, Engine, Routed};
use crate::compile::Compiler;
use crate::fault::{Fault, Faults, Invalid, Place};
use crate::regex_size::RegexBudget;
use crate::router;

/// An engine with edits that are compiled and not yet in its index.
///
/// Each new engine copies what an edit changes of the index, because the engine before it is in use. Who makes many edits
/// and asks the engine only then has the faults of each at once, and pays for the index once.
///
/// ```
/// use http::{HeaderMap, Method};
/// use mockbird_core::spec::{self, Spec};
/// use mockbird_core::{Batch, Edit, Engine, Env, MockKey, Request};
///
/// let mut batch = Batch::from(Engine::compile(&Spec::default())?.engine);
/// for (key, path) in [(0, "/wren"), (1, "/owl")] {
///     let mock = spec::Mock { path: path.to_owned(), responses: vec![spec::Response::default()], ..spec::Mock::default() };
///     batch.stage(&[Edit::Put { key: MockKey(key), order: 0, mock }])?.keep();
/// }
/// let headers = HeaderMap::new();
/// let request = Request::new(&Method::GET, "/owl", &headers, b"");
/// assert_eq!(batch.apply().answer(&request, &Env::default()).response.status(), 200);
/// # Ok::<(), mockbird_core::fault::Invalid>(())
/// ```
#[derive(Clone, Debug)]
pub struct Batch {
    /// All but its index is as the edits will have it.
    engine: Engine,
    /// What becomes of each key: a mock, or none.
    changes: BTreeMap<u64, Option<Routed>>,
}

/// Edits that have no faults; dropped, they were never made.
#[derive(Debug)]
#[must_use = "edits are made when they are kept"]
pub struct Staged<'b> {
    batch: &'b mut Batch,
    changes: BTreeMap<u64, Option<Routed>>,
    warnings: Vec<Fault>,
    slots: u32,
    has_secrets: bool,
    has_limits: bool,
    /// What the regexes of the mocks weigh that no edit speaks of.
    regex_bytes: usize,
}

impl From<Engine> for Batch {
    fn from(engine: Engine) -> Self {
        Self {
            engine,
            changes: BTreeMap::new(),
        }
    }
}

impl Batch {
    /// Compiles edits that are made after all that were kept.
    ///
    /// # Errors
    /// Every fault of the edits, at places such as `edits[1].responses[0].body`.
    pub fn stage(&mut self, edits: &[Edit]) -> Result<Staged<'_>, Invalid> {
        let mut faults = Faults::default();
        let regex_bytes = self.engine.regex_bytes - self.regex_bytes_of(edits);
        let budget = RegexBudget::beside(regex_bytes);
        let mut compiler = Compiler::new(&mut faults, self.engine.cors(), budget);
        let list = Place::ROOT.key("edits");
        let mut changes = BTreeMap::new();
        let (mut slots, mut has_secrets) = (self.engine.slots, self.engine.has_secrets);
        let mut has_limits = self.engine.has_limits;
        for (index, edit) in edits.iter().enumerate() {
            let Edit::Put { key, order, mock } = edit else {
                changes.insert(edit.key().0, None);
                continue;
            };
            let slot = self.get(key.0).map_or(slots, |known| known.slot);
            let compiled = compiler.mock(mock, *key, *order, slot, &list.index(index));
            has_secrets |= compiled.as_ref().is_some_and(|c| c.pattern.has_secrets());
            has_limits |= compiled.as_ref().is_some_and(|c| c.limit.is_some());
            let active = compiled.filter(|_| mock.is_active.unwrap_or(true));
            if active.is_some() {
                slots = slots.max(slot.saturating_add(1));
            }
            changes.insert(key.0, active.map(|mock| Routed::from(Arc::new(mock))));
        }
        let warnings = faults.into_result()?;
        Ok(Staged {
            batch: self,
            changes,
            warnings,
            slots,
            has_secrets,
            has_limits,
            regex_bytes,
        })
    }

    /// Puts what was kept into the index, and gives the engine with all of it: at the cost of a reference if there is nothing.
    pub fn apply(&mut self) -> &Engine {
        let changes = std::mem::take(&mut self.changes);
        let edits = changes.into_iter().map(|(key, mock)| match mock {
            Some(mock) => router::Edit::Put(mock),
            None => router::Edit::Remove(key),
        });
        self.engine.router.apply(edits);
        &self.engine
    }

    /// The engine with all that was kept.
    pub(super) fn into_applied(mut self) -> Engine {
        self.apply();
        self.engine
    }

    /// The mock of this key as the edits leave it.
    fn get(&self, key: u64) -> Option<&Routed> {
        match self.changes.get(&key) {
            Some(change) => change.as_ref(),
            None => self.engine.router.get(key),
        }
    }

    /// What the regexes of those mocks weigh that the edits speak of.
    fn regex_bytes_of(&self, edits: &[Edit]) -> usize {
        let keys: BTreeSet<_> = edits.iter().map(Edit::key).collect();
        let mocks = keys.iter().filter_map(|key| self.get(key.0));
        mocks.map(|mock| mock.regex_bytes).sum()
    }
}

impl Staged<'_> {
    /// What is probably a mistake in the new mocks, each by itself: not whether another goes before it.
    pub fn warnings(&self) -> &[Fault] {
        &self.warnings
    }

    /// Makes the edits; gives the warnings.
    pub fn keep(self) -> Vec<Fault> {
        let Self { batch, .. } = self;
        let engine = &mut batch.engine;
        engine.slots = self.slots;
        engine.has_secrets = self.has_secrets;
        engine.has_limits = self.has_limits;
        let put = self.changes.values().flatten();
        engine.regex_bytes = self.regex_bytes + put.map(|mock| mock.regex_bytes).sum::<usize>();
        batch.changes.extend(self.changes);
        self.warnings
    }
}
