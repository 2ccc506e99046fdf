//! Many rows at once: PostgreSQL has COPY for it, SQLite takes them in one statement.

use std::borrow::Borrow;

use bytes::{BufMut, BytesMut};
use sqlx::{PgConnection, QueryBuilder, Sqlite, SqliteConnection, query};
use uuid::Uuid;

use crate::domain::{LogRecord, Millis};
use crate::store::conn::{Link, execute};
use crate::store::{Result, StoreError, Tx};

/// The columns, in the order in which [`Row`] gives them.
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " request_logs (log_id, organization_id, project_id, mock_id, response_id, created_at, answered_by, \
             request_method, request_path, request_query, request_headers, request_body, body_length, body_hash, \
             body_binary, response_status, response_bytes, engine_us, delay_ms, ip_address, user_agent, near_misses, \
             notes) ",
            $after
        )
    };
}

/// Rows of one statement on SQLite, where a statement has at most 32,766 values.
const ROWS_MAX: usize = 500;

/// Bytes that are handed to PostgreSQL at once, more or less.
const COPY_BYTES: usize = 256 << 10;

impl Tx {
    /// Begins a batch: false if it was written already, and nothing more is to be done.
    pub async fn log_batch_insert(&mut self, batch: Uuid, now: Millis) -> Result<bool> {
        const SQL: &str =
            "insert into log_batches (batch_id, written_at) values ($1, $2) on conflict do nothing";
        let new = execute!(self, query(SQL).bind(batch.to_string()).bind(now.0))?;
        Ok(new == 1)
    }

    /// Forgets the batches that were written before `before`, which nobody will write again; gives their number.
    pub async fn log_batch_purge(&mut self, before: Millis) -> Result<u64> {
        const SQL: &str = "delete from log_batches where written_at < $1";
        execute!(self, query(SQL).bind(before.0))
    }

    /// Writes requests down.
    pub async fn logs_insert<R: Borrow<LogRecord> + Sync>(&mut self, records: &[R]) -> Result<()> {
        match self.link() {
            Link::Postgres(link) => copy(link, records).await?,
            Link::Sqlite(link) => insert(link, records).await?,
        }
        Ok(())
    }
}

async fn copy<R: Borrow<LogRecord>>(link: &mut PgConnection, records: &[R]) -> Result<()> {
    const SQL: &str = columns!("copy", "from stdin (format binary)");
    const COLUMNS: i16 = 23;
    // Signature, flags, and the length of what else the head has.
    const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
    let mut copy = link.copy_in_raw(SQL).await?;
    let mut out = Binary(BytesMut::with_capacity(COPY_BYTES * 2));
    out.0.put_slice(HEAD);
    for record in records {
        out.0.put_i16(COLUMNS);
        write_row(&mut out, record.borrow())?;
        if out.0.len() > COPY_BYTES {
            copy.send(&out.0[..]).await?;
            out.0.clear();
        }
    }
    out.0.put_i16(-1);
    copy.send(&out.0[..]).await?;
    copy.finish().await?;
    Ok(())
}

async fn insert<R: Borrow<LogRecord>>(link: &mut SqliteConnection, records: &[R]) -> Result<()> {
    const SQL: &str = columns!("insert into", "");
    for records in records.chunks(ROWS_MAX) {
        let mut statement = QueryBuilder::<Sqlite>::new(SQL);
        statement.push("values ");
        let mut failed = None;
        for (index, record) in records.iter().enumerate() {
            statement.push(if index == 0 { "(" } else { ", (" });
            let mut row = Bound {
                statement: &mut statement,
                is_first: true,
            };
            failed = write_row(&mut row, record.borrow()).err().or(failed);
            statement.push(")");
        }
        if let Some(error) = failed {
            return Err(error);
        }
        statement
            .build()
            .persistent(false)
            .execute(&mut *link)
            .await?;
    }
    Ok(())
}

/// Takes the values of a row, one after the other.
trait Row {
    fn text(&mut self, value: Option<String>);
    fn bytes(&mut self, value: Option<&[u8]>);
    fn number(&mut self, value: i64);
    fn flag(&mut self, value: Option<bool>);
}

/// In the order of the columns.
fn write_row(row: &mut impl Row, record: &LogRecord) -> Result<()> {
    let body = record.body.as_ref();
    row.text(Some(record.id.to_string()));
    row.text(Some(record.organization.to_string()));
    row.text(Some(record.project.to_string()));
    row.text(record.mock.map(|id| id.to_string()));
    row.text(record.response.map(|id| id.to_string()));
    row.number(record.at.0);
    row.text(Some(record.answered_by.name().to_owned()));
    row.text(Some(record.method.clone()));
    row.bytes(Some(&record.path));
    row.bytes(record.query.as_deref());
    row.text(Some(json(&record.headers)?));
    row.bytes(body.and_then(|body| body.kept.as_deref()));
    row.number(body.map_or(0, |body| number(body.length)));
    row.text(body.and_then(|body| body.sha256.clone()));
    row.flag(body.map(|body| body.is_binary));
    row.number(record.status.into());
    row.number(number(record.response_bytes));
    row.number(number(record.engine_us));
    row.number(number(record.delay_ms));
    row.text(Some(record.client.to_string()));
    row.text(record.user_agent.clone());
    row.text(some_json(&record.near)?);
    row.text(some_json(&record.notes)?);
    Ok(())
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn some_json<T: serde::Serialize>(values: &[T]) -> Result<Option<String>> {
    (!values.is_empty()).then(|| json(values)).transpose()
}

fn json<T: serde::Serialize>(values: &[T]) -> Result<String> {
    serde_json::to_string(values).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Rows in PostgreSQL's binary form: each value after its length.
struct Binary(BytesMut);

impl Binary {
    fn value(&mut self, value: Option<&[u8]>) {
        const NULL: i32 = -1;
        match value {
            // A value is never so long: bodies are cut.
            Some(value) => {
                self.0
                    .put_i32(i32::try_from(value.len()).unwrap_or(i32::MAX));
                self.0.put_slice(value);
            }
            None => self.0.put_i32(NULL),
        }
    }
}

impl Row for Binary {
    fn text(&mut self, value: Option<String>) {
        self.value(value.as_deref().map(str::as_bytes));
    }

    fn bytes(&mut self, value: Option<&[u8]>) {
        self.value(value);
    }

    fn number(&mut self, value: i64) {
        self.value(Some(&value.to_be_bytes()));
    }

    fn flag(&mut self, value: Option<bool>) {
        self.value(
            value
                .map(|value| [u8::from(value)])
                .as_ref()
                .map(|byte| &byte[..]),
        );
    }
}

/// Values that are bound to a statement.
struct Bound<'s> {
    statement: &'s mut QueryBuilder<Sqlite>,
    is_first: bool,
}

impl Bound<'_> {
    fn statement(&mut self) -> &mut QueryBuilder<Sqlite> {
        if !std::mem::take(&mut self.is_first) {
            self.statement.push(", ");
        }
        self.statement
    }
}

impl Row for Bound<'_> {
    fn text(&mut self, value: Option<String>) {
        self.statement().push_bind(value);
    }

    fn bytes(&mut self, value: Option<&[u8]>) {
        self.statement().push_bind(value.map(<[u8]>::to_vec));
    }

    fn number(&mut self, value: i64) {
        self.statement().push_bind(value);
    }

    fn flag(&mut self, value: Option<bool>) {
        self.statement().push_bind(value);
    }
}
