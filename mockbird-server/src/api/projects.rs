//! Projects.

use std::str::FromStr;

use axum::extract::State;
use http::StatusCode;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Admin, Editor, Viewer};
use super::fields::{Fields, described};
use super::log_settings::{LogsChange, LogsObject, read_logs};
use super::once::IdempotencyHeader;
use super::project_access::InProject;
use super::time::Time;
use super::version::{IfMatchHeader, Versioned};
use super::{Caller, Json, List, PageQuery, Problem, Query};
use crate::app::{App, IfMatch, Intent, Presence, ProjectPatch, ProjectQuery, ProjectWish};
use crate::domain::{LogSettings, Name, OrganizationId, Patch, Refusal, Role, Seed};
use crate::store::ProjectProfile;

/// Which project.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct ProjectPath {
    /// The id of the project.
    pub(super) project: String,
}

/// Which projects.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Those of this organization; left out, of all that you belong to.
    organization: Option<String>,
    /// The one of this slug.
    slug: Option<String>,
    /// Those in the archive, or those that are not; left out, both.
    archived: Option<bool>,
    /// Those that were deleted, and that may be had back.
    #[serde(default)]
    deleted: bool,
}

/// A project to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewProject {
    /// Whose it will be; left out, your own, or your key's.
    organization_id: Option<String>,
    /// What it is called.
    #[schema(example = "My E-commerce API")]
    name: String,
    /// Its name in addresses; left out, the first free one that the name suggests.
    #[schema(example = "my-e-commerce-api")]
    slug: Option<String>,
    /// What it is for.
    description: Option<String>,
    /// Whether anybody may call its mocks; left out, as the settings of the organization say.
    is_public: Option<bool>,
    /// Whether pages of any origin may call its mocks.
    #[schema(default = true)]
    cors: Option<bool>,
    /// What its draws depend on; left out, on chance.
    #[schema(minimum = 0)]
    seed: Option<u64>,
    /// What is kept of its requests; left out, all but secrets.
    #[serde(default)]
    #[schema(value_type = Option<LogsChange>)]
    logs: Patch<LogsChange>,
    /// Whether it answers.
    #[schema(default = true)]
    is_active: Option<bool>,
}

/// What is to change in a project: what is left out stays, and what is null is as if nobody had said it. What the server
/// makes may come along as it was read.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PatchProject {
    /// What it is called.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    name: Patch<String>,
    /// Its name in addresses.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    slug: Patch<String>,
    /// What it is for.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    /// Whether anybody may call its mocks; null: as the settings of the organization say.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    is_public: Patch<bool>,
    /// Whether pages of any origin may call its mocks; null: they may.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    cors: Patch<bool>,
    /// What its draws depend on; null: on chance.
    #[serde(default)]
    #[schema(value_type = Option<u64>, minimum = 0)]
    seed: Patch<u64>,
    /// What is kept of its requests; null: all but secrets.
    #[serde(default)]
    #[schema(value_type = Option<LogsChange>)]
    logs: Patch<LogsChange>,
    /// Whether it answers; null: it does.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    is_active: Patch<bool>,
    /// The version that was read: another one is a conflict.
    version: Option<i64>,
    /// Its id.
    id: Option<String>,
    /// Whose it is.
    organization_id: Option<String>,
    #[serde(default, rename = "url")]
    #[schema(ignore)]
    _url: IgnoredAny,
    #[serde(default, rename = "mockCount")]
    #[schema(ignore)]
    _mock_count: IgnoredAny,
    #[serde(default, rename = "archivedAt")]
    #[schema(ignore)]
    _archived_at: IgnoredAny,
    #[serde(default, rename = "suspendedAt")]
    #[schema(ignore)]
    _suspended_at: IgnoredAny,
    #[serde(default, rename = "createdAt")]
    #[schema(ignore)]
    _created_at: IgnoredAny,
    #[serde(default, rename = "updatedAt")]
    #[schema(ignore)]
    _updated_at: IgnoredAny,
    #[serde(default, rename = "deletedAt")]
    #[schema(ignore)]
    _deleted_at: IgnoredAny,
}

/// A named set of mocks under a slug.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Project {
    /// Its id.
    id: String,
    /// Whose it is.
    organization_id: String,
    /// What it is called.
    name: String,
    /// Its name in addresses.
    #[schema(example = "shop")]
    slug: String,
    /// Where its mocks answer.
    #[schema(example = "http://127.0.0.1:3000/m/shop")]
    url: String,
    /// What it is for.
    description: Option<String>,
    /// Whether anybody may call its mocks; otherwise it takes a key.
    is_public: bool,
    /// Whether pages of any origin may call its mocks.
    cors: bool,
    /// What its draws depend on, up to 2^64-1; null: on chance.
    seed: Option<u64>,
    /// What is kept of its requests.
    logs: LogsObject,
    /// False once its owner put it to rest.
    is_active: bool,
    /// When it was put into the archive; null: it is not there.
    archived_at: Option<Time>,
    /// When the operator stopped it, or its organization; null: it is not stopped.
    suspended_at: Option<Time>,
    /// How many mocks it has.
    mock_count: u64,
    /// When it was made.
    created_at: Time,
    /// When it was last changed.
    updated_at: Option<Time>,
    /// When it was deleted; null: it was not.
    deleted_at: Option<Time>,
    /// Counts changes of the project and of everything in it.
    version: i64,
}

impl Project {
    pub(super) fn new(app: &App, ProjectProfile { project, mocks }: ProjectProfile) -> Self {
        Self {
            id: project.id.to_string(),
            organization_id: project.organization.to_string(),
            url: app.project_url(&project),
            is_public: project.is_open(),
            cors: project.has_cors(),
            logs: project.log_settings().into(),
            name: project.name,
            slug: project.slug.to_string(),
            description: project.description,
            seed: project.seed.map(|seed| seed.0),
            is_active: project.is_active,
            archived_at: project.archived_at.map(Into::into),
            suspended_at: project.suspended_at.map(Into::into),
            mock_count: mocks,
            created_at: project.created_at.into(),
            updated_at: project.updated_at.map(Into::into),
            deleted_at: project.deleted_at.map(Into::into),
            version: project.version,
        }
    }
}

pub(super) fn versioned(app: &App, profile: ProjectProfile) -> Versioned<Project> {
    Versioned(profile.project.version, Project::new(app, profile))
}

/// The projects of your organizations, the latest first. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/projects", tag = "projects", security(("login" = []), ("key" = [])),
    params(PageQuery, Which), responses(
    (status = 200, body = List<Project>), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, description = "There is no such organization", body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(which): Query<Which>,
) -> Result<Json<List<Project>>, Problem> {
    let presence = if which.deleted {
        Presence::Deleted
    } else {
        Presence::Here
    };
    let query = ProjectQuery {
        organization: organization("organization", which.organization.as_deref())?,
        slug: which.slug,
        archived: which.archived,
        presence,
    };
    let page = page.try_into()?;
    let found = app.project_list(&caller.identity, query, page).await?;
    Ok(Json(
        found.map(|profile| Project::new(&app, profile)).into(),
    ))
}

/// The organization that a field names.
fn organization(field: &str, id: Option<&str>) -> Result<Option<OrganizationId>, Problem> {
    let parsed = id.map(str::parse).transpose();
    parsed.map_err(|refusal| Problem::of_field(field, &refusal))
}

/// Where somebody may make projects: in the organization of this field, or in their own.
pub(super) async fn home(
    app: &App,
    caller: &Caller,
    id: Option<&str>,
) -> Result<OrganizationId, Problem> {
    let home = match organization("organizationId", id)? {
        Some(named) => named,
        None => app.home_of(&caller.identity).await?,
    };
    app.authorise(&caller.identity, home, Role::Member, Intent::Change)
        .await?;
    Ok(home)
}

/// Makes a project without mocks. Takes the role `member`.
#[utoipa::path(post, path = "/api/projects", tag = "projects", security(("login" = []), ("key" = [])),
    params(IdempotencyHeader), request_body = NewProject, responses(
    (status = 201, body = Project, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, description = "There is no such organization", body = Problem),
    (status = 409, description = "The slug is taken, or the first request of the key is under way", body = Problem),
    (status = 422, body = Problem),
))]
pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<NewProject>,
) -> Result<(StatusCode, Versioned<Project>), Problem> {
    let home = home(&app, &caller, body.organization_id.as_deref()).await?;
    let wish = wish(body)?;
    let made = app.project_create(home, &wish, &caller.actor()).await?;
    Ok((StatusCode::CREATED, versioned(&app, made)))
}

fn wish(body: NewProject) -> Result<ProjectWish, Problem> {
    let mut fields = Fields::default();
    let name: Option<Name> = fields.parse("name", &body.name);
    let slug = body.slug.map(|slug| fields.parse("slug", &slug));
    let description = body.description;
    let description = description.map(|text| fields.take("description", described(text)));
    let logs = read_logs(&mut fields, body.logs);
    let wish = name.map(|name| ProjectWish {
        name: name.to_string(),
        slug: slug.flatten(),
        description: description.flatten(),
        is_public: body.is_public,
        cors: body.cors,
        seed: body.seed.map(Seed),
        logs: logs.of(LogSettings::default()),
        is_active: body.is_active.unwrap_or(true),
    });
    fields.finish(wish)
}

/// A project. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/projects/{project}", tag = "projects",
    security(("login" = []), ("key" = [])), params(ProjectPath), responses(
    (status = 200, body = Project, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
))]
pub(super) async fn get(
    State(app): State<App>,
    who: InProject<Viewer>,
) -> Result<Versioned<Project>, Problem> {
    let found = app.project_get(who.organization, who.project).await?;
    Ok(versioned(&app, found))
}

/// Puts another description in the place of that of a project; its mocks stay. Takes the role `member`.
///
/// Name and slug must be there; what else is left out is as if nobody had said it.
#[utoipa::path(put, path = "/api/projects/{project}", tag = "projects",
    security(("login" = []), ("key" = [])), params(ProjectPath, IfMatchHeader),
    request_body = PatchProject, responses(
    (status = 200, body = Project, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "The slug is taken, or it was changed meanwhile", body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn replace(
    State(app): State<App>,
    who: InProject<Editor>,
    if_match: IfMatch,
    Json(mut body): Json<PatchProject>,
) -> Result<Versioned<Project>, Problem> {
    // Nobody says them, and somebody must.
    body.name = said(body.name);
    body.slug = said(body.slug);
    body.description = said(body.description);
    body.is_public = said(body.is_public);
    body.cors = said(body.cors);
    body.seed = said(body.seed);
    body.logs = said(body.logs).map(LogsChange::whole);
    body.is_active = said(body.is_active);
    change(&app, &who, if_match, body).await
}

/// What is left out of the whole, nobody says.
fn said<T>(field: Patch<T>) -> Patch<T> {
    Patch::Put(field.of(None))
}

/// Changes what is said of a project. Takes the role `member`.
///
/// Another slug is another address: at once the mocks answer there, and no longer at the old one.
#[utoipa::path(patch, path = "/api/projects/{project}", tag = "projects",
    security(("login" = []), ("key" = [])), params(ProjectPath, IfMatchHeader),
    request_body = PatchProject, responses(
    (status = 200, body = Project, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "The slug is taken, or it was changed meanwhile", body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn patch(
    State(app): State<App>,
    who: InProject<Editor>,
    if_match: IfMatch,
    Json(body): Json<PatchProject>,
) -> Result<Versioned<Project>, Problem> {
    change(&app, &who, if_match, body).await
}

async fn change(
    app: &App,
    who: &InProject<Editor>,
    if_match: IfMatch,
    body: PatchProject,
) -> Result<Versioned<Project>, Problem> {
    let expected = if_match.and(body.version);
    let patch = read_patch(who, body)?;
    let actor = who.caller.actor();
    let changed = app
        .project_change(who.organization, who.project, patch, &expected, &actor)
        .await?;
    Ok(versioned(app, changed))
}

fn read_patch(who: &InProject<Editor>, body: PatchProject) -> Result<ProjectPatch, Problem> {
    let mut fields = Fields::default();
    fields.stays("id", body.id.as_deref(), who.project);
    fields.stays(
        "organizationId",
        body.organization_id.as_deref(),
        who.organization,
    );
    let name = required(&mut fields, "name", body.name);
    let slug = required(&mut fields, "slug", body.slug);
    let description = match body.description {
        Patch::Put(Some(text)) => Patch::Put(fields.take("description", described(text))),
        other => other,
    };
    let logs = read_logs(&mut fields, body.logs);
    fields.finish(Some(ProjectPatch {
        name,
        slug,
        description,
        is_public: body.is_public,
        cors: body.cors,
        seed: body.seed.map(Seed),
        logs,
        is_active: match body.is_active {
            Patch::Keep => None,
            Patch::Put(said) => Some(said.unwrap_or(true)),
        },
    }))
}

/// What must be said stays or becomes something else, but cannot go.
fn required<T: FromStr<Err = Refusal>>(
    fields: &mut Fields,
    field: &'static str,
    value: Patch<String>,
) -> Option<T> {
    match value {
        Patch::Keep => None,
        Patch::Put(Some(text)) => fields.parse(field, &text),
        Patch::Put(None) => fields.take(field, Err(Refusal(format!("missing field `{field}`")))),
    }
}

/// Deletes a project. Takes the role `admin`.
///
/// Its mocks answer no more. It keeps its slug and can be had back for 90 days.
#[utoipa::path(delete, path = "/api/projects/{project}", tag = "projects",
    security(("login" = []), ("key" = [])), params(ProjectPath, IfMatchHeader), responses(
    (status = 204, description = "It is deleted"), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 412, body = Problem),
))]
pub(super) async fn delete(
    State(app): State<App>,
    who: InProject<Admin>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let actor = who.caller.actor();
    app.project_delete(who.organization, who.project, &if_match.into(), &actor)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
