//! What an organization sets for all its projects and members.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Admin, Member, Viewer};
use super::fields::Fields;
use super::orgs::OrganizationPath;
use super::time::Time;
use super::version::{IfMatchHeader, Versioned};
use super::{Json, Problem};
use crate::app::{App, IfMatch, SettingsChange};
use crate::domain::EmailDomains;
use crate::store;

/// What an organization sets for all its projects and members.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Settings {
    /// Whether its projects may be public.
    allow_public_projects: bool,
    /// What a project is if nobody says: `private` or `public`.
    #[schema(example = "private")]
    default_visibility: &'static str,
    /// Whether calls of its mocks take a key, those of public projects too.
    require_api_key: bool,
    /// The domains of the e-mail addresses that may be invited; empty: all.
    #[schema(example = json!(["example.com"]))]
    allowed_email_domains: Vec<String>,
    /// When they were last changed.
    updated_at: Option<Time>,
    /// Counts changes.
    version: i64,
}

/// What the settings are to be instead.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ReplaceSettings {
    /// Whether its projects may be public.
    allow_public_projects: bool,
    /// What a project is if nobody says: `private` or `public`.
    #[schema(example = "private", pattern = "^(private|public)$")]
    default_visibility: String,
    /// Whether calls of its mocks take a key, those of public projects too.
    require_api_key: bool,
    /// The domains of the e-mail addresses that may be invited; empty: all.
    #[schema(example = json!(["example.com"]))]
    allowed_email_domains: Vec<String>,
    /// The version that was read: another one is a conflict.
    version: Option<i64>,
}

/// What is to change in the settings; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PatchSettings {
    /// Whether its projects may be public.
    allow_public_projects: Option<bool>,
    /// What a project is if nobody says: `private` or `public`.
    #[schema(example = "private", pattern = "^(private|public)$")]
    default_visibility: Option<String>,
    /// Whether calls of its mocks take a key, those of public projects too.
    require_api_key: Option<bool>,
    /// The domains of the e-mail addresses that may be invited; empty: all.
    #[schema(example = json!(["example.com"]))]
    allowed_email_domains: Option<Vec<String>>,
    /// The version that was read: another one is a conflict.
    version: Option<i64>,
}

impl From<ReplaceSettings> for PatchSettings {
    fn from(body: ReplaceSettings) -> Self {
        Self {
            allow_public_projects: Some(body.allow_public_projects),
            default_visibility: Some(body.default_visibility),
            require_api_key: Some(body.require_api_key),
            allowed_email_domains: Some(body.allowed_email_domains),
            version: body.version,
        }
    }
}

fn versioned(settings: &store::Settings) -> Versioned<Settings> {
    let body = Settings {
        allow_public_projects: settings.allow_public_projects,
        default_visibility: settings.default_visibility.name(),
        require_api_key: settings.require_api_key,
        allowed_email_domains: settings.allowed_email_domains.all().to_vec(),
        updated_at: settings.updated_at.map(Into::into),
        version: settings.version,
    };
    Versioned(settings.version, body)
}

/// The settings of an organization. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/orgs/{organization}/settings", tag = "settings",
    security(("login" = []), ("key" = [])), params(OrganizationPath), responses(
    (status = 200, body = Settings, headers(("ETag" = String, description = "Their version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
))]
pub(super) async fn get(
    State(app): State<App>,
    member: Member<Viewer>,
) -> Result<Versioned<Settings>, Problem> {
    let settings = app.settings_get(member.organization).await?;
    Ok(versioned(&settings))
}

/// Puts other settings in the place of those of an organization. Takes the role `admin`.
#[utoipa::path(put, path = "/api/orgs/{organization}/settings", tag = "settings",
    security(("login" = []), ("key" = [])), params(OrganizationPath, IfMatchHeader),
    request_body = ReplaceSettings, responses(
    (status = 200, body = Settings, headers(("ETag" = String, description = "Their version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "They were changed meanwhile", body = Problem), (status = 412, body = Problem),
    (status = 422, body = Problem),
))]
pub(super) async fn replace(
    State(app): State<App>,
    member: Member<Admin>,
    if_match: IfMatch,
    Json(body): Json<ReplaceSettings>,
) -> Result<Versioned<Settings>, Problem> {
    change(&app, &member, if_match, body.into()).await
}

/// Changes some settings of an organization. Takes the role `admin`.
#[utoipa::path(patch, path = "/api/orgs/{organization}/settings", tag = "settings",
    security(("login" = []), ("key" = [])), params(OrganizationPath, IfMatchHeader),
    request_body = PatchSettings, responses(
    (status = 200, body = Settings, headers(("ETag" = String, description = "Their version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "They were changed meanwhile", body = Problem), (status = 412, body = Problem),
    (status = 422, body = Problem),
))]
pub(super) async fn patch(
    State(app): State<App>,
    member: Member<Admin>,
    if_match: IfMatch,
    Json(body): Json<PatchSettings>,
) -> Result<Versioned<Settings>, Problem> {
    change(&app, &member, if_match, body).await
}

async fn change(
    app: &App,
    member: &Member<Admin>,
    if_match: IfMatch,
    body: PatchSettings,
) -> Result<Versioned<Settings>, Problem> {
    let mut fields = Fields::default();
    let visibility = body.default_visibility.as_deref();
    let visibility = visibility.map(|text| fields.parse("defaultVisibility", text));
    let domains = body.allowed_email_domains.as_deref();
    let domains = domains.map(|all| fields.take("allowedEmailDomains", EmailDomains::new(all)));
    let change = fields.finish(Some(SettingsChange {
        allow_public_projects: body.allow_public_projects,
        default_visibility: visibility.flatten(),
        require_api_key: body.require_api_key,
        allowed_email_domains: domains.flatten(),
    }))?;
    let expected = if_match.and(body.version);
    let actor = member.caller.actor();
    let changed = app
        .settings_change(member.organization, change, &expected, &actor)
        .await?;
    Ok(versioned(&changed))
}
