//! `mockbird pull`: a project of a server as a mock file.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tempfile::Builder;

use super::remote::Access;
use super::{Failure, Outcome, print};
use crate::console::{self, Harmless};
use crate::domain::Slug;

const HELP: &str = "\
Examples:
  mockbird pull birds > birds.json
  mockbird pull birds -o birds.json --server https://mocks.example.com

Exit codes: 0 done, 1 the project or the file says no, 2 the command line is wrong.";

/// Get a project of a server as a mock file
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// The slug of the project
    #[arg(value_name = "SLUG")]
    project: Slug,

    #[command(flatten)]
    access: Access,

    /// Write it into this file, and not to standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Put it in the place of a file that is there
    #[arg(long, requires = "output")]
    force: bool,
}

pub(super) fn pull(args: &Args) -> Outcome {
    let server = args.access.server()?;
    let slug = args.project.as_str();
    let project = server.project(slug)?.ok_or_else(|| {
        let why = format!("the key sees no project `{slug}`: is it of another organization?");
        Failure::Work(why)
    })?;
    let url = server.url(&["api", "projects", &project.id, "export"]);
    let file = server.get(&url)?;
    match &args.output {
        None => print(&file.text)?,
        Some(path) => {
            save(path, &file.text, args.force)?;
            let size = console::count(file.text.lines().count(), "line");
            print(&format!(
                "{}: {size}\n",
                Harmless(&path.display().to_string())
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes all of it or nothing.
fn save(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let label = path.display().to_string();
    let failed = |error: &std::io::Error| {
        let why = match error.kind() {
            ErrorKind::AlreadyExists => "it is there already: --force replaces it".to_owned(),
            ErrorKind::NotFound => "there is no such folder".to_owned(),
            ErrorKind::PermissionDenied => "this user may not write there".to_owned(),
            _ => error.to_string(),
        };
        Failure::Work(format!("cannot write {}: {why}", Harmless(&label)))
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As of any file that is made, less what the user takes away (`umask`).
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let file = builder
        .prefix(".mockbird-")
        .tempfile_in(folder.unwrap_or(Path::new(".")));
    let mut file = file.map_err(|error| failed(&error))?;
    file.write_all(text.as_bytes())
        .map_err(|error| failed(&error))?;
    let kept = if force {
        file.persist(path)
    } else {
        file.persist_noclobber(path)
    };
    kept.map(|_| ()).map_err(|error| failed(&error.error))
}
