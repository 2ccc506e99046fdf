//! By which key the engine of a project knows each of its mocks.

use std::collections::HashMap;
use std::sync::Arc;

use mockbird_core::MockKey;

use crate::domain::{MockId, ResponseId};

/// The keys of the mocks of one engine; none is given twice.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    of: HashMap<MockId, MockKey>,
    /// In the order of the keys.
    mocks: Vec<Named>,
}

/// What a mock and its responses are called outside of the engine.
#[derive(Clone, Debug)]
struct Named {
    mock: MockId,
    /// In the order that they have in the mock; none if they are not known yet.
    responses: Arc<[ResponseId]>,
}

impl Named {
    fn new(mock: MockId) -> Self {
        Self {
            mock,
            responses: Arc::default(),
        }
    }
}

impl Keys {
    /// The keys of a spec that was compiled: its mocks have them in their order.
    pub(super) fn of_spec(mocks: impl IntoIterator<Item = (MockId, Vec<ResponseId>)>) -> Self {
        let mut keys = Self::default();
        for (id, responses) in mocks {
            keys.put(id);
            keys.name(id, responses);
        }
        keys
    }

    /// The key of a mock that is put in; a new one has a new key.
    pub(super) fn put(&mut self, id: MockId) -> MockKey {
        *self.of.entry(id).or_insert_with(|| {
            self.mocks.push(Named::new(id));
            MockKey(self.mocks.len() as u64 - 1)
        })
    }

    /// Takes the key of a mock that goes.
    pub(super) fn remove(&mut self, id: MockId) -> Option<MockKey> {
        self.of.remove(&id)
    }

    /// Remembers the responses of a mock, in their order.
    pub(super) fn name(&mut self, id: MockId, responses: Vec<ResponseId>) {
        let key = self.of.get(&id).copied();
        if let Some(named) = key.and_then(index).and_then(|at| self.mocks.get_mut(at)) {
            named.responses = responses.into();
        }
    }

    /// Which mock has this key, and which response stands there.
    pub(super) fn find(
        &self,
        key: MockKey,
        response: usize,
    ) -> Option<(MockId, Option<ResponseId>)> {
        let named = self.mocks.get(index(key)?)?;
        Some((named.mock, named.responses.get(response).copied()))
    }

    /// How many mocks there are.
    pub(super) fn len(&self) -> usize {
        self.of.len()
    }

    /// What they weigh.
    pub(super) fn memory_bytes(&self) -> usize {
        let responses = self
            .mocks
            .iter()
            .map(|named| 16 + size_of_val(&*named.responses));
        self.of.capacity() * (size_of::<(MockId, MockKey)>() + 1)
            + self.mocks.capacity() * size_of::<Named>()
            + responses.sum::<usize>()
    }
}

fn index(key: MockKey) -> Option<usize> {
    usize::try_from(key.0).ok()
}
