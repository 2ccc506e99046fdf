//! What must hold for every input, as plain functions.
//!
//! Each is the body of a fuzz target of its name (see `README.md`), and is called by `tests/corpus.rs` with
//! every file of `corpus/NAME`, so that what was once found stays found. They panic where something does
//! not hold.
//!
//! Everything runs with [`Env::default`](mockbird_core::Env), so an input always does the same.

#![expect(
    clippy::missing_panics_doc,
    reason = "panicking is how a property says no"
)]

mod condition;
mod exchange;
mod naive;
mod path_pattern;
mod request;
mod spec;
mod template;

pub use condition::condition;
pub use path_pattern::path_pattern;
pub use request::request;
pub use spec::spec;
pub use template::template;
