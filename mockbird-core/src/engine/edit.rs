//! Changes of an engine, at the cost of what they change.

use super::{Batch, Compiled, Engine};
use crate::compile::warn_of_unreachable_by;
use crate::fault::{Faults, Invalid};
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
    pub(super) fn key(&self) -> MockKey {
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
    /// to another, whose count it would become: with a seed, [`Counters`](crate::Counters) grow by 8 bytes for
    /// each mock that is put in, until the spec is compiled anew.
    ///
    /// # Errors
    /// Every fault of the edits, at places such as `edits[1].responses[0].body`; nothing is changed then.
    pub fn with(&self, edits: &[Edit]) -> Result<Compiled, Invalid> {
        let mut batch = Batch::from(self.clone());
        let mut faults = Faults {
            warnings: batch.stage(edits)?.keep(),
            ..Faults::default()
        };
        let engine = batch.into_applied();
        let by_key = edits.iter().enumerate();
        let by_key = by_key.map(|(index, edit)| (edit.key().0, index));
        let unreachable = warn_of_unreachable_by(&by_key.collect(), &engine.router, &mut faults);
        Ok(Compiled {
            engine,
            warnings: faults.warnings,
            unreachable,
        })
    }
}
