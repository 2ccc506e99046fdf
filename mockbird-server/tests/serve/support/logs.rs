//! Logged requests for tests.

use mockbird_server::domain::{
    AnsweredBy, Clock, LogBody, LogIds, LogRecord, Millis, OrganizationId, ProjectId,
};
use mockbird_server::store::Store;

use super::projects::TestProject;

/// Makes the requests of a project, in the order of their ids.
pub(crate) struct Logger {
    ids: LogIds,
    organization: OrganizationId,
    project: ProjectId,
}

impl Logger {
    pub(crate) fn new(organization: OrganizationId, project: ProjectId) -> Self {
        Self {
            ids: LogIds::default(),
            organization,
            project,
        }
    }

    /// Of a project in the own organization of its login.
    pub(crate) fn of(project: &TestProject<'_>) -> Self {
        Self::new(project.login.organization().parse().unwrap(), project.id)
    }

    /// A request that nobody answered: `GET /path?query`.
    pub(crate) fn record(&self, at: Millis, request: &str) -> LogRecord {
        let (method, target) = request.split_once(' ').unwrap();
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.as_bytes().to_vec())),
            None => (target, None),
        };
        LogRecord {
            id: self.ids.next(at),
            organization: self.organization,
            project: self.project,
            mock: None,
            response: None,
            at,
            answered_by: AnsweredBy::Nobody,
            method: method.to_owned(),
            path: path.as_bytes().to_vec(),
            query,
            headers: vec![("accept".to_owned(), "text/plain".to_owned())],
            body: None,
            status: 404,
            response_bytes: 2,
            engine_us: 30,
            delay_ms: 0,
            client: [127, 0, 0, 1].into(),
            user_agent: None,
            near: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// So many of them, the earliest first.
    pub(crate) fn many(&self, at: Millis, count: usize) -> Vec<LogRecord> {
        (0..count)
            .map(|n| self.record(at, &format!("GET /{n}")))
            .collect()
    }
}

/// A body of which only the beginning may be kept.
pub(crate) fn body(kept: &[u8], length: u64) -> LogBody {
    LogBody {
        kept: Some(kept.to_vec()),
        length,
        sha256: Some("ab".repeat(32)),
        is_binary: std::str::from_utf8(kept).is_err(),
    }
}

/// Stores requests, as the pipeline does.
pub(crate) async fn store(store: &Store, records: &[LogRecord]) {
    let mut tx = store.begin().await.unwrap();
    // A day that gets its table at this very moment would refuse them; the pipeline tries again.
    tx.log_partitions_make(Clock::System.now(), 1)
        .await
        .unwrap();
    tx.logs_insert(records).await.unwrap();
    tx.rollups_add(records).await.unwrap();
    tx.commit().await.unwrap();
}
