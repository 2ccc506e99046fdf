//! The engine of the moment.

use mockbird_core::{Counters, Engine, Mock};

/// An engine, and beside it what a seeded run counts.
#[derive(Debug)]
pub struct Live {
    /// The engine.
    pub engine: Engine,
    /// How many answers each mock has given; only where a seed makes use of it.
    pub counters: Option<Counters>,
    /// True if no answer depends on time or chance, so that nobody need look at the clock.
    pub(super) fixed: bool,
}

impl Live {
    /// An engine that has not answered yet.
    pub fn new(engine: Engine) -> Self {
        let counters = engine.seed().map(|_| engine.counters());
        let fixed = engine.mocks().all(Mock::is_fixed);
        Self {
            engine,
            counters,
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
        if let (Some(counts), Some(_)) = (&earlier.counters, &self.counters) {
            self.counters = Some(self.engine.counters_after(&earlier.engine, counts));
        }
    }
}
