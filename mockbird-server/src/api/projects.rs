//! Projects.

use axum::extract::State;
use http::StatusCode;
use mockbird_core::json::Node;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Admin, Editor, Viewer};
use super::log_settings::LogsObject;
use super::once::IdempotencyHeader;
use super::project_access::InProject;
use super::project_body::{Manner, NewProject, PatchProject, change_of, fields_of_change, wish};
use super::time::Time;
use super::tree::Tree;
use super::version::{IfMatchHeader, Versioned};
use super::{Caller, Json, List, PageQuery, Problem, Query};
use crate::app::{App, IfMatch, Intent, Presence, ProjectQuery};
use crate::domain::{OrganizationId, Role};
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

/// A named set of mocks under a slug.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own to the API"
)]
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
    /// Whether anybody is to call its mocks.
    is_public: bool,
    /// Whether anybody may call its mocks: it is public, and the settings of the organization allow that. Otherwise it takes a
    /// key.
    is_open: bool,
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
    pub(super) fn new(app: &App, profile: ProjectProfile) -> Self {
        let (is_public, is_open) = (profile.is_public(), profile.is_open());
        let ProjectProfile { project, mocks, .. } = profile;
        Self {
            id: project.id.to_string(),
            organization_id: project.organization.to_string(),
            url: app.project_url(&project),
            is_public,
            is_open,
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
    caller
        .authorise(app, home, Role::Member, Intent::Change)
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
    Tree(body): Tree,
) -> Result<(StatusCode, Versioned<Project>), Problem> {
    let (wish, organization) = wish(body)?;
    let home = home(&app, &caller, organization.as_deref()).await?;
    let made = app.project_create(home, &wish, &caller.actor()).await?;
    Ok((StatusCode::CREATED, versioned(&app, made)))
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
    (status = 409, description = "The slug is taken, it was changed meanwhile, or it is in the archive", body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn replace(
    State(app): State<App>,
    who: InProject<Editor>,
    if_match: IfMatch,
    Tree(body): Tree,
) -> Result<Versioned<Project>, Problem> {
    change(&app, &who, if_match, body, Manner::Replace).await
}

/// Changes what is said of a project. Takes the role `member`.
///
/// Another slug is another address: at once the mocks answer there, and no longer at the old one.
#[utoipa::path(patch, path = "/api/projects/{project}", tag = "projects",
    security(("login" = []), ("key" = [])), params(ProjectPath, IfMatchHeader),
    request_body = PatchProject, responses(
    (status = 200, body = Project, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "The slug is taken, it was changed meanwhile, or it is in the archive", body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn patch(
    State(app): State<App>,
    who: InProject<Editor>,
    if_match: IfMatch,
    Tree(body): Tree,
) -> Result<Versioned<Project>, Problem> {
    change(&app, &who, if_match, body, Manner::Patch).await
}

async fn change(
    app: &App,
    who: &InProject<Editor>,
    if_match: IfMatch,
    body: Node,
    manner: Manner,
) -> Result<Versioned<Project>, Problem> {
    let before = app.project_get(who.organization, who.project).await?;
    let mut fields = fields_of_change(body)?;
    let expected = if_match.and(fields.read("version").of(None));
    // What is sent for another version is a conflict, whatever it says: it was right when it was read.
    expected.check(before.project.version)?;
    // A struct of texts, numbers and flags always becomes JSON.
    let current = serde_json::to_value(Project::new(app, before)).unwrap_or_default();
    let patch = change_of(fields, manner, &current)?;
    let actor = who.caller.actor();
    let changed = app
        .project_change(who.organization, who.project, patch, &expected, &actor)
        .await?;
    Ok(versioned(app, changed))
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
