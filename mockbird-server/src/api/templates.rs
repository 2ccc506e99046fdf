//! Response templates: those that everybody finds, and an organization's own.

use axum::extract::State;
use http::StatusCode;
use mockbird_core::fault::Place;
use mockbird_core::json::{self, Node};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::caller::{Editor, Member, Viewer};
use super::fields::{Fields, described};
use super::merge_patch::merge;
use super::once::IdempotencyHeader;
use super::orgs::OrganizationPath;
use super::time::Time;
use super::tree::Tree;
use super::version::{IfMatchHeader, Versioned};
use super::{Caller, Json, List, PageQuery, Path, Problem, Query};
use crate::app::{self, App, AppError, Expected, IfMatch, built_in_templates, template_response};
use crate::domain::{Name, Paged, Patch, Refusal, TemplateId};
use crate::store::{ResponseTemplate, TemplateAbout};

/// Which template; the organization is the caller's to prove.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct TemplatePath {
    /// The id of the template.
    template: String,
}

/// A template that everybody finds.
#[derive(Serialize, ToSchema)]
pub(super) struct BuiltIn {
    /// By what it is told.
    #[schema(example = "not-found")]
    id: &'static str,
    /// What it is called.
    name: &'static str,
    /// What it stands with.
    category: &'static str,
    /// What it is for.
    description: &'static str,
    /// The response as a mock file has it: it can be sent to a mock as it is.
    #[schema(value_type = Object)]
    response: Tree,
}

/// A template to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTemplate {
    /// What it is called.
    #[schema(example = "Sold out")]
    name: String,
    /// What it stands with.
    category: Option<String>,
    /// What it is for.
    description: Option<String>,
    /// The response as a mock file has it.
    #[schema(value_type = Object, example = json!({"statusCode": 409, "body": {"error": "sold out"}}))]
    response: Box<RawValue>,
}

/// What is to change in a template: what is left out stays, and what is null goes. What the server makes may come along as
/// it was read.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PatchTemplate {
    /// What it is called.
    name: Option<String>,
    /// What it stands with.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    category: Patch<String>,
    /// What it is for.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    /// What is to change in the response, by the same rules; of PUT, the whole.
    #[schema(value_type = Option<Object>)]
    response: Option<Box<RawValue>>,
    /// The version that was read: another one is a conflict.
    version: Option<i64>,
    /// Its id.
    id: Option<String>,
    /// Whose it is.
    organization_id: Option<String>,
    #[serde(default, rename = "createdAt")]
    #[schema(ignore)]
    _created_at: IgnoredAny,
    #[serde(default, rename = "updatedAt")]
    #[schema(ignore)]
    _updated_at: IgnoredAny,
}

/// A response that is a beginning for others.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Template {
    /// Its id.
    id: String,
    /// Whose it is.
    organization_id: String,
    /// What it is called.
    name: String,
    /// What it stands with.
    category: Option<String>,
    /// What it is for.
    description: Option<String>,
    /// The response as a mock file has it: it can be sent to a mock as it is.
    #[schema(value_type = Object)]
    response: Tree,
    /// When it was made.
    created_at: Time,
    /// When it was last changed.
    updated_at: Option<Time>,
    /// Counts changes.
    version: i64,
}

impl From<ResponseTemplate> for Template {
    fn from(template: ResponseTemplate) -> Self {
        Self {
            id: template.id.to_string(),
            organization_id: template.organization.to_string(),
            response: Tree(kept(&template)),
            name: template.name,
            category: template.category,
            description: template.description,
            created_at: template.created_at.into(),
            updated_at: template.updated_at.map(Into::into),
            version: template.version,
        }
    }
}

/// The response that is kept: nothing but JSON is ever written there.
fn kept(template: &ResponseTemplate) -> Node {
    json::parse(template.response.as_bytes()).unwrap_or_else(|_| json::Value::Null.into())
}

fn versioned(template: ResponseTemplate) -> Versioned<Template> {
    Versioned(template.version, template.into())
}

/// The templates of responses that everybody finds.
#[utoipa::path(get, path = "/api/response-templates", tag = "response templates",
    security(("login" = []), ("key" = [])), params(PageQuery), responses(
    (status = 200, body = List<BuiltIn>), (status = 401, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn built_in(
    _: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<BuiltIn>>, Problem> {
    let all = built_in_templates().iter().collect();
    let page = Paged::of_all(all, page.try_into()?);
    let page = page.map(|template: &app::BuiltInTemplate| BuiltIn {
        id: &template.id,
        name: &template.name,
        category: &template.category,
        description: &template.description,
        response: Tree(template.response.clone()),
    });
    Ok(Json(page.into()))
}

/// An organization's own templates of responses, by their names. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/orgs/{organization}/response-templates", tag = "response templates",
    security(("login" = []), ("key" = [])), params(OrganizationPath, PageQuery), responses(
    (status = 200, body = List<Template>), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn list(
    State(app): State<App>,
    member: Member<Viewer>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<Template>>, Problem> {
    let found = app
        .template_list(member.organization, page.try_into()?)
        .await?;
    Ok(Json(found.map(Template::from).into()))
}

/// Makes a template. Takes the role `member`.
#[utoipa::path(post, path = "/api/orgs/{organization}/response-templates", tag = "response templates",
    security(("login" = []), ("key" = [])), params(OrganizationPath, IdempotencyHeader),
    request_body = NewTemplate, responses(
    (status = 201, body = Template, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "The first request of the key is under way", body = Problem),
    (status = 422, body = Problem),
))]
pub(super) async fn create(
    State(app): State<App>,
    member: Member<Editor>,
    Json(body): Json<NewTemplate>,
) -> Result<(StatusCode, Versioned<Template>), Problem> {
    let about = about(
        &body.name,
        body.category,
        body.description,
        parse(&body.response)?,
    )?;
    let actor = member.caller.actor();
    let made = app
        .template_create(member.organization, &about, &actor)
        .await?;
    Ok((StatusCode::CREATED, versioned(made)))
}

/// What is said of a template, with every fault of it at once.
fn about(
    name: &str,
    category: Option<String>,
    description: Option<String>,
    response: Node,
) -> Result<TemplateAbout, Problem> {
    let mut fields = Fields::default();
    let name: Option<Name> = fields.parse("name", name);
    let category: Option<Option<Name>> = category.map(|text| fields.parse("category", &text));
    let description = description.map(|text| fields.take("description", described(text)));
    let fields = fields.finish(name.map(|name| (name, category.flatten(), description.flatten())));
    let (name, category, description) = fields?;
    let response = template_response(response, "response")?;
    Ok(TemplateAbout {
        name: name.to_string(),
        category: category.map(|category| category.to_string()),
        description,
        response: response.to_string(),
    })
}

/// A value that was read as JSON, with its numbers as they were written.
fn parse(raw: &RawValue) -> Result<Node, Problem> {
    json::parse_strictly(raw.get().as_bytes())
        .map_err(|error| Problem::of_field("response", &Refusal(error.to_string())))
}

/// A template. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/orgs/{organization}/response-templates/{template}", tag = "response templates",
    security(("login" = []), ("key" = [])), params(OrganizationPath, TemplatePath), responses(
    (status = 200, body = Template, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
))]
pub(super) async fn get(
    State(app): State<App>,
    member: Member<Viewer>,
    Path(path): Path<TemplatePath>,
) -> Result<Versioned<Template>, Problem> {
    let found = app.template_get(member.organization, path.id()?).await?;
    Ok(versioned(found))
}

impl TemplatePath {
    fn id(&self) -> Result<TemplateId, AppError> {
        let id = self.template.parse();
        id.map_err(|_| AppError::NotFound("response template"))
    }
}

/// Puts another template in the place of one; `name` and `response` must be there. Takes the role `member`.
#[utoipa::path(put, path = "/api/orgs/{organization}/response-templates/{template}", tag = "response templates",
    security(("login" = []), ("key" = [])), params(OrganizationPath, TemplatePath, IfMatchHeader),
    request_body = PatchTemplate, responses(
    (status = 200, body = Template, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "It was changed meanwhile", body = Problem), (status = 412, body = Problem),
    (status = 422, body = Problem),
))]
pub(super) async fn replace(
    State(app): State<App>,
    member: Member<Editor>,
    Path(path): Path<TemplatePath>,
    if_match: IfMatch,
    Json(body): Json<PatchTemplate>,
) -> Result<Versioned<Template>, Problem> {
    let before = app.template_get(member.organization, path.id()?).await?;
    body.check(&before)?;
    let expected = if_match.and(body.version);
    let missing = |field: &'static str| {
        Problem::of_field(field, &Refusal(format!("missing field `{field}`")))
    };
    let name = body.name.ok_or_else(|| missing("name"))?;
    let response = parse(&body.response.ok_or_else(|| missing("response"))?)?;
    let (category, description) = (body.category.of(None), body.description.of(None));
    let about = about(&name, category, description, response)?;
    save(&app, &member, before.id, &about, &expected).await
}

/// Changes a template. Takes the role `member`.
#[utoipa::path(patch, path = "/api/orgs/{organization}/response-templates/{template}", tag = "response templates",
    security(("login" = []), ("key" = [])), params(OrganizationPath, TemplatePath, IfMatchHeader),
    request_body = PatchTemplate, responses(
    (status = 200, body = Template, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "It was changed meanwhile", body = Problem), (status = 412, body = Problem),
    (status = 422, body = Problem),
))]
pub(super) async fn patch(
    State(app): State<App>,
    member: Member<Editor>,
    Path(path): Path<TemplatePath>,
    if_match: IfMatch,
    Json(body): Json<PatchTemplate>,
) -> Result<Versioned<Template>, Problem> {
    let before = app.template_get(member.organization, path.id()?).await?;
    body.check(&before)?;
    // What is merged is as it was read.
    let expected = if_match.and(body.version.or(Some(before.version)));
    let response = match &body.response {
        Some(change) => merge(kept(&before), parse(change)?, &Place::ROOT.key("response"))?,
        None => kept(&before),
    };
    let name = body.name.as_deref().unwrap_or(&before.name);
    let category = body.category.of(before.category.clone());
    let description = body.description.of(before.description.clone());
    let about = about(name, category, description, response)?;
    save(&app, &member, before.id, &about, &expected).await
}

impl PatchTemplate {
    /// Refuses what stays as it is.
    fn check(&self, before: &ResponseTemplate) -> Result<(), Problem> {
        let mut fields = Fields::default();
        fields.stays("id", self.id.as_deref(), before.id);
        fields.stays(
            "organizationId",
            self.organization_id.as_deref(),
            before.organization,
        );
        fields.finish(Some(()))
    }
}

async fn save(
    app: &App,
    member: &Member<Editor>,
    id: TemplateId,
    about: &TemplateAbout,
    expected: &Expected,
) -> Result<Versioned<Template>, Problem> {
    let actor = member.caller.actor();
    let changed = app
        .template_change(member.organization, id, about, expected, &actor)
        .await?;
    Ok(versioned(changed))
}

/// Deletes a template; responses that began with it stay as they are. Takes the role `member`.
#[utoipa::path(delete, path = "/api/orgs/{organization}/response-templates/{template}", tag = "response templates",
    security(("login" = []), ("key" = [])), params(OrganizationPath, TemplatePath, IfMatchHeader), responses(
    (status = 204, description = "It is deleted"), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 412, body = Problem),
))]
pub(super) async fn delete(
    State(app): State<App>,
    member: Member<Editor>,
    Path(path): Path<TemplatePath>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let (id, actor) = (path.id()?, member.caller.actor());
    app.template_delete(member.organization, id, &if_match.into(), &actor)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
