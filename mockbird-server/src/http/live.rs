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
    pub(crate) fn after(engine: Engine, earlier: &Self) -> Self {
        let mut live = Self::new(engine);
        if let (Some(counts), Some(_)) = (&earlier.counters, &live.counters) {
            live.counters = Some(live.engine.counters_after(&earlier.engine, counts));
        }
        live
    }
}
