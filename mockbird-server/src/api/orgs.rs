//! Organizations.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Admin, Caller, LoggedIn, Member, Owner, Viewer};
use super::fields::Fields;
use super::once::IdempotencyHeader;
use super::time::Time;
use super::version::{IfMatchHeader, Versioned};
use super::{Json, List, PageQuery, Path, Problem, Query};
use crate::app::{App, AppError, IfMatch, OrganizationChange, Presence, Right};
use crate::domain::{OrganizationId, Role};
use crate::store;

/// Which organization.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct OrganizationPath {
    /// The id of the organization.
    pub(super) organization: String,
}

/// Which organizations.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Those that were deleted, and that you may have back.
    #[serde(default)]
    deleted: bool,
}

/// An organization to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOrganization {
    /// What it is called.
    #[schema(example = "Birds Inc.")]
    name: String,
    /// Its name in addresses; left out, the first free one that the name suggests.
    #[schema(example = "birds")]
    slug: Option<String>,
}

/// What an organization is to be instead.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplaceOrganization {
    /// What it is called.
    name: String,
    /// Its name in addresses.
    slug: String,
    /// The version that was read: another one is a conflict.
    version: Option<i64>,
}

/// What is to change in an organization; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PatchOrganization {
    /// What it is called.
    name: Option<String>,
    /// Its name in addresses.
    slug: Option<String>,
    /// The version that was read: another one is a conflict.
    version: Option<i64>,
}

/// Who owns projects.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Organization {
    /// Its id.
    id: String,
    /// What it is called.
    name: String,
    /// Its name in addresses.
    slug: String,
    /// What it pays for.
    #[schema(example = "unlimited")]
    plan: &'static str,
    /// Made with an account, for one person.
    is_personal: bool,
    /// When the operator stopped it; null: it is active.
    suspended_at: Option<Time>,
    /// When it was made.
    created_at: Time,
    /// When it was last changed.
    updated_at: Option<Time>,
    /// When it was deleted; null: it was not.
    deleted_at: Option<Time>,
    /// Counts changes.
    version: i64,
}

/// An organization, and what you are in it.
#[derive(Serialize, ToSchema)]
pub(super) struct Membership {
    #[serde(flatten)]
    organization: Organization,
    /// What you are in it: `viewer`, `member`, `admin` or `owner`.
    #[schema(example = "owner")]
    role: &'static str,
}

impl From<store::Organization> for Organization {
    fn from(organization: store::Organization) -> Self {
        Self {
            id: organization.id.to_string(),
            name: organization.name,
            slug: organization.slug.to_string(),
            plan: organization.plan.name(),
            is_personal: organization.is_personal,
            suspended_at: organization.suspended_at.map(Into::into),
            created_at: organization.created_at.into(),
            updated_at: organization.updated_at.map(Into::into),
            deleted_at: organization.deleted_at.map(Into::into),
            version: organization.version,
        }
    }
}

impl From<(store::Organization, Role)> for Membership {
    fn from((organization, role): (store::Organization, Role)) -> Self {
        Self {
            organization: organization.into(),
            role: role.name(),
        }
    }
}

fn versioned(organization: store::Organization, role: Role) -> Versioned<Membership> {
    Versioned(organization.version, (organization, role).into())
}

/// The organizations you belong to, in the order you joined them; for a key, the one it is of.
#[utoipa::path(get, path = "/api/orgs", tag = "organizations", security(("login" = []), ("key" = [])),
    params(PageQuery, Which), responses(
    (status = 200, body = List<Membership>), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 422, body = Problem),
))]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(which): Query<Which>,
) -> Result<Json<List<Membership>>, Problem> {
    let presence = if which.deleted {
        Presence::Deleted
    } else {
        Presence::Here
    };
    let page = page.try_into()?;
    let found = app
        .organization_list(&caller.identity, presence, page)
        .await?;
    Ok(Json(found.map(Membership::from).into()))
}

/// Makes an organization that you own.
#[utoipa::path(post, path = "/api/orgs", tag = "organizations", security(("login" = [])),
    params(IdempotencyHeader), request_body = NewOrganization, responses(
    (status = 201, body = Membership, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 409, description = "The slug is taken, or the first request of the key is under way", body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn create(
    State(app): State<App>,
    who: LoggedIn,
    Json(body): Json<NewOrganization>,
) -> Result<(StatusCode, Versioned<Membership>), Problem> {
    let mut fields = Fields::default();
    let name = fields.parse("name", &body.name);
    let slug = body.slug.map(|slug| fields.parse("slug", &slug));
    let (name, slug) = fields.finish(name.map(|name| (name, slug.flatten())))?;
    let made = app
        .organization_create(who.user, &name, slug, &who.actor())
        .await?;
    who.rights
        .note(Right::InOrganization(made.id, Role::Viewer));
    Ok((StatusCode::CREATED, versioned(made, Role::Owner)))
}

/// An organization. Takes the role `viewer`.
#[utoipa::path(get, path = "/api/orgs/{organization}", tag = "organizations",
    security(("login" = []), ("key" = [])), params(OrganizationPath), responses(
    (status = 200, body = Membership, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
))]
pub(super) async fn get(
    State(app): State<App>,
    member: Member<Viewer>,
) -> Result<Versioned<Membership>, Problem> {
    let found = app.organization_get(member.organization).await?;
    Ok(versioned(found, member.role))
}

/// Gives an organization another name and slug. Takes the role `admin`.
#[utoipa::path(put, path = "/api/orgs/{organization}", tag = "organizations",
    security(("login" = []), ("key" = [])), params(OrganizationPath, IfMatchHeader),
    request_body = ReplaceOrganization, responses(
    (status = 200, body = Membership, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "The slug is taken, or it was changed meanwhile", body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn replace(
    State(app): State<App>,
    member: Member<Admin>,
    if_match: IfMatch,
    Json(body): Json<ReplaceOrganization>,
) -> Result<Versioned<Membership>, Problem> {
    let body = PatchOrganization {
        name: Some(body.name),
        slug: Some(body.slug),
        version: body.version,
    };
    change(&app, &member, if_match, &body).await
}

/// Changes name or slug of an organization. Takes the role `admin`.
#[utoipa::path(patch, path = "/api/orgs/{organization}", tag = "organizations",
    security(("login" = []), ("key" = [])), params(OrganizationPath, IfMatchHeader),
    request_body = PatchOrganization, responses(
    (status = 200, body = Membership, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, description = "The slug is taken, or it was changed meanwhile", body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem),
))]
pub(super) async fn patch(
    State(app): State<App>,
    member: Member<Admin>,
    if_match: IfMatch,
    Json(body): Json<PatchOrganization>,
) -> Result<Versioned<Membership>, Problem> {
    change(&app, &member, if_match, &body).await
}

async fn change(
    app: &App,
    member: &Member<Admin>,
    if_match: IfMatch,
    body: &PatchOrganization,
) -> Result<Versioned<Membership>, Problem> {
    let mut fields = Fields::default();
    let name = body.name.as_deref().map(|name| fields.parse("name", name));
    let slug = body.slug.as_deref().map(|slug| fields.parse("slug", slug));
    let change = fields.finish(Some(OrganizationChange {
        name: name.flatten(),
        slug: slug.flatten(),
    }))?;
    let expected = if_match.and(body.version);
    let changed = app
        .organization_change(
            member.organization,
            change,
            &expected,
            &member.caller.actor(),
        )
        .await?;
    Ok(versioned(changed, member.role))
}

/// Deletes an organization. Takes the role `owner`.
///
/// Its mocks answer no more, and its keys are good no more. An owner may have it back for a while.
#[utoipa::path(delete, path = "/api/orgs/{organization}", tag = "organizations", security(("login" = [])),
    params(OrganizationPath, IfMatchHeader), responses(
    (status = 204, description = "It is deleted"), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, description = "It is personal", body = Problem),
    (status = 412, body = Problem),
))]
pub(super) async fn delete(
    State(app): State<App>,
    member: Member<Owner>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let actor = member.caller.actor();
    app.organization_delete(member.organization, &if_match.into(), &actor)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes back that an organization was deleted, if you owned it.
#[utoipa::path(post, path = "/api/orgs/{organization}/restore", tag = "organizations", security(("login" = [])),
    params(OrganizationPath), responses(
    (status = 200, body = Membership, headers(("ETag" = String, description = "Its version"))),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
))]
pub(super) async fn restore(
    State(app): State<App>,
    who: LoggedIn,
    Path(path): Path<OrganizationPath>,
) -> Result<Versioned<Membership>, Problem> {
    let id: OrganizationId = path
        .organization
        .parse()
        .map_err(|_| AppError::NotFound("organization"))?;
    let restored = app.organization_restore(who.user, id, &who.actor()).await?;
    Ok(versioned(restored, Role::Owner))
}
