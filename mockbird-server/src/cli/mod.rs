//! The commands, their flags and their exit codes.
//!
//! 0: it worked. 1: a mock file has errors, the server could not start or says no, or no mock answers the
//! request that is explained. 2: the command line
//! itself is wrong, or names a file that cannot be read.

mod admin;
mod check;
mod explain;
mod pull;
mod push;
mod remote;
mod run;
mod serve;
mod signals;
mod value;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ColorChoice, Parser, Subcommand};

use crate::console::{self, Palette};

const EXAMPLES: &str = "\
Examples:
  mockbird serve                            the service: accounts, projects, mocks and their API
  mockbird admin backup birds.backup        look after the service: accounts, mails, backups
  mockbird run api.yaml                     serve a mock file on http://127.0.0.1:4000
  mockbird run users.yaml orders.yaml -p 0  serve several as one, on a free port
  mockbird check *.yaml                     what is wrong with these files, line by line
  mockbird explain api.yaml 'GET /users/7'  which mock answers this, and why
  mockbird push api.yaml                    put it into a project of a server, after a look at what changes
  mockbird pull birds -o birds.json         a project of a server as a mock file
  mockbird schema > mockbird.schema.json    let an editor complete mock files

The smallest mock file:
  name: hello
  mocks:
    - path: /hello/{name}
      responses:
        - body: { greeting: \"Hello {{ request.params.name }}\" }";

/// Mock HTTP APIs from a file.
#[derive(Debug, Parser)]
#[command(name = "mockbird", version, after_help = EXAMPLES, max_term_width = 100)]
struct Cli {
    /// Use colours: `auto` does in a terminal, unless `NO_COLOR` is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Args),
    Serve(serve::Args),
    Admin(admin::Args),
    Check(check::Args),
    Explain(explain::Args),
    Push(push::Args),
    Pull(pull::Args),
    /// Print the JSON Schema of mock files, by which editors complete and check them
    #[command(after_help = SCHEMA_HELP)]
    Schema,
}

const SCHEMA_HELP: &str = "\
Example:
  mockbird schema > mockbird.schema.json
and as the first line of a YAML mock file:
  # yaml-language-server: $schema=./mockbird.schema.json";

/// What a command ends with.
type Outcome = Result<ExitCode, Failure>;

/// Why a command could not do its work.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Failure {
    /// The command line is wrong.
    #[error("{0}")]
    Usage(String),
    /// The command line is right, and it did not work.
    #[error("{0}")]
    Work(String),
}

/// The format of a mock file, as a flag.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// JSON
    Json,
    /// YAML
    Yaml,
}

impl From<Format> for mockbird_core::spec::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Json => Self::Json,
            Format::Yaml => Self::Yaml,
        }
    }
}

/// Does what the arguments of this process say.
pub fn main() -> ExitCode {
    with_arguments(std::env::args_os())
}

/// Does what these arguments say; the first is the name of the program.
pub fn with_arguments(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are "errors" too, with their own stream and exit code. If even that
            // cannot be written there is nobody to tell.
            let _ = error.print();
            if let Some(hint) = hint(&error) {
                let _ = writeln!(std::io::stderr(), "\n{hint}");
            }
            return u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
        }
    };
    let palette = Palette::choose(cli.color);
    let outcome = match cli.command {
        Command::Run(args) => run::run(&args, palette),
        Command::Serve(args) => serve::serve(&args),
        Command::Admin(args) => admin::admin(&args),
        Command::Check(args) => check::check(&args, palette),
        Command::Explain(args) => explain::explain(&args, palette),
        Command::Push(args) => push::push(&args, palette),
        Command::Pull(args) => pull::pull(&args),
        Command::Schema => print(mockbird_core::SPEC_SCHEMA).map(|()| ExitCode::SUCCESS),
    };
    outcome.unwrap_or_else(|failure| {
        complain(palette, &failure);
        match failure {
            Failure::Usage(_) => ExitCode::from(2),
            Failure::Work(_) => ExitCode::FAILURE,
        }
    })
}

/// What was probably meant where a mock file stands in place of a command.
fn hint(error: &clap::Error) -> Option<String> {
    let ErrorKind::InvalidSubcommand = error.kind() else {
        return None;
    };
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let path = std::path::Path::new(word);
    let is_file = path.is_file() || mockbird_core::spec::Format::of_file(path).is_some();
    is_file.then(|| format!("did you mean `mockbird run {}`?", console::Harmless(word)))
}

/// Writes the result of a command; a reader that has enough (`| head`) is no failure.
fn print(text: &str) -> Result<(), Failure> {
    let (console, output) =
        console::start(std::io::stdout()).map_err(|error| Failure::Work(error.to_string()))?;
    console.say(text);
    output.close();
    Ok(())
}

/// Says on the error stream what went wrong.
fn complain(palette: Palette, what: &dyn Display) {
    let word = palette.paint(console::paint::ERROR, "error");
    // If even that cannot be written there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{word}: {what}");
}
