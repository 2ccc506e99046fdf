//! By which key the engine of a project knows each of its mocks.

use std::collections::HashMap;

use mockbird_core::MockKey;

use crate::domain::MockId;

/// The keys of the mocks of one engine; none is given twice.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    of: HashMap<MockId, MockKey>,
    next: u64,
}

impl Keys {
    /// The keys of a spec that was compiled: its mocks have them in their order.
    pub(super) fn of_spec(mocks: impl ExactSizeIterator<Item = MockId>) -> Self {
        let next = mocks.len() as u64;
        Self {
            of: mocks.zip((0..).map(MockKey)).collect(),
            next,
        }
    }

    /// The key of a mock that is put in; a new one has a new key.
    pub(super) fn put(&mut self, id: MockId) -> MockKey {
        *self.of.entry(id).or_insert_with(|| {
            self.next += 1;
            MockKey(self.next - 1)
        })
    }

    /// Takes the key of a mock that goes.
    pub(super) fn remove(&mut self, id: MockId) -> Option<MockKey> {
        self.of.remove(&id)
    }

    /// How many mocks there are.
    pub(super) fn len(&self) -> usize {
        self.of.len()
    }

    /// What they weigh.
    pub(super) fn memory_bytes(&self) -> usize {
        self.of.capacity() * (size_of::<(MockId, MockKey)>() + 1)
    }
}
