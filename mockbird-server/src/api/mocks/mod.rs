//! Mocks.

pub(super) mod bulk;
mod object;
pub(super) mod order;
pub(super) mod responses;
mod schema;

use axum::extract::State;
use http::{Method, StatusCode};
use mockbird_core::fault::Place;
use serde::Deserialize;
use utoipa::IntoParams;

use self::object::{mock_node, read_mock, saved_node};
use self::schema::{MergePatch, Mock, NewMock, ReplaceMock};
use super::caller::{Editor, Viewer};
use super::merge_patch::merge;
use super::once::IdempotencyHeader;
use super::project_access::{InMock, InProject};
use super::projects::ProjectPath;
use super::tree::Tree;
use super::version::{IfMatchHeader, Versioned};
use super::{Json, List, PageQuery, Problem, Query};
use crate::app::{App, AppError, Duplicates, IfMatch, MockAt, MockView, MockWish, Saved};
use crate::domain::Refusal;
use crate::store::MockFilter;

/// Which mock.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct MockPath {
    /// The id of the mock.
    #[expect(dead_code, reason = "it is there to be described; `InMock` reads it")]
    mock: String,
}

/// Which mocks.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Those of this method, or `ANY`.
    #[param(nullable = false)]
    method: Option<String>,
    /// Those of this path, whatever its parameters are called.
    #[param(nullable = false, example = "/products/{id}")]
    path: Option<String>,
    /// Those that may answer, or those that rest.
    #[param(nullable = false)]
    is_active: Option<bool>,
    /// Those with this text in name, path or description, in any case.
    #[param(nullable = false)]
    q: Option<String>,
}

/// Whether a second mock of the same method and path is meant.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(super) struct DuplicateQuery {
    /// It is: without this it is refused as a slip.
    #[serde(default)]
    allow_duplicate: bool,
}

impl From<DuplicateQuery> for Duplicates {
    fn from(query: DuplicateQuery) -> Self {
        if query.allow_duplicate {
            Self::Allow
        } else {
            Self::Refuse
        }
    }
}

impl TryFrom<Which> for MockFilter {
    type Error = Problem;

    fn try_from(which: Which) -> Result<Self, Problem> {
        if let Some(method) = &which.method {
            check_method(method).map_err(|refusal| Problem::of_field("method", &refusal))?;
        }
        Ok(Self {
            method: which.method,
            path: which.path,
            is_active: which.is_active,
            text: which.q,
        })
    }
}

/// A method as a mock may have it.
fn check_method(text: &str) -> Result<(), Refusal> {
    let upper = text.to_ascii_uppercase();
    if Method::from_bytes(text.as_bytes()).is_err() {
        Err(Refusal(
            "no method: take one such as `GET`, or `ANY`".to_owned(),
        ))
    } else if text != upper {
        let why = format!("methods are written in upper case: take `{upper}`");
        Err(Refusal(why))
    } else {
        Ok(())
    }
}

impl<R> InMock<R> {
    fn at(&self) -> MockAt {
        MockAt {
            organization: self.organization,
            project: self.project,
            mock: self.mock,
        }
    }
}

fn saved(saved: &Saved<MockView>) -> Versioned<Tree> {
    Versioned(
        saved.what.mock.about.version,
        Tree(saved_node(saved, mock_node)),
    )
}

/// The mocks of a project, in their order. Takes the role `viewer`.
///
/// The responses on a page of several mocks have at most 16 MiB together: a page with more is refused (422), and is to be asked
/// for with a smaller `limit`.
#[utoipa::path(get, path = "/api/projects/{project}/mocks", tag = "mocks", security(("login" = []), ("key" = [])),
    params(ProjectPath, PageQuery, Which), responses(
    (status = 200, body = List<Mock>), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn list(
    State(app): State<App>,
    within: InProject<Viewer>,
    Query(page): Query<PageQuery>,
    Query(which): Query<Which>,
) -> Result<Json<List<Tree>>, Problem> {
    let (filter, page) = (which.try_into()?, page.try_into()?);
    let (organization, project) = (within.organization, within.project);
    let found = app.mock_list(organization, project, &filter, page).await?;
    Ok(Json(found.map(|mock| Tree(mock_node(&mock))).into()))
}

/// Makes a mock, behind all others of its project. Takes the role `member`.
///
/// The very next request to its address is answered by it.
#[utoipa::path(post, path = "/api/projects/{project}/mocks", tag = "mocks", security(("login" = []), ("key" = [])),
    params(ProjectPath, DuplicateQuery, IdempotencyHeader), request_body = NewMock, responses(
    (status = 201, body = Mock, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem),
    (status = 402, description = "The plan includes no more mocks, or not what it has", body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "There is one of this method and path, or the first request of the key is under way, or the project is in the archive", body = Problem),
    (status = 422, body = Problem),
))]
pub(super) async fn create(
    State(app): State<App>,
    within: InProject<Editor>,
    Query(duplicates): Query<DuplicateQuery>,
    Tree(node): Tree,
) -> Result<(StatusCode, Versioned<Tree>), Problem> {
    let actor = within.caller.actor();
    let made = app.mock_create(
        within.organization,
        within.project,
        read_mock(node, None)?,
        duplicates.into(),
        &actor,
    );
    Ok((StatusCode::CREATED, saved(&Box::pin(made).await?)))
}

/// A mock. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/mocks/{mock}", tag = "mocks", security(("login" = []), ("key" = [])),
    params(MockPath), responses(
    (status = 200, body = Mock, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
))]
pub(super) async fn get(
    State(app): State<App>,
    within: InMock<Viewer>,
) -> Result<Versioned<Tree>, Problem> {
    let found = app.mock_get(within.at()).await?;
    Ok(Versioned(found.mock.about.version, Tree(mock_node(&found))))
}

/// Puts a mock in the place of this one; `responses` that are left out stay. Takes the role `member`.
#[utoipa::path(put, path = "/api/mocks/{mock}", tag = "mocks", security(("login" = []), ("key" = [])),
    params(MockPath, DuplicateQuery, IfMatchHeader), request_body = ReplaceMock, responses(
    (status = 200, body = Mock, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem),
    (status = 402, description = "The plan includes not so many mocks, or not what it has", body = Problem),
    (status = 403, body = Problem), (status = 404, description = "There is no such mock, or it has no such response", body = Problem),
    (status = 409, description = "There is another one of this method and path, or it was changed meanwhile, or the project is in the archive", body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn replace(
    State(app): State<App>,
    within: InMock<Editor>,
    if_match: IfMatch,
    Query(duplicates): Query<DuplicateQuery>,
    Tree(node): Tree,
) -> Result<Versioned<Tree>, Problem> {
    change(&app, &within, if_match, duplicates, |before| {
        read_mock(node, Some(before))
    })
    .await
}

/// Changes a mock by a JSON merge patch. Takes the role `member`.
#[utoipa::path(patch, path = "/api/mocks/{mock}", tag = "mocks", security(("login" = []), ("key" = [])),
    params(MockPath, DuplicateQuery, IfMatchHeader), request_body = MergePatch, responses(
    (status = 200, body = Mock, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem),
    (status = 402, description = "The plan includes not so many mocks, or not what it has", body = Problem),
    (status = 403, body = Problem), (status = 404, description = "There is no such mock, or it has no such response", body = Problem),
    (status = 409, description = "There is another one of this method and path, or it was changed meanwhile, or the project is in the archive", body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn patch(
    State(app): State<App>,
    within: InMock<Editor>,
    if_match: IfMatch,
    Query(duplicates): Query<DuplicateQuery>,
    Tree(node): Tree,
) -> Result<Versioned<Tree>, Problem> {
    change(&app, &within, if_match, duplicates, |before| {
        read_mock(merge(mock_node(before), node, &Place::ROOT)?, Some(before))
    })
    .await
}

async fn change(
    app: &App,
    within: &InMock<Editor>,
    if_match: IfMatch,
    duplicates: DuplicateQuery,
    wish: impl FnOnce(&MockView) -> Result<MockWish, AppError> + Send,
) -> Result<Versioned<Tree>, Problem> {
    let actor = within.caller.actor();
    let changed = app.mock_change(within.at(), wish, if_match, duplicates.into(), &actor);
    Ok(saved(&Box::pin(changed).await?))
}

/// Deletes a mock. Takes the role `member`.
#[utoipa::path(delete, path = "/api/mocks/{mock}", tag = "mocks", security(("login" = []), ("key" = [])),
    params(MockPath, IfMatchHeader), responses(
    (status = 204, description = "It is gone"), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem),
    (status = 409, description = "The project is in the archive", body = Problem), (status = 412, body = Problem),
))]
pub(super) async fn delete(
    State(app): State<App>,
    within: InMock<Editor>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let actor = within.caller.actor();
    app.mock_delete(within.at(), if_match, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a mock answer. Takes the role `member`.
#[utoipa::path(post, path = "/api/mocks/{mock}/activate", tag = "mocks", security(("login" = []), ("key" = [])),
    params(MockPath, IfMatchHeader), responses(
    (status = 200, body = Mock, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem),
    (status = 402, description = "The plan includes not so many mocks, or not what it has", body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "The project is in the archive", body = Problem), (status = 412, body = Problem),
    (status = 422, description = "The mocks that answer would be too much together", body = Problem),
))]
pub(super) async fn activate(
    State(app): State<App>,
    within: InMock<Editor>,
    if_match: IfMatch,
) -> Result<Versioned<Tree>, Problem> {
    let actor = within.caller.actor();
    let changed = app.mock_activate(within.at(), true, if_match, &actor);
    Ok(saved(&Box::pin(changed).await?))
}

/// Puts a mock to rest: it plays no part. Takes the role `member`.
#[utoipa::path(post, path = "/api/mocks/{mock}/deactivate", tag = "mocks", security(("login" = []), ("key" = [])),
    params(MockPath, IfMatchHeader), responses(
    (status = 200, body = Mock, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "The project is in the archive", body = Problem),
    (status = 412, body = Problem),
))]
pub(super) async fn deactivate(
    State(app): State<App>,
    within: InMock<Editor>,
    if_match: IfMatch,
) -> Result<Versioned<Tree>, Problem> {
    let actor = within.caller.actor();
    let changed = app.mock_activate(within.at(), false, if_match, &actor);
    Ok(saved(&Box::pin(changed).await?))
}
