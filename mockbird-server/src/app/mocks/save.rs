//! What every change of mocks has in common: the plan, the trial, the rows, the log, and the commit.

use mockbird_core::fault::Fault;
use mockbird_core::spec;
use serde_json::{Value, json};

use super::super::actor::{Deed, Who};
use super::super::commit::News;
use super::super::{Actor, App, AppError, plan};
use super::order::Room;
use super::{MockView, NO_MOCK, deed, told};
use crate::domain::{Millis, MockId, ResponseId};
use crate::mock_plane::{MockEdit, Tried};
use crate::store::{Mock, NewMock, NewResponse, Organization, POSITION_STEP, Project, Tx};

/// What a mock is wished to be.
#[derive(Clone, Debug)]
pub struct MockWish {
    /// What a mock file would have.
    pub spec: spec::Mock,
    /// Which of the responses it has already, one each; those that are new are absent.
    pub responses: Vec<Option<ResponseId>>,
    /// The version that it was made for.
    pub version: Option<i64>,
}

impl MockWish {
    /// The mock as it is.
    pub(super) fn of(mock: &Mock) -> Self {
        Self {
            spec: mock.spec.clone(),
            responses: mock.responses.iter().map(|about| Some(about.id)).collect(),
            version: None,
        }
    }
}

/// What was saved.
#[derive(Clone, Debug)]
pub struct Saved<T> {
    /// As it is now.
    pub what: T,
    /// What is probably a mistake.
    pub warnings: Vec<Fault>,
}

/// A change of the mocks of a project, which nobody else changes until it ends.
pub(in crate::app) struct Change<'a> {
    pub(in crate::app) app: &'a App,
    pub(in crate::app) tx: Tx,
    pub(in crate::app) organization: Organization,
    pub(in crate::app) project: Project,
    pub(in crate::app) actor: &'a Actor,
    pub(in crate::app) now: Millis,
}

impl Change<'_> {
    /// A mock of the project.
    pub(super) async fn mock(&mut self, id: MockId) -> Result<Mock, AppError> {
        let (organization, project) = (self.organization.id, self.project.id);
        let found = self.tx.mock_get(organization, project, id).await?;
        found.ok_or(NO_MOCK)
    }

    /// Refuses what the plan does not include: what these mocks have, and so many more.
    pub(super) async fn check_plan(
        &mut self,
        mocks: &[&spec::Mock],
        more: usize,
    ) -> Result<(), AppError> {
        for mock in mocks {
            plan::require_of_mock(&self.organization, mock)?;
        }
        if plan::bounds_mocks(&self.organization) {
            let count = self.tx.mock_count(self.organization.id).await?;
            plan::check_mocks(&self.organization, count + more as u64)?;
        }
        Ok(())
    }

    /// Room behind all mocks.
    pub(super) async fn room_at_end(&mut self) -> Result<Room, AppError> {
        let last = self.tx.mock_last_position(self.project.id).await?;
        Ok(Room {
            position: last.map_or(0, |last| last.saturating_add(POSITION_STEP)),
            is_made: false,
        })
    }

    /// Tries one edit, before any row is changed; what is said of it is relative to it.
    pub(super) async fn try_edit(&mut self, edit: MockEdit) -> Result<Tried, AppError> {
        let tried = self.try_edits(vec![edit]).await;
        let mut tried = tried.map_err(|error| match error {
            AppError::Faults(mut faults) => {
                cut(&mut faults);
                AppError::Faults(faults)
            }
            other => other,
        })?;
        cut(&mut tried.warnings);
        Ok(tried)
    }

    /// Tries edits, before any row is changed.
    pub(super) async fn try_edits(&mut self, edits: Vec<MockEdit>) -> Result<Tried, AppError> {
        let plane = self.app.mock_plane();
        Ok(plane.try_edits(&mut self.tx, &self.project, edits).await?)
    }

    /// Tries what is left without these mocks.
    pub(super) async fn remove(&mut self, ids: &[MockId]) -> Result<Tried, AppError> {
        let edits = ids.iter().copied().map(MockEdit::Remove);
        self.try_edits(edits.collect()).await
    }

    /// Adds mocks to the rows, with their responses, whose ids it gives.
    pub(in crate::app) async fn insert(
        &mut self,
        mocks: &[NewMock<'_>],
    ) -> Result<Vec<(MockId, Vec<ResponseId>)>, AppError> {
        let author = match self.actor.who {
            Who::User(user) => Some(user),
            Who::Key(_) | Who::Operator => None,
        };
        let responses = mocks.iter().flat_map(|new| {
            let all = (0..).zip(&new.mock.responses);
            all.map(|(position, response)| NewResponse {
                id: ResponseId::new(self.now),
                mock: new.id,
                position,
                response,
            })
        });
        let responses: Vec<_> = responses.collect();
        let project = self.project.id;
        self.tx
            .mock_insert_all(project, mocks, author, self.now)
            .await?;
        self.tx.response_insert_all(&responses, self.now).await?;
        let ids = responses.chunk_by(|one, next| one.mock == next.mock);
        let ids = ids.map(|of_mock| (of_mock[0].mock, of_mock.iter().map(|new| new.id).collect()));
        Ok(ids.collect())
    }

    /// Brings the responses in the rows to what is wished.
    pub(in crate::app) async fn save_responses(
        &mut self,
        before: &Mock,
        wish: &MockWish,
    ) -> Result<(), AppError> {
        let mock = before.about.id;
        for about in &before.responses {
            if !wish.responses.contains(&Some(about.id)) {
                self.tx.response_delete(mock, about.id).await?;
            }
        }
        let mut added = Vec::new();
        let wished = wish.spec.responses.iter().zip(&wish.responses);
        for (position, (response, id)) in (0..).zip(wished) {
            let new = |id| NewResponse {
                id,
                mock,
                position,
                response,
            };
            let known = before.responses.iter().zip(&before.spec.responses);
            let known = known.into_iter().find(|(about, _)| Some(about.id) == *id);
            match known {
                None => added.push(new(id.unwrap_or_else(|| ResponseId::new(self.now)))),
                Some((about, kept)) if text(kept) != text(response) => {
                    self.tx.response_update(&new(about.id), self.now).await?;
                }
                Some((about, _)) if about.position != position => {
                    self.tx.response_move(about.id, position).await?;
                }
                Some(_) => {}
            }
        }
        Ok(self.tx.response_insert_all(&added, self.now).await?)
    }

    /// Commits, and puts in place what was tried; without it, the project is loaded anew.
    pub(super) async fn finish(
        mut self,
        tried: Option<Tried>,
        deed: Deed,
        changes: &Value,
    ) -> Result<(), AppError> {
        let entry = self
            .actor
            .entry(self.organization.id, deed, changes, self.now);
        self.tx.audit_insert(&entry).await?;
        let version = self.tx.project_raise(self.project.id, self.now).await?;
        let news = match tried {
            Some(tried) => News::Put(Box::new(tried), version),
            None => News::Forget(vec![self.project.slug.to_string()]),
        };
        self.app.commit(self.tx, news).await
    }
}

/// Cuts off where the one edit stands.
fn cut(faults: &mut [Fault]) {
    for fault in faults {
        if let Some(rest) = fault.at.strip_prefix("edits[0]") {
            fault.at = rest.strip_prefix('.').unwrap_or(rest).to_owned();
        }
    }
}

fn text(response: &spec::Response) -> String {
    response.to_node().to_string()
}

impl App {
    /// Makes a mock at a position.
    pub(super) async fn mock_insert(
        &self,
        mut change: Change<'_>,
        wish: MockWish,
        room: Room,
        action: &'static str,
    ) -> Result<Saved<MockView>, AppError> {
        let position = room.position;
        let id = MockId::new(change.now);
        let put = MockEdit::Put {
            id,
            position,
            mock: wish.spec.clone(),
        };
        let mut tried = change.try_edit(put).await?;
        let new = NewMock {
            id,
            position,
            mock: &wish.spec,
        };
        change.insert(&[new]).await?;
        let mock = change.mock(id).await?;
        tried.name(id, mock.responses.iter().map(|about| about.id).collect());
        let what = self.mock_view(&change.project, mock);
        let warnings = std::mem::take(&mut tried.warnings);
        let changes = json!({ "after": told(&wish.spec) });
        change
            .finish((!room.is_made).then_some(tried), deed(action, id), &changes)
            .await?;
        Ok(Saved { what, warnings })
    }

    /// Puts a mock in the place of what it was, which its plan was asked for. Nothing is written if it is the same.
    pub(super) async fn mock_save(
        &self,
        mut change: Change<'_>,
        before: Mock,
        wish: MockWish,
        (deed, changes): (Deed, Value),
    ) -> Result<Saved<MockView>, AppError> {
        let (id, position) = (before.about.id, before.about.position);
        let put = MockEdit::Put {
            id,
            position,
            mock: wish.spec.clone(),
        };
        let mut tried = change.try_edit(put).await?;
        let warnings = std::mem::take(&mut tried.warnings);
        if wish.is(&before) {
            let what = self.mock_view(&change.project, before);
            return Ok(Saved { what, warnings });
        }
        change.tx.mock_update(id, &wish.spec, change.now).await?;
        change.save_responses(&before, &wish).await?;
        let mock = change.mock(id).await?;
        tried.name(id, mock.responses.iter().map(|about| about.id).collect());
        let what = self.mock_view(&change.project, mock);
        change.finish(Some(tried), deed, &changes).await?;
        Ok(Saved { what, warnings })
    }
}

impl MockWish {
    /// Whether it is what is there.
    fn is(&self, mock: &Mock) -> bool {
        let kept = mock.responses.iter().map(|about| Some(about.id));
        kept.eq(self.responses.iter().copied())
            && mock.spec.to_node().to_string() == self.spec.to_node().to_string()
    }
}
