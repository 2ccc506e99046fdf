//! The engine of the moment.

use mockbird_core::{Counters, Engine, Mock};

/// An engine, and beside it what it counts.
#[derive(Debug)]
pub struct Live {
    /// The engine.
    pub engine: Engine,
    /// What its mocks were asked before, as far as an answer depends on it.
    pub counters: Counters,
    /// True if no answer depends on time or chance, so that nobody need look at the clock.
    pub(super) fixed: bool,
}

impl Live {
    /// An engine that has not answered yet.
    pub fn new(engine: Engine) -> Self {
        let fixed = engine.mocks().all(Mock::is_fixed);
        Self {
            counters: engine.counters(),
            engine,
            fixed,
        }
    }

    /// An engine that takes the place of `earlier`: mocks that stay go on counting.
    pub(super) fn after(engine: Engine, earlier: &Self) -> Self {
        let mut live = Self::new(engine);
        live.go_on(earlier);
        live
    }

    /// Goes on counting where `earlier` is by now.
    pub(crate) fn go_on(&mut self, earlier: &Self) {
        self.counters = self
            .engine
            .counters_after(&earlier.engine, &earlier.counters);
    }
}
