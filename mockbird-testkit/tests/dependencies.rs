//! What the crate asks of those who build it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// One less than the lightest of the crates people come from.
const CRATES_MAX: usize = 55;

/// The oldest compiler, as `Cargo.toml` declares it.
const RUST_VERSION: &str = env!("CARGO_PKG_RUST_VERSION");

const PLATFORM: &str = "x86_64-unknown-linux-gnu";

fn cargo(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .arg("--offline");
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {told}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_default_build_is_small() {
    let tree = [
        "tree",
        "-p",
        "mockbird-testkit",
        "-e",
        "normal",
        "--prefix",
        "none",
        "--target",
        PLATFORM,
    ];
    let text = cargo(&tree);
    let crates: BTreeSet<_> = text
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .collect();
    let all = || crates.iter().copied().collect::<Vec<_>>().join("\n");
    assert!(crates.len() > 20, "not the whole tree:\n{}", all());
    assert!(
        crates.len() <= CRATES_MAX,
        "{} crates:\n{}",
        crates.len(),
        all()
    );
}

#[test]
fn no_dependency_asks_for_a_newer_compiler() {
    let metadata = metadata(&["--features", &features().join(",")]);
    let packages = by_id(&metadata["packages"]);
    let nodes = by_id(&metadata["resolve"]["nodes"]);
    let is_built = |dep: &&Value| {
        list(&dep["dep_kinds"])
            .iter()
            .any(|kind| kind["kind"] != "dev")
    };
    let mut left = vec![own(&metadata)["id"].as_str().unwrap()];
    let mut seen = BTreeSet::new();
    while let Some(id) = left.pop() {
        if seen.insert(id) {
            let deps = list(&nodes[id]["deps"]).iter().filter(is_built);
            left.extend(deps.map(|dep| dep["pkg"].as_str().unwrap()));
        }
    }
    assert!(seen.len() > CRATES_MAX, "not the whole tree: {seen:?}");
    let is_newer = |id: &&&str| {
        let declared = packages[**id]["rust_version"].as_str();
        declared.is_some_and(|version| number(version) > number(RUST_VERSION))
    };
    let newer: Vec<_> = seen.iter().filter(is_newer).collect();
    assert!(newer.is_empty(), "{newer:?}");
}

fn metadata(arguments: &[&str]) -> Value {
    let metadata = [
        "metadata",
        "--format-version",
        "1",
        "--filter-platform",
        PLATFORM,
    ];
    serde_json::from_str(&cargo(&[&metadata, arguments].concat())).unwrap()
}

/// The names of all features of the crate.
fn features() -> Vec<String> {
    let metadata = metadata(&["--no-deps"]);
    let features = own(&metadata)["features"].as_object().unwrap();
    features.keys().cloned().collect()
}

fn own(metadata: &Value) -> &Value {
    let mut packages = list(&metadata["packages"]).iter();
    packages
        .find(|package| package["name"] == env!("CARGO_PKG_NAME"))
        .unwrap()
}

fn by_id(values: &Value) -> BTreeMap<&str, &Value> {
    let values = list(values).iter();
    values
        .map(|value| (value["id"].as_str().unwrap(), value))
        .collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn number(version: &str) -> Vec<u32> {
    let parts = version.split('.').map(|part| part.parse().unwrap());
    // `1.88` is `1.88.0`.
    parts.chain([0, 0]).take(3).collect()
}
