//! Invitations into an organization.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Admin, LoggedIn, Member};
use super::fields::Fields;
use super::once::IdempotencyHeader;
use super::orgs::{Membership, OrganizationPath};
use super::time::Time;
use super::{Json, List, PageQuery, Path, Problem, Query};
use crate::app::{App, AppError, InvitationWish};
use crate::domain::{Millis, PlainToken};
use crate::store;

/// Which invitation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct InvitationPath {
    /// The id of the invitation.
    invitation: String,
}

/// Which invitations.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Only those that were neither accepted, declined nor revoked.
    #[serde(default)]
    open: bool,
}

/// An invitation to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewInvitation {
    /// Whom to invite; the link is mailed there.
    #[schema(example = "eve@example.com")]
    email: String,
    /// What it is to be: `viewer`, `member`, `admin` or `owner`.
    #[schema(example = "member", pattern = "^(viewer|member|admin|owner)$")]
    role: String,
}

/// The token of an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Token {
    /// As it stands in the link that was mailed.
    token: String,
}

/// An invitation; its token is in the mail alone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invitation {
    /// Its id.
    id: String,
    /// Whom it is for.
    email: String,
    /// What it is to be.
    #[schema(example = "member")]
    role: &'static str,
    /// What became of it: `pending`, `expired`, `accepted`, `declined` or `revoked`.
    #[schema(example = "pending")]
    status: &'static str,
    /// The user who invites.
    invited_by: String,
    /// When it was made.
    created_at: Time,
    /// When it ends.
    expires_at: Time,
    /// When it was accepted.
    accepted_at: Option<Time>,
    /// The user who accepted it.
    accepted_by: Option<String>,
    /// When it was declined.
    declined_at: Option<Time>,
    /// When it was revoked.
    revoked_at: Option<Time>,
}

impl Invitation {
    fn new(invitation: &store::Invitation, now: Millis) -> Self {
        Self {
            id: invitation.id.to_string(),
            role: invitation.role.name(),
            status: invitation.status(now).name(),
            invited_by: invitation.invited_by.to_string(),
            created_at: invitation.created_at.into(),
            expires_at: invitation.expires_at.into(),
            accepted_at: invitation.accepted_at.map(Into::into),
            accepted_by: invitation.accepted_by.map(|id| id.to_string()),
            declined_at: invitation.declined_at.map(Into::into),
            revoked_at: invitation.revoked_at.map(Into::into),
            email: invitation.email.to_string(),
        }
    }
}

/// The invitations of an organization, the latest first. Takes the role `admin`.
#[utoipa::path(get, path = "/api/orgs/{organization}/invitations", tag = "invitations",
    security(("login" = []), ("key" = [])), params(OrganizationPath, PageQuery, Which), responses(
    (status = 200, body = List<Invitation>), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn list(
    State(app): State<App>,
    member: Member<Admin>,
    Query(page): Query<PageQuery>,
    Query(which): Query<Which>,
) -> Result<Json<List<Invitation>>, Problem> {
    let found = app
        .invitation_list(member.organization, which.open, page.try_into()?)
        .await?;
    let now = app.clock().now();
    let found = found.map(|invitation| Invitation::new(&invitation, now));
    Ok(Json(found.into()))
}

/// Invites somebody, by mail. Takes the role `admin`; only owners invite owners.
#[utoipa::path(post, path = "/api/orgs/{organization}/invitations", tag = "invitations",
    security(("login" = []), ("key" = [])), params(OrganizationPath, IdempotencyHeader),
    request_body = NewInvitation, responses(
    (status = 201, body = Invitation), (status = 401, body = Problem),
    (status = 402, description = "The plan knows no members", body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem),
    (status = 409, description = "It is a member, or was invited already", body = Problem),
    (status = 422, body = Problem), (status = 429, body = Problem),
))]
pub(super) async fn create(
    State(app): State<App>,
    member: Member<Admin>,
    Json(body): Json<NewInvitation>,
) -> Result<(StatusCode, Json<Invitation>), Problem> {
    let mut fields = Fields::default();
    let email = fields.parse("email", &body.email);
    let role = fields.parse("role", &body.role);
    let wish = fields.finish(email.zip(role).map(|(email, role)| InvitationWish {
        email,
        role,
        by: member.role,
        invited_by: member.caller.identity.user(),
    }))?;
    let actor = member.caller.actor();
    let made = app
        .invitation_create(member.organization, &wish, &actor)
        .await?;
    let made = Invitation::new(&made, app.clock().now());
    Ok((StatusCode::CREATED, Json(made)))
}

/// Takes an invitation back: its link is good no more. Takes the role `admin`.
#[utoipa::path(delete, path = "/api/orgs/{organization}/invitations/{invitation}", tag = "invitations",
    security(("login" = []), ("key" = [])), params(OrganizationPath, InvitationPath), responses(
    (status = 204, description = "The invitation is good no more"), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "It was settled before", body = Problem),
))]
pub(super) async fn revoke(
    State(app): State<App>,
    member: Member<Admin>,
    Path(path): Path<InvitationPath>,
) -> Result<StatusCode, Problem> {
    let id = path
        .invitation
        .parse()
        .map_err(|_| AppError::NotFound("invitation"))?;
    let actor = member.caller.actor();
    app.invitation_revoke(member.organization, id, &actor)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Accepts an invitation that was mailed to your address, which is proved by it.
#[utoipa::path(post, path = "/api/invitations/accept", tag = "invitations", security(("login" = [])),
    request_body = Token, responses(
    (status = 200, body = Membership), (status = 401, body = Problem), (status = 402, body = Problem),
    (status = 403, description = "It is for another address", body = Problem), (status = 404, body = Problem),
    (status = 409, description = "It has expired, or was settled before", body = Problem),
    (status = 422, description = "The organization takes no such addresses any more", body = Problem),
))]
pub(super) async fn accept(
    State(app): State<App>,
    who: LoggedIn,
    Json(body): Json<Token>,
) -> Result<Json<Membership>, Problem> {
    let token = PlainToken::presented(&body.token);
    let joined = app
        .invitation_accept(who.user, &token, &who.actor())
        .await?;
    Ok(Json(joined.into()))
}

/// Declines an invitation that was mailed to your address.
#[utoipa::path(post, path = "/api/invitations/decline", tag = "invitations", security(("login" = [])),
    request_body = Token, responses(
    (status = 204, description = "The invitation is good no more"), (status = 401, body = Problem),
    (status = 403, description = "It is for another address", body = Problem), (status = 404, body = Problem),
    (status = 409, description = "It has expired, or was settled before", body = Problem),
    (status = 422, body = Problem),
))]
pub(super) async fn decline(
    State(app): State<App>,
    who: LoggedIn,
    Json(body): Json<Token>,
) -> Result<StatusCode, Problem> {
    let token = PlainToken::presented(&body.token);
    app.invitation_decline(who.user, &token, &who.actor())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
