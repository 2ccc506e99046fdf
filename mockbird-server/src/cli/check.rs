//! `mockbird check`: what is wrong with mock files, and where.

use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;

use super::{Failure, Format, Outcome, complain, print};
use crate::console::{self, Harmless, Palette};
use crate::files::{self, Finding, Loading, Severity};

const HELP: &str = "\
Examples:
  mockbird check api.yaml
  mockbird check users.yaml orders.yaml     as `run` would serve them: together
  generate-mocks | mockbird check - --format json

Exit codes: 0 no errors, 1 errors, 2 a file cannot be read or the command line is wrong.";

/// Check mock files, and say what is wrong in which line
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// Mock files, YAML or JSON; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Print the result as JSON
    #[arg(long)]
    json: bool,

    /// The format, where the name of a file does not tell it; YAML for standard input
    #[arg(long)]
    format: Option<Format>,
}

/// The result as programs read it.
#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    files: Vec<FileReport<'a>>,
    errors: Vec<&'a Finding>,
    warnings: Vec<&'a Finding>,
    unlisted: usize,
    unreadable: Vec<String>,
}

#[derive(Serialize)]
struct FileReport<'a> {
    file: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mocks: Option<usize>,
}

pub(super) fn check(args: &Args, palette: Palette) -> Outcome {
    let loading = files::load(&args.files, args.format.map(Into::into), None);
    if args.json {
        print(&as_json(&loading)?)?;
    } else {
        print(&as_text(&loading, palette))?;
        for error in &loading.unreadable {
            complain(palette, error);
        }
    }
    Ok(match (&loading.engine, loading.unreadable.as_slice()) {
        (Some(_), _) => ExitCode::SUCCESS,
        (None, []) => ExitCode::FAILURE,
        (None, _) => ExitCode::from(2),
    })
}

fn as_text(loading: &Loading, palette: Palette) -> String {
    let mut text = console::report(palette, &loading.findings);
    for file in &loading.files {
        let own: Vec<Finding> = loading
            .findings
            .iter()
            .filter(|f| f.file == file.label)
            .cloned()
            .collect();
        let mocks = file.mocks.map(|mocks| console::count(mocks, "mock") + ", ");
        let line = format!(
            "{}: {}{}\n",
            Harmless(&file.label),
            mocks.unwrap_or_default(),
            console::summary(&own, 0),
        );
        text.push_str(&line);
    }
    if loading.unlisted > 0 {
        let more = console::count(loading.unlisted, "more error");
        text.extend([
            "and ",
            &more,
            " that are not listed
",
        ]);
    }
    text
}

fn as_json(loading: &Loading) -> Result<String, Failure> {
    let of = |severity| {
        loading
            .findings
            .iter()
            .filter(move |f| f.severity == severity)
            .collect()
    };
    let report = Report {
        ok: loading.engine.is_some(),
        files: loading
            .files
            .iter()
            .map(|file| FileReport {
                file: &file.label,
                name: &file.name,
                mocks: file.mocks,
            })
            .collect(),
        errors: of(Severity::Error),
        warnings: of(Severity::Warning),
        unlisted: loading.unlisted,
        unreadable: loading.unreadable.iter().map(ToString::to_string).collect(),
    };
    let text =
        serde_json::to_string_pretty(&report).map_err(|error| Failure::Work(error.to_string()))?;
    Ok(text + "\n")
}
