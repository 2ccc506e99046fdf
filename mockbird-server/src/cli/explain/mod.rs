//! `mockbird explain`: which mock and response answer a request, and why; without a server.

mod asked;
mod story;
mod text;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use mockbird_core::{AnswerSource, Env};

use super::{Failure, Format, Outcome, complain, print, value};
use crate::console::{self, Palette};
use crate::files;
use asked::AskedFor;
use story::Story;

const HELP: &str = "\
Examples:
  mockbird explain api.yaml 'GET /users/7?x=1'
  mockbird explain api.yaml /users/7 -H 'Authorization: Bearer token123'
  mockbird explain api.yaml 'POST /orders' -d '{\"items\": []}' -H 'Content-Type: application/json'
  mockbird explain api.yaml 'POST /orders' -d @order.json --json

Every mock whose path and method match is shown in the order in which it is asked, with each
condition of its responses; then the reply as a client would get it.

-d adds no Content-Type, and a body without one is read as JSON. `curl -d` says that it sends a
form: give both the same -H 'Content-Type: application/json', and they agree.

Exit code: 0 if a mock (or, for a CORS preflight, the host) answers; 1 if none does, so that scripts
can tell, or if the file has errors; 2 if the command line is wrong.";

/// Show which mock and response answer a request, and why
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// The mock file; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The request: method and target, such as 'GET /users/7?x=1'; without a method it is GET, or POST with a body
    #[arg(value_name = "REQUEST")]
    request: String,

    /// A header of the request, 'Name: value'; may be repeated
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    headers: Vec<String>,

    /// The body of the request; `@file` reads it from a file; adds no Content-Type, unlike `curl -d`
    #[arg(short, long, value_name = "BODY")]
    data: Option<String>,

    /// Print the result as JSON
    #[arg(long)]
    json: bool,

    /// Make random choices repeatable; wins over the `seed` of the file
    #[arg(long, value_name = "NUMBER", value_parser = value::seed)]
    seed: Option<u64>,

    /// The format, where the name of the file does not tell it; YAML for standard input
    #[arg(long)]
    format: Option<Format>,
}

pub(super) fn explain(args: &Args, palette: Palette) -> Outcome {
    let asked = AskedFor::parse(&args.request, &args.headers, args.data.as_deref())?;
    if let Some(note) = asked.note() {
        // If even that cannot be written there is nobody to tell.
        let _ = writeln!(std::io::stderr(), "note: {note}");
    }
    let paths = std::slice::from_ref(&args.file);
    let loading = files::load(paths, args.format.map(Into::into), args.seed);
    let Some(engine) = &loading.engine else {
        for error in &loading.unreadable {
            complain(palette, error);
        }
        print(&console::report(palette, &loading.findings))?;
        let why = match loading.findings.as_slice() {
            [] => "not explained: name a mock file that can be read".into(),
            findings => format!(
                "not explained: the file has {}",
                console::summary(findings, loading.unlisted)
            ),
        };
        return Err(if loading.unreadable.is_empty() {
            Failure::Work(why)
        } else {
            Failure::Usage(why)
        });
    };
    let counters = engine.counters();
    let env = crate::http::surroundings(Some(&counters));
    let request = asked.request();
    let explanation = engine.explain(&request, &env);
    // The same chance and fresh counts, so that the reply is the one that was explained.
    let counters = engine.counters();
    let counters = Some(&counters);
    let answer = engine.answer(&request, &Env { counters, ..env });
    let code = match answer.source {
        AnswerSource::Nobody(_) => ExitCode::FAILURE,
        AnswerSource::Mock(..)
        | AnswerSource::Refused(..)
        | AnswerSource::Failed(..)
        | AnswerSource::Preflight
        | AnswerSource::Documentation => ExitCode::SUCCESS,
    };
    let story = Story::new(&asked, &loading.spec, &explanation, answer);
    let text = if args.json {
        serde_json::to_string_pretty(&story).map_err(|error| Failure::Work(error.to_string()))?
            + "\n"
    } else {
        text::tell(palette, &story)
    };
    print(&text).map(|()| code)
}
