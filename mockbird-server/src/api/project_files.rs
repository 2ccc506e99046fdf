//! Projects as mock files: in and out.

use axum::extract::{FromRequest, Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG};
use http::{HeaderMap, StatusCode};
use mockbird_core::ErrorCode;
use mockbird_core::spec::Format;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Editor, Viewer};
use super::extract::body_bytes;
use super::fields::Fields;
use super::once::IdempotencyHeader;
use super::project_access::InProject;
use super::projects::{Project, ProjectPath, home};
use super::version::{IfMatchHeader, Versioned};
use super::{Caller, Detail, Problem, Query};
use crate::app::{self, App, IfMatch, Located, MockFile};
use crate::domain::Slug;

/// Where a mock file becomes a project.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(super) struct Destination {
    /// Whose it will be; left out, your own, or your key's.
    organization_id: Option<String>,
    /// Its name in addresses; left out, that of the file, or the first free one that its name suggests.
    slug: Option<String>,
}

/// How a mock file comes into a project.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manner {
    /// Nothing is changed: it is only told what would be.
    #[serde(default)]
    dry_run: bool,
}

/// A mock file: `name`, `mocks`, and what else such a file may have.
#[derive(ToSchema)]
#[schema(as = MockFile)]
#[expect(
    dead_code,
    reason = "it is there to be described; core's decoder reads files"
)]
pub(super) struct MockFileSchema {
    /// What the project is called.
    #[schema(example = "Shop")]
    name: String,
    /// The mocks, in their order.
    #[schema(value_type = Vec<Object>, example = json!([{"path": "/", "responses": [{"body": "hello"}]}]))]
    mocks: (),
}

/// A project that was just made of a mock file.
#[derive(Serialize, ToSchema)]
pub(super) struct ImportedProject {
    #[serde(flatten)]
    project: Project,
    /// What is probably a mistake in the file.
    warnings: Vec<Detail>,
}

/// What an import changed, or would change.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Import {
    /// Whether it was only told what would be.
    dry_run: bool,
    /// The project as it is now.
    project: Project,
    /// What changes of the project beside its mocks.
    #[schema(example = json!(["name"]))]
    about: Vec<String>,
    /// Mocks that are new.
    added: Vec<ImportedMock>,
    /// Mocks that are there and differ.
    changed: Vec<ImportedMock>,
    /// Mocks that are not in the file.
    removed: Vec<ImportedMock>,
    /// How many mocks stay as they are.
    unchanged: usize,
    /// Whether those that stay have another order.
    is_reordered: bool,
    /// What is probably a mistake in the file.
    warnings: Vec<Detail>,
}

/// A mock of an import.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImportedMock {
    /// Its id; null for one that would be new.
    id: Option<String>,
    /// The `id` that the file gives it.
    spec_id: Option<String>,
    /// What it is called.
    name: Option<String>,
    /// The method it answers.
    #[schema(example = "GET")]
    method: String,
    /// The path it answers.
    #[schema(example = "/products/{id}")]
    path: String,
    /// Where it differs, if it is changed.
    #[schema(example = json!(["responses[0].body.name"]))]
    differences: Vec<String>,
}

impl From<app::ImportedMock> for ImportedMock {
    fn from(mock: app::ImportedMock) -> Self {
        Self {
            id: mock.id.map(|id| id.to_string()),
            spec_id: mock.spec_id,
            name: mock.name,
            method: mock.method,
            path: mock.path,
            differences: mock.differences,
        }
    }
}

impl Import {
    fn new(app: &App, import: app::Imported, dry_run: bool) -> Self {
        let all = |mocks: Vec<app::ImportedMock>| mocks.into_iter().map(Into::into).collect();
        Self {
            dry_run,
            project: Project::new(app, import.project),
            about: import.about,
            added: all(import.added),
            changed: all(import.changed),
            removed: all(import.removed),
            unchanged: import.unchanged,
            is_reordered: import.is_reordered,
            warnings: details(import.warnings),
        }
    }
}

/// What is said of a file, each with its place in the text.
pub(super) fn details(all: Vec<Located>) -> Vec<Detail> {
    all.into_iter().map(Detail::from).collect()
}

impl From<Located> for Detail {
    fn from(Located { fault, location }: Located) -> Self {
        Self {
            line: location.map(|location| location.line),
            column: location.map(|location| location.column),
            ..fault.into()
        }
    }
}

/// The text of a mock file.
pub(super) struct FileText {
    text: Bytes,
    format: Format,
}

impl<S: Send + Sync> FromRequest<S> for FileText {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let format = format(request.headers()).ok_or_else(|| {
            let why = "the body is not said to be a mock file: send `Content-Type: application/json` or \
                       `application/yaml`";
            Problem::new(ErrorCode::UnsupportedMediaType, why)
        })?;
        let text = body_bytes(request, state).await?;
        Ok(Self { text, format })
    }
}

/// The format that the type of a body names.
fn format(headers: &HeaderMap) -> Option<Format> {
    let line = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = line.split(';').next().unwrap_or_default().trim();
    match essence.to_ascii_lowercase().as_str() {
        "application/json" => Some(Format::Json),
        "application/yaml" | "application/x-yaml" | "text/yaml" | "text/x-yaml" => {
            Some(Format::Yaml)
        }
        _ => None,
    }
}

/// Makes a project of a mock file. Takes the role `member`.
#[utoipa::path(post, path = "/api/projects/import", tag = "projects", security(("login" = []), ("key" = [])),
    params(Destination, IdempotencyHeader),
    request_body(content((MockFileSchema = "application/json"), (MockFileSchema = "application/yaml"))), responses(
    (status = 201, body = ImportedProject, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem),
    (status = 402, description = "The plan does not include what is in the file, or no files", body = Problem),
    (status = 403, body = Problem),
    (status = 404, description = "There is no such organization", body = Problem),
    (status = 409, description = "The slug is taken, or the first request of the key is under way", body = Problem),
    (status = 422, description = "The file has faults; `details` have their places and lines", body = Problem),
))]
pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Query(destination): Query<Destination>,
    file: FileText,
) -> Result<(StatusCode, Versioned<ImportedProject>), Problem> {
    let home = home(&app, &caller, destination.organization_id.as_deref()).await?;
    let mut fields = Fields::default();
    let slug: Option<Option<Slug>> = destination.slug.map(|slug| fields.parse("slug", &slug));
    let slug = fields.finish(Some(slug.flatten()))?;
    let file = MockFile::read(file.text, file.format).await?;
    let (made, warnings) = app
        .project_import_new(home, slug, file, &caller.actor())
        .await?;
    let version = made.project.version;
    let body = ImportedProject {
        project: Project::new(&app, made),
        warnings: details(warnings),
    };
    Ok((StatusCode::CREATED, Versioned(version, body)))
}

/// Puts a mock file in the place of what a project has. Takes the role `member`.
///
/// All of it or nothing: where the file has faults, nothing changes. A mock that the project has already is the one of the
/// same `id`, or else of the same method, path and name; it keeps its id here, and what was logged of it. The slug stays,
/// and so does who may call the project, if the file says nothing of it.
#[utoipa::path(post, path = "/api/projects/{project}/import", tag = "projects",
    security(("login" = []), ("key" = [])), params(ProjectPath, Manner, IfMatchHeader),
    request_body(content((MockFileSchema = "application/json"), (MockFileSchema = "application/yaml"))), responses(
    (status = 200, body = Import, headers(("ETag" = String, description = "The version of the project"))),
    (status = 401, body = Problem),
    (status = 402, description = "The plan does not include what is in the file, or no files", body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "The project is in the archive", body = Problem), (status = 412, body = Problem),
    (status = 422, description = "The file has faults; `details` have their places and lines", body = Problem),
))]
pub(super) async fn import(
    State(app): State<App>,
    who: InProject<Editor>,
    Query(manner): Query<Manner>,
    if_match: IfMatch,
    file: FileText,
) -> Result<Versioned<Import>, Problem> {
    let file = MockFile::read(file.text, file.format).await?;
    let (dry, expected, actor) = (manner.dry_run, if_match.into(), who.caller.actor());
    let done = app
        .project_import(who.organization, who.project, file, dry, &expected, &actor)
        .await?;
    let version = done.project.project.version;
    Ok(Versioned(version, Import::new(&app, done, dry)))
}

/// A project as a mock file. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/projects/{project}/export", tag = "projects",
    security(("login" = []), ("key" = [])), params(ProjectPath), responses(
    (status = 200, body = MockFileSchema, headers(("ETag" = String, description = "The version of the project"))),
    (status = 401, body = Problem), (status = 402, description = "The plan includes no files", body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
))]
pub(super) async fn export(
    State(app): State<App>,
    who: InProject<Viewer>,
) -> Result<Response, Problem> {
    exported(&app, &who).await
}

/// The same for forms.
#[utoipa::path(post, path = "/api/projects/{project}/export", tag = "projects",
    security(("login" = []), ("key" = [])), params(ProjectPath), responses(
    (status = 200, body = MockFileSchema, headers(("ETag" = String, description = "The version of the project"))),
    (status = 401, body = Problem), (status = 402, description = "The plan includes no files", body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
))]
pub(super) async fn export_by_post(
    State(app): State<App>,
    who: InProject<Viewer>,
) -> Result<Response, Problem> {
    exported(&app, &who).await
}

async fn exported(app: &App, who: &InProject<Viewer>) -> Result<Response, Problem> {
    let (profile, file) = app.project_export(who.organization, who.project).await?;
    let project = profile.project;
    let headers = [
        (CONTENT_TYPE, "application/json".to_owned()),
        (ETAG, format!("\"{}\"", project.version)),
        // A slug is nothing but letters, digits and hyphens.
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}.json\"", project.slug),
        ),
    ];
    Ok((headers, format!("{file:#}\n")).into_response())
}
