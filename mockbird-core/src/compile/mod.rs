//! From a spec to compiled mocks: the only step that can fail, and it reports every fault at once.

mod doubt;
mod guess;
mod never;
mod response;
mod unreachable;

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use http::HeaderMap;

pub(crate) use unreachable::{hidden_behind, warn_of_unreachable, warn_of_unreachable_by};

use crate::condition::{Condition, Probe};
use crate::engine::{Mock, MockKey, Response, Responses};
use crate::fault::{Faults, Place};
use crate::regex_size::{self, RegexBudget};
use crate::router::{Pattern, Rank};
use crate::spec::{self, MethodPattern};

/// Compiles mocks one after the other, and shares among them what is equal.
#[derive(Debug)]
pub(crate) struct Compiler<'f> {
    faults: &'f mut Faults,
    cors: bool,
    /// The path of the mock at hand, if it can be read.
    pattern: Option<Pattern>,
    regexes: RegexBudget,
    /// Header blocks met so far: most mocks of a spec send the same few.
    blocks: HashTable<Arc<HeaderMap>>,
    /// Hashes them, so that nobody can prepare blocks that collide.
    hasher: RandomState,
}

impl<'f> Compiler<'f> {
    /// `regexes` is what those of the mocks may weigh together.
    pub(crate) fn new(faults: &'f mut Faults, cors: bool, regexes: RegexBudget) -> Self {
        Self {
            faults,
            cors,
            pattern: None,
            regexes,
            blocks: HashTable::new(),
            hasher: RandomState::default(),
        }
    }

    /// Compiles one mock; `None` if it has faults, which are then noted.
    pub(crate) fn mock(
        &mut self,
        spec: &spec::Mock,
        key: MockKey,
        order: i64,
        slot: u32,
        place: &Place<'_>,
    ) -> Option<Mock> {
        let errors = self.faults.errors.len();
        let regexes = self.regexes.left();
        self.pattern = self.pattern(spec, place);
        if let Some(delay) = &spec.response_delay {
            delay.check(&place.key("responseDelay"), self.faults);
        }
        if let Some(limit) = &spec.rate_limit {
            limit.check(&place.key("rateLimit"), self.faults);
        }
        let list = place.key("responses");
        let responses: Vec<_> = spec
            .responses
            .iter()
            .enumerate()
            .filter_map(|(i, response)| self.response(response, spec, &list.index(i)))
            .collect();
        never::warn_of_silent(spec, &list, self.faults);
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
            probe: probe(&responses).map(Box::new),
            name: name.into(),
            pattern,
            method,
            rank: Rank {
                priority: spec.priority.unwrap_or(0),
                order,
                key: key.0,
            },
            limit: spec.rate_limit.map(Box::new),
            slot,
            regex_bytes: regexes - self.regexes.left(),
            responses: Responses::new(responses, spec.rate_limit.is_some()),
        })
    }

    /// The block of these headers in this order, if there is one already.
    fn shared(&mut self, headers: HeaderMap) -> Arc<HeaderMap> {
        let same = |block: &Arc<HeaderMap>| block.iter().eq(&headers);
        let hash = |block: &HeaderMap| {
            let mut hasher = self.hasher.build_hasher();
            for (name, value) in block {
                (name.as_str(), value.as_bytes()).hash(&mut hasher);
            }
            hasher.finish()
        };
        let entry = self.blocks.entry(hash(&headers), same, |block| hash(block));
        Arc::clone(entry.or_insert_with(|| Arc::new(headers)).get())
    }

    fn pattern(&mut self, spec: &spec::Mock, place: &Place<'_>) -> Option<Pattern> {
        // Its constraints are compiled with it.
        if self.regexes.is_exceeded() {
            return None;
        }
        let at = place.key("path");
        let parsed = Pattern::parse_within(&spec.path, &mut self.regexes);
        if self.regexes.is_exceeded() {
            regex_size::refuse_beyond(&at, self.faults);
            return None;
        }
        match parsed {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                self.faults.error(&at, error.message, error.hint);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Format, read};

    /// The places of all errors, with one mebibyte for regexes.
    fn errors(mocks: &[String]) -> Vec<String> {
        let text = format!(r#"{{"name": "n", "mocks": [{}]}}"#, mocks.join(","));
        let spec = read(&text, Format::Json).unwrap().decode().0.unwrap();
        let mut faults = Faults::default();
        let mut compiler = Compiler::new(&mut faults, true, RegexBudget::of_bytes(1 << 20));
        let list = Place::ROOT.key("mocks");
        for (index, mock) in (0u32..).zip(&spec.mocks) {
            compiler.mock(
                mock,
                MockKey(u64::from(index)),
                i64::from(index),
                index,
                &list.index(index as usize),
            );
        }
        faults.errors.into_iter().map(|fault| fault.at).collect()
    }

    #[test]
    fn regexes_of_all_mocks_share_one_budget() {
        let mock = r#"{"path": "/a", "responses": [{"conditions":
            [{"type": "body", "operator": "regex", "value": "\\w{4}"}]}]}"#;
        let mocks = vec![mock.to_owned(); 9];
        let beyond = "mocks[2].responses[0].conditions[0].value";
        assert_eq!(errors(&mocks), [beyond]);
        assert!(errors(&mocks[..2]).is_empty());
    }

    #[test]
    fn constraints_of_paths_are_charged() {
        let mocks = [
            r"/a/{id:\\w{3}}",
            r"/a/v{id:\\w{3}}.json",
            r"/b/{id:\\w}",
            "/c",
        ]
        .map(|path| format!(r#"{{"path": "{path}", "responses": [{{"body": "b"}}]}}"#));
        assert!(errors(&mocks[2..]).is_empty());
        let often: Vec<_> = mocks.iter().cycle().take(12).cloned().collect();
        assert_eq!(errors(&often), ["mocks[4].path"]);
    }
}
