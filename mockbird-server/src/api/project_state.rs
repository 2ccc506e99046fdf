//! What becomes of a project as a whole: archive, copies, and back from the dead.

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::Editor;
use super::fields::Fields;
use super::once::IdempotencyHeader;
use super::project_access::InProject;
use super::projects::{Project, ProjectPath, versioned};
use super::version::{IfMatchHeader, Versioned};
use super::{Caller, Json, Path, Problem};
use crate::app::{App, AppError, IfMatch, Intent};
use crate::domain::Role;

/// What a copy is to be called.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Copy {
    /// What it is called; left out, as the original.
    name: Option<String>,
    /// Its name in addresses; left out, the first free one that is near.
    slug: Option<String>,
}

/// Takes back that a project was deleted. Takes the role `admin`.
#[utoipa::path(post, path = "/api/projects/{project}/restore", tag = "projects",
    security(("login" = []), ("key" = [])), params(ProjectPath), responses(
    (status = 200, body = Project, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem),
    (status = 402, description = "With its mocks there would be more than the plan includes", body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
))]
pub(super) async fn restore(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<ProjectPath>,
) -> Result<Versioned<Project>, Problem> {
    let id = path.project.parse();
    let id = id.map_err(|_| AppError::NotFound("deleted project"))?;
    let restored = app
        .project_restore(&caller.identity, id, &caller.actor())
        .await?;
    Ok(versioned(&app, restored))
}

/// Puts a project into the archive: its mocks are at rest. Takes the role `member`.
#[utoipa::path(post, path = "/api/projects/{project}/archive", tag = "projects",
    security(("login" = []), ("key" = [])), params(ProjectPath, IfMatchHeader), responses(
    (status = 200, body = Project, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 412, body = Problem),
))]
pub(super) async fn archive(
    State(app): State<App>,
    who: InProject<Editor>,
    if_match: IfMatch,
) -> Result<Versioned<Project>, Problem> {
    put_away(&app, &who, if_match, true).await
}

/// Takes a project out of the archive. Takes the role `member`.
#[utoipa::path(post, path = "/api/projects/{project}/unarchive", tag = "projects",
    security(("login" = []), ("key" = [])), params(ProjectPath, IfMatchHeader), responses(
    (status = 200, body = Project, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 412, body = Problem),
))]
pub(super) async fn unarchive(
    State(app): State<App>,
    who: InProject<Editor>,
    if_match: IfMatch,
) -> Result<Versioned<Project>, Problem> {
    put_away(&app, &who, if_match, false).await
}

async fn put_away(
    app: &App,
    who: &InProject<Editor>,
    if_match: IfMatch,
    archived: bool,
) -> Result<Versioned<Project>, Problem> {
    let (expected, actor) = (if_match.into(), who.caller.actor());
    let changed = app
        .project_archive(who.organization, who.project, archived, &expected, &actor)
        .await?;
    Ok(versioned(app, changed))
}

/// Makes another project of the same mocks. Takes the role `member` in the organization.
#[utoipa::path(post, path = "/api/projects/{project}/duplicate", tag = "projects",
    security(("login" = []), ("key" = [])), params(ProjectPath, IdempotencyHeader),
    request_body(content = Option<Copy>), responses(
    (status = 201, body = Project, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem),
    (status = 402, description = "There would be more mocks than the plan includes", body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "The slug is taken, or the first request of the key is under way", body = Problem),
    (status = 422, body = Problem),
))]
pub(super) async fn duplicate(
    State(app): State<App>,
    who: InProject<Editor>,
    body: Option<Json<Copy>>,
) -> Result<(StatusCode, Versioned<Project>), Problem> {
    let caller = &who.caller;
    // The key of one project makes no others.
    caller
        .authorise(&app, who.organization, Role::Member, Intent::Change)
        .await?;
    let Json(body) = body.unwrap_or(Json(Copy::default()));
    let mut fields = Fields::default();
    let name = body.name.map(|name| fields.parse("name", &name));
    let slug = body.slug.map(|slug| fields.parse("slug", &slug));
    let (name, slug) = fields.finish(Some((name.flatten(), slug.flatten())))?;
    let made = app
        .project_duplicate(who.organization, who.project, name, slug, &caller.actor())
        .await?;
    Ok((StatusCode::CREATED, versioned(&app, made)))
}
