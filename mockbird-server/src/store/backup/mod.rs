//! The whole database as one file, and a new database from such a file.
//!
//! A server may run meanwhile: the copy is that of one moment. A new database is only made where there is none, so that nothing
//! is ever overwritten.

mod postgres;
mod sqlite;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use crate::config::Engine;
use crate::private;

/// Why there is no copy, or no database from it.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file of the copy is there already.
    #[error("{} is there already: name another file", .0.display())]
    Exists(PathBuf),
    /// There is nothing to copy.
    #[error("there is no database at {}: name its folder with --data-dir", .0.display())]
    Missing(PathBuf),
    /// The database is there already.
    #[error("{0} is there already: move it away, or name another database")]
    Occupied(String),
    /// The file is no copy, or one of the other engine.
    #[error("{} is no backup of {engine}", .file.display())]
    Foreign {
        /// Which file.
        file: PathBuf,
        /// The engine that was set.
        engine: &'static str,
    },
    /// The copy is not whole.
    #[error("{} is damaged: {what}", .file.display())]
    Damaged {
        /// Which file.
        file: PathBuf,
        /// What was found.
        what: String,
    },
    /// A file cannot be read or written.
    #[error("{}: {error}", .file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// A program of PostgreSQL cannot be started.
    #[error(
        "{program} cannot be started ({error}): install the client programs of PostgreSQL, of its version or a later one"
    )]
    Program {
        /// Which one.
        program: &'static str,
        /// Why not.
        error: io::Error,
    },
    /// A program of PostgreSQL gave up.
    #[error("{program} failed: {said}")]
    Failed {
        /// Which one.
        program: &'static str,
        /// Its own words.
        said: String,
    },
    /// The address of the database is none.
    #[error("the address of the database is not well-formed")]
    Address,
    /// The database does not answer, or refuses.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
}

type Result<T> = std::result::Result<T, BackupError>;

/// Copies the database into a new file that only its owner reads.
pub async fn backup(engine: &Engine, file: &Path) -> Result<()> {
    if file.exists() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    // What breaks off leaves no file that looks like a copy.
    let draft = Draft::beside(file)?;
    match engine {
        Engine::Sqlite(database) => sqlite::copy(database, &draft.0).await?,
        Engine::Postgres(url) => postgres::dump(url.expose_secret(), &draft.0).await?,
    }
    draft.finish(file)
}

/// Makes a new database of the copy in a file.
pub async fn restore(engine: &Engine, file: &Path) -> Result<()> {
    match engine {
        Engine::Sqlite(database) => sqlite::restore(file, database).await,
        Engine::Postgres(url) => postgres::restore(file, url.expose_secret()).await,
    }
}

/// Checks what a file begins with.
fn begins_with(file: &Path, beginning: &[u8], engine: &'static str) -> Result<()> {
    let mut found = vec![0; beginning.len()];
    let read = File::open(file).and_then(|mut opened| opened.read_exact(&mut found));
    match read {
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(failed(file)(error)),
        Ok(()) if found == beginning => Ok(()),
        _ => Err(BackupError::Foreign {
            file: file.to_owned(),
            engine,
        }),
    }
}

fn failed(file: &Path) -> impl Fn(io::Error) -> BackupError {
    move |error| BackupError::File {
        file: file.to_owned(),
        error,
    }
}

/// A file that is not whole yet; it goes if it never becomes so.
struct Draft(PathBuf);

impl Draft {
    fn beside(file: &Path) -> Result<Self> {
        let draft = file.with_added_extension("partial");
        let opened = private::writing().truncate(true).open(&draft);
        opened.map_err(failed(&draft))?;
        Ok(Self(draft))
    }

    /// Gives it its name, once it is on the disk.
    fn finish(self, file: &Path) -> Result<()> {
        let finish = || {
            File::open(&self.0)?.sync_all()?;
            fs::rename(&self.0, file)?;
            match file
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty())
            {
                Some(folder) => File::open(folder)?.sync_all(),
                None => File::open(".")?.sync_all(),
            }
        };
        finish().map_err(failed(file))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // It has its name by now, or is of no use.
        let _ = fs::remove_file(&self.0);
    }
}
