//! Changes of an engine, at the cost of what they change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Compiled, Engine, Routed};
use crate::compile::{Compiler, warn_of_unreachable_by};
use crate::fault::{Faults, Invalid, Place};
use crate::regex_size::RegexBudget;
use crate::router;
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

impl Edit {
    fn key(&self) -> MockKey {
        match self {
            Self::Put { key, .. } | Self::Remove(key) => *key,
        }
    }
}

impl Engine {
    /// An engine with these changes: it shares with this one all that stays the same.
    ///
    /// The warnings are those of the new mocks, and of mocks that can never answer: because of one of these, or
    /// being one of these. Compared are mocks of the same shape, up to [`UNREACHABLE_SHAPE_MAX`](crate::limits::UNREACHABLE_SHAPE_MAX),
    /// and those that are static text and then `{*rest}` with what is below them; not all the others.
    ///
    /// A mock that was not active before gets a counter of its own, and that of one that goes is not given
    /// to another, whose count it would become: [`Counters`](crate::Counters) grow by 8 bytes for each mock
    /// that is put in, until the spec is compiled anew.
    ///
    /// # Errors
    /// Every fault of the edits, at places such as `edits[1].responses[0].body`; nothing is changed then.
    pub fn with(&self, edits: &[Edit]) -> Result<Compiled, Invalid> {
        let mut faults = Faults::default();
        let kept = self.regex_bytes - self.regex_bytes_of(edits);
        let mut compiler = Compiler::new(&mut faults, self.cors(), RegexBudget::beside(kept));
        let list = Place::ROOT.key("edits");
        let mut changes = Vec::with_capacity(edits.len());
        let mut put = BTreeMap::new();
        let (mut slots, mut has_secrets) = (self.slots, self.has_secrets);
        for (index, edit) in edits.iter().enumerate() {
            put.insert(edit.key().0, index);
            match edit {
                Edit::Remove(key) => changes.push(router::Edit::Remove(key.0)),
                Edit::Put { key, order, mock } => {
                    let known = self.router.get(key.0);
                    let slot = known.map_or(slots, |known| known.slot);
                    let compiled = compiler.mock(mock, *key, *order, slot, &list.index(index));
                    has_secrets |= compiled.as_ref().is_some_and(|c| c.pattern.has_secrets());
                    let active = compiled.filter(|_| mock.is_active.unwrap_or(true));
                    changes.push(match active {
                        Some(compiled) => {
                            slots = slots.max(slot.saturating_add(1));
                            router::Edit::Put(Routed::from(Arc::new(compiled)))
                        }
                        None => router::Edit::Remove(key.0),
                    });
                }
            }
        }
        let router = self.router.with(changes);
        let unreachable = warn_of_unreachable_by(&put, &router, &mut faults);
        let warnings = faults.into_result()?;
        let mut engine = Self {
            router,
            slots,
            has_secrets,
            ..self.clone()
        };
        engine.regex_bytes = kept + engine.regex_bytes_of(edits);
        Ok(Compiled {
            engine,
            warnings,
            unreachable,
        })
    }

    /// What the regexes of those of its mocks weigh that the edits speak of.
    fn regex_bytes_of(&self, edits: &[Edit]) -> usize {
        let keys: BTreeSet<_> = edits.iter().map(Edit::key).collect();
        let mocks = keys.iter().filter_map(|key| self.router.get(key.0));
        mocks.map(|entry| entry.regex_bytes).sum()
    }
}
