//! Values that outlive the snapshots they belong to.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One value for each key, the same for all who hold it. It is looked up when a project is loaded, never for a request.
#[derive(Debug)]
pub(super) struct Shared<K, V>(Mutex<HashMap<K, Arc<V>>>);

impl<K: Copy + Eq + Hash, V> Shared<K, V> {
    pub(super) fn new() -> Self {
        Self(Mutex::default())
    }

    /// The value of a key: the one that somebody holds, or a new one.
    pub(super) fn get_or(&self, key: K, new: impl FnOnce() -> V) -> Arc<V> {
        let mut values = self.lock();
        Arc::clone(values.entry(key).or_insert_with(|| Arc::new(new())))
    }

    /// The value of a key, if there is one.
    pub(super) fn get(&self, key: K) -> Option<Arc<V>> {
        self.lock().get(&key).cloned()
    }

    /// All there are at the moment.
    pub(super) fn all(&self) -> Vec<(K, Arc<V>)> {
        let values = self.lock();
        let all = values.iter().map(|(key, value)| (*key, Arc::clone(value)));
        all.collect()
    }

    /// Lets those go that nobody holds, if they may.
    pub(super) fn prune(&self, may_go: impl Fn(&V) -> bool) {
        // Whoever would take one up meanwhile waits for the lock.
        self.lock()
            .retain(|_, value| Arc::strong_count(value) > 1 || !may_go(value));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Arc<V>>> {
        // A map is whole whenever the lock is let go.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_as_long_as_somebody_holds_it() {
        let shared = Shared::new();
        let one = shared.get_or(1, || "first");
        assert_eq!(*shared.get_or(1, || "second"), "first");
        shared.prune(|_| true);
        assert_eq!(shared.get(1).as_deref(), Some(&"first"));
        drop(one);
        shared.prune(|_| false);
        assert_eq!(shared.all().len(), 1, "it may not go yet");
        shared.prune(|_| true);
        assert_eq!(shared.get(1), None);
    }
}
