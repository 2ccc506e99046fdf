//! API keys of an organization.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Admin, Member};
use super::fields::Fields;
use super::once::IdempotencyHeader;
use super::orgs::OrganizationPath;
use super::time::{Time, moment};
use super::{Json, List, PageQuery, Path, Problem, Query};
use crate::app::{App, AppError, KeyWish, Right};
use crate::domain::{Permission, Permissions, Refusal};
use crate::store;

/// A key to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewKey {
    /// What it is called.
    #[schema(example = "CI")]
    name: String,
    /// What it may do: some of `mocks:call`, `read`, `write`, `admin`.
    #[schema(example = json!(["read"]))]
    permissions: Vec<String>,
    /// The one project it is for; left out, all of the organization.
    project_id: Option<String>,
    /// When it ends; left out, never.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// Which key; the organization is the caller's to prove.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct KeyPath {
    /// The id of the key.
    key: String,
}

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApiKey {
    /// Its id.
    id: String,
    /// What it is called.
    name: String,
    /// Its first characters, by which its owner knows it.
    #[schema(example = "mk_Xq3Zf0aB")]
    prefix: String,
    /// What it may do.
    #[schema(example = json!(["read"]))]
    permissions: Vec<&'static str>,
    /// The one project it is for; null: all of the organization.
    project_id: Option<String>,
    /// Who made it.
    created_by: String,
    /// When it was made.
    created_at: Time,
    /// When it was last used, give or take a minute.
    last_used_at: Option<Time>,
    /// When it ends; null: never.
    expires_at: Option<Time>,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeKey {
    #[serde(flatten)]
    about: ApiKey,
    /// The key itself: it is shown this once.
    #[schema(example = "mk_Xq3Zf0aB...")]
    key: String,
}

impl From<store::ApiKey> for ApiKey {
    fn from(key: store::ApiKey) -> Self {
        let names = key.permissions.all().iter().map(|one| one.name());
        Self {
            permissions: names.collect(),
            id: key.id.to_string(),
            name: key.name,
            prefix: key.prefix,
            project_id: key.project.map(|id| id.to_string()),
            created_by: key.created_by.to_string(),
            created_at: key.created_at.into(),
            last_used_at: key.last_used_at.map(Into::into),
            expires_at: key.expires_at.map(Into::into),
        }
    }
}

/// The keys of an organization, the latest first. Takes the role `admin`.
#[utoipa::path(get, path = "/api/orgs/{organization}/api-keys", tag = "api keys", security(("login" = []), ("key" = [])),
    params(OrganizationPath, PageQuery), responses(
    (status = 200, body = List<ApiKey>), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem),
))]
pub(super) async fn list(
    State(app): State<App>,
    member: Member<Admin>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<ApiKey>>, Problem> {
    let keys = app.key_list(member.organization, page.try_into()?).await?;
    Ok(Json(keys.map(ApiKey::from).into()))
}

/// Makes a key. Takes the role `admin`.
#[utoipa::path(post, path = "/api/orgs/{organization}/api-keys", tag = "api keys", security(("login" = []), ("key" = [])),
    params(OrganizationPath, IdempotencyHeader), request_body = NewKey, responses(
    (status = 201, body = MadeKey), (status = 401, body = Problem),
    (status = 402, description = "The plan knows no keys for the management API", body = Problem),
    (status = 403, body = Problem),
    (status = 404, description = "There is no such organization or project", body = Problem),
    (status = 409, description = "The first request of the key is under way", body = Problem),
    (status = 422, body = Problem),
))]
pub(super) async fn create(
    State(app): State<App>,
    member: Member<Admin>,
    Json(body): Json<NewKey>,
) -> Result<(StatusCode, Json<MadeKey>), Problem> {
    let wish = wish(&app, &member, &body)?;
    let actor = member.caller.actor();
    let (key, plain) = app.key_create(member.organization, wish, &actor).await?;
    let rights = &member.caller.rights;
    rights.note(Right::Key(member.organization, key.id));
    let made = MadeKey {
        about: key.into(),
        key: plain.reveal().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(made)))
}

fn wish(app: &App, member: &Member<Admin>, body: &NewKey) -> Result<KeyWish, Problem> {
    let mut fields = Fields::default();
    let name = fields.parse("name", &body.name);
    let permissions: Result<Vec<Permission>, Refusal> =
        body.permissions.iter().map(|name| name.parse()).collect();
    let permissions = fields.take("permissions", permissions.and_then(Permissions::new));
    let project = body.project_id.as_deref();
    let project = project.map(|id| fields.parse("projectId", id));
    let now = app.clock().now();
    let expires_at = body.expires_at.as_deref().map(|text| {
        let later = moment(text).and_then(|at| {
            let past = || Refusal("a key cannot end in the past".to_owned());
            (at > now).then_some(at).ok_or_else(past)
        });
        fields.take("expiresAt", later)
    });
    let wish = name.zip(permissions).map(|(name, permissions)| KeyWish {
        name,
        permissions,
        project: project.flatten(),
        expires_at: expires_at.flatten(),
        created_by: member.caller.identity.user(),
    });
    fields.finish(wish)
}

/// Ends a key at once. Takes the role `admin`.
#[utoipa::path(delete, path = "/api/orgs/{organization}/api-keys/{key}", tag = "api keys",
    security(("login" = []), ("key" = [])), params(
    OrganizationPath, KeyPath), responses(
    (status = 204, description = "The key is good no more"), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
))]
pub(super) async fn revoke(
    State(app): State<App>,
    member: Member<Admin>,
    Path(path): Path<KeyPath>,
) -> Result<StatusCode, Problem> {
    let key = path
        .key
        .parse()
        .map_err(|_| AppError::NotFound("API key"))?;
    let actor = member.caller.actor();
    app.key_revoke(member.organization, key, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
