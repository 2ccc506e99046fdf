//! A project in memory: compiled, immutable, and what goes with it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response};
use mockbird_core::{
    AnswerSource, Engine, Env, ErrorCode, Invalid, NearMiss, Outcome, Request, RequestId,
    allow_any_origin, error_response, finish, finish_miss,
};

use super::event::{AnsweredBy, Event};
use super::guard::Sight;
use super::keys::Keys;
use super::log_event::Asked;
use super::tenant::{Tenant, Tenants};
use super::{Address, guard};
use crate::domain::{Millis, ProjectId};
use crate::http::{Live, surroundings};
use crate::store::{Conn, Project, Store, StoreError};

/// What is said of a request on which we panicked.
const PANICKED: &str = "mockbird failed on this request: please report it with the mock";

/// What was decided about a request, free of the engine that did.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) response: Response<Bytes>,
    pub(super) delay: Duration,
    pub(super) by: AnsweredBy,
    /// The mocks that almost matched where none did.
    pub(super) near: Vec<NearMiss>,
    /// Why the template failed.
    pub(super) failure: Option<String>,
    /// It was refused by a limit, and so were so many before it that are not logged.
    pub(super) limited: Option<u64>,
}

impl Decided {
    /// What we answer ourselves.
    pub(super) fn by_host(response: Response<Bytes>) -> Self {
        Self {
            response,
            delay: Duration::ZERO,
            by: AnsweredBy::Host,
            near: Vec::new(),
            failure: None,
            limited: None,
        }
    }
}

/// A project as it was at one moment.
#[derive(Debug)]
pub struct Snapshot {
    /// The project.
    pub project: ProjectId,
    /// Counts its changes: a greater one is a later moment.
    pub version: i64,
    pub(super) tenant: Arc<Tenant>,
    pub(super) keys: Keys,
    /// How many edits its engine has come through since it was compiled.
    pub(super) edits: usize,
    live: Live,
    memory_bytes: usize,
}

impl Snapshot {
    /// The project that has this slug, as it is now.
    pub(super) async fn load(
        store: &Store,
        tenants: &Tenants,
        slug: &str,
    ) -> Result<Option<Self>, StoreError> {
        let mut snapshot = store.snapshot().await?;
        let Some(project) = snapshot.project_by_slug(slug).await? else {
            return Ok(None);
        };
        Self::load_project(&mut snapshot, tenants, project).await
    }

    /// A project as it is now. Ask within a transaction or a [`snapshot`](Store::snapshot): it takes several statements.
    pub(super) async fn load_project(
        conn: &mut Conn,
        tenants: &Tenants,
        project: Project,
    ) -> Result<Option<Self>, StoreError> {
        let spec = conn
            .project_spec_load(project.organization, project.id)
            .await?;
        let Some(spec) = spec else { return Ok(None) };
        let tenant = tenants.load(conn, &project).await?;
        let places = conn.mock_places(project.id).await?;
        let mut responses = conn.response_ids(project.id).await?;
        let compile = move || {
            let order = |index: usize| places.get(index).map_or(i64::MAX, |place| place.position);
            let compiled = Engine::compile_ordered(&spec, order)?;
            let keys = Keys::of_spec(places.iter().map(|place| {
                let of_mock = responses.remove(&place.id);
                (place.id, of_mock.unwrap_or_default())
            }));
            Ok::<_, Invalid>(Self::of(&project, tenant, compiled.engine, keys))
        };
        match tokio::task::spawn_blocking(compile).await {
            Ok(Ok(snapshot)) => Ok(Some(snapshot)),
            Ok(Err(invalid)) => Err(StoreError::Corrupt(invalid.to_string())),
            Err(panicked) => Err(StoreError::Corrupt(panicked.to_string())),
        }
    }

    fn of(project: &Project, tenant: Tenant, engine: Engine, keys: Keys) -> Self {
        Self {
            project: project.id,
            version: project.version,
            edits: 0,
            memory_bytes: memory_bytes(&tenant, &engine, &keys),
            tenant: Arc::new(tenant),
            keys,
            live: Live::new(engine),
        }
    }

    /// The same project with other mocks, one version later.
    pub(super) fn edited(earlier: &Self, engine: Engine, keys: Keys, edits: usize) -> Self {
        Self {
            project: earlier.project,
            version: earlier.version + 1,
            edits: earlier.edits + edits,
            memory_bytes: memory_bytes(&earlier.tenant, &engine, &keys),
            tenant: Arc::clone(&earlier.tenant),
            keys,
            live: Live::new(engine),
        }
    }

    /// Whether it counts anything, for a seed or a rate limit.
    pub(super) fn counts(&self) -> bool {
        !self.live.counters.is_empty()
    }

    /// Goes on counting where `earlier` is by now.
    pub(super) fn go_on(&mut self, earlier: &Self) {
        self.live.go_on(&earlier.live);
    }

    /// Whether it is this project, as it is now.
    pub(super) fn is_of(&self, project: &Project) -> bool {
        (self.project, self.version) == (project.id, project.version)
    }

    /// What answers.
    pub(super) fn engine(&self) -> &Engine {
        &self.live.engine
    }

    /// What it weighs.
    pub(super) fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// What whoever asks may see, or the reply to whoever may not call it.
    #[expect(clippy::result_large_err, reason = "it is sent as it is")]
    pub(super) fn admit(
        &self,
        parts: &Parts,
        address: &Address,
        now: Millis,
    ) -> Result<Sight, Response<Bytes>> {
        let key = guard::shown_key(&parts.headers);
        let admitted = self.tenant.admit(key, address.own_host, now);
        admitted.map_err(|refused| {
            let preflight = self.preflight(parts, &address.target);
            preflight.unwrap_or_else(|| self.refuse(refused.code(), &refused.why()))
        })
    }

    /// Our own answer to a CORS preflight, if it is one: a browser asks without a key, and a mock of a private project
    /// must not answer it.
    fn preflight(&self, parts: &Parts, target: &str) -> Option<Response<Bytes>> {
        let asked = Request::new(&parts.method, target, &parts.headers, b"");
        match self.live.engine.unanswered(&asked) {
            preflight @ Outcome::Preflight => {
                Some(finish(&self.live.engine, &asked, preflight).response)
            }
            _ => None,
        }
    }

    /// Whether we answer it ourselves: a CORS preflight that no mock asks for.
    pub(super) fn is_preflight(&self, parts: &Parts, target: &str) -> bool {
        if parts.method != Method::OPTIONS {
            return false;
        }
        let (engine, env) = (&self.live.engine, surroundings(Some(&self.live.counters)));
        let asked = Request::new(&parts.method, target, &parts.headers, b"");
        let is_one = matches!(engine.unanswered(&asked), Outcome::Preflight);
        is_one && engine.candidates(&asked, &env, |_| Some(())).is_none()
    }

    /// What the engine answers. Pure work: nothing in here waits.
    pub(super) fn decide(&self, asked: &Asked, target: &str) -> Decided {
        let decide = || {
            let Asked {
                parts,
                body,
                client,
                sight,
                ..
            } = asked;
            let request = Request::new(&parts.method, target, &parts.headers, body);
            let env = Env {
                request_id: RequestId(asked.id.as_u128()),
                ..surroundings(Some(&self.live.counters))
            };
            let (engine, request) = (&self.live.engine, request.with_client(*client));
            let (answer, hidden) = match engine.respond(&request, &env) {
                // What almost answered is told to those alone who may see it, and kept for the log.
                Outcome::NoMatch if *sight == Sight::Answers => (
                    finish_miss(engine, &request, Vec::new()),
                    engine.near_misses(&request),
                ),
                outcome => (finish(engine, &request, outcome), Vec::new()),
            };
            let by = AnsweredBy::of(&answer.source);
            let (near, failure) = match answer.source {
                AnswerSource::Nobody(_) if *sight == Sight::Answers => (hidden, None),
                AnswerSource::Nobody(near) => (near, None),
                AnswerSource::Failed(_, _, why) => (Vec::new(), Some(why)),
                _ => (Vec::new(), None),
            };
            Decided {
                response: answer.response,
                delay: answer.delay,
                by,
                near,
                failure,
                limited: None,
            }
        };
        // Nothing of an engine changes when it answers, so that it is whole afterwards.
        catch_unwind(AssertUnwindSafe(decide))
            .unwrap_or_else(|_| Decided::by_host(self.refuse(ErrorCode::InternalError, PANICKED)))
    }

    /// Counts what became of a request that came at this moment.
    pub(super) fn tell(&self, decided: &Decided, at: Millis) {
        self.tenant.tell(&Event {
            organization: self.tenant.organization,
            project: self.project,
            at,
            by: decided.by,
            status: decided.response.status().as_u16(),
            bytes: decided.response.body().len() as u64,
        });
    }

    fn refuse(&self, code: ErrorCode, why: &str) -> Response<Bytes> {
        self.readable(error_response(code, why))
    }

    /// A response of ours, with what lets pages of other origins read it.
    pub(super) fn readable(&self, mut response: Response<Bytes>) -> Response<Bytes> {
        if self.live.engine.cors() {
            allow_any_origin(response.headers_mut());
        }
        response
    }
}

fn memory_bytes(tenant: &Tenant, engine: &Engine, keys: &Keys) -> usize {
    size_of::<Snapshot>() + tenant.memory_bytes() + engine.memory_bytes() + keys.memory_bytes()
}
