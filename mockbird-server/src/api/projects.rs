//! Projects.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::caller::Viewer;
use super::project_access::InProject;
use super::time::Time;
use super::version::Versioned;
use crate::app::App;
use crate::store::ProjectProfile;

/// Which project.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(
    dead_code,
    reason = "it is there to be described; `InProject` reads it"
)]
pub(super) struct ProjectPath {
    /// The id of the project.
    project: String,
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
            name: project.name,
            url: app.config().listen.project_url(project.slug.as_str()),
            slug: project.slug.to_string(),
            description: project.description,
            is_public: project.is_public.unwrap_or(false),
            cors: project.cors.unwrap_or(true),
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

fn versioned(app: &App, profile: ProjectProfile) -> Versioned<Project> {
    Versioned(profile.project.version, Project::new(app, profile))
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
