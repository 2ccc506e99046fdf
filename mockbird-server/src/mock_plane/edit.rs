//! Edits of a project in memory, at the cost of what they change: the very next request is answered by them.
//!
//! An edit is tried within the transaction of its change, in which nobody else changes the project. Once that is committed, what
//! was tried takes the place of what it was made of, if that is still what answers; otherwise the project is forgotten, and loaded
//! by who asks for it next. So whatever races with it, nothing older than the change is answered after it.

use std::sync::Arc;

use mockbird_core::fault::{Fault, Faults, Place};
use mockbird_core::limits::MOCKS_MAX;
use mockbird_core::{Edit, Engine, Invalid, spec};

use super::generations::Generation;
use super::{MockPlane, Snapshot};
use crate::domain::{MockId, ResponseId};
use crate::store::{Project, StoreError, Tx};

/// After so many edits of one engine it is made anew: what edits leave behind, such as counters, must not grow for ever.
const EDITS_MAX: usize = 10_000;

/// One change of the mocks of a project.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "edits come one or a few at a time, and most are this variant"
)]
pub enum MockEdit {
    /// Adds a mock, or puts it in the place of the one with its id.
    Put {
        /// Its id.
        id: MockId,
        /// Where it stands among the mocks of the project.
        position: i64,
        /// The mock.
        mock: spec::Mock,
    },
    /// Removes a mock.
    Remove(MockId),
}

/// What edits make of a project.
#[derive(Debug)]
#[must_use = "it answers once it is put in place"]
pub struct Tried {
    /// What is probably a mistake, at places such as `edits[0].responses[1]`.
    pub warnings: Vec<Fault>,
    slug: String,
    generation: Generation,
    /// Absent if what is kept cannot be compiled.
    edited: Option<Edited>,
}

/// What was edited, and what came out.
#[derive(Debug)]
struct Edited {
    before: Arc<Snapshot>,
    after: Snapshot,
}

/// Why edits were not taken.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// They have faults, at places such as `edits[0].path`.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The project cannot be loaded.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Tried {
    /// Under which slug it will answer.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// Remembers which responses a mock has by now, in their order: the log tells them.
    pub fn name(&mut self, mock: MockId, responses: Vec<ResponseId>) {
        if let Some(edited) = &mut self.edited {
            edited.after.keys.name(mock, responses);
        }
    }
}

impl MockPlane {
    /// Tries edits on what answers now if it is of this version, otherwise on what is kept. Call it in the transaction of the
    /// change, before it changes a row: with `project` as it was read there.
    ///
    /// # Errors
    /// Every fault of the edits; or the project cannot be loaded.
    pub async fn try_edits(
        &self,
        tx: &mut Tx,
        project: &Project,
        edits: Vec<MockEdit>,
    ) -> Result<Tried, EditError> {
        let slug = project.slug.to_string();
        let wanted = self.generations.now(&slug);
        let generation = wanted.generation();
        let held = self.projects.get(&wanted).await;
        let held = held.filter(|held| held.is_of(project) && held.edits < EDITS_MAX);
        let base = match held {
            Some(held) => Some(held),
            None => match Snapshot::load_project(tx, &self.tenants, project.clone()).await {
                Ok(loaded) => loaded.map(Arc::new),
                // One that cannot be compiled can be mended by nothing but an edit.
                Err(StoreError::Corrupt(why)) => {
                    tracing::error!(%why, slug, "a project cannot be compiled");
                    None
                }
                Err(error) => return Err(error.into()),
            },
        };
        let tried = tokio::task::spawn_blocking(move || edit(base, edits)).await;
        let tried = tried.map_err(|panicked| StoreError::Corrupt(panicked.to_string()))?;
        let (edited, warnings) = tried?;
        Ok(Tried {
            warnings,
            slug,
            generation,
            edited,
        })
    }

    /// Puts in place what was tried: call it once the change is committed. `version` is what the project has now: only if
    /// that is the one after the version it was tried on, nothing else was changed.
    pub async fn put_in_place(&self, tried: Tried, version: i64) {
        let slug = tried.slug;
        let edited = tried
            .edited
            .filter(|edited| edited.after.version == version);
        let Some(Edited { before, mut after }) = edited else {
            return self.forget(&slug).await;
        };
        let placing = self.placing.lock().await;
        let wanted = self.generations.now(&slug);
        if wanted.generation() != tried.generation {
            // Somebody else put or forgot something meanwhile, perhaps of a later change.
            drop(placing);
            return self.forget(&slug).await;
        }
        // As late as can be: what is answered meanwhile is counted.
        after.go_on(&before);
        // First what is new, and then the generation in which it is found: nobody finds nothing in between. A load that is
        // under way ends in the generation before.
        let key = wanted.next_key();
        self.projects.insert(key, Arc::new(after)).await;
        self.end_generation(&slug).await;
    }
}

/// Pure work, of as long as the project is large: for a thread of its own.
fn edit(
    base: Option<Arc<Snapshot>>,
    edits: Vec<MockEdit>,
) -> Result<(Option<Edited>, Vec<Fault>), Invalid> {
    let mut keys = base
        .as_ref()
        .map(|base| base.keys.clone())
        .unwrap_or_default();
    let count = edits.len();
    let changes = edits.into_iter().filter_map(|edit| match edit {
        MockEdit::Put { id, position, mock } => Some(Edit::Put {
            key: keys.put(id),
            order: position,
            mock,
        }),
        MockEdit::Remove(id) => keys.remove(id).map(Edit::Remove),
    });
    let changes: Vec<_> = changes.collect();
    if keys.len() > MOCKS_MAX {
        let mut faults = Faults::default();
        let message = format!("the project would have more than {MOCKS_MAX} mocks");
        faults.error(&Place::ROOT, message, "delete others first");
        faults.into_result()?;
    }
    let Some(before) = base else {
        let none = Engine::compile(&spec::Spec::default())?.engine;
        return Ok((None, none.with(&changes)?.warnings));
    };
    let compiled = before.engine().with(&changes)?;
    let after = Snapshot::edited(&before, compiled.engine, keys, count);
    Ok((Some(Edited { before, after }), compiled.warnings))
}
