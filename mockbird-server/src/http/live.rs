//! The engine of the moment.

use mockbird_core::{Counters, Engine};

/// An engine, and beside it what a seeded run counts.
#[derive(Debug)]
pub struct Live {
    /// The engine.
    pub engine: Engine,
    /// How many answers each mock has given; only where a seed makes use of it.
    pub counters: Option<Counters>,
}

impl Live {
    /// An engine that has not answered yet.
    pub fn new(engine: Engine) -> Self {
        let counters = engine.seed().map(|_| engine.counters());
        Self { engine, counters }
    }

    /// An engine that takes the place of `earlier`: mocks that stay go on counting.
    pub(super) fn after(engine: Engine, earlier: &Self) -> Self {
        match (&earlier.counters, engine.seed()) {
            (Some(counts), Some(_)) => Self {
                counters: Some(engine.counters_after(&earlier.engine, counts)),
                engine,
            },
            (None, _) | (_, None) => Self::new(engine),
        }
    }
}
