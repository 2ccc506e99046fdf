//! Members of an organization; new ones come by invitation.

use axum::extract::State;
use http::StatusCode;
use mockbird_core::ErrorCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Admin, Member, Viewer};
use super::fields::Fields;
use super::orgs::OrganizationPath;
use super::time::Time;
use super::version::{IfMatchHeader, Versioned};
use super::{Json, List, PageQuery, Path, Problem, Query};
use crate::app::{App, AppError, Identity, IfMatch};
use crate::domain::{Role, UserId};
use crate::store;

/// Which member.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct MemberPath {
    /// The id of the user.
    user: String,
}

impl MemberPath {
    fn user(&self) -> Result<UserId, AppError> {
        let user = self.user.parse();
        user.map_err(|_| AppError::NotFound("member"))
    }
}

/// What is to change in a member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PatchMember {
    /// What it is to be: `viewer`, `member`, `admin` or `owner`.
    #[schema(example = "admin", pattern = "^(viewer|member|admin|owner)$")]
    role: String,
    /// The version that was read: another one is a conflict.
    version: Option<i64>,
}

/// Somebody in an organization.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile {
    /// The id of the user.
    id: String,
    /// Where it gets mail.
    email: String,
    /// What it is called.
    name: Option<String>,
    /// What it is: `viewer`, `member`, `admin` or `owner`.
    #[schema(example = "member")]
    role: &'static str,
    /// Since when it belongs to the organization.
    joined_at: Time,
    /// Who invited it; null: nobody, it made the organization.
    invited_by: Option<String>,
    /// Counts changes.
    version: i64,
}

impl From<store::MemberProfile> for Profile {
    fn from(member: store::MemberProfile) -> Self {
        Self {
            id: member.user.to_string(),
            name: member.full_name(),
            email: member.email.to_string(),
            role: member.role.name(),
            joined_at: member.joined_at.into(),
            invited_by: member.invited_by.map(|id| id.to_string()),
            version: member.version,
        }
    }
}

/// The members of an organization, in the order they joined. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/orgs/{organization}/members", tag = "members",
    security(("login" = []), ("key" = [])), params(OrganizationPath, PageQuery), responses(
    (status = 200, body = List<Profile>), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn list(
    State(app): State<App>,
    member: Member<Viewer>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<Profile>>, Problem> {
    let members = app
        .member_list(member.organization, page.try_into()?)
        .await?;
    Ok(Json(members.map(Profile::from).into()))
}

/// A member of an organization. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/orgs/{organization}/members/{user}", tag = "members",
    security(("login" = []), ("key" = [])), params(OrganizationPath, MemberPath), responses(
    (status = 200, body = Profile, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
))]
pub(super) async fn get(
    State(app): State<App>,
    member: Member<Viewer>,
    Path(path): Path<MemberPath>,
) -> Result<Versioned<Profile>, Problem> {
    let found = app.member_get(member.organization, path.user()?).await?;
    Ok(Versioned(found.version, found.into()))
}

/// Gives a member another role. Takes the role `admin`; only owners make owners, or change what an owner is.
#[utoipa::path(patch, path = "/api/orgs/{organization}/members/{user}", tag = "members",
    security(("login" = []), ("key" = [])), params(OrganizationPath, MemberPath, IfMatchHeader),
    request_body = PatchMember, responses(
    (status = 200, body = Profile, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 402, description = "The plan knows no roles", body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "There would be no owner, or it was changed meanwhile", body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn patch(
    State(app): State<App>,
    member: Member<Admin>,
    Path(path): Path<MemberPath>,
    if_match: IfMatch,
    Json(body): Json<PatchMember>,
) -> Result<Versioned<Profile>, Problem> {
    let mut fields = Fields::default();
    let role = fields.parse("role", &body.role);
    let role: Role = fields.finish(role)?;
    let (organization, user) = (member.organization, path.user()?);
    let expected = if_match.and(body.version);
    let changed = app
        .member_change(
            organization,
            user,
            (member.role, role),
            &expected,
            &member.caller.actor(),
        )
        .await?;
    Ok(Versioned(changed.version, changed.into()))
}

/// Removes a member. Takes the role `admin`; only owners remove owners.
///
/// API keys that it made are the organization's, and stay good until they are revoked.
#[utoipa::path(delete, path = "/api/orgs/{organization}/members/{user}", tag = "members",
    security(("login" = []), ("key" = [])), params(OrganizationPath, MemberPath, IfMatchHeader), responses(
    (status = 204, description = "It belongs to the organization no more"), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "There would be no owner", body = Problem), (status = 412, body = Problem),
))]
pub(super) async fn remove(
    State(app): State<App>,
    member: Member<Admin>,
    Path(path): Path<MemberPath>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let (organization, user) = (member.organization, path.user()?);
    let actor = member.caller.actor();
    app.member_remove(organization, user, member.role, &if_match.into(), &actor)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes you out of an organization.
#[utoipa::path(post, path = "/api/orgs/{organization}/leave", tag = "members", security(("login" = [])),
    params(OrganizationPath), responses(
    (status = 204, description = "You belong to it no more"), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "There would be no owner", body = Problem),
))]
pub(super) async fn leave(
    State(app): State<App>,
    member: Member<Viewer>,
) -> Result<StatusCode, Problem> {
    let Identity::User { user, .. } = member.caller.identity else {
        let why = "a key belongs to its organization, and cannot leave it";
        return Err(Problem::new(ErrorCode::Forbidden, why));
    };
    let actor = member.caller.actor();
    app.member_leave(member.organization, user, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
