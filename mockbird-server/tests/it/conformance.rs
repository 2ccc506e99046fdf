//! The conformance vectors over HTTP: each case is a file that `mockbird run` serves.

use crate::over_http::{bytes, cases, check, run_all};
use crate::support::{Files, Server, mockbird};
use crate::vectors::Case;

#[test]
fn all_vectors_pass_over_http() {
    run_all(&cases(), |_, case| run(case));
}

fn run(case: &Case) -> Result<(), String> {
    let files = Files::new(&[("spec.json", case.spec.get())]);
    if let Some(wanted) = &case.compile_error {
        let (places, message) = faults(&files)?;
        return wanted.check(&places, &message);
    }
    let seed = case.seed.unwrap_or(1).to_string();
    let start = || {
        let server = Server::start(&files, &["spec.json", "--no-watch", "--seed", &seed]);
        move |request: &_| server.send(&bytes(request, "localhost", ""))
    };
    check(case, start(), || Box::new(start()))
}

/// The places and the whole message of what `mockbird check` finds wrong.
fn faults(files: &Files) -> Result<(Vec<String>, String), String> {
    let output = mockbird(files, &["check", "--json", "spec.json"]);
    if output.status.code() != Some(1) {
        return Err(format!("`check` ends with {:?}", output.status.code()));
    }
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let errors = report["errors"].as_array().unwrap();
    let text = |error: &serde_json::Value, key: &str| error[key].as_str().unwrap().to_owned();
    let places = errors.iter().map(|error| text(error, "at")).collect();
    let lines: Vec<_> = errors
        .iter()
        .map(|error| {
            format!(
                "{}: {} ({})",
                text(error, "at"),
                text(error, "message"),
                text(error, "hint")
            )
        })
        .collect();
    Ok((places, lines.join("\n")))
}
