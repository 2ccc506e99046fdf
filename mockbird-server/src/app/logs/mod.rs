//! What was asked of mocks: read, exported, followed live.

mod export;
mod mock_of;
mod replay;
mod stored;
mod tail;

pub use export::LogExport;
pub use replay::LogReplay;
pub use tail::{LogTail, TailPart};

use std::time::Duration;

use super::project_access::NO_PROJECT;
use super::{App, AppError};
use crate::domain::{LogFilter, LogId, LogRecord, OrganizationId, Page, ProjectId, Scope};
use crate::store::{Conn, LogRange, LogScope};

const NO_LOG: AppError = AppError::NotFound("logged request");

/// A part of the logged requests of a project.
#[derive(Clone, Debug)]
pub struct LogPage {
    /// The latest first, without their bodies.
    pub items: Vec<LogRecord>,
    /// The last of them, if there may be more behind it.
    pub next: Option<LogId>,
    /// How many there are on all pages, where they are counted.
    pub total: Option<u64>,
}

impl App {
    /// A page of the logged requests of a project that a filter lets through, earlier than one of them.
    pub async fn log_list(
        &self,
        organization: OrganizationId,
        project: ProjectId,
        filter: &LogFilter,
        before: Option<LogId>,
        page: Page,
    ) -> Result<LogPage, AppError> {
        let mut read = self.store().snapshot().await?;
        let scope = self.log_scope(&mut read, organization, project).await?;
        let range = LogRange {
            before,
            after: None,
        };
        let items = read.log_list(&scope, filter, range, page).await?;
        let is_full = items.len() == page.limit() as usize;
        Ok(LogPage {
            next: items.last().map(|last| last.id).filter(|_| is_full),
            items,
            total: match counted(project, filter) {
                Some(of) => Some(read.request_count_since(of, scope.since).await?),
                None => None,
            },
        })
    }

    /// One logged request of a project, whole.
    pub async fn log_get(
        &self,
        organization: OrganizationId,
        project: ProjectId,
        id: LogId,
    ) -> Result<LogRecord, AppError> {
        let mut read = self.store().read().await?;
        let scope = self.log_scope(&mut read, organization, project).await?;
        read.log_get(&scope, id).await?.ok_or(NO_LOG)
    }

    /// What may be seen of a project now: as far back as the plan goes.
    async fn log_scope(
        &self,
        read: &mut Conn,
        organization: OrganizationId,
        project: ProjectId,
    ) -> Result<LogScope, AppError> {
        let found = read.project_get(organization, project).await?;
        let days = found.ok_or(NO_PROJECT)?.plan.allowance().log_days;
        let kept = Duration::from_hours(24) * u32::from(days);
        Ok(LogScope {
            organization,
            project,
            since: self.clock().now().before(kept),
        })
    }
}

/// What counts the requests that a filter lets through: nothing does, unless it is all of them, or all of a mock.
fn counted(project: ProjectId, filter: &LogFilter) -> Option<Scope> {
    let mock = filter.mock;
    let rest = LogFilter {
        mock: None,
        ..filter.clone()
    };
    rest.is_empty()
        .then(|| mock.map_or(Scope::Project(project), Scope::Mock))
}
