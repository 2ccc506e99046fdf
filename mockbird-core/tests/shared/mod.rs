//! The real input that lies beside the project, where it does.

use std::path::PathBuf;

/// A folder or file of the shared data; `None`, and a line that says so, if it is not there.
///
/// `MOCKBIRD_SHARED` or `../shared` beside the project has it.
pub fn path(within: &str) -> Option<PathBuf> {
    let beside = || concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared").into();
    let shared = std::env::var_os("MOCKBIRD_SHARED").map_or_else(beside, PathBuf::from);
    let path = shared.join("data").join(within);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}
