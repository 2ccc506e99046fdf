//! Responses of a mock.

use axum::extract::State;
use http::StatusCode;
use mockbird_core::fault::Place;
use serde::Deserialize;
use utoipa::IntoParams;

use super::super::caller::{Editor, Viewer};
use super::super::merge_patch::merge;
use super::super::once::IdempotencyHeader;
use super::super::project_access::InMock;
use super::super::tree::Tree;
use super::super::version::{IfMatchHeader, Versioned};
use super::super::{Json, List, PageQuery, Path, Problem, Query};
use super::MockPath;
use super::object::{read_response, response_node, saved_node};
use super::schema::{MergePatch, ReplaceResponse, Response, ResponseFields};
use crate::app::{App, AppError, IfMatch, ResponseView, ResponseWish, Saved};
use crate::domain::ResponseId;

/// Which response of the mock.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(in super::super) struct ResponsePath {
    /// The id of the response.
    response: String,
}

impl ResponsePath {
    fn id(&self) -> Result<ResponseId, AppError> {
        self.response
            .parse()
            .map_err(|_| AppError::NotFound("response"))
    }
}

fn saved(saved: &Saved<ResponseView>) -> Versioned<Tree> {
    Versioned(
        saved.what.about.version,
        Tree(saved_node(saved, response_node)),
    )
}

/// The responses of a mock, in their order. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/mocks/{mock}/responses", tag = "responses", security(("login" = []), ("key" = [])),
    params(MockPath, PageQuery), responses(
    (status = 200, body = List<Response>), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem),
))]
pub(in super::super) async fn list(
    State(app): State<App>,
    within: InMock<Viewer>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<Tree>>, Problem> {
    let found = app.response_list(within.at(), page.try_into()?).await?;
    Ok(Json(found.map(|one| Tree(response_node(&one))).into()))
}

/// Adds a response behind the others of its mock. Takes the role `member`.
#[utoipa::path(post, path = "/api/mocks/{mock}/responses", tag = "responses", security(("login" = []), ("key" = [])),
    params(MockPath, IdempotencyHeader), request_body = ResponseFields, responses(
    (status = 201, body = Response, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem),
    (status = 402, description = "The plan includes not so many mocks, or not what it has", body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "The first request of the key is under way, or the project is in the archive", body = Problem),
    (status = 422, body = Problem),
))]
pub(in super::super) async fn create(
    State(app): State<App>,
    within: InMock<Editor>,
    Tree(node): Tree,
) -> Result<(StatusCode, Versioned<Tree>), Problem> {
    let wish = read_response(node, None)?;
    let actor = within.caller.actor();
    let made = Box::pin(app.response_create(within.at(), wish.spec, &actor)).await?;
    Ok((StatusCode::CREATED, saved(&made)))
}

/// A response of a mock. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/mocks/{mock}/responses/{response}", tag = "responses", security(("login" = []), ("key" = [])),
    params(MockPath, ResponsePath), responses(
    (status = 200, body = Response, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
))]
pub(in super::super) async fn get(
    State(app): State<App>,
    within: InMock<Viewer>,
    Path(path): Path<ResponsePath>,
) -> Result<Versioned<Tree>, Problem> {
    let found = app.response_get(within.at(), path.id()?).await?;
    Ok(Versioned(found.about.version, Tree(response_node(&found))))
}

/// Puts a response in the place of this one. Takes the role `member`.
#[utoipa::path(put, path = "/api/mocks/{mock}/responses/{response}", tag = "responses", security(("login" = []), ("key" = [])),
    params(MockPath, ResponsePath, IfMatchHeader), request_body = ReplaceResponse, responses(
    (status = 200, body = Response, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem),
    (status = 402, description = "The plan includes not so many mocks, or not what it has", body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "It was changed meanwhile, or the project is in the archive", body = Problem), (status = 412, body = Problem),
    (status = 422, body = Problem),
))]
pub(in super::super) async fn replace(
    State(app): State<App>,
    within: InMock<Editor>,
    Path(path): Path<ResponsePath>,
    if_match: IfMatch,
    Tree(node): Tree,
) -> Result<Versioned<Tree>, Problem> {
    change(&app, &within, path.id()?, if_match, |before| {
        read_response(node, Some(before))
    })
    .await
}

/// Changes a response by a JSON merge patch. Takes the role `member`.
#[utoipa::path(patch, path = "/api/mocks/{mock}/responses/{response}", tag = "responses", security(("login" = []), ("key" = [])),
    params(MockPath, ResponsePath, IfMatchHeader), request_body = MergePatch, responses(
    (status = 200, body = Response, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem),
    (status = 402, description = "The plan includes not so many mocks, or not what it has", body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "It was changed meanwhile, or the project is in the archive", body = Problem), (status = 412, body = Problem),
    (status = 422, body = Problem),
))]
pub(in super::super) async fn patch(
    State(app): State<App>,
    within: InMock<Editor>,
    Path(path): Path<ResponsePath>,
    if_match: IfMatch,
    Tree(node): Tree,
) -> Result<Versioned<Tree>, Problem> {
    change(&app, &within, path.id()?, if_match, |before| {
        read_response(
            merge(response_node(before), node, &Place::ROOT)?,
            Some(before),
        )
    })
    .await
}

async fn change(
    app: &App,
    within: &InMock<Editor>,
    id: ResponseId,
    if_match: IfMatch,
    wish: impl FnOnce(&ResponseView) -> Result<ResponseWish, AppError> + Send,
) -> Result<Versioned<Tree>, Problem> {
    let actor = within.caller.actor();
    let changed = app.response_change(within.at(), id, wish, if_match, &actor);
    Ok(saved(&Box::pin(changed).await?))
}

/// Deletes a response of a mock, unless it is the last. Takes the role `member`.
#[utoipa::path(delete, path = "/api/mocks/{mock}/responses/{response}", tag = "responses", security(("login" = []), ("key" = [])),
    params(MockPath, ResponsePath, IfMatchHeader), responses(
    (status = 204, description = "It is gone"), (status = 401, body = Problem),
    (status = 402, description = "The plan includes not so many mocks, or not what the mock has", body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "It is the last of its mock, or the project is in the archive", body = Problem), (status = 412, body = Problem),
    (status = 422, body = Problem),
))]
pub(in super::super) async fn delete(
    State(app): State<App>,
    within: InMock<Editor>,
    Path(path): Path<ResponsePath>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let actor = within.caller.actor();
    Box::pin(app.response_delete(within.at(), path.id()?, if_match, &actor)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a response the one that answers if none qualifies, in place of the one that was. Takes the role `member`.
#[utoipa::path(post, path = "/api/mocks/{mock}/responses/{response}/default", tag = "responses",
    security(("login" = []), ("key" = [])), params(MockPath, ResponsePath, IfMatchHeader), responses(
    (status = 200, body = Response, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem),
    (status = 402, description = "The plan includes not so many mocks, or not what the mock has", body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "The project is in the archive", body = Problem), (status = 412, body = Problem),
    (status = 422, body = Problem),
))]
pub(in super::super) async fn make_default(
    State(app): State<App>,
    within: InMock<Editor>,
    Path(path): Path<ResponsePath>,
    if_match: IfMatch,
) -> Result<Versioned<Tree>, Problem> {
    let actor = within.caller.actor();
    let changed = app.response_default(within.at(), path.id()?, if_match, &actor);
    Ok(saved(&Box::pin(changed).await?))
}
