//! The order of mocks: duplicates stand right after their original, and any can be moved.

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::caller::Editor;
use super::super::once::IdempotencyHeader;
use super::super::project_access::{InMock, InProject};
use super::super::projects::ProjectPath;
use super::super::tree::Tree;
use super::super::version::Versioned;
use super::super::{Detail, Json, Problem};
use super::schema::Mock;
use super::{MockPath, saved};
use crate::app::{App, AppError, OrderWish};
use crate::domain::MockId;

/// Another order: either the whole, by `mocks`, or `mock` right `before` or `after` another one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Order {
    /// The ids of all mocks of the project, in the order that is wished.
    #[schema(nullable = false)]
    mocks: Option<Vec<String>>,
    /// The id of the one that is to move.
    #[schema(nullable = false)]
    mock: Option<String>,
    /// Before which it is to stand.
    #[schema(nullable = false)]
    before: Option<String>,
    /// After which it is to stand.
    #[schema(nullable = false)]
    after: Option<String>,
}

impl TryFrom<Order> for OrderWish {
    type Error = Problem;

    fn try_from(order: Order) -> Result<Self, Problem> {
        match (order.mocks, order.mock, order.before, order.after) {
            (Some(mocks), None, None, None) => {
                let ids: Result<_, Problem> = mocks.iter().map(|text| id(text)).collect();
                Ok(Self::Whole(ids?))
            }
            (None, Some(mock), Some(other), None) => Ok(Self::Before {
                mock: id(&mock)?,
                other: id(&other)?,
            }),
            (None, Some(mock), None, Some(other)) => Ok(Self::After {
                mock: id(&mock)?,
                other: id(&other)?,
            }),
            _ => Err(Problem::invalid(vec![Detail {
                at: String::new(),
                message: "this is no order".to_owned(),
                hint: "send `mocks` with all ids, or `mock` with `before` or `after`".to_owned(),
                ..Detail::default()
            }])),
        }
    }
}

/// What is no id is the id of nothing.
fn id(text: &str) -> Result<MockId, Problem> {
    text.parse().map_err(|_| AppError::NotFound("mock").into())
}

/// Makes another mock like this one, right after it; without the `specId` of the first. Takes the role `member`.
#[utoipa::path(post, path = "/api/mocks/{mock}/duplicate", tag = "mocks", security(("login" = []), ("key" = [])),
    params(MockPath, IdempotencyHeader), responses(
    (status = 201, body = Mock, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem),
    (status = 402, description = "The plan includes no more mocks, or not what it has", body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "The first request of the key is under way, or the project is in the archive", body = Problem),
    (status = 422, description = "The mocks that answer would be too much together", body = Problem),
))]
pub(in super::super) async fn duplicate(
    State(app): State<App>,
    within: InMock<Editor>,
) -> Result<(StatusCode, Versioned<Tree>), Problem> {
    let actor = within.caller.actor();
    let made = Box::pin(app.mock_duplicate(within.at(), &actor)).await?;
    Ok((StatusCode::CREATED, saved(&made)))
}

/// Gives the mocks of a project another order: of those equal in all else, the first one answers. Takes the role `member`.
#[utoipa::path(post, path = "/api/projects/{project}/mocks/reorder", tag = "mocks", security(("login" = []), ("key" = [])),
    params(ProjectPath), request_body = Order, responses(
    (status = 204, description = "They stand in the order"), (status = 401, body = Problem),
    (status = 403, body = Problem),
    (status = 404, description = "There is no such project, or it has no such mock", body = Problem),
    (status = 409, description = "The project is in the archive", body = Problem),
    (status = 422, body = Problem),
))]
pub(in super::super) async fn reorder(
    State(app): State<App>,
    within: InProject<Editor>,
    Json(order): Json<Order>,
) -> Result<StatusCode, Problem> {
    let actor = within.caller.actor();
    let (organization, project) = (within.organization, within.project);
    let order = order.try_into()?;
    Box::pin(app.mock_reorder(organization, project, order, &actor)).await?;
    Ok(StatusCode::NO_CONTENT)
}
