//! Why a request is answered as it is: every mock that had its turn, condition by condition.

use super::{Engine, Mock, NearMiss, Response};
use crate::condition::Finding;
use crate::env::Env;
use crate::finish::is_preflight;
use crate::request::Request;
use crate::spec::MethodPattern;

/// Which mock and response answer a request, and why.
#[derive(Debug)]
pub struct Explanation<'e> {
    /// Every mock whose path and method match, in the order in which they are asked, up to the one that answers.
    pub mocks: Vec<MockReport<'e>>,
    /// True if this is a CORS preflight, which only a mock of `OPTIONS` may answer.
    pub preflight: bool,
    /// The mocks that almost matched, if none answers.
    pub nearest: Vec<NearMiss>,
}

/// One mock's turn.
#[derive(Debug)]
pub struct MockReport<'e> {
    /// The mock.
    pub mock: &'e Mock,
    /// The decoded path parameters.
    pub params: Vec<(String, String)>,
    /// Its responses, in order of definition.
    pub responses: Vec<ResponseReport<'e>>,
    /// The one that answers, as a position in `responses`.
    pub chosen: Option<usize>,
}

/// One response of a mock that had its turn.
#[derive(Debug)]
pub struct ResponseReport<'e> {
    /// The response.
    pub response: &'e Response,
    /// What each of its conditions found.
    pub conditions: Vec<Finding>,
}

impl ResponseReport<'_> {
    /// True if all its conditions pass.
    pub fn qualifies(&self) -> bool {
        self.conditions.iter().all(|finding| finding.passed)
    }
}

impl Engine {
    /// Explains the answer to a request: what [`Engine::respond`] would do, with every reason.
    pub fn explain<'e>(&'e self, request: &Request<'_>, env: &Env<'_>) -> Explanation<'e> {
        let preflight = self.cors() && is_preflight(request);
        let mut mocks = Vec::new();
        let answered = self.candidates(request, env, |turn| {
            if preflight && *turn.mock().method() == MethodPattern::Any {
                return None;
            }
            let mock = turn.mock();
            let view = turn.view();
            let responses = mock.responses().iter().map(|response| ResponseReport {
                response,
                conditions: response
                    .conditions()
                    .iter()
                    .map(|condition| condition.explain(&view))
                    .collect(),
            });
            let responses = responses.collect();
            let params = view
                .params
                .iter()
                .map(|(name, text)| (name.to_owned(), text.into_owned()))
                .collect();
            let chosen = turn.verdict();
            let chosen = chosen.and_then(|chosen| {
                mock.responses()
                    .iter()
                    .position(|r| std::ptr::eq(r, chosen))
            });
            mocks.push(MockReport {
                mock,
                params,
                responses,
                chosen,
            });
            chosen.map(|_| ())
        });
        let nearest = match (answered, preflight) {
            (None, false) => self.near_misses(request),
            (Some(()), _) | (None, true) => Vec::new(),
        };
        Explanation {
            mocks,
            preflight,
            nearest,
        }
    }
}
