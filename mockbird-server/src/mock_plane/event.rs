//! What there is to tell of a request to a mock: whoever counts or keeps it does so from here.

use mockbird_core::{AnswerSource, Mock, MockKey, Response};

use super::tenant::Tenant;
use crate::domain::{Millis, OrganizationId, ProjectId};

/// One request to a project, answered. What was turned away by its guard is none.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// Whose project it is.
    pub organization: OrganizationId,
    /// Which project.
    pub project: ProjectId,
    /// When it came.
    pub at: Millis,
    /// Who answered.
    pub by: AnsweredBy,
    /// With which status.
    pub status: u16,
    /// How many bytes the body of the reply has, as it is sent.
    pub bytes: u64,
}

/// Who answered a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnsweredBy {
    /// A mock, with which of its responses.
    Mock(MockKey, usize),
    /// A mock that refused, beyond its rate limit, with which of its responses, if it has one for that.
    Limited(MockKey, Option<usize>),
    /// A mock whose template failed, with which of its responses.
    Failed(MockKey, usize),
    /// No mock did.
    Nobody,
    /// We ourselves: something was wrong with the request, or we had no room for it.
    Host,
    /// We ourselves: a CORS preflight.
    Preflight,
}

impl AnsweredBy {
    pub(super) fn of(source: &AnswerSource<'_>) -> Self {
        match source {
            AnswerSource::Mock(mock, response) => Self::Mock(mock.key(), place(mock, response)),
            AnswerSource::Refused(mock, response) => {
                Self::Limited(mock.key(), response.map(|response| place(mock, response)))
            }
            AnswerSource::Failed(mock, response, _) => {
                Self::Failed(mock.key(), place(mock, response))
            }
            AnswerSource::Nobody(_) => Self::Nobody,
            AnswerSource::Documentation => Self::Host,
            AnswerSource::Preflight => Self::Preflight,
        }
    }
}

/// Where a response stands in its mock.
fn place(mock: &Mock, response: &Response) -> usize {
    let all = mock.responses().iter();
    all.take_while(|one| !std::ptr::eq(*one, response)).count()
}

impl Tenant {
    /// The one place that every request passes. It must cost next to nothing: no lock, nothing looked up.
    pub(super) fn tell(&self, event: &Event) {
        // What we refuse costs its owner nothing: a stranger could use up a plan by it.
        if event.by != AnsweredBy::Host {
            self.usage.count(event);
        }
    }
}
