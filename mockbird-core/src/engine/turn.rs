//! One mock's turn to answer one request: first the verdict, then the reply.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};

use super::mock::{Body, Mock, Response};
use super::outcome::{Failure, Outcome, Reply, ReplyBody};
use crate::env::{Chance, Env};
use crate::request::{Params, Request, View};
use crate::router::{Candidate, Captures};
use crate::select::select;
use crate::spec::{Delay, MethodPattern};
use crate::template::{Budget, Context, RenderFault};

/// A mock whose path and method match, with the request it may answer.
#[derive(Debug)]
pub struct Turn<'e, 'a> {
    mock: &'e Mock,
    request: &'a Request<'a>,
    captures: Captures<'a>,
    env: &'a Env<'a>,
    chance: Chance<'a>,
}

impl<'e, 'a> Turn<'e, 'a> {
    pub(super) fn new(
        candidate: Candidate<'e, '_, 'a, std::sync::Arc<Mock>>,
        request: &'a Request<'a>,
        env: &'a Env<'a>,
        seed: Option<u64>,
    ) -> Self {
        let mock = &*candidate.entry.value;
        // A mock that never looks at the request has no use for its parameters.
        let captures = if mock.looks { candidate.captures() } else { Captures::default() };
        let chance = Chance::new(env, seed, mock.slot, mock.identity);
        Self { mock, request, captures, env, chance }
    }

    /// The mock.
    pub fn mock(&self) -> &'e Mock {
        self.mock
    }

    /// The request as this mock sees it.
    pub fn view(&self) -> View<'_> {
        let as_get = self.request.method() == Method::HEAD
            && self.mock.method == MethodPattern::Exact(Method::GET);
        View {
            request: self.request,
            method: if as_get { &Method::GET } else { self.request.method() },
            params: Params::new(self.mock.pattern.names(), self.captures.as_slice()),
        }
    }

    /// The response that answers; `None` passes the request on to the next candidate.
    pub fn verdict(&mut self) -> Option<&'e Response> {
        let mock = self.mock;
        let view = View {
            request: self.request,
            ..self.view()
        };
        let chosen = select(
            &mock.responses,
            |response| response.conditions.iter().all(|condition| condition.passes(&view)),
            |total| self.chance.random().below(total),
        );
        chosen.map(|index| &mock.responses[index])
    }

    /// Renders a response of this mock.
    pub fn render(mut self, response: &'e Response) -> Outcome<'e> {
        if self.mock.draws {
            // Every answer of a mock that draws is counted, whether this one draws or not.
            self.chance.random();
        }
        let delay = self.delay(response.delay.as_ref());
        match self.rendered(response) {
            Ok((rendered, body)) => Outcome::Reply(Reply { mock: self.mock, response, delay, rendered, body }),
            Err((field, fault)) => Outcome::Failed(Failure { mock: self.mock, response, field, fault }),
        }
    }

    fn delay(&mut self, delay: Option<&Delay>) -> Duration {
        delay.map_or(Duration::ZERO, |delay| delay.draw(self.chance.random()))
    }

    /// The rendered headers and the body, or the field that failed and why.
    fn rendered(&mut self, response: &'e Response) -> Result<Rendered<'e>, (String, RenderFault)> {
        let template = match &response.body {
            Body::Empty if response.templated.is_empty() => return Ok((Vec::new(), ReplyBody::Empty)),
            Body::Static(body) if response.templated.is_empty() => {
                return Ok((Vec::new(), ReplyBody::Static(body)));
            }
            Body::Empty | Body::Static(_) => None,
            Body::Template(template) => Some(template),
        };
        let random = self.chance.random().clone();
        let view = self.view();
        let context = Context::new(&view, self.env.now_ms, self.env.request_id, random);
        let mut budget = Budget::default();
        let mut headers = Vec::with_capacity(response.templated.len());
        for (name, template) in &response.templated {
            let value = template
                .render(&context, &mut budget)
                .map_err(|fault| (format!("headers.{name}"), fault))?;
            headers.push((name.clone(), header_value(&value)));
        }
        let body = match (template, &response.body) {
            (Some(template), _) => {
                let text = template.render(&context, &mut budget).map_err(|fault| ("body".to_owned(), fault))?;
                ReplyBody::Rendered(Bytes::from(text))
            }
            (None, Body::Static(body)) => ReplyBody::Static(body),
            (None, Body::Empty | Body::Template(_)) => ReplyBody::Empty,
        };
        Ok((headers, body))
    }
}

type Rendered<'e> = (Vec<(HeaderName, HeaderValue)>, ReplyBody<'e>);

/// A rendered value without its control characters: no request can add a header line.
fn header_value(text: &str) -> HeaderValue {
    let clean: Vec<u8> = text.bytes().filter(|&b| b >= 0x20 && b != 0x7F).collect();
    // Without control characters every byte is legal; were it not, the header would be empty.
    HeaderValue::from_maybe_shared(Bytes::from(clean)).unwrap_or_else(|_| HeaderValue::from_static(""))
}
