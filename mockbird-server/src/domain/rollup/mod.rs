//! What is counted of the requests of a scope in a minute, an hour or a day.
//!
//! Rollups of parts add up to that of the whole: in any order, in any grouping ([`TopPaths`] says how far that goes for paths).
//! Each part of one is bounded, and small while there is little to count.

mod latencies;
mod packed;
mod paths;
mod period;
mod visitors;

use std::collections::HashMap;

pub use latencies::Latencies;
pub use paths::TopPaths;
pub use period::Period;
pub use visitors::Visitors;

use super::named::named;
use super::{AnsweredBy, LogRecord, Millis, MockId, OrganizationId, ProjectId};

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Those that a mock answered.
    Mock(MockId),
    /// Those to a project.
    Project(ProjectId),
    /// Those to all projects of an organization.
    Organization(OrganizationId),
}

named! {
    /// What a scope is.
    pub enum ScopeKind ("kind of scope") {
        /// A mock.
        Mock = "mock",
        /// A project, with its mocks.
        Project = "project",
        /// An organization, with its projects.
        Organization = "organization",
    }
}

impl Scope {
    /// Its id, which no scope of another kind has.
    pub fn id(self) -> String {
        match self {
            Self::Mock(mock) => mock.to_string(),
            Self::Project(project) => project.to_string(),
            Self::Organization(organization) => organization.to_string(),
        }
    }
}

/// The requests of one scope in one stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rollup {
    /// The numbers.
    pub counts: Counts,
    /// How long they took, from the request to the reply, with the delay that was asked for: in microseconds.
    pub latencies: Latencies,
    /// From how many addresses they came.
    pub visitors: Visitors,
    /// Which paths were asked for most.
    pub paths: TopPaths,
}

/// A minute of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Minute {
    /// Whose requests.
    pub scope: Scope,
    /// The organization that the scope is, or belongs to.
    pub organization: OrganizationId,
    /// The project that it is, or belongs to; absent if it is the organization.
    pub project: Option<ProjectId>,
    /// When the minute begins.
    pub start: Millis,
}

impl Minute {
    /// Those that a request is counted in.
    fn all_of(record: &LogRecord) -> impl Iterator<Item = Self> + use<> {
        let LogRecord {
            organization,
            project,
            at,
            ..
        } = *record;
        let scopes = [
            record.mock.map(|mock| (Scope::Mock(mock), Some(project))),
            Some((Scope::Project(project), Some(project))),
            Some((Scope::Organization(organization), None)),
        ];
        scopes
            .into_iter()
            .flatten()
            .map(move |(scope, project)| Self {
                scope,
                organization,
                project,
                start: Period::Minute.start_of(at),
            })
    }
}

/// The numbers of a rollup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests.
    pub requests: u64,
    /// Those that were answered by a status of 400 or above.
    pub errors: u64,
    /// Those that no mock matched.
    pub unmatched: u64,
    /// Bytes of the bodies of the replies, as they were sent.
    pub bytes: u64,
    /// Requests by the first digit of the status, from 1 to 5.
    pub classes: [u64; 5],
}

impl Rollup {
    /// Counts one more request.
    pub fn count(&mut self, record: &LogRecord) {
        self.counts.count(record);
        let delay_us = record.delay_ms.saturating_mul(1000);
        self.latencies
            .record(record.engine_us.saturating_add(delay_us));
        self.visitors.see(record.client);
        self.paths.count(&record.path);
    }

    /// Takes in what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
        self.latencies.merge(&other.latencies);
        self.visitors.merge(&other.visitors);
        self.paths.merge(&other.paths);
    }

    /// What a batch counts, by the minutes of its scopes.
    pub fn of_batch<'r>(records: impl IntoIterator<Item = &'r LogRecord>) -> HashMap<Minute, Self> {
        let mut rollups: HashMap<_, Self> = HashMap::new();
        for record in records {
            for minute in Minute::all_of(record) {
                rollups.entry(minute).or_default().count(record);
            }
        }
        rollups
    }
}

impl Counts {
    fn count(&mut self, record: &LogRecord) {
        self.requests += 1;
        self.errors += u64::from(record.status >= 400);
        self.unmatched += u64::from(record.answered_by == AnsweredBy::Nobody);
        self.bytes = self.bytes.saturating_add(record.response_bytes);
        // Statuses that nobody defined, above 599, are errors of the server to every client.
        let class = usize::from(record.status / 100).clamp(1, 5) - 1;
        self.classes[class] += 1;
    }

    /// Takes in what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.errors = self.errors.saturating_add(other.errors);
        self.unmatched = self.unmatched.saturating_add(other.unmatched);
        self.bytes = self.bytes.saturating_add(other.bytes);
        for (mine, more) in self.classes.iter_mut().zip(other.classes) {
            *mine = mine.saturating_add(more);
        }
    }
}

#[cfg(test)]
mod tests;
