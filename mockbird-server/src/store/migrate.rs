//! The tables, brought up to date when a database is opened.
//!
//! Forward only. Several servers may start at once: PostgreSQL has an advisory lock for it, SQLite gets a
//! lock file beside the database, which is held from before the first connection on.

use std::fs::File;
use std::path::Path;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::PgPoolOptions;

use super::db::Db;
use super::error::OpenError;
use crate::private;

/// Version, name, and the text for each engine.
macro_rules! migrations {
    ($($version:literal $name:literal,)*) => {
        const MIGRATIONS: &[(i64, &str, &str, &str)] = &[$((
            $version,
            $name,
            include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
            include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
        )),*];
    };
}

migrations! {
    1 "0001_start",
}

pub(super) async fn run(db: &Db) -> Result<(), OpenError> {
    match db {
        Db::Postgres(pool) => {
            // A large table, or another server that migrates, may take longer than a call has.
            let options = pool.connect_options().as_ref().clone();
            let options = options.options([("statement_timeout", "0")]);
            let patient = PgPoolOptions::new().max_connections(1);
            let patient = patient.connect_with(options).await?;
            migrator(|(_, _, postgres, _)| postgres)
                .run(&patient)
                .await?;
            patient.close().await;
            Ok(())
        }
        Db::Sqlite { writer, .. } => Ok(migrator(|(_, _, _, sqlite)| sqlite).run(writer).await?),
    }
}

type Entry = (i64, &'static str, &'static str, &'static str);

fn migrator(text: impl Fn(&Entry) -> &'static str) -> Migrator {
    let migrations = MIGRATIONS.iter().map(|entry| {
        let (version, name, ..) = *entry;
        let sql = text(entry).into_sql_str();
        Migration::new(version, name.into(), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.collect())
}

/// Held until it is dropped, and let go by the system if we die.
pub(super) async fn lock(database: &Path) -> Result<File, OpenError> {
    let file = database.with_added_extension("lock");
    let of = file.clone();
    let locked = tokio::task::spawn_blocking(move || {
        let file = private::writing().truncate(false).open(of)?;
        file.lock()?;
        Ok(file)
    });
    let locked = locked
        .await
        .unwrap_or_else(|error| Err(std::io::Error::other(error)));
    locked.map_err(|error| OpenError::Lock { file, error })
}
