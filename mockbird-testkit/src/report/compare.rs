//! How mocks stand to a request, with what only the testkit knows: closures, and calls that are used up.

use std::borrow::Cow;

use http::Method;
use mockbird_core::{Engine, MockKey, NearMiss, Precedence, Request};

use crate::mounted::{Mounted, mounted_key};
use crate::state::State;
use crate::{ReceivedRequest, Times};

impl State {
    /// The mocks nearest to a request that nobody answers, and why each did not.
    pub(crate) fn misses(
        &self,
        engine: &Engine,
        request: &Request<'_>,
        received: &ReceivedRequest,
    ) -> Vec<NearMiss> {
        // One that is mounted may be several of the engine.
        let near = engine.near_misses_of(request, mounted_key);
        let told = near.into_iter().map(|mut miss| {
            let Some(mounted) = self.mounted_of(miss.key) else {
                return miss;
            };
            // A path that is only similar is told best by how it differs.
            if mounted.has_predicates()
                && let Some(compared) = self.compare_in(engine, miss.key, request, received)
                && compared.matched.iter().any(|one| one == "path")
            {
                miss = compared;
            }
            mounted.complete(received, &mut miss);
            miss.at = Some(mounted.place());
            if miss.failed == 0
                && let Some(reason) = mounted.used_up()
            {
                miss.failed += 1;
                miss.reasons.push(reason);
            }
            miss
        });
        let mut told: Vec<_> = told.collect();
        // What is no template came as one of all paths.
        told.sort_by_key(|miss| !miss.matched.iter().any(|one| one == "path"));
        told
    }

    /// How one mock stands to a request that came, whatever it has answered; `None` if it was removed.
    pub(super) fn compare(&self, key: usize, received: &ReceivedRequest) -> Option<NearMiss> {
        let request = received.as_request();
        self.with_engine(|engine| {
            let parts = self.engine_keys(key);
            let compared =
                parts.filter_map(|part| self.compare_in(engine, part, &request, received));
            compared.min_by_key(|miss| miss.failed)
        })
    }

    fn compare_in(
        &self,
        engine: &Engine,
        key: MockKey,
        request: &Request<'_>,
        received: &ReceivedRequest,
    ) -> Option<NearMiss> {
        let mounted = self.mounted_of(key)?;
        let mut miss = engine.compare(key, request, |view, miss| {
            for reason in mounted.objections(view, received) {
                miss.failed += 1;
                miss.reasons.push(reason);
            }
        })?;
        mounted.complete(received, &mut miss);
        Some(miss)
    }

    /// Why the first of two mocks goes before the other.
    pub(super) fn precedence(
        &self,
        first: usize,
        other: usize,
        method: &Method,
    ) -> Option<Precedence> {
        self.with_engine(|engine| {
            let mut pairs = self
                .engine_keys(first)
                .flat_map(|first| self.engine_keys(other).map(move |other| (first, other)));
            pairs.find_map(|(first, other)| engine.precedence(first, other, method))
        })
    }

    /// A request's target without its secrets.
    pub(super) fn masked_target<'r>(&self, request: &'r ReceivedRequest) -> Cow<'r, str> {
        let answered = request.answered_key();
        self.with_engine(|engine| {
            let mut keys = answered.into_iter().flat_map(|key| self.engine_keys(key));
            let mock = keys.find_map(|key| engine.mock(key));
            engine.masked_target(request.method(), request.target(), mock)
        })
    }
}

impl Mounted {
    /// True if there is more to say of a request than the engine can.
    fn has_predicates(&self) -> bool {
        !self.predicates.is_empty()
    }

    /// Says what the engine does not know.
    fn complete(&self, received: &ReceivedRequest, miss: &mut NearMiss) {
        self.name_methods(received.method(), miss);
        self.name_path(received, miss);
        let is_of_body = |reason: &String| reason.starts_with("body");
        if miss.reasons.iter().any(is_of_body)
            && let Some(why) = received.unread_coding()
        {
            miss.reasons.push(why);
        }
    }

    /// Speaks of the path as the test does, where the engine has a template of all paths and a condition besides, which it
    /// does not ask if the method is another.
    fn name_path(&self, received: &ReceivedRequest, miss: &mut NearMiss) {
        let path = &self.mount.path;
        if path.is_template() {
            return;
        }
        miss.params.clear();
        miss.path = path.name().into_owned();
        let is_of_path = |text: &String| text.starts_with("path is ");
        if path.takes(&received.path()) {
            // That is said by the word alone.
            miss.matched.retain(|one| !one.starts_with("path "));
            return;
        }
        miss.matched.retain(|one| one != "path");
        let after_method = usize::from(!miss.matched.iter().any(|one| one == "method"));
        let known = miss.reasons.iter().position(is_of_path);
        let at = known.unwrap_or_else(|| {
            miss.failed += 1;
            miss.reasons.insert(after_method, String::new());
            after_method
        });
        miss.reasons[at] = format!("path is not as {}", path.name());
    }

    /// Names all its methods, of which the engine knows one a mock.
    fn name_methods(&self, came: &Method, miss: &mut NearMiss) {
        let methods = &self.mount.methods;
        miss.method = methods.name();
        let is_met = miss.matched.iter().any(|one| one == "method");
        // That of the method is the first.
        if let (false, Some(reason)) = (is_met, miss.reasons.first_mut()) {
            *reason = format!("method is {came}, not {}", methods.in_words());
        }
    }

    /// How many calls are expected.
    pub(super) fn expected(&self) -> Times {
        self.mount.expected.unwrap_or(Times::ANY)
    }

    /// True if the calls it had are those that are expected.
    pub(super) fn is_met(&self) -> bool {
        self.expected().contains(self.calls())
    }
}
