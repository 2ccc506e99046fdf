//! A request as it is handed to the log: as it is, so that whoever asked need not wait for anything to be made of it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use mockbird_core::NearMiss;

use super::guard::Sight;
use super::rates::Admitted;
use super::{Address, AnsweredBy, Snapshot};
use crate::domain::{self, LogId, LogNearMiss, LogRecord, Millis};
use crate::logs::{LogRules, kept_body};

/// A request that is to be answered, or was.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) id: LogId,
    pub(super) at: Millis,
    pub(super) parts: Parts,
    /// As the mock sees it.
    pub(super) body: Bytes,
    pub(super) client: IpAddr,
    pub(super) own_host: bool,
    /// What whoever asked may see.
    pub(super) sight: Sight,
    /// What the limits say.
    pub(super) admitted: Admitted,
}

/// A request that was answered, and how.
#[derive(Debug)]
pub struct LogEvent {
    pub(super) asked: Asked,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) by: AnsweredBy,
    pub(super) near: Vec<NearMiss>,
    /// Why the template failed.
    pub(super) failure: Option<String>,
    /// It was refused by a limit, and so were so many before it that are not logged.
    pub(super) limited: Option<u64>,
    pub(super) status: u16,
    pub(super) bytes: u64,
    pub(super) engine: Duration,
    pub(super) delay: Duration,
    /// What was taken out of the reply.
    pub(super) taken_out: Vec<HeaderName>,
}

impl crate::logs::Event for LogEvent {
    fn weight(&self) -> usize {
        /// Of the headers, and of the buffer that they are in.
        const HEAD: usize = 1 << 10;
        size_of::<Self>() + HEAD + self.asked.body.len()
    }

    fn into_record(self, body_max: usize) -> LogRecord {
        let Asked {
            parts,
            body,
            own_host,
            ..
        } = &self.asked;
        let rules = &self.snapshot.tenant.log_rules;
        let target = Address::target(&parts.uri, *own_host);
        let (path, query) = split(target.as_bytes());
        let headers = headers(&parts.headers, rules);
        let content_type = parts
            .headers
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        let body = kept_body(body, content_type, rules, body_max);
        let user_agent = headers.iter().find(|(name, _)| name == USER_AGENT.as_str());
        let (mock, response, answered_by) = self.answered_by();
        LogRecord {
            id: self.asked.id,
            organization: self.snapshot.tenant.organization,
            project: self.snapshot.project,
            mock,
            response,
            at: self.asked.at,
            answered_by,
            method: parts.method.as_str().to_owned(),
            path: path.to_vec(),
            query: query.map(|query| rules.query(query).into_owned()),
            user_agent: user_agent.map(|(_, value)| value.clone()),
            notes: self.notes(body_max),
            headers,
            body,
            status: self.status,
            response_bytes: self.bytes,
            engine_us: u64::try_from(self.engine.as_micros()).unwrap_or(u64::MAX),
            delay_ms: u64::try_from(self.delay.as_millis()).unwrap_or(u64::MAX),
            client: self.asked.client,
            near: self
                .near
                .into_iter()
                .map(|near| logged(near, rules))
                .collect(),
        }
    }
}

impl LogEvent {
    fn answered_by(
        &self,
    ) -> (
        Option<domain::MockId>,
        Option<domain::ResponseId>,
        domain::AnsweredBy,
    ) {
        let find = |key, at| self.snapshot.keys.find(key, at).unzip();
        match self.by {
            AnsweredBy::Mock(key, at) => {
                let (mock, response) = find(key, at);
                (mock, response.flatten(), domain::AnsweredBy::Mock)
            }
            AnsweredBy::Limited(key, at) => {
                let (mock, response) = find(key, at.unwrap_or(0));
                let response = at.and(response.flatten());
                (mock, response, domain::AnsweredBy::Limited)
            }
            AnsweredBy::Failed(key, at) => {
                let (mock, response) = find(key, at);
                (mock, response.flatten(), domain::AnsweredBy::Failed)
            }
            AnsweredBy::Nobody => (None, None, domain::AnsweredBy::Nobody),
            AnsweredBy::Host | AnsweredBy::Preflight => (None, None, domain::AnsweredBy::Host),
        }
    }

    fn notes(&self, body_max: usize) -> Vec<String> {
        let Asked { parts, body, .. } = &self.asked;
        let failure = self.failure.as_ref();
        let failure = failure.map(|why| format!("the template failed: {why}"));
        let limited = self.limited.map(limited);
        let taken_out = self.taken_out.iter().map(|name| {
            format!("`{name}` was taken out of the reply: the host is not the mock's alone")
        });
        let encoding = parts
            .headers
            .get(CONTENT_ENCODING)
            .filter(|_| !body.is_empty());
        let inflated =
            encoding.map(|_| "the body is logged without its content encoding".to_owned());
        let cut = (body.len() > body_max)
            .then(|| format!("of the body, the first {body_max} bytes are kept"));
        failure
            .into_iter()
            .chain(limited)
            .chain(taken_out)
            .chain(inflated)
            .chain(cut)
            .collect()
    }
}

/// What is said of a request that a limit refused.
fn limited(unlogged: u64) -> String {
    let others = match unlogged {
        0 => return "a limit refused it".to_owned(),
        1 => "one more".to_owned(),
        many => format!("{many} more"),
    };
    format!("a limit refused it, and {others} before it that are not logged")
}

/// Path and query.
fn split(target: &[u8]) -> (&[u8], Option<&[u8]>) {
    match target.iter().position(|byte| *byte == b'?') {
        Some(at) => (&target[..at], Some(&target[at + 1..])),
        None => (target, None),
    }
}

fn headers(headers: &HeaderMap, rules: &LogRules) -> Vec<(String, String)> {
    let headers = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        let value = rules.header(name.as_str(), value);
        (name.as_str().to_owned(), value.into_owned())
    });
    headers.collect()
}

fn logged(near: NearMiss, rules: &LogRules) -> LogNearMiss {
    LogNearMiss {
        mock: near.mock,
        method: near.method,
        path: near.path,
        reasons: near
            .reasons
            .into_iter()
            .map(|reason| rules.reason(reason))
            .collect(),
    }
}
