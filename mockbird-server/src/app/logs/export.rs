//! All that a filter lets through, a piece at a time: no piece waits in memory for the one before it to be sent.

use crate::app::{App, AppError};
use crate::domain::{LogFilter, LogRecord, OrganizationId, ProjectId};
use crate::store::{LogRange, LogScope};

/// Requests of one piece: with the largest bodies it is a few megabytes.
const PIECE: u32 = 64;

/// An export on its way.
#[derive(Debug)]
pub struct LogExport {
    app: App,
    scope: LogScope,
    filter: LogFilter,
    range: LogRange,
    is_over: bool,
}

impl App {
    /// Begins to export the logged requests of a project, the latest first.
    pub async fn log_export(
        &self,
        organization: OrganizationId,
        project: ProjectId,
        filter: LogFilter,
    ) -> Result<LogExport, AppError> {
        let mut read = self.store().read().await?;
        Ok(LogExport {
            scope: self.log_scope(&mut read, organization, project).await?,
            app: self.clone(),
            filter,
            range: LogRange::default(),
            is_over: false,
        })
    }
}

impl LogExport {
    /// The next piece; absent at the end. Between two of them the database is not held.
    pub async fn next(&mut self) -> Result<Option<Vec<LogRecord>>, AppError> {
        if self.is_over {
            return Ok(None);
        }
        let mut read = self.app.store().read().await?;
        let piece = read
            .log_list_whole(&self.scope, &self.filter, self.range, PIECE)
            .await?;
        self.range.before = piece.last().map(|last| last.id);
        self.is_over = piece.len() < PIECE as usize;
        Ok(Some(piece))
    }
}
