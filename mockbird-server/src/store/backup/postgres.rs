//! PostgreSQL: by its own programs, `pg_dump` and `pg_restore`.

use std::path::Path;
use std::process::{Command, Stdio};

use sqlx::{Connection, Executor, PgConnection, Row};
use url::Url;

use super::{BackupError, Result, begins_with};

/// What a dump of the custom format begins with.
const BEGINNING: &[u8] = b"PGDMP";

/// Whoever restores need not be, nor know, the roles of the old server.
const WITHOUT_ROLES: [&str; 2] = ["--no-owner", "--no-privileges"];

pub(super) async fn dump(url: &str, to: &Path) -> Result<()> {
    let mut command = program("pg_dump", url)?;
    command.arg("--format=custom").arg("--file").arg(to);
    run("pg_dump", command).await
}

/// All or nothing: it is one transaction.
pub(super) async fn restore(file: &Path, url: &str) -> Result<()> {
    begins_with(file, BEGINNING, "PostgreSQL")?;
    let tables =
        "select exists (select from information_schema.tables where table_schema = 'public')";
    let mut connection = PgConnection::connect(url).await?;
    let occupied: bool = connection.fetch_one(tables).await?.try_get(0)?;
    connection.close().await?;
    if occupied {
        let what = "a table in the database".to_owned();
        return Err(BackupError::Occupied(what));
    }
    let mut command = program("pg_restore", url)?;
    command
        .args(["--exit-on-error", "--single-transaction"])
        .arg(file);
    run("pg_restore", command).await
}

/// The password goes by the environment: arguments are seen by everybody on the machine.
fn program(program: &'static str, url: &str) -> Result<Command> {
    let mut url = Url::parse(url).map_err(|_| BackupError::Address)?;
    let mut command = Command::new(program);
    if let Some(password) = url.password() {
        let password = percent_encoding::percent_decode_str(password);
        command.env("PGPASSWORD", password.decode_utf8_lossy().as_ref());
        // It has a host, or it would have no password.
        let _ = url.set_password(None);
    }
    command
        .args(WITHOUT_ROLES)
        .arg("--dbname")
        .arg(url.as_str());
    Ok(command)
}

async fn run(program: &'static str, mut command: Command) -> Result<()> {
    command.stdin(Stdio::null());
    let ran = tokio::task::spawn_blocking(move || command.output()).await;
    let output = ran.unwrap_or_else(|ended| Err(std::io::Error::other(ended)));
    let output = output.map_err(|error| BackupError::Program { program, error })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(BackupError::Failed {
        program,
        said: said.trim().to_owned(),
    })
}
