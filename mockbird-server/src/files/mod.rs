//! Mock files: read, put together into one engine, and followed as they change.
//!
//! `source` reads one file, `load` makes the engine of all of them, `finding` says what is wrong
//! and where, `sent` is a file as a server gets it, `watch` tells when to do it again, and `changes` what that changed.

mod body_file;
mod changes;
mod finding;
mod load;
mod sent;
mod source;
mod watch;

pub use changes::{Changes, Fingerprint};
pub use finding::{Excerpt, Finding, Severity};
pub use load::{File, Loading, load, load_source};
pub use source::{Source, Unreadable};
pub use watch::{Seen, Watch, watch};
