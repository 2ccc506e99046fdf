//! `mockbird push`: puts a mock file into a project of a server.

mod diff;

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use self::diff::Diff;
use super::remote::{Access, Detail, Project, Refusal, Server, Trouble};
use super::{Failure, Format, Outcome, complain, print};
use crate::console::{self, Harmless, Palette, paint};
use crate::domain::Slug;
use crate::files::{self, Finding, Severity, Source};

const HELP: &str = "\
Examples:
  mockbird push api.yaml                    to the project of the file's `slug`, or of its name
  mockbird push api.yaml --dry-run          only say what would change
  MOCKBIRD_KEY=... mockbird push api.yaml --server https://mocks.example.com --yes

It says what would be added, changed and removed, and asks before it does it. Where nobody can be asked, it
changes nothing without --yes. A project that is not there is made.

Exit codes: 0 done, or nothing to do; 1 the file has errors, or nothing was changed; 2 the command line is wrong,
or the file cannot be read.";

/// Put a mock file into a project of a server, after a look at what changes
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// The mock file, YAML or JSON; `-` is standard input
    file: PathBuf,

    #[command(flatten)]
    access: Access,

    /// The project; otherwise that of the file's `slug`, or else of its name
    #[arg(long, value_name = "SLUG")]
    project: Option<Slug>,

    /// The id of the organization of a project that is not there yet; otherwise yours, or that of the key
    #[arg(long, value_name = "ID")]
    organization: Option<Uuid>,

    /// Do not ask
    #[arg(long, short)]
    yes: bool,

    /// Only say what would change
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,

    /// The format, where the name of the file does not tell it; YAML for standard input
    #[arg(long)]
    format: Option<Format>,
}

/// A project that was just made.
#[derive(Deserialize)]
struct Made {
    #[serde(flatten)]
    project: Project,
    warnings: Vec<Detail>,
}

/// A file on its way to a server.
struct Push<'a> {
    server: Server,
    source: Source,
    /// All of it, with the bodies of other files.
    text: String,
    slug: String,
    /// What was said of the file already.
    findings: Vec<Finding>,
    args: &'a Args,
    palette: Palette,
}

pub(super) fn push(args: &Args, palette: Palette) -> Outcome {
    let server = args.access.server()?;
    let source = Source::read(&args.file, args.format.map(Into::into));
    let source = source.map_err(|error| Failure::Usage(error.to_string()))?;
    let loading = files::load_source(&source);
    print(&console::report(palette, &loading.findings))?;
    let Some(mut spec) = source.whole().filter(|_| loading.engine.is_some()) else {
        let errors = console::summary(&loading.findings, loading.unlisted);
        let why = format!("{}: {errors}: nothing was sent", Harmless(&source.label));
        return Err(Failure::Work(why));
    };
    let slug = args.project.clone().map(|slug| slug.to_string());
    let slug = slug.or_else(|| spec.slug.take());
    let slug = slug.unwrap_or_else(|| Slug::of_name(&spec.name).to_string());
    spec.slug = Some(slug.clone());
    let push = Push {
        server,
        text: spec.to_node().to_string(),
        source,
        slug,
        findings: loading.findings,
        args,
        palette,
    };
    match push.server.project(&push.slug)? {
        Some(project) => push.change(&project),
        None => push.make(&Diff::of_new(&spec)),
    }
}

/// Asks somebody; whatever is no yes is a no.
fn agrees(from: &mut impl BufRead, to: &mut impl Write) -> std::io::Result<bool> {
    // If it cannot be written, the answer is hardly yes.
    let _ = write!(to, "Do it? [y/N] ");
    let _ = to.flush();
    let mut line = String::new();
    from.read_line(&mut line)?;
    Ok(matches!(
        line.trim().to_ascii_lowercase().as_str(),
        "y" | "yes"
    ))
}

impl Push<'_> {
    /// Changes a project that is there.
    fn change(&self, project: &Project) -> Outcome {
        let url = ["api", "projects", &project.id, "import"];
        let url = self.server.url(&url);
        let mut dry = url.clone();
        dry.query_pairs_mut().append_pair("dryRun", "true");
        let answer = self.server.post(&dry, None, self.text.clone());
        let answer = answer.map_err(|trouble| self.told(trouble))?;
        let diff: Diff = answer.read("what would change")?;
        let Project {
            slug,
            name,
            url: at,
            ..
        } = project;
        self.say(
            &format!(
                "project {} ({}) at {}",
                Harmless(slug),
                Harmless(name),
                Harmless(at)
            ),
            &diff,
        )?;
        if diff.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        if let Some(exit) = self.stops()? {
            return Ok(exit);
        }
        let version = answer.version.as_ref();
        self.server
            .post(&url, version, self.text.clone())
            .map_err(|trouble| self.told(trouble))?;
        self.done(at)
    }

    /// Makes a project that is not there.
    fn make(&self, diff: &Diff) -> Outcome {
        self.say(
            &format!(
                "project {} is not there: it will be made",
                Harmless(&self.slug)
            ),
            diff,
        )?;
        if let Some(exit) = self.stops()? {
            return Ok(exit);
        }
        let mut url = self.server.url(&["api", "projects", "import"]);
        url.query_pairs_mut().append_pair("slug", &self.slug);
        if let Some(id) = self.args.organization {
            url.query_pairs_mut()
                .append_pair("organizationId", &id.to_string());
        }
        let answer = self.server.create(&url, &self.text);
        let made: Made = answer
            .map_err(|trouble| self.told(trouble))?
            .read("the project")?;
        self.warn(&made.warnings)?;
        self.done(&made.project.url)
    }

    fn say(&self, title: &str, diff: &Diff) -> Result<(), Failure> {
        self.warn(&diff.warnings)?;
        let title = self.palette.paint(paint::BOLD, title);
        print(&format!("{title}\n{}", diff.text(self.palette)))
    }

    fn done(&self, url: &str) -> Outcome {
        let word = self.palette.paint(paint::GOOD, "done");
        print(&format!("{word}: {}\n", Harmless(url)))?;
        Ok(ExitCode::SUCCESS)
    }

    /// What the server warns of that was not said before.
    fn warn(&self, warnings: &[Detail]) -> Result<(), Failure> {
        let found = warnings
            .iter()
            .map(|warning| self.found(Severity::Warning, warning));
        let found: Vec<_> = found.filter(|one| !self.is_said(one)).collect();
        print(&console::report(self.palette, &found))
    }

    fn found(&self, severity: Severity, detail: &Detail) -> Finding {
        let Detail { at, message, hint } = detail;
        self.source.finding(severity, at, message, hint)
    }

    fn is_said(&self, finding: &Finding) -> bool {
        self.findings
            .iter()
            .any(|said| said.at == finding.at && said.message == finding.message)
    }

    /// How it ends before anything is changed, if it does.
    fn stops(&self) -> Result<Option<ExitCode>, Failure> {
        let Args { yes, dry_run, .. } = self.args;
        if *dry_run {
            return Ok(Some(ExitCode::SUCCESS));
        }
        if *yes {
            return Ok(None);
        }
        let stdin = std::io::stdin();
        if !stdin.is_terminal() || !std::io::stderr().is_terminal() {
            complain(
                self.palette,
                &"nothing was changed: --yes does it without asking",
            );
            return Ok(Some(ExitCode::FAILURE));
        }
        let agrees = agrees(&mut stdin.lock(), &mut std::io::stderr());
        if agrees.map_err(|error| Failure::Work(error.to_string()))? {
            return Ok(None);
        }
        complain(self.palette, &"nothing was changed");
        Ok(Some(ExitCode::FAILURE))
    }

    /// The trouble, after the lines of the file that it is about.
    fn told(&self, trouble: Trouble) -> Failure {
        let Trouble::Refused(Refusal {
            status, details, ..
        }) = &trouble
        else {
            return trouble.into();
        };
        match *status {
            StatusCode::PRECONDITION_FAILED => {
                let why = "the project was changed meanwhile, and nothing was changed by this: push again to see what differs now";
                Failure::Work(why.to_owned())
            }
            StatusCode::UNPROCESSABLE_ENTITY => {
                let found: Vec<_> = details
                    .iter()
                    .map(|detail| self.found(Severity::Error, detail))
                    .collect();
                match print(&console::report(self.palette, &found)) {
                    Ok(()) => Failure::Work(
                        "the server does not take the file: nothing was changed".to_owned(),
                    ),
                    Err(failure) => failure,
                }
            }
            _ => trouble.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_yes_is_a_yes() {
        for (answer, is_yes) in [
            ("y\n", true),
            ("YES\r\n", true),
            (" y ", true),
            ("\n", false),
            ("", false),
            ("n\n", false),
            ("yeah\n", false),
            ("no\ny\n", false),
        ] {
            let mut asked = Vec::new();
            let agreed = agrees(&mut answer.as_bytes(), &mut asked).unwrap();
            assert_eq!(agreed, is_yes, "{answer:?}");
            assert_eq!(asked, b"Do it? [y/N] ");
        }
    }
}
