//! Mock files: read, put together into one engine, and followed as they change.
//!
//! `source` reads one file, `load` makes the engine of all of them, `finding` says what is wrong
//! and where, and `watch` tells when to do it again.

mod body_file;
mod finding;
mod load;
mod source;
mod watch;

pub use finding::{Excerpt, Finding, Severity};
pub use load::{File, Loading, load};
pub use source::{Source, Unreadable};
pub use watch::{Seen, Watch, watch};
