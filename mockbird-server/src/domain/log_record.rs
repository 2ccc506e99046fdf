//! What is kept of a request to a mock.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::named::named;
use super::{LogId, Millis, MockId, OrganizationId, ProjectId, ResponseId, base64_bytes};

/// A request to a mock and its answer, without the secrets in it: what is stored, followed live and exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRecord {
    /// Its id, which the reply had as its `X-Request-Id`: later requests of one server have greater ones.
    pub id: LogId,
    /// Whose project it is.
    pub organization: OrganizationId,
    /// Which project was asked.
    pub project: ProjectId,
    /// Which mock answered.
    pub mock: Option<MockId>,
    /// With which of its responses.
    pub response: Option<ResponseId>,
    /// When the request came.
    pub at: Millis,
    /// Who answered.
    pub answered_by: AnsweredBy,
    /// The method.
    pub method: String,
    /// The path inside of the project, as it came.
    #[serde(with = "base64_bytes")]
    pub path: Vec<u8>,
    /// The query, as it came, without its question mark.
    #[serde(with = "base64_bytes::optional")]
    pub query: Option<Vec<u8>>,
    /// Names in lower case, and values; what is no UTF-8 in them is replaced.
    pub headers: Vec<(String, String)>,
    /// The body; absent if it was empty, or not read.
    pub body: Option<LogBody>,
    /// The status of the reply.
    pub status: u16,
    /// How many bytes the body of the reply has, as it is sent.
    pub response_bytes: u64,
    /// How long it took to decide, in microseconds.
    pub engine_us: u64,
    /// The delay that was asked for, in milliseconds.
    pub delay_ms: u64,
    /// Who asked.
    pub client: IpAddr,
    /// With what program.
    pub user_agent: Option<String>,
    /// The mocks that almost matched where none did, nearest first.
    pub near: Vec<LogNearMiss>,
    /// What else there is to know, one sentence each.
    pub notes: Vec<String>,
}

impl LogRecord {
    /// What a record takes in memory, more or less.
    pub(crate) fn weight(&self) -> usize {
        /// A piece of memory of its own, beside what is in it.
        const PIECE: usize = 16;
        let headers = self.headers.iter();
        let headers: usize = headers
            .map(|(name, value)| 64 + name.len() + value.len())
            .sum();
        let near = self.near.iter().map(|near| {
            let reasons: usize = near.reasons.iter().map(|reason| 32 + reason.len()).sum();
            96 + near.mock.len() + near.method.len() + near.path.len() + reasons
        });
        let body = self.body.as_ref().and_then(|body| body.kept.as_ref());
        let notes: usize = self.notes.iter().map(|note| 32 + note.len()).sum();
        size_of::<Self>()
            + PIECE * 8
            + self.path.len()
            + self.query.as_ref().map_or(0, Vec::len)
            + body.map_or(0, Vec::len)
            + headers
            + near.sum::<usize>()
            + notes
    }
}

named! {
    /// Who answered a request.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub enum AnsweredBy ("kind of answer") {
        /// A mock.
        Mock = "mock",
        /// Nobody: no mock matched.
        Nobody = "nobody",
        /// MockBird itself: something was wrong with the request, or there was no room for it.
        Host = "host",
        /// A mock whose template failed.
        Failed = "failed",
        /// A mock beyond its `rateLimit`.
        Limited = "limited",
    }
}

impl AnsweredBy {
    /// Whether a mock took the request, whatever became of it.
    pub fn is_of_mock(self) -> bool {
        match self {
            Self::Mock | Self::Failed | Self::Limited => true,
            Self::Nobody | Self::Host => false,
        }
    }
}

/// The body of a request, as far as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogBody {
    /// Its beginning, or all of it; absent where the project keeps no bodies.
    #[serde(with = "base64_bytes::optional")]
    pub kept: Option<Vec<u8>>,
    /// How many bytes it had.
    pub length: u64,
    /// The SHA-256 of all of it in hex; absent where it, or a secret in it, is not kept: that could be guessed by it.
    pub sha256: Option<String>,
    /// Whether it is no text.
    pub is_binary: bool,
}

/// A mock that almost matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogNearMiss {
    /// Its name.
    pub mock: String,
    /// Its method.
    pub method: String,
    /// The template of its path.
    pub path: String,
    /// What did not match: what came and what was expected.
    pub reasons: Vec<String>,
}
