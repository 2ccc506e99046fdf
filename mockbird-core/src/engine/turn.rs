//! One mock's turn to answer one request: first the verdict, then the reply.

use std::cell::OnceCell;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};

use super::mock::{Body, HeaderText, Mock, Response, Routed};
use super::outcome::{Failure, Outcome, Refusal, Reply, ReplyBody};
use crate::Allowance;
use crate::env::{Chance, Env};
use crate::request::{Params, Request, View};
use crate::router::{Candidate, Captures};
use crate::select::select;
use crate::spec::{Delay, MethodPattern};
use crate::template::{BodyFault, Budget, Context, RenderFault};

/// A mock whose path and method match, with the request it may answer.
#[derive(Debug)]
pub struct Turn<'e, 'a> {
    mock: &'e Mock,
    request: &'a Request<'a>,
    candidate: Candidate<'e, 'a, 'a, Routed>,
    /// Found when something looks: most answers never do.
    captures: OnceCell<Captures<'a>>,
    env: &'a Env<'a>,
    chance: Chance<'a>,
    /// What the rate limit said, once it was asked.
    allowance: Option<Allowance>,
}

impl<'e, 'a> Turn<'e, 'a> {
    pub(super) fn new(
        candidate: Candidate<'e, 'a, 'a, Routed>,
        request: &'a Request<'a>,
        env: &'a Env<'a>,
        seed: Option<u64>,
    ) -> Self {
        let mock = &**candidate.entry;
        let chance = Chance::new(env, seed);
        Self {
            mock,
            request,
            candidate,
            captures: OnceCell::new(),
            env,
            chance,
            allowance: None,
        }
    }

    /// The mock.
    pub fn mock(&self) -> &'e Mock {
        self.mock
    }

    /// The request as this mock sees it.
    pub fn view(&self) -> View<'_> {
        let captures = self.captures.get_or_init(|| self.candidate.captures());
        view(self.mock, self.request, captures.as_slice())
    }

    /// From now on the answer is only foretold: nothing is counted as given.
    pub(super) fn foretell(&mut self) {
        self.chance.foretell();
    }

    /// The response that answers; `None` passes the request on to the next candidate.
    pub fn verdict(&mut self) -> Option<&'e Response> {
        if let Some(only) = &self.candidate.entry.plain {
            return Some(only);
        }
        self.select(false)
    }

    /// What this call gets if it is beyond the rate limit of the mock: a response with the status of the limit, if one qualifies, or
    /// else an error. If it is within, or there is no limit, it is counted and gets its [verdict](Self::verdict).
    ///
    /// To be asked once, when it is certain that this mock takes the request: who is refused gets no other mock.
    pub fn refuse(&mut self) -> Option<Outcome<'e>> {
        let refusal = self.admit().err()?;
        Some(match self.refusal() {
            Some(response) => self.render(response),
            None => Outcome::Refused(refusal),
        })
    }

    /// Asks the rate limit of the mock, if it has one.
    pub(super) fn admit(&mut self) -> Result<(), Refusal<'e>> {
        if self.candidate.entry.plain.is_some() {
            return Ok(());
        }
        let mock = self.mock;
        let Some(limit) = &mock.limit else {
            return Ok(());
        };
        let window = self.env.counters.and_then(|all| all.window(mock.slot));
        let allowance = match window {
            Some(window) if self.chance.counts() => window.admit(self.env.now_ms),
            Some(window) => window.foretell(self.env.now_ms),
            None => Allowance::first(limit),
        };
        self.allowance = Some(allowance);
        if allowance.is_admitted {
            return Ok(());
        }
        Err(Refusal {
            mock,
            limit,
            allowance,
        })
    }

    /// What the rate limit said, if the mock has one and it was asked.
    pub(super) fn allowance(&self) -> Option<Allowance> {
        self.allowance
    }

    /// The response for a call that was not admitted.
    pub(super) fn refusal(&mut self) -> Option<&'e Response> {
        self.select(true)
    }

    /// The response that answers: of those for calls beyond the rate limit, or of all others.
    fn select(&mut self, refuses: bool) -> Option<&'e Response> {
        let mock = self.mock;
        let Self {
            request,
            candidate,
            captures,
            chance,
            ..
        } = self;
        let captures = if mock.looks {
            captures.get_or_init(|| candidate.captures()).as_slice()
        } else {
            &[]
        };
        let view = view(mock, request, captures);
        let chosen = select(
            mock.responses(),
            |response| response.refuses == refuses,
            |response| {
                response
                    .conditions
                    .iter()
                    .all(|condition| condition.passes(&view))
            },
            |total| chance.random(mock).below(total),
        );
        chosen.map(|index| &mock.responses()[index])
    }

    /// Renders a response of this mock.
    pub fn render(&mut self, response: &'e Response) -> Outcome<'e> {
        if self.candidate.entry.plain.is_some() {
            let (delay, rendered, body) = (Duration::ZERO, Vec::new(), ReplyBody::Fixed);
            return Outcome::Reply(Reply {
                mock: self.mock,
                response,
                delay,
                allowance: None,
                rendered,
                body,
            });
        }
        if self.mock.draws {
            // Every answer of a mock that draws is counted, whether this one draws or not.
            self.chance.random(self.mock);
        }
        let delay = self.delay(response.delay.as_ref());
        match self.rendered(response) {
            Ok((rendered, body)) => Outcome::Reply(Reply {
                mock: self.mock,
                response,
                delay,
                allowance: self.allowance,
                rendered,
                body,
            }),
            Err((field, fault)) => Outcome::Failed(Failure {
                mock: self.mock,
                response,
                field,
                fault,
            }),
        }
    }

    fn delay(&mut self, delay: Option<&Delay>) -> Duration {
        delay.map_or(Duration::ZERO, |delay| {
            delay.draw(self.chance.random(self.mock))
        })
    }

    /// The rendered headers and the body, or the field that failed and why.
    fn rendered(&mut self, response: &'e Response) -> Result<Rendered, (String, RenderFault)> {
        if response.templated.is_empty() && !response.body.is_template() {
            return Ok((Vec::new(), ReplyBody::Fixed));
        }
        let random = self.chance.random(self.mock).clone();
        let (now, id) = (self.env.now_ms, self.env.request_id);
        let context = Context::new(self.view(), now, id, random);
        let mut budget = Budget::default();
        let mut headers = Vec::with_capacity(response.templated.len());
        for (name, text) in &response.templated {
            let value = match text {
                HeaderText::Fixed(value) => value.clone(),
                HeaderText::Template(template) => {
                    let mut value = String::new();
                    template
                        .render(&context, &mut value, &mut budget)
                        .map_err(|fault| (format!("headers.{name}"), fault))?;
                    header_value(value)
                }
            };
            headers.push((name.clone(), value));
        }
        let mut text = String::new();
        let rendered = match &response.body {
            Body::Empty | Body::Static(_) => return Ok((headers, ReplyBody::Fixed)),
            Body::Text(template) => template
                .render(&context, &mut text, &mut budget)
                .map_err(|fault| ("body".to_owned(), fault)),
            Body::Json(body) => body
                .render(&context, &mut text, &mut budget)
                .map_err(|BodyFault { field, fault }| (format!("body{field}"), fault)),
        };
        rendered?;
        Ok((headers, ReplyBody::Rendered(Bytes::from(text))))
    }
}

/// `HEAD` answered by a `GET` mock is a `GET` to it.
pub(super) fn view<'a>(
    mock: &'a Mock,
    request: &'a Request<'a>,
    captures: &'a [&'a str],
) -> View<'a> {
    let as_get =
        request.method() == Method::HEAD && mock.method == MethodPattern::Exact(Method::GET);
    View {
        request,
        method: if as_get {
            &Method::GET
        } else {
            request.method()
        },
        params: Params::new(mock.pattern.names(), captures),
    }
}

type Rendered = (Vec<(HeaderName, HeaderValue)>, ReplyBody);

/// A rendered value; templates of headers drop control characters, and no other byte is illegal.
fn header_value(text: String) -> HeaderValue {
    HeaderValue::from_maybe_shared(Bytes::from(text))
        .unwrap_or_else(|_| HeaderValue::from_static(""))
}
