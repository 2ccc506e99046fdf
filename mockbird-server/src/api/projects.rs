//! Projects.

use std::str::FromStr;

use axum::extract::State;
use http::StatusCode;
use mockbird_core::json::Node;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Admin, Editor, Viewer};
use super::fields::{Fields, described};
use super::log_settings::{LogsChange, LogsObject, read_logs};
use super::once::IdempotencyHeader;
use super::project_access::InProject;
use super::time::Time;
use super::tree::Tree;
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

/// What may be said of a new project.
const OF_NEW: [&str; 9] = [
    "organizationId",
    "name",
    "slug",
    "description",
    "isPublic",
    "cors",
    "seed",
    "logs",
    "isActive",
];

/// What may be said of one that is there.
const OF_CHANGE: [&str; 19] = [
    "name",
    "slug",
    "description",
    "isPublic",
    "cors",
    "seed",
    "logs",
    "isActive",
    "version",
    "id",
    "organizationId",
    "url",
    "isOpen",
    "mockCount",
    "archivedAt",
    "suspendedAt",
    "createdAt",
    "updatedAt",
    "deletedAt",
];

/// What of that the server makes.
const MADE: &[&str] = OF_CHANGE.split_at(9).1;

/// A project to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "it is there to be described; `wish` reads it")]
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
    logs: Option<LogsChange>,
    /// Whether it answers.
    #[schema(default = true)]
    is_active: Option<bool>,
}

/// What is to change in a project: what is left out stays, and what is null is as if nobody had said it. What the server
/// makes may come along as it was read.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "some is there to be described alone")]
pub(super) struct PatchProject {
    /// What it is called.
    #[schema(value_type = String, required = false)]
    name: Patch<String>,
    /// Its name in addresses.
    #[schema(value_type = String, required = false)]
    slug: Patch<String>,
    /// What it is for.
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    /// Whether anybody may call its mocks; null: as the settings of the organization say.
    #[schema(value_type = Option<bool>)]
    is_public: Patch<bool>,
    /// Whether pages of any origin may call its mocks; null: they may.
    #[schema(value_type = Option<bool>)]
    cors: Patch<bool>,
    /// What its draws depend on; null: on chance.
    #[schema(value_type = Option<u64>, minimum = 0)]
    seed: Patch<u64>,
    /// What is kept of its requests; null: all but secrets.
    #[schema(value_type = Option<LogsChange>)]
    logs: Patch<LogsChange>,
    /// Whether it answers; null: it does.
    #[schema(value_type = Option<bool>)]
    is_active: Patch<bool>,
    /// The version that was read: another one is a conflict.
    version: Option<i64>,
    /// Its id.
    id: Option<String>,
    /// Whose it is.
    organization_id: Option<String>,
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

/// What is wished, and of whom.
fn wish(body: Node) -> Result<(ProjectWish, Option<String>), Problem> {
    let mut fields = Fields::of(body, &OF_NEW)?;
    let said = fields.read("name");
    let name: Option<Name> = fields.require("name", said);
    let slug = fields.read("slug").of(None);
    let slug = slug.and_then(|slug: String| fields.parse("slug", &slug));
    let description = fields.read("description").of(None);
    let description = description.and_then(|text| fields.take("description", described(text)));
    let organization = fields.read("organizationId").of(None);
    let (is_public, cors) = (
        fields.read("isPublic").of(None),
        fields.read("cors").of(None),
    );
    let (seed, is_active) = (
        fields.read("seed").of(None),
        fields.read("isActive").of(None),
    );
    let logs = fields.read("logs");
    let logs = read_logs(&mut fields, logs);
    let wish = name.map(|name| ProjectWish {
        name: name.to_string(),
        slug,
        description,
        is_public,
        cors,
        seed: seed.map(Seed),
        logs: logs.of(LogSettings::default()),
        is_active: is_active.unwrap_or(true),
    });
    fields.finish(wish.map(|wish| (wish, organization)))
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

/// Whether what is left out stays, or nobody says it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Patch,
    Replace,
}

impl Manner {
    fn read<T: DeserializeOwned>(self, fields: &mut Fields, key: &str) -> Patch<T> {
        match self {
            Self::Patch => fields.read(key),
            Self::Replace => Patch::Put(fields.read(key).of(None)),
        }
    }
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
    let mut fields = Fields::of(body, &OF_CHANGE)?;
    let expected = if_match.and(fields.read("version").of(None));
    // What is sent for another version is a conflict, whatever it says: it was right when it was read.
    expected.check(before.project.version)?;
    refuse_made(app, before, &mut fields);
    let patch = read_patch(fields, manner)?;
    let actor = who.caller.actor();
    let changed = app
        .project_change(who.organization, who.project, patch, &expected, &actor)
        .await?;
    Ok(versioned(app, changed))
}

/// What the server makes may come along as it is.
fn refuse_made(app: &App, before: ProjectProfile, fields: &mut Fields) {
    // A struct of texts, numbers and flags always becomes JSON.
    let current = serde_json::to_value(Project::new(app, before)).unwrap_or_default();
    for key in MADE {
        fields.made(key, &current[key]);
    }
}

fn read_patch(mut fields: Fields, manner: Manner) -> Result<ProjectPatch, Problem> {
    let of = &mut fields;
    let name = manner.read(of, "name");
    let name = required(of, "name", name);
    let slug = manner.read(of, "slug");
    let slug = required(of, "slug", slug);
    let description = match manner.read(of, "description") {
        Patch::Put(Some(text)) => Patch::Put(of.take("description", described(text))),
        other => other,
    };
    let logs: Patch<LogsChange> = manner.read(of, "logs");
    let logs = match manner {
        Manner::Patch => logs,
        Manner::Replace => logs.map(LogsChange::whole),
    };
    let patch = ProjectPatch {
        name,
        slug,
        description,
        is_public: manner.read(of, "isPublic"),
        cors: manner.read(of, "cors"),
        seed: manner.read(of, "seed").map(Seed),
        logs: read_logs(of, logs),
        is_active: match manner.read(of, "isActive") {
            Patch::Keep => None,
            Patch::Put(said) => Some(said.unwrap_or(true)),
        },
    };
    fields.finish(Some(patch))
}

/// What must be said stays or becomes something else, but cannot go.
fn required<T: FromStr<Err = Refusal>>(
    fields: &mut Fields,
    field: &'static str,
    said: Patch<String>,
) -> Option<T> {
    match said {
        Patch::Keep => None,
        said @ Patch::Put(_) => fields.require(field, said),
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
