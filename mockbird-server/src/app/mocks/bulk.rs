//! Many mocks at once: all of them or none.

use std::collections::HashMap;

use mockbird_core::fault::Fault;
use serde_json::json;

use super::super::actor::Deed;
use super::super::{Actor, App, AppError};
use super::save::{Change, MockWish};
use super::{Duplicates, NO_MOCK, shape};
use crate::domain::{MockId, OrganizationId, ProjectId};
use crate::mock_plane::{MockEdit, Tried};
use crate::store::{NewMock, POSITION_STEP};

/// What is wished of many mocks.
#[derive(Clone, Debug)]
pub enum BulkWish {
    /// They answer, or rest.
    Activate(Vec<MockId>, bool),
    /// They go.
    Delete(Vec<MockId>),
    /// They are made, behind all others.
    Create(Vec<MockWish>, Duplicates),
}

/// What was done.
#[derive(Clone, Debug)]
pub struct BulkDone {
    /// The mocks, in the order of the wish.
    pub ids: Vec<MockId>,
    /// What is probably a mistake, at places such as `mocks[3].path`.
    pub warnings: Vec<Fault>,
}

impl App {
    /// Does something with many mocks of a project, all in one.
    pub async fn mock_bulk(
        &self,
        organization: OrganizationId,
        project: ProjectId,
        wish: BulkWish,
        actor: &Actor,
    ) -> Result<BulkDone, AppError> {
        let mut change = self.mocks_begin(organization, project, actor).await?;
        let (action, done) = match wish {
            BulkWish::Activate(ids, is_active) => {
                let action = if is_active {
                    "mocks.activated"
                } else {
                    "mocks.deactivated"
                };
                (action, change.activate_all(ids, is_active).await)
            }
            BulkWish::Delete(ids) => ("mocks.deleted", change.delete_all(ids).await),
            BulkWish::Create(wishes, duplicates) => {
                ("mocks.created", change.create_all(wishes, duplicates).await)
            }
        };
        let (ids, mut tried) = done.map_err(of_list)?;
        let mut warnings = std::mem::take(&mut tried.warnings);
        warnings.iter_mut().for_each(place_in_list);
        let deed = Deed {
            action,
            kind: "project",
            id: project.to_string(),
        };
        let named: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let changes = json!({ "after": { "mocks": named } });
        change.finish(Some(tried), deed, &changes).await?;
        Ok(BulkDone { ids, warnings })
    }
}

impl Change<'_> {
    async fn activate_all(
        &mut self,
        ids: Vec<MockId>,
        is_active: bool,
    ) -> Result<(Vec<MockId>, Tried), AppError> {
        let (organization, project) = (self.organization.id, self.project.id);
        let found = self.tx.mock_get_all(organization, project, &ids).await?;
        let mut found: HashMap<_, _> = found
            .into_iter()
            .map(|mock| (mock.about.id, mock))
            .collect();
        let mut edits = Vec::with_capacity(ids.len());
        let mut specs = Vec::with_capacity(ids.len());
        for id in &ids {
            let mut mock = found.remove(id).ok_or(NO_MOCK)?;
            mock.spec.is_active = Some(is_active);
            specs.push(mock.spec.clone());
            edits.push(MockEdit::Put {
                id: *id,
                position: mock.about.position,
                mock: mock.spec,
            });
        }
        if is_active {
            self.check_plan(&specs.iter().collect::<Vec<_>>(), 0)
                .await?;
        }
        let tried = self.try_edits(edits).await?;
        self.tx
            .mock_activate_all(project, &ids, is_active, self.now)
            .await?;
        Ok((ids, tried))
    }

    async fn delete_all(&mut self, ids: Vec<MockId>) -> Result<(Vec<MockId>, Tried), AppError> {
        let tried = self.remove(&ids).await?;
        let deleted = self.tx.mock_delete(self.project.id, &ids, self.now).await?;
        if deleted < ids.len() as u64 {
            // Nothing of it is committed.
            return Err(NO_MOCK);
        }
        Ok((ids, tried))
    }

    async fn create_all(
        &mut self,
        wishes: Vec<MockWish>,
        duplicates: Duplicates,
    ) -> Result<(Vec<MockId>, Tried), AppError> {
        let specs: Vec<_> = wishes.iter().map(|wish| &wish.spec).collect();
        self.check_plan(&specs, wishes.len()).await?;
        self.check_duplicates(&wishes, duplicates).await?;
        let mut position = self.room_at_end().await?.position;
        let mut new = Vec::with_capacity(wishes.len());
        for mock in specs {
            let id = MockId::new(self.now);
            new.push(NewMock { id, position, mock });
            position = position.saturating_add(POSITION_STEP);
        }
        let edits = new.iter().map(|new| MockEdit::Put {
            id: new.id,
            position: new.position,
            mock: new.mock.clone(),
        });
        let mut tried = self.try_edits(edits.collect()).await?;
        for (mock, responses) in self.insert(&new).await? {
            tried.name(mock, responses);
        }
        Ok((new.iter().map(|new| new.id).collect(), tried))
    }

    async fn check_duplicates(
        &mut self,
        wishes: &[MockWish],
        duplicates: Duplicates,
    ) -> Result<(), AppError> {
        if duplicates == Duplicates::Allow {
            return Ok(());
        }
        let mut first = HashMap::new();
        for (index, wish) in wishes.iter().enumerate() {
            let kept = duplicates.check(&mut self.tx, self.project.id, &wish.spec, None);
            kept.await.map_err(|error| match error {
                AppError::DuplicateMock { at, first } => AppError::DuplicateMock {
                    at: format!("mocks[{index}].{at}"),
                    first,
                },
                other => other,
            })?;
            let shape = shape::shape(&wish.spec);
            if let Some(earlier) = shape.and_then(|shape| first.insert(shape, index)) {
                return Err(AppError::DuplicateMock {
                    at: format!("mocks[{index}].path"),
                    first: format!("mocks[{earlier}]"),
                });
            }
        }
        Ok(())
    }
}

/// Faults of edits, with their places in the list of the wish.
fn of_list(error: AppError) -> AppError {
    match error {
        AppError::Faults(mut faults) => {
            faults.iter_mut().for_each(place_in_list);
            AppError::Faults(faults)
        }
        other => other,
    }
}

fn place_in_list(fault: &mut Fault) {
    if let Some(rest) = fault.at.strip_prefix("edits[") {
        fault.at = format!("mocks[{rest}");
    }
}
