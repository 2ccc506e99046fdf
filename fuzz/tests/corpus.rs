//! Replays every file of every corpus: what was once found stays found.

use std::path::Path;
use std::{fs, panic};

fn replay(name: &str, property: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(name);
    let files = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut count = 0;
    for file in files {
        let path = file.unwrap_or_else(|e| panic!("{name}: {e}")).path();
        let data = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let held = panic::catch_unwind(|| property(&data));
        assert!(held.is_ok(), "{} broke the property", path.display());
        count += 1;
    }
    assert!(count > 0, "the corpus of {name} is empty");
}

#[test]
fn path_pattern() {
    replay("path_pattern", mockbird_fuzz::path_pattern);
}

#[test]
fn request() {
    replay("request", mockbird_fuzz::request);
}

#[test]
fn template() {
    replay("template", mockbird_fuzz::template);
}

#[test]
fn condition() {
    replay("condition", mockbird_fuzz::condition);
}

#[test]
fn spec() {
    replay("spec", mockbird_fuzz::spec);
}
