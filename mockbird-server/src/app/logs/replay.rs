//! A logged request against the mocks of now.

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::{App, NO_PROJECT};
use crate::app::AppError;
use crate::domain::{LogId, LogRecord, OrganizationId, ProjectId};
use crate::logs::REDACTED;
use crate::mock_plane::{Replayable, Replayed};

/// What would answer a logged request now.
#[derive(Debug)]
pub struct LogReplay {
    /// What would answer, and why.
    pub replayed: Replayed,
    /// What the log does not hold any more, a sentence each: an answer that depends on it may be another one.
    pub lost: Vec<String>,
}

impl App {
    /// What would answer a logged request now, and why. Nothing is counted or logged.
    pub async fn log_replay(
        &self,
        organization: OrganizationId,
        project: ProjectId,
        id: LogId,
    ) -> Result<LogReplay, AppError> {
        let record = self.log_get(organization, project, id).await?;
        let mut read = self.store().read().await?;
        let found = read.project_get(organization, project).await?;
        let slug = found.ok_or(NO_PROJECT)?.slug;
        drop(read);
        let (request, lost) = again(&record);
        let replayed = self.mock_plane().replay(slug.as_str(), request).await?;
        let replayed = replayed.ok_or(NO_PROJECT)?;
        Ok(LogReplay { replayed, lost })
    }
}

/// The request as far as the log holds it, and what it does not.
fn again(record: &LogRecord) -> (Replayable, Vec<String>) {
    let mut lost = Vec::new();
    let mut headers = HeaderMap::new();
    for (name, value) in &record.headers {
        if value.contains(REDACTED) {
            lost.push(format!("the value of the header `{name}` is not kept"));
        }
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            headers.append(name, value);
        }
    }
    let mut target = String::from_utf8_lossy(&record.path).into_owned();
    if let Some(query) = &record.query {
        target.push('?');
        target.push_str(&String::from_utf8_lossy(query));
    }
    if is_redacted(target.as_bytes()) {
        lost.push("values in the path or query are not kept".to_owned());
    }
    let body = record.body.as_ref();
    let kept = body.and_then(|body| body.kept.clone());
    match (body.map_or(0, |body| body.length), &kept) {
        (0, _) => {}
        (_, None) => lost.push("the body is not kept".to_owned()),
        (_, Some(kept)) if is_redacted(kept) => {
            lost.push("values in the body are not kept".to_owned());
        }
        (length, Some(kept)) if (kept.len() as u64) < length => {
            let kept = kept.len();
            lost.push(format!(
                "only the first {kept} of {length} bytes of the body are kept"
            ));
        }
        (_, Some(_)) => {}
    }
    let request = Replayable {
        // It was one when it came.
        method: Method::from_bytes(record.method.as_bytes()).unwrap_or_default(),
        target,
        headers,
        body: kept.unwrap_or_default().into(),
        client: record.client,
    };
    (request, lost)
}

fn is_redacted(bytes: &[u8]) -> bool {
    let encoded = b"%5Bredacted%5D";
    [REDACTED.as_bytes(), encoded]
        .iter()
        .any(|mark| bytes.windows(mark.len()).any(|part| part == *mark))
}
