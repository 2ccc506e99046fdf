//! The order of mocks: of those equal in all else, the first one answers.

use std::collections::HashSet;

use mockbird_core::fault::{Faults, Place};
use serde_json::json;

use super::super::actor::Deed;
use super::super::{Actor, App, AppError};
use super::save::Change;
use super::{MockAt, MockView, MockWish, NO_MOCK, Saved, deed};
use crate::domain::{MockId, OrganizationId, ProjectId};
use crate::mock_plane::MockEdit;
use crate::store::{MockPlace, POSITION_STEP};

/// In which order mocks are wished.
#[derive(Clone, Debug)]
pub enum OrderWish {
    /// In this one, which names all.
    Whole(Vec<MockId>),
    /// One of them right before another.
    Before {
        /// Which one moves.
        mock: MockId,
        /// Before which.
        other: MockId,
    },
    /// One of them right after another.
    After {
        /// Which one moves.
        mock: MockId,
        /// After which.
        other: MockId,
    },
}

/// Where there is room for a mock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) position: i64,
    /// True if all others were given new positions to make it: no engine in memory has them there.
    pub(super) is_made: bool,
}

/// On which side of another mock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

impl App {
    /// Makes another mock like this one, right after it. Its `specId` stays with the first.
    pub async fn mock_duplicate(
        &self,
        at: MockAt,
        actor: &Actor,
    ) -> Result<Saved<MockView>, AppError> {
        let (mut change, before) = self.mock_begin(at, actor).await?;
        let mut wish = MockWish::of(&before.mock);
        wish.spec.id = None;
        for response in &mut wish.spec.responses {
            response.id = None;
        }
        change.check_plan(&[&wish.spec], 1).await?;
        let place = change.beside(at.mock, Side::After, None).await?;
        self.mock_insert(change, wish, place, "mock.duplicated")
            .await
    }

    /// Gives mocks of a project another order.
    pub async fn mock_reorder(
        &self,
        organization: OrganizationId,
        project: ProjectId,
        wish: OrderWish,
        actor: &Actor,
    ) -> Result<(), AppError> {
        let change = self.mocks_begin(organization, project, actor).await?;
        match wish {
            OrderWish::Whole(order) => reorder_all(change, &order).await,
            OrderWish::Before { mock, other } => {
                move_beside(change, mock, other, Side::Before).await
            }
            OrderWish::After { mock, other } => move_beside(change, mock, other, Side::After).await,
        }
    }
}

async fn reorder_all(mut change: Change<'_>, order: &[MockId]) -> Result<(), AppError> {
    let project = change.project.id;
    let places = change.tx.mock_places(project).await?;
    let known: HashSet<_> = places.iter().map(|place| place.id).collect();
    if order.iter().any(|id| !known.contains(id)) {
        return Err(NO_MOCK);
    }
    let named: HashSet<_> = order.iter().collect();
    if named.len() != order.len() || named.len() != known.len() {
        let (all, list) = (known.len(), Place::ROOT.key("mocks"));
        let message = format!("the project has {all} mocks, and the order must name each once");
        return Err(refused(
            &list,
            message,
            "or move one by `mock` and `before` or `after`",
        ));
    }
    let wished = numbered(order.iter().copied());
    change.tx.mock_move_all(project, &wished).await?;
    let deed = Deed {
        action: "mocks.reordered",
        kind: "project",
        id: project.to_string(),
    };
    let changes = json!({ "after": { "mocks": order.len() } });
    // All of them have moved: loading them is no more work.
    change.finish(None, deed, &changes).await
}

async fn move_beside(
    mut change: Change<'_>,
    mock: MockId,
    other: MockId,
    side: Side,
) -> Result<(), AppError> {
    let moving = change.mock(mock).await?;
    if mock == other {
        let why = "a mock cannot stand beside itself".to_owned();
        return Err(refused(&Place::ROOT.key("mock"), why, "name another one"));
    }
    let Room { position, is_made } = change.beside(other, side, Some(mock)).await?;
    let put = MockEdit::Put {
        id: mock,
        position,
        mock: moving.spec,
    };
    let tried = if is_made {
        None
    } else {
        Some(change.try_edit(put).await?)
    };
    let place = MockPlace { id: mock, position };
    change.tx.mock_move_all(change.project.id, &[place]).await?;
    let other = other.to_string();
    let changes = match side {
        Side::Before => json!({ "after": { "before": other } }),
        Side::After => json!({ "after": { "after": other } }),
    };
    change
        .finish(tried, deed("mock.moved", mock), &changes)
        .await
}

impl Change<'_> {
    /// Room on this side of a mock, for one that is new or `moving`.
    async fn beside(
        &mut self,
        other: MockId,
        side: Side,
        moving: Option<MockId>,
    ) -> Result<Room, AppError> {
        let at = self.mock(other).await?.about.position;
        if let Some(position) = self.free_beside(at, side, moving).await? {
            return Ok(Room {
                position,
                is_made: false,
            });
        }
        let project = self.project.id;
        let places = self.tx.mock_places(project).await?;
        let apart = numbered(places.into_iter().map(|place| place.id));
        self.tx.mock_move_all(project, &apart).await?;
        let at = self.mock(other).await?.about.position;
        let free = self.free_beside(at, side, moving).await?;
        Ok(Room {
            // They stand apart now.
            position: free.unwrap_or(at),
            is_made: true,
        })
    }

    async fn free_beside(
        &mut self,
        at: i64,
        side: Side,
        moving: Option<MockId>,
    ) -> Result<Option<i64>, AppError> {
        let project = self.project.id;
        let (before, after) = self.tx.mock_neighbours(project, at, moving).await?;
        Ok(match side {
            Side::Before => between(before, Some(at)),
            Side::After => between(Some(at), after),
        })
    }
}

/// These mocks in this order, far apart.
fn numbered(ids: impl Iterator<Item = MockId>) -> Vec<MockPlace> {
    let places = (0..).zip(ids).map(|(place, id)| MockPlace {
        id,
        position: place * POSITION_STEP,
    });
    places.collect()
}

/// A position between two, if there is room.
fn between(before: Option<i64>, after: Option<i64>) -> Option<i64> {
    match (before, after) {
        (Some(before), Some(after)) => {
            let middle = before.midpoint(after);
            (before < middle && middle < after).then_some(middle)
        }
        (Some(before), None) => before.checked_add(POSITION_STEP),
        (None, Some(after)) => after.checked_sub(POSITION_STEP),
        (None, None) => Some(0),
    }
}

fn refused(at: &Place<'_>, message: String, hint: &str) -> AppError {
    let mut faults = Faults::default();
    faults.error(at, message, hint);
    AppError::Faults(faults.errors)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_between_is_between(before in any::<i64>(), after in any::<i64>()) {
            let room = i128::from(after) - i128::from(before) > 1;
            match between(Some(before), Some(after)) {
                Some(middle) => prop_assert!(before < middle && middle < after),
                None => prop_assert!(!room),
            }
        }
    }
}
