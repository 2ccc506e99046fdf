//! SQLite: the copy is a database by itself.

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, Row};

use super::{BackupError, Draft, Result, begins_with, failed};
use crate::private;

/// What a file of SQLite begins with.
const BEGINNING: &[u8] = b"SQLite format 3\0";

/// Copies the database, whoever writes meanwhile.
pub(super) async fn copy(database: &Path, to: &Path) -> Result<()> {
    if !database.is_file() {
        return Err(BackupError::Missing(database.to_owned()));
    }
    let options = SqliteConnectOptions::new().filename(database);
    let mut connection = options.connect().await?;
    let copied = sqlx::query("vacuum into $1").bind(to.to_string_lossy().into_owned());
    copied.execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Puts the copy in its place, once it has proved to be whole.
pub(super) async fn restore(file: &Path, database: &Path) -> Result<()> {
    begins_with(file, BEGINNING, "SQLite")?;
    // A log that is left over belongs to another database, and would spoil this one.
    for ending in ["", "-wal", "-shm"] {
        let mut name = database.as_os_str().to_owned();
        name.push(ending);
        let part = PathBuf::from(name);
        if part.exists() {
            return Err(BackupError::Occupied(part.display().to_string()));
        }
    }
    if let Some(folder) = database.parent() {
        private::make_folder(folder).map_err(failed(folder))?;
    }
    let draft = Draft::beside(database)?;
    fs::copy(file, &draft.0).map_err(failed(file))?;
    match check(&draft.0).await? {
        None => draft.finish(database),
        Some(what) => Err(BackupError::Damaged {
            file: file.to_owned(),
            what,
        }),
    }
}

/// What is wrong with a copy.
async fn check(copy: &Path) -> Result<Option<String>> {
    let options = SqliteConnectOptions::new().filename(copy);
    let mut connection = options.connect().await?;
    let found = connection.fetch_one("pragma integrity_check(1)").await;
    let wrong = match found {
        Ok(row) => Some(row.try_get::<String, _>(0)?).filter(|said| said != "ok"),
        Err(error) => Some(error.to_string()),
    };
    connection.close().await?;
    Ok(wrong)
}
