//! The engine: a compiled, immutable spec that answers requests.
//!
//! ```text
//! Request -> candidates -> verdict -> render -> Outcome -> finish -> http::Response
//! ```
//!
//! Each step is public, so that a host can look between them: the testkit rejects by closure or by a
//! used-up count, and goes on to the next candidate.

mod batch;
mod edit;
mod explain;
mod masked;
mod mock;
mod near;
mod outcome;
mod read;
mod shown_path;
mod turn;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

pub use batch::{Batch, Staged};
pub use edit::{Edit, MockKey};
pub use explain::{Explanation, MockReport, ResponseReport};
pub(crate) use mock::{Body, HeaderText, Responses, Routed, StaticBody};
pub use mock::{Mock, Response};
pub use near::NearMiss;
pub(crate) use outcome::ReplyBody;
pub use outcome::{Failure, Outcome, Refusal, Reply};
pub use read::ReadError;
pub(crate) use shown_path::ShownPath;
pub use turn::Turn;

use crate::compile::{Compiler, hidden_behind, warn_of_unreachable};
use crate::env::{Counters, Env};
use crate::fault::{Fault, Faults, Invalid, Place};
use crate::finish::is_preflight;
use crate::regex_size::RegexBudget;
use crate::request::{Request, View};
use crate::router::Router;
use crate::spec::{MethodPattern, Spec};

/// A compiled spec: immutable, shared between threads without locks, cheap to clone.
///
/// Mocks are shared by reference count, and [`Engine::with`] makes an engine that differs in a few
/// of them without compiling the others again.
///
/// ```
/// use http::{HeaderMap, Method};
/// use mockbird_core::{Engine, Env, Request, spec::Format};
///
/// let engine = Engine::read(r#"{
///     "name": "birds",
///     "mocks": [{"path": "/birds/{name}", "responses": [{"body": {"name": "{{ request.params.name }}"}}]}]
/// }"#, Format::Json)?.engine;
///
/// let headers = HeaderMap::new();
/// let request = Request::new(&Method::GET, "/birds/wren", &headers, b"");
/// let answer = engine.answer(&request, &Env::default());
/// assert_eq!(answer.response.body(), r#"{"name":"wren"}"#);
/// # Ok::<(), mockbird_core::ReadError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Engine {
    router: Router<Routed>,
    cors: bool,
    seed: Option<u64>,
    /// How many counter slots were ever given out: one a mock.
    slots: u32,
    /// True if any mock ever had a path parameter that is a secret by its name.
    has_secrets: bool,
    /// True if any mock ever had a rate limit.
    has_limits: bool,
    /// What the regexes of its mocks weigh together, as estimated.
    regex_bytes: usize,
}

/// An engine, and what is probably a mistake in its spec.
#[derive(Debug)]
pub struct Compiled {
    /// The engine.
    pub engine: Engine,
    /// Warnings, in the order of the spec.
    pub warnings: Vec<Fault>,
    /// The mocks that can never answer, by their [`index`](Mock::index), in order; after [`Engine::with`], those
    /// that the edits have to do with.
    pub unreachable: Vec<usize>,
}

impl Engine {
    /// Compiles a spec.
    ///
    /// # Errors
    /// Every fault of the spec, each with its place and a remedy.
    pub fn compile(spec: &Spec) -> Result<Compiled, Invalid> {
        Self::compile_ordered(spec, |index| i64::try_from(index).unwrap_or(i64::MAX))
    }

    /// The same where each mock has an [order](Edit::Put::order) of its own, which `order` says by its place in the spec: a host
    /// that leaves room between them can later put a mock in between.
    ///
    /// # Errors
    /// As for [`Engine::compile`].
    ///
    /// ```
    /// use mockbird_core::{Edit, Engine, MockKey, json, spec};
    ///
    /// let text = r#"{"name": "birds", "mocks": [{"path": "/wren", "responses": [{}]}, {"path": "/owl", "responses": [{}]}]}"#;
    /// let spec = spec::decode(json::parse(text.as_bytes())?, &mut Default::default()).unwrap();
    /// let engine = Engine::compile_ordered(&spec, |index| index as i64 * 10)?.engine;
    ///
    /// let mock = spec::Mock { path: "/tit".into(), responses: vec![Default::default()], ..Default::default() };
    /// let engine = engine.with(&[Edit::Put { key: MockKey(2), order: 5, mock }])?.engine;
    /// let paths: Vec<_> = engine.mocks().map(|mock| mock.path()).collect();
    /// assert_eq!(paths, ["/wren", "/tit", "/owl"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compile_ordered(spec: &Spec, order: impl Fn(usize) -> i64) -> Result<Compiled, Invalid> {
        let mut faults = Faults::default();
        let cors = spec.cors.unwrap_or(true);
        let mut compiler = Compiler::new(&mut faults, cors, RegexBudget::default());
        let list = Place::ROOT.key("mocks");
        let mut mocks: Vec<Mock> = Vec::with_capacity(spec.mocks.len());
        for (slot, mock) in (0u32..).zip(&spec.mocks) {
            let (key, order) = (MockKey(u64::from(slot)), order(slot as usize));
            let compiled = compiler.mock(mock, key, order, slot, &list.index(slot as usize));
            if mock.is_active.unwrap_or(true) {
                mocks.extend(compiled);
            }
        }
        let regex_bytes = mocks.iter().map(|mock| mock.regex_bytes).sum();
        let has_secrets = mocks.iter().any(|mock| mock.pattern.has_secrets());
        let has_limits = mocks.iter().any(|mock| mock.limit.is_some());
        // Made in one go, so that they lie side by side: a lookup of any of them meets less memory.
        let mocks: Vec<_> = mocks.into_iter().map(Arc::new).collect();
        let router = Router::new(mocks.into_iter().map(Routed::from));
        let unreachable = warn_of_unreachable(&router, &mut faults);
        let slots = u32::try_from(spec.mocks.len()).unwrap_or(u32::MAX);
        let warnings = faults.into_result()?;
        let engine = Self {
            router,
            cors,
            seed: spec.seed,
            slots,
            has_secrets,
            has_limits,
            regex_bytes,
        };
        Ok(Compiled {
            engine,
            warnings,
            unreachable,
        })
    }

    /// The mocks that may answer, in order of definition.
    pub fn mocks(&self) -> impl Iterator<Item = &Mock> {
        self.router.entries().into_iter().map(|mock| &**mock)
    }

    /// The mock of this key, if it may answer.
    ///
    /// ```
    /// use mockbird_core::{Engine, MockKey, spec::Format};
    ///
    /// let spec = r#"{"name": "birds", "mocks": [{"path": "/wren", "responses": [{}]}]}"#;
    /// let engine = Engine::read(spec, Format::Json)?.engine;
    /// assert_eq!(engine.mock(MockKey(0)).map(|mock| mock.path()), Some("/wren"));
    /// assert!(engine.mock(MockKey(1)).is_none());
    /// # Ok::<(), mockbird_core::ReadError>(())
    /// ```
    pub fn mock(&self, key: MockKey) -> Option<&Mock> {
        self.router.get(key.0).map(|mock| &**mock)
    }

    /// A mock that always goes before this one, which therefore can never answer; as far as [`Engine::with`] looks for it.
    ///
    /// ```
    /// use mockbird_core::{Engine, MockKey, spec::Format};
    ///
    /// let spec = r#"{"name": "birds", "mocks": [{"path": "/wren", "responses": [{}]}, {"path": "/wren", "responses": [{}]}]}"#;
    /// let engine = Engine::read(spec, Format::Json)?.engine;
    /// assert_eq!(engine.hidden_behind(MockKey(1)).map(|mock| mock.key()), Some(MockKey(0)));
    /// assert!(engine.hidden_behind(MockKey(0)).is_none());
    /// # Ok::<(), mockbird_core::ReadError>(())
    /// ```
    pub fn hidden_behind(&self, key: MockKey) -> Option<&Mock> {
        hidden_behind(self.router.get(key.0)?, &self.router)
    }

    /// How many mocks may answer.
    pub fn len(&self) -> usize {
        self.router.len()
    }

    /// True if no mock may answer.
    pub fn is_empty(&self) -> bool {
        self.router.is_empty()
    }

    /// What the engine weighs, in bytes: an estimate that counts every mock and the index.
    pub fn memory_bytes(&self) -> usize {
        let mocks = self.mocks().map(Mock::memory_bytes);
        size_of::<Self>() + self.router.memory_bytes() + mocks.sum::<usize>()
    }

    /// The same engine with another seed, or none.
    #[must_use]
    pub fn with_seed(mut self, seed: Option<u64>) -> Self {
        self.seed = seed;
        self
    }

    /// The seed of its random choices.
    pub fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// Whether replies carry CORS headers and preflights are answered.
    pub fn cors(&self) -> bool {
        self.cors
    }

    /// Counters at zero for the mocks of this engine; they hold nothing where no answer depends on earlier ones.
    pub fn counters(&self) -> Counters {
        let slots = self.seed.map_or(0, |_| self.slots as usize);
        let mocks = self.has_limits.then(|| self.mocks());
        let limits = mocks.into_iter().flatten();
        Counters::new(
            slots,
            limits.filter_map(|mock| Some((mock.slot, mock.limit.as_deref()?))),
        )
    }

    /// Counters that go on from `counts`, those of an engine compiled before this one.
    ///
    /// A mock is the same if its id is, or without one its method, path and name; its position plays
    /// no part. Of several that are the same, the first goes on from the first. A rate limit that is another one begins anew.
    pub fn counters_after(&self, earlier: &Self, counts: &Counters) -> Counters {
        let mut counters = self.counters();
        if counters.is_empty() || counts.is_empty() {
            return counters;
        }
        let mut slots: HashMap<u64, VecDeque<u32>> = HashMap::new();
        for mock in earlier.mocks() {
            let same = slots.entry(mock.identity).or_default();
            same.push_back(mock.slot);
        }
        for mock in self.mocks() {
            let same = slots.get_mut(&mock.identity);
            if let Some(slot) = same.and_then(VecDeque::pop_front) {
                counters.take_over(mock.slot, counts, slot);
            }
        }
        counters
    }

    /// Decides about a request: the whole flow of the engine.
    pub fn respond<'e>(&'e self, request: &Request<'_>, env: &Env<'_>) -> Outcome<'e> {
        // Written in place: an outcome is too large to be handed up through the walk.
        let mut outcome = self.unanswered(request);
        self.candidates(request, env, |turn| {
            let response = turn.verdict()?;
            outcome = match turn.refuse() {
                None => turn.render(response),
                Some(refusal) => refusal,
            };
            Some(())
        });
        outcome
    }

    /// What becomes of a request that no mock answers: a preflight is the host's, any other is a miss.
    pub fn unanswered(&self, request: &Request<'_>) -> Outcome<'static> {
        if self.takes_preflight(request) {
            Outcome::Preflight
        } else {
            Outcome::NoMatch
        }
    }

    fn takes_preflight(&self, request: &Request<'_>) -> bool {
        self.cors && is_preflight(request)
    }

    /// Gives each mock whose path and method match its turn, best first, until `visit` gives something.
    ///
    /// This is the step that [`Engine::respond`] is made of, for hosts that decide more than the spec can say;
    /// [`Engine::unanswered`] says what becomes of a request that nobody took. A CORS preflight is the
    /// browser's, not the caller's: only a mock that says `OPTIONS` gets it.
    pub fn candidates<'e, B>(
        &'e self,
        request: &Request<'_>,
        env: &Env<'_>,
        mut visit: impl FnMut(&mut Turn<'e, '_>) -> Option<B>,
    ) -> Option<B> {
        let preflight = self.takes_preflight(request);
        self.router.find(
            request.method(),
            request.raw_path(),
            |probe, found| probe.resolve(&View::of(request), found),
            |candidate| {
                if preflight && candidate.entry.method == MethodPattern::Any {
                    return None;
                }
                visit(&mut Turn::new(candidate, request, env, self.seed))
            },
        )
    }
}
