//! A request from the log against the mocks of now: nothing is counted, logged or sent.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use mockbird_core::condition::Finding;
use mockbird_core::{AnswerSource, Explanation, NearMiss, Request};

use super::{Absent, MockPlane, Snapshot};
use crate::domain::{AnsweredBy, MockId, ResponseId};
use crate::http::surroundings;
use crate::store::StoreError;

/// A request as it is asked again.
#[derive(Clone, Debug)]
pub struct Replayable {
    /// Its method.
    pub method: Method,
    /// Path and query inside of the project.
    pub target: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// Who asked.
    pub client: IpAddr,
}

/// What would answer, and why.
#[derive(Debug)]
pub struct Replayed {
    /// Who would answer.
    pub by: AnsweredBy,
    /// Which mock.
    pub mock: Option<MockId>,
    /// With which response.
    pub response: Option<ResponseId>,
    /// The reply.
    pub reply: Response<Bytes>,
    /// How long it would be held back.
    pub delay: Duration,
    /// The mocks that were asked, in their order.
    pub asked: Vec<AskedMock>,
    /// Those that almost matched, if none answers.
    pub nearest: Vec<NearMiss>,
    /// What failed in a template.
    pub failed: Option<String>,
}

/// A mock whose method and path match.
#[derive(Debug)]
pub struct AskedMock {
    /// Which one.
    pub id: Option<MockId>,
    /// What it is called.
    pub name: String,
    /// The method it answers.
    pub method: String,
    /// The path it answers.
    pub path: String,
    /// The parameters of the path.
    pub params: Vec<(String, String)>,
    /// Its responses, in their order.
    pub responses: Vec<AskedResponse>,
    /// The one that answers, as a place among them.
    pub chosen: Option<usize>,
}

/// A response of such a mock.
#[derive(Debug)]
pub struct AskedResponse {
    /// Which one.
    pub id: Option<ResponseId>,
    /// What it is called.
    pub name: Option<String>,
    /// Its status.
    pub status: u16,
    /// Whether all its conditions hold.
    pub qualifies: bool,
    /// What became of its conditions.
    pub conditions: Vec<Reason>,
}

/// What became of a condition, or of a group of them.
#[derive(Debug)]
pub struct Reason {
    /// Whether it holds.
    pub passed: bool,
    /// Why, or what kind of group it is.
    pub text: String,
    /// Those of the group.
    pub conditions: Vec<Reason>,
}

impl MockPlane {
    /// What would answer a request to the project of this slug; nothing if there is none.
    pub async fn replay(
        &self,
        slug: &str,
        request: Replayable,
    ) -> Result<Option<Replayed>, StoreError> {
        let snapshot = match self.project(slug).await {
            Ok(snapshot) => snapshot,
            Err(Absent::Unknown) => return Ok(None),
            Err(Absent::Unavailable(error)) => return Err(absent(&error)),
        };
        let replay = tokio::task::spawn_blocking(move || snapshot.replay(&request));
        let replayed = replay.await;
        replayed
            .map(Some)
            .map_err(|panicked| StoreError::Corrupt(panicked.to_string()))
    }
}

/// The same for whoever waits beside others for one load.
fn absent(error: &Arc<StoreError>) -> StoreError {
    match error.as_ref() {
        StoreError::Unavailable { retry_after, .. } => StoreError::Unavailable {
            retry_after: *retry_after,
            source: None,
        },
        other => StoreError::Corrupt(other.to_string()),
    }
}

impl Snapshot {
    fn replay(&self, request: &Replayable) -> Replayed {
        let Replayable {
            method,
            target,
            headers,
            body,
            client,
        } = request;
        let asked = Request::new(method, target, headers, body).with_client(*client);
        // One chance for both: what is explained is what is answered.
        let env = surroundings(None);
        let explanation = self.engine().explain(&asked, &env);
        let answer = self.engine().answer(&asked, &env);
        let asked_mocks = self.asked(&explanation);
        let answering = asked_mocks.iter().find_map(|mock| {
            let response = mock.responses.get(mock.chosen?)?;
            Some((mock.id, response.id))
        });
        let (by, failed) = match answer.source {
            AnswerSource::Mock(..) => (AnsweredBy::Mock, None),
            AnswerSource::Refused(..) => (AnsweredBy::Limited, None),
            AnswerSource::Failed(_, _, why) => (AnsweredBy::Failed, Some(why)),
            AnswerSource::Nobody(_) => (AnsweredBy::Nobody, None),
            AnswerSource::Preflight | AnswerSource::Documentation => (AnsweredBy::Host, None),
        };
        let (mock, response) = answering.unwrap_or_default();
        Replayed {
            by,
            mock,
            response,
            reply: answer.response,
            delay: answer.delay,
            asked: asked_mocks,
            nearest: explanation.nearest,
            failed,
        }
    }

    fn asked(&self, explanation: &Explanation<'_>) -> Vec<AskedMock> {
        let mocks = explanation.mocks.iter().map(|report| {
            let ids = |at: usize| self.keys.find(report.mock.key(), at);
            let responses = report.responses.iter().enumerate();
            let responses = responses.map(|(at, response)| AskedResponse {
                id: ids(at).and_then(|(_, response)| response),
                name: response.response.name().map(str::to_owned),
                status: response.response.status().as_u16(),
                qualifies: response.qualifies(),
                conditions: response.conditions.iter().map(Reason::new).collect(),
            });
            AskedMock {
                id: ids(0).map(|(mock, _)| mock),
                name: report.mock.name().to_owned(),
                method: report.mock.method().as_str().to_owned(),
                path: report.mock.path().to_owned(),
                params: report.params.clone(),
                responses: responses.collect(),
                chosen: report.chosen,
            }
        });
        mocks.collect()
    }
}

impl Reason {
    fn new(finding: &Finding) -> Self {
        Self {
            passed: finding.passed,
            text: finding.heading().into_owned(),
            conditions: finding.children().iter().map(Self::new).collect(),
        }
    }
}
