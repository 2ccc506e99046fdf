//! Logged requests as a file: a line each.

use bytes::{BufMut, Bytes, BytesMut};
use mockbird_core::ErrorCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::super::Problem;
use super::super::streamed::Pieces;
use super::super::time::Time;
use super::object::{LoggedRequestWhole, is_truncated, lossy};
use crate::app::LogExport;
use crate::domain::LogRecord;

/// As what kind of file.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct ExportQuery {
    /// `ndjson`: each line is a logged request as JSON, with its body. `csv`: a table without headers and bodies, for people.
    #[serde(default)]
    #[param(inline)]
    pub(super) format: ExportFormat,
}

/// The kinds of files.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::api) enum ExportFormat {
    #[default]
    Ndjson,
    Csv,
}

const COLUMNS: &str = "id,createdAt,method,path,query,status,answeredBy,mockId,responseId,engineUs,delayMs,responseBytes,\
                       bodyLength,bodyHash,truncated,ipAddress,userAgent\r\n";

impl ExportFormat {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    pub(super) fn file_name(self) -> &'static str {
        match self {
            Self::Ndjson => "attachment; filename=\"logs.ndjson\"",
            Self::Csv => "attachment; filename=\"logs.csv\"",
        }
    }

    /// What stands before all lines.
    fn head(self) -> Bytes {
        match self {
            Self::Ndjson => Bytes::new(),
            Self::Csv => Bytes::from_static(COLUMNS.as_bytes()),
        }
    }

    fn lines(self, records: &[LogRecord]) -> Result<Bytes, Problem> {
        let mut lines = BytesMut::new().writer();
        for record in records {
            match self {
                Self::Ndjson => {
                    let whole = LoggedRequestWhole::new(record);
                    serde_json::to_writer(&mut lines, &whole).map_err(|error| {
                        Problem::new(ErrorCode::InternalError, error.to_string())
                    })?;
                    lines.get_mut().put_u8(b'\n');
                }
                Self::Csv => lines.get_mut().put_slice(row(record).as_bytes()),
            }
        }
        Ok(lines.into_inner().freeze())
    }
}

/// Sends all of it, as fast as the client takes it. Where it cannot go on, the reply breaks off, and the client knows.
pub(super) async fn send(mut export: LogExport, format: ExportFormat, pieces: Pieces) {
    let mut piece = format.head();
    loop {
        let next = match export.next().await {
            Ok(Some(records)) => format.lines(&records),
            Ok(None) => {
                pieces.end(piece);
                return;
            }
            Err(error) => Err(error.into()),
        };
        let Ok(next) = next else { return };
        if !piece.is_empty() && pieces.send(piece).await.is_err() {
            return;
        }
        piece = next;
    }
}

fn row(record: &LogRecord) -> String {
    let body = record.body.as_ref();
    let id = |id: Option<String>| id.unwrap_or_default();
    let cells = [
        record.id.to_string(),
        Time::from(record.at).to_string(),
        record.method.clone(),
        lossy(&record.path),
        record.query.as_deref().map(lossy).unwrap_or_default(),
        record.status.to_string(),
        record.answered_by.name().to_owned(),
        id(record.mock.map(|id| id.to_string())),
        id(record.response.map(|id| id.to_string())),
        record.engine_us.to_string(),
        record.delay_ms.to_string(),
        record.response_bytes.to_string(),
        body.map_or(0, |body| body.length).to_string(),
        body.and_then(|body| body.sha256.clone())
            .unwrap_or_default(),
        is_truncated(body).to_string(),
        record.client.to_string(),
        record.user_agent.clone().unwrap_or_default(),
    ];
    let cells: Vec<_> = cells.iter().map(|cell| self::cell(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell that no spreadsheet takes for a formula: one that could be begins with an apostrophe.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let guard = if is_formula { "'" } else { "" };
    if is_formula || text.contains([',', '"', '\r', '\n']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_two() {
        for (text, written) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("a \"b\"", "\"a \"\"b\"\"\""),
            ("a\nb", "\"a\nb\""),
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("1=1", "1=1"),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
