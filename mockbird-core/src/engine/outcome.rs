//! What the engine decided, before it is put into the form of HTTP.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use super::mock::{Mock, Response};
use crate::Allowance;
use crate::spec::RateLimit;
use crate::template::RenderFault;

/// What the engine decided about one request.
#[derive(Debug)]
pub enum Outcome<'e> {
    /// A mock answers.
    Reply(Reply<'e>),
    /// A mock answers, but its template failed for this request.
    Failed(Failure<'e>),
    /// A mock takes the request, which is beyond its rate limit, and has no response of its own for that.
    Refused(Refusal<'e>),
    /// A CORS preflight that no mock claims: the host allows it.
    Preflight,
    /// No mock answers.
    NoMatch,
}

/// An answer: which mock and response, and what was rendered.
#[derive(Debug)]
pub struct Reply<'e> {
    /// The mock that answers.
    pub mock: &'e Mock,
    /// Its response.
    pub response: &'e Response,
    /// How long the host must wait before it sends the reply.
    pub delay: Duration,
    /// What the rate limit of the mock says of it, if it has one.
    pub allowance: Option<Allowance>,
    /// The headers whose values were rendered.
    pub(crate) rendered: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: ReplyBody,
}

#[derive(Debug)]
pub(crate) enum ReplyBody {
    /// The response's own: empty, or the same in every reply.
    Fixed,
    /// Made for this reply.
    Rendered(Bytes),
}

/// A call beyond the rate limit of a mock.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'e> {
    /// The mock.
    pub mock: &'e Mock,
    /// Its limit.
    pub limit: &'e RateLimit,
    /// How long until the next call is taken.
    pub allowance: Allowance,
}

impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RateLimit { requests, per, .. } = self.limit;
        write!(
            f,
            "mock `{}` takes {requests} request{} per {per}: the next one in {} s",
            self.mock.name(),
            if *requests == 1 { "" } else { "s" },
            self.allowance.reset_seconds()
        )
    }
}

/// A template that failed, and where.
#[derive(Debug)]
pub struct Failure<'e> {
    /// The mock whose template it is.
    pub mock: &'e Mock,
    /// The response.
    pub response: &'e Response,
    /// The field whose template it is: `body` or `headers.x-total`.
    pub field: String,
    /// What failed.
    pub fault: RenderFault,
}

impl fmt::Display for Failure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.mock.position(self.response);
        write!(
            f,
            "mock `{}`, responses[{}]",
            self.mock.name(),
            position.unwrap_or(0)
        )?;
        if let Some(name) = self.response.name() {
            write!(f, " `{name}`")?;
        }
        let Self { field, fault, .. } = self;
        write!(f, ", {field}, {fault}")
    }
}
