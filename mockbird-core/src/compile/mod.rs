//! From a spec to compiled mocks: the only step that can fail, and it reports every fault at once.

mod doubt;
mod response;
mod unreachable;

use std::collections::HashMap;
use std::sync::Arc;

use http::HeaderMap;

pub(crate) use unreachable::warn_of_unreachable;

use crate::condition::{Condition, Probe};
use crate::engine::{Mock, Response};
use crate::fault::{Faults, Place};
use crate::router::Pattern;
use crate::spec::{self, MethodPattern};

/// Compiles mocks one after the other, and shares among them what is equal.
#[derive(Debug)]
pub(crate) struct Compiler<'f> {
    faults: &'f mut Faults,
    cors: bool,
    /// The path of the mock at hand, if it can be read.
    pattern: Option<Pattern>,
    /// Header blocks met so far: most mocks of a spec send the same few.
    blocks: HashMap<Vec<(String, Vec<u8>)>, Arc<HeaderMap>>,
}

impl<'f> Compiler<'f> {
    pub(crate) fn new(faults: &'f mut Faults, cors: bool) -> Self {
        Self {
            faults,
            cors,
            pattern: None,
            blocks: HashMap::new(),
        }
    }

    /// Compiles one mock; `None` if it has faults, which are then noted.
    pub(crate) fn mock(
        &mut self,
        spec: &spec::Mock,
        index: u32,
        slot: u32,
        place: &Place<'_>,
    ) -> Option<Mock> {
        let errors = self.faults.errors.len();
        self.pattern = self.pattern(spec, place);
        let list = place.key("responses");
        let responses: Vec<_> = spec
            .responses
            .iter()
            .enumerate()
            .filter_map(|(i, response)| self.response(response, spec, &list.index(i)))
            .collect();
        let pattern = self.pattern.take()?;
        if self.faults.errors.len() > errors {
            return None;
        }
        let method = spec.method.clone().unwrap_or_default();
        let name = spec.display_name();
        Some(Mock {
            identity: identity(spec, &method, &name),
            draws: responses.iter().any(Response::draws),
            signature: unreachable::signature(spec),
            looks: responses.iter().any(Response::looks),
            plain: matches!(&responses[..], [only] if only.is_plain()),
            probe: probe(&responses),
            name: name.into(),
            pattern,
            method,
            index,
            slot,
            responses: responses.into(),
        })
    }

    fn pattern(&mut self, spec: &spec::Mock, place: &Place<'_>) -> Option<Pattern> {
        match Pattern::parse(&spec.path) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                self.faults
                    .error(&place.key("path"), error.message, error.hint);
                None
            }
        }
    }
}

/// The condition without which the mock cannot answer, in a form the router can look up.
fn probe(responses: &[Response]) -> Option<(Probe, Box<str>)> {
    let [only] = responses else {
        return None;
    };
    if only.is_default {
        return None;
    }
    let (probe, key) = only.conditions.iter().find_map(Condition::probe)?;
    Some((probe, key.into()))
}

/// What a mock's random draws depend on: its id, or what a person would recognise it by.
fn identity(spec: &spec::Mock, method: &MethodPattern, name: &str) -> u64 {
    use std::hash::BuildHasher;
    let hasher = foldhash::quality::FixedState::default();
    match &spec.id {
        Some(id) => hasher.hash_one(id),
        None => hasher.hash_one((method.as_str(), &spec.path, name)),
    }
}

impl spec::Mock {
    /// Its name, or `GET /path` if it has none.
    pub fn display_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| {
            let method = self.method.as_ref().map_or("GET", MethodPattern::as_str);
            format!("{method} {}", self.path)
        })
    }
}
