//! A connection to read with, and a transaction to write in.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};
use tracing::{Instrument, trace_span};

use super::Result;
use super::error::StoreError;
use crate::telemetry::TRACED;

/// Compiles an expression once for each engine, with `link` the connection itself.
macro_rules! on {
    ($conn:expr, $link:ident => $body:expr) => {
        match $conn.link() {
            $crate::store::conn::Link::Postgres($link) => {
                $body.map_err($crate::store::StoreError::from)
            }
            $crate::store::conn::Link::Sqlite($link) => {
                $body.map_err($crate::store::StoreError::from)
            }
        }
    };
}

/// Executes a statement on whichever engine it is; gives the number of rows it changed.
macro_rules! execute {
    ($conn:expr, $query:expr) => {
        $crate::store::conn::on!($conn, link => {
            $query.execute(link).await.map(|done| done.rows_affected())
        })
    };
}

pub(super) use {execute, on};

/// A connection: what only reads can be asked of it.
#[derive(Debug)]
pub enum Conn {
    #[doc(hidden)]
    Postgres(PoolConnection<Postgres>),
    #[doc(hidden)]
    PostgresTx(Transaction<'static, Postgres>),
    #[doc(hidden)]
    Sqlite(PoolConnection<Sqlite>),
    #[doc(hidden)]
    SqliteTx(Transaction<'static, Sqlite>),
}

/// A transaction: reads and writes. Dropped without [`Tx::commit`], it changes nothing.
#[derive(Debug)]
#[must_use = "a transaction that is not committed changes nothing"]
pub struct Tx(pub(super) Conn);

/// The connection itself, of one engine or the other.
pub(super) enum Link<'c> {
    Postgres(&'c mut PgConnection),
    Sqlite(&'c mut SqliteConnection),
}

impl Conn {
    pub(super) fn link(&mut self) -> Link<'_> {
        match self {
            Self::Postgres(connection) => Link::Postgres(connection),
            Self::PostgresTx(transaction) => Link::Postgres(transaction),
            Self::Sqlite(connection) => Link::Sqlite(connection),
            Self::SqliteTx(transaction) => Link::Sqlite(transaction),
        }
    }

    /// Whether the database answers.
    pub async fn ping(&mut self) -> Result<()> {
        execute!(self, sqlx::query("select 1"))?;
        Ok(())
    }
}

impl Tx {
    /// Keeps what was changed.
    pub async fn commit(self) -> Result<()> {
        let span = trace_span!(target: TRACED, "store.commit", otel.kind = "client");
        let kept = match self.0 {
            Conn::PostgresTx(transaction) => transaction.commit().instrument(span).await,
            Conn::SqliteTx(transaction) => transaction.commit().instrument(span).await,
            // Never inside of a `Tx`: it is made of transactions alone.
            Conn::Postgres(_) | Conn::Sqlite(_) => Ok(()),
        };
        kept.map_err(StoreError::of_commit)
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}
