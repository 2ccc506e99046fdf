//! What must hold for every input, as plain functions.
//!
//! Each is the body of a fuzz target of its name (`cargo fuzz run NAME -s none --features libfuzzer`), and is
//! called by `tests/corpus.rs` with every file of `corpus/NAME`, so that what was once found stays found.
//! They panic where something does not hold.

mod input;
mod properties;

pub use properties::{condition, path_pattern, request, spec, template};
