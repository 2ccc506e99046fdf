//! Logged requests as they are read: the latest first, by ranges of ids.

use serde::de::DeserializeOwned;
use sqlx::QueryBuilder;

use super::sought::{Piece, pieces};
use crate::domain::{
    AnsweredBy, LogBody, LogFilter, LogId, LogRecord, Millis, MockId, OrganizationId, Page,
    ProjectId, ResponseId,
};
use crate::store::conn::{Link, on};
use crate::store::row::{Beside, row};
use crate::store::{Conn, Result, StoreError};

/// Among how many of the newest a text is looked for.
const NEWEST: i64 = 50_000;

/// Whose logged requests somebody may see.
#[derive(Clone, Copy, Debug)]
pub struct LogScope {
    /// Of whose project.
    pub organization: OrganizationId,
    /// Of which project.
    pub project: ProjectId,
    /// Since when: as far back as the plan goes.
    pub since: Millis,
}

/// Which part of those that a filter lets through, the latest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogRange {
    /// Those that are earlier than this one.
    pub before: Option<LogId>,
    /// Those that are later than this one.
    pub after: Option<LogId>,
}

row! {
    /// What all of them are read with.
    struct Head {
        id: LogId = "log_id",
        organization: OrganizationId = "organization_id",
        project: ProjectId = "project_id",
        mock: Option<MockId> = "mock_id",
        response: Option<ResponseId> = "response_id",
        at: Millis = "created_at",
        answered_by: AnsweredBy = "answered_by",
        method: String = "request_method",
        path: Vec<u8> = "request_path",
        query: Option<Vec<u8>> = "request_query",
        headers: String = "request_headers",
        body_length: i64 = "body_length",
        body_hash: Option<String> = "body_hash",
        body_binary: Option<bool> = "body_binary",
        status: i64 = "response_status",
        response_bytes: i64 = "response_bytes",
        engine_us: i64 = "engine_us",
        delay_ms: i64 = "delay_ms",
        client: String = "ip_address",
        user_agent: Option<String> = "user_agent",
        near: Option<String> = "near_misses",
        notes: Option<String> = "notes",
    }
}

row! {
    /// What is large.
    struct Kept {
        body: Option<Vec<u8>> = "request_body",
    }
}

/// The columns of [`Head`].
macro_rules! head {
    () => {
        "log_id, organization_id, project_id, mock_id, response_id, created_at, answered_by, request_method, request_path, \
         request_query, request_headers, body_length, body_hash, body_binary, response_status, response_bytes, engine_us, \
         delay_ms, ip_address, user_agent, near_misses, notes"
    };
}

const HEADS: &str = concat!("select ", head!());
const WHOLE: &str = concat!("select ", head!(), ", request_body");

/// The statement that pieces make.
macro_rules! statement {
    ($pieces:expr) => {{
        let mut statement = QueryBuilder::new("");
        for piece in $pieces {
            match piece {
                Piece::Sql(sql) => statement.push(sql),
                Piece::Text(text) => statement.push_bind(text),
                Piece::Bytes(bytes) => statement.push_bind(bytes),
                Piece::Number(number) => statement.push_bind(number),
            };
        }
        statement
    }};
}

/// Its rows. It is planned each time, for the values that it has: what is rare and what is not decides between ways.
macro_rules! fetch_all {
    ($conn:expr, $row:ty, $pieces:expr) => {{
        let rows: Result<Vec<$row>> = on!($conn, link => {
            statement!($pieces).build_query_as().persistent(false).fetch_all(link).await
        });
        rows
    }};
}

impl Conn {
    /// Some of the logged requests that a filter lets through, the latest first, without their bodies.
    pub async fn log_list(
        &mut self,
        scope: &LogScope,
        filter: &LogFilter,
        range: LogRange,
        page: Page,
    ) -> Result<Vec<LogRecord>> {
        let mut all = self.log_pieces(HEADS, scope, filter, range).await?;
        all.extend(latest_first(page.limit().into()));
        all.extend([Piece::Sql(" offset "), Piece::Number(page.offset())]);
        let rows = fetch_all!(self, Head, all)?;
        rows.into_iter().map(|head| record(head, None)).collect()
    }

    /// Some of the same, whole.
    pub async fn log_list_whole(
        &mut self,
        scope: &LogScope,
        filter: &LogFilter,
        range: LogRange,
        most: u32,
    ) -> Result<Vec<LogRecord>> {
        let mut all = self.log_pieces(WHOLE, scope, filter, range).await?;
        all.extend(latest_first(most.into()));
        let rows = fetch_all!(self, Beside<Head, Kept>, all)?;
        rows.into_iter()
            .map(|Beside(head, kept)| record(head, kept.body))
            .collect()
    }

    /// Some of those later than one, the earliest first, without their bodies.
    pub async fn log_list_since(
        &mut self,
        scope: &LogScope,
        filter: &LogFilter,
        after: LogId,
        most: u32,
    ) -> Result<Vec<LogRecord>> {
        let range = LogRange {
            after: Some(after),
            before: None,
        };
        let mut all = self.log_pieces(HEADS, scope, filter, range).await?;
        all.extend([
            Piece::Sql(" order by log_id limit "),
            Piece::Number(most.into()),
        ]);
        let rows = fetch_all!(self, Head, all)?;
        rows.into_iter().map(|head| record(head, None)).collect()
    }

    /// One logged request, whole.
    pub async fn log_get(&mut self, scope: &LogScope, id: LogId) -> Result<Option<LogRecord>> {
        let mut all = pieces(WHOLE, scope, &LogFilter::default(), self.is_postgres());
        all.extend([Piece::Sql(" and log_id = "), Piece::Text(id.to_string())]);
        let found = fetch_all!(self, Beside<Head, Kept>, all)?;
        found
            .into_iter()
            .next()
            .map(|Beside(head, kept)| record(head, kept.body))
            .transpose()
    }

    /// How the engine would read a page: for tests, which look whether it goes by an index.
    #[doc(hidden)]
    pub async fn log_plan(
        &mut self,
        scope: &LogScope,
        filter: &LogFilter,
        range: LogRange,
    ) -> Result<String> {
        let pieces = self.log_pieces(HEADS, scope, filter, range).await?;
        let pieces = pieces.into_iter().chain(latest_first(20));
        let lines: Vec<String> = match self.link() {
            Link::Postgres(link) => {
                let pieces = std::iter::once(Piece::Sql("explain ")).chain(pieces);
                let mut explain = statement!(pieces);
                let lines: Vec<(String,)> = explain.build_query_as().fetch_all(link).await?;
                lines.into_iter().map(|(line,)| line).collect()
            }
            Link::Sqlite(link) => {
                let pieces = std::iter::once(Piece::Sql("explain query plan ")).chain(pieces);
                let mut explain = statement!(pieces);
                let lines: Vec<(i64, i64, i64, String)> =
                    explain.build_query_as().fetch_all(link).await?;
                lines.into_iter().map(|(.., line)| line).collect()
            }
        };
        Ok(lines.join("\n"))
    }

    /// What a filter asks for, and where; a text among the newest alone.
    async fn log_pieces(
        &mut self,
        select: &'static str,
        scope: &LogScope,
        filter: &LogFilter,
        range: LogRange,
    ) -> Result<Vec<Piece>> {
        let mut all = pieces(select, scope, filter, self.is_postgres());
        if let Some(before) = range.before {
            all.extend([
                Piece::Sql(" and log_id < "),
                Piece::Text(before.to_string()),
            ]);
        }
        if let Some(after) = range.after {
            all.extend([Piece::Sql(" and log_id > "), Piece::Text(after.to_string())]);
        }
        if filter.text.is_some()
            && let Some(first) = self.log_first_of_newest(scope).await?
        {
            all.extend([Piece::Sql(" and log_id >= "), Piece::Text(first)]);
        }
        Ok(all)
    }

    /// The first of the newest among which a text is looked for; absent if there are not so many.
    async fn log_first_of_newest(&mut self, scope: &LogScope) -> Result<Option<String>> {
        let everything = LogFilter::default();
        let mut all = pieces("select log_id", scope, &everything, self.is_postgres());
        all.extend(latest_first(1));
        all.extend([Piece::Sql(" offset "), Piece::Number(NEWEST - 1)]);
        let found = fetch_all!(self, (String,), all)?;
        Ok(found.into_iter().next().map(|(id,)| id))
    }

    fn is_postgres(&mut self) -> bool {
        matches!(self.link(), Link::Postgres(_))
    }
}

fn latest_first(most: i64) -> [Piece; 2] {
    [
        Piece::Sql(" order by log_id desc limit "),
        Piece::Number(most),
    ]
}

fn record(head: Head, kept: Option<Vec<u8>>) -> Result<LogRecord> {
    // Whatever was kept, there was a body if it had a length.
    let body = head.body_binary.map(|is_binary| LogBody {
        kept,
        length: count(head.body_length),
        sha256: head.body_hash,
        is_binary,
    });
    Ok(LogRecord {
        id: head.id,
        organization: head.organization,
        project: head.project,
        mock: head.mock,
        response: head.response,
        at: head.at,
        answered_by: head.answered_by,
        method: head.method,
        path: head.path,
        query: head.query,
        headers: json(&head.headers)?,
        body,
        status: head.status.try_into().unwrap_or_default(),
        response_bytes: count(head.response_bytes),
        engine_us: count(head.engine_us),
        delay_ms: count(head.delay_ms),
        client: head.client.parse().map_err(corrupt)?,
        user_agent: head.user_agent,
        near: head.near.as_deref().map_or(Ok(Vec::new()), json)?,
        notes: head.notes.as_deref().map_or(Ok(Vec::new()), json)?,
    })
}

/// A count is never negative.
fn count(number: i64) -> u64 {
    number.try_into().unwrap_or_default()
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(corrupt)
}

fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}
