//! Changes of an engine, at the cost of what they change.

use std::sync::Arc;

use super::{Compiled, Engine, Mock};
use crate::compile::Compiler;
use crate::fault::{Faults, Invalid, Place};
use crate::router::{self, Entry};
use crate::spec;

/// By which a host finds a mock again; [`Engine::compile`] counts them from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MockKey(pub u64);

/// One change of an engine.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "edits come one or a few at a time, and most are this variant"
)]
pub enum Edit {
    /// Adds a mock, in place of the one with its key if there is one.
    Put {
        /// The key.
        key: MockKey,
        /// Of mocks equal in all else, the smallest goes first; a compiled spec has 0, 1, 2, ...
        order: i64,
        /// The mock.
        mock: spec::Mock,
    },
    /// Removes a mock.
    Remove(MockKey),
}

impl Engine {
    /// An engine with these changes: it shares with this one all that stays the same.
    ///
    /// The warnings are those of the new mocks themselves. Whether one of them hides another mock, or
    /// is hidden, is said by [`Engine::compile`] only: an edit does not look at all the others.
    ///
    /// # Errors
    /// Every fault of the edits, at places such as `edits[1].responses[0].body`; nothing is changed then.
    pub fn with(&self, edits: &[Edit]) -> Result<Compiled, Invalid> {
        let mut faults = Faults::default();
        let mut compiler = Compiler::new(&mut faults, self.cors());
        let list = Place::ROOT.key("edits");
        let mut changes = Vec::with_capacity(edits.len());
        let (mut slots, mut has_secrets) = (self.slots, self.has_secrets);
        for (index, edit) in edits.iter().enumerate() {
            match edit {
                Edit::Remove(key) => changes.push(router::Edit::Remove(key.0)),
                Edit::Put { key, order, mock } => {
                    let known = self.router.get(key.0);
                    let slot = known.map_or(slots, |entry| entry.value.slot);
                    slots = slots.max(slot.saturating_add(1));
                    let number = u32::try_from(*order).unwrap_or(0);
                    let compiled = compiler.mock(mock, number, slot, &list.index(index));
                    has_secrets |= compiled.as_ref().is_some_and(|c| c.pattern.has_secrets());
                    let active = compiled.filter(|_| mock.is_active.unwrap_or(true));
                    changes.push(match active {
                        Some(compiled) => router::Edit::Put(entry(compiled, mock, *key, *order)),
                        None => router::Edit::Remove(key.0),
                    });
                }
            }
        }
        let warnings = faults.into_result()?;
        let engine = Self {
            router: self.router.with(changes),
            slots,
            has_secrets,
            ..self.clone()
        };
        Ok(Compiled { engine, warnings })
    }
}

/// The routing entry of a compiled mock.
pub(super) fn entry(mock: Mock, spec: &spec::Mock, key: MockKey, order: i64) -> Entry<Arc<Mock>> {
    Entry {
        pattern: mock.pattern.clone(),
        method: mock.method.clone(),
        priority: spec.priority.unwrap_or(0),
        order,
        key: key.0,
        value: Arc::new(mock),
    }
}
