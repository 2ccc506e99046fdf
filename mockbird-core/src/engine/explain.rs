//! Why a request is answered as it is: every mock that had its turn, condition by condition.

use std::borrow::Cow;

use super::masked::masked_by;
use super::{Engine, Mock, NearMiss, Response, Turn};
use crate::Allowance;
use crate::condition::{Finding, Shown, quoted, shown};
use crate::env::Env;
use crate::request::{Request, View, decode};
use crate::secret::{MASK, is_secret};

/// Which mock and response answer a request, and why.
#[derive(Debug)]
pub struct Explanation<'e> {
    /// The path of the request as it came, without the parameters that are secrets.
    pub path: String,
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
    /// The decoded path parameters, those with secret names masked.
    pub params: Vec<(String, String)>,
    /// Its responses, in order of definition.
    pub responses: Vec<ResponseReport<'e>>,
    /// The one that answers, as a position in `responses`.
    pub chosen: Option<usize>,
    /// What its rate limit says of the call, if it has one and takes the request.
    pub allowance: Option<Allowance>,
}

/// One response of a mock that had its turn.
#[derive(Debug)]
pub struct ResponseReport<'e> {
    /// The response.
    pub response: &'e Response,
    /// What each of its conditions found.
    pub conditions: Vec<Finding>,
    /// False if it is for calls beyond the rate limit of its mock and this is none, or the other way round.
    pub plays_a_part: bool,
}

impl ResponseReport<'_> {
    /// True if it plays a part and all its conditions pass.
    pub fn qualifies(&self) -> bool {
        self.plays_a_part && self.conditions.iter().all(|finding| finding.passed)
    }
}

impl Engine {
    /// Explains the answer to a request: what [`Engine::respond`] would do, with every reason.
    ///
    /// Nothing is counted as answered: a seeded run goes on as if nobody had asked, and so does a rate limit.
    pub fn explain<'e>(&'e self, request: &Request<'_>, env: &Env<'_>) -> Explanation<'e> {
        let mut mocks = Vec::new();
        let answered = self.candidates(request, env, |turn| {
            let report = MockReport::of(turn);
            let answers = report.answers();
            mocks.push(report);
            answers.then_some(())
        });
        let preflight = self.takes_preflight(request);
        let nearest = match (answered, preflight) {
            (None, false) => self.near_misses(request),
            (Some(()), _) | (None, true) => Vec::new(),
        };
        let path = match answered {
            Some(()) => Cow::Borrowed(request.raw_path()),
            None => self.masked_path(request.method(), request.raw_path()),
        };
        let asked = mocks
            .iter()
            .map(|report: &MockReport<'_>| &report.mock.pattern);
        Explanation {
            path: masked_by(asked, &path).into_owned(),
            mocks,
            preflight,
            nearest,
        }
    }
}

impl<'e> MockReport<'e> {
    fn of(turn: &mut Turn<'e, '_>) -> Self {
        turn.foretell();
        let (mock, answering) = (turn.mock(), turn.verdict());
        let is_refused = answering.is_some() && turn.admit().is_err();
        let chosen = if is_refused {
            turn.refusal()
        } else {
            answering
        };
        let view = turn.view();
        let responses = mock.responses().iter().map(|response| ResponseReport {
            response,
            conditions: response.explain(&view),
            plays_a_part: response.refuses == is_refused,
        });
        Self {
            mock,
            params: shown_params(mock, &view),
            responses: responses.collect(),
            chosen: chosen.and_then(|chosen| mock.position(chosen)),
            allowance: turn.allowance(),
        }
    }

    /// True if it answers, be it that the call is beyond its rate limit.
    pub fn answers(&self) -> bool {
        self.chosen.is_some() || self.is_refused()
    }

    /// True if it takes the request, which is beyond its rate limit.
    pub fn is_refused(&self) -> bool {
        self.allowance
            .is_some_and(|allowance| !allowance.is_admitted)
    }
}

/// The decoded parameters of the path, secrets masked.
pub(super) fn shown_params(mock: &Mock, view: &View<'_>) -> Vec<(String, String)> {
    let path = mock.pattern.masked(view.request.raw_path());
    let follows_name = |text: &str| match &path {
        Cow::Owned(path) => !decode(path).contains(text),
        Cow::Borrowed(_) => false,
    };
    let params = view.params.iter().map(|(name, text)| {
        let hidden =
            is_secret(name) || follows_name(&text) || shown(&text) != Shown::Text(quoted(&text));
        let text = if hidden { MASK.into() } else { text };
        (name.to_owned(), text.into_owned())
    });
    params.collect()
}

impl Response {
    /// What each condition finds in a request.
    pub(super) fn explain(&self, view: &View<'_>) -> Vec<Finding> {
        let conditions = self.conditions().iter();
        conditions
            .map(|condition| condition.explain(view))
            .collect()
    }
}
